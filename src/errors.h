/*
 * errors.h
 *	  The SQLSTATE class of pg_clearing.
 *
 * Class "CH" (clearing house).  Refusals of the rule book are rows with a
 * reason code, never errors; these are for malformed calls, permissions and
 * infrastructure.  A caller can always tell "no" (nothing happened) from
 * "don't know" (CH002).  Stable: a code is never given another meaning.
 *
 *	CH001	clearing_not_available		no, retry later: worker not running,
 *										starting, catching up, queue full
 *	CH002	clearing_outcome_unknown	may or may not have happened: ask again
 *										with the same reference
 *	CH003	clearing_no_synchronous_standby	no: durability cannot be met now
 *	CH004	clearing_halted				no: this node stopped itself (divergence)
 *	CH005	clearing_not_open			no: clearing.open() has not been called
 *	CH006	clearing_invalid_value		no: off tick, off lot, unknown keyword, …
 *	CH007	clearing_unknown_object		no: unknown (or not your) account,
 *										instrument, asset, member
 *	CH008	clearing_transaction_has_written no: call is refused inside a
 *										transaction that has written
 *	CH009	clearing_journal_corrupt	the journal does not verify
 *	CH010	clearing_too_large			no: payload beyond a limit
 *	CH011	clearing_version_mismatch	library, SQL and journal versions differ
 *	CH012	clearing_events_dropped		events asked for have been pruned
 *
 * Permission errors use PostgreSQL's 42501, calls on a standby 25006.
 */
#ifndef CLR_ERRORS_H
#define CLR_ERRORS_H

#include "utils/elog.h"

#define ERRCODE_CLR_NOT_AVAILABLE			MAKE_SQLSTATE('C','H','0','0','1')
#define ERRCODE_CLR_OUTCOME_UNKNOWN			MAKE_SQLSTATE('C','H','0','0','2')
#define ERRCODE_CLR_NO_SYNCHRONOUS_STANDBY	MAKE_SQLSTATE('C','H','0','0','3')
#define ERRCODE_CLR_HALTED					MAKE_SQLSTATE('C','H','0','0','4')
#define ERRCODE_CLR_NOT_OPEN				MAKE_SQLSTATE('C','H','0','0','5')
#define ERRCODE_CLR_INVALID_VALUE			MAKE_SQLSTATE('C','H','0','0','6')
#define ERRCODE_CLR_UNKNOWN_OBJECT			MAKE_SQLSTATE('C','H','0','0','7')
#define ERRCODE_CLR_TRANSACTION_HAS_WRITTEN MAKE_SQLSTATE('C','H','0','0','8')
#define ERRCODE_CLR_JOURNAL_CORRUPT			MAKE_SQLSTATE('C','H','0','0','9')
#define ERRCODE_CLR_TOO_LARGE				MAKE_SQLSTATE('C','H','0','1','0')
#define ERRCODE_CLR_VERSION_MISMATCH		MAKE_SQLSTATE('C','H','0','1','1')
#define ERRCODE_CLR_DROPPED					MAKE_SQLSTATE('C','H','0','1','2')

#endif							/* CLR_ERRORS_H */
