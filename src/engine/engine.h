/*
 * engine.h
 *	  The state machine: assets, members, accounts, a two-sided ledger,
 *	  instruments, order books, positions, margin and settlement.
 *
 * Pure C11: no clock, no I/O, no floating point, no randomness, no locale.
 * State changes only by clr_engine_begin_block() and clr_engine_apply() (and,
 * when a state is loaded, by clr_restore_*()).  Equal commands in equal blocks give equal events on every
 * machine.  One engine is used by one thread; there are no globals.
 *
 * A command applies whole or leaves the state untouched.  The only failure
 * besides a refusal is lack of memory, after which the engine must be freed:
 * its state is rebuilt from the journal.
 *
 * Rules worth knowing (each is documented where it is implemented):
 *
 * Money.  Every movement debits one account and credits another of the same
 * asset; the sum of all balances of an asset is 0, the outside world
 * (CLR_ACCOUNT_WORLD) included.
 *
 * Futures.  A position is {qty, cost, realised}: qty signed lots; cost the
 * signed ticks*lots at which the open quantity is carried; realised the
 * ticks*lots earned by closing since the last settlement.  Over all positions
 * of an instrument the sums of qty and of (cost - realised) are 0, so a
 * variation margin cycle at price S, paying tick_value * (realised + S * qty -
 * cost) to each and then setting cost = S * qty, realised = 0, conserves cash
 * exactly.  Closing k of |qty| lots moves cost*k/|qty| (towards zero) out of
 * cost; the residue stays in cost.
 *
 * Requirement of an account for one future: for each side, the initial margin
 * of |qty + working buys| (or |qty - working sells|) lots plus that side's
 * reserve, where the reserve of a working order is per lot the loss it would
 * make against the mark at entry if it filled at its limit, plus the taker
 * fee, plus what the other side's orders reserve beyond the margin of their
 * lots; the requirement is the greater of the two sides.  Initial margin is a
 * rate of the notional at the mark price, or an amount per lot; rounded up.
 * Maintenance counts the position alone.  margin.c shows that no fill needs
 * more than there was.
 *
 * Equity of an account in an asset: balance + tick_value * (realised + mark *
 * qty - cost) over its futures settled in the asset.
 * Available = equity - requirements - spot reserves.  A spot buy reserves
 * price * qty + taker fee of the quote asset, a spot sell its quantity of the
 * base asset.
 *
 * An order of a spot instrument must also be covered by cash that is really
 * there (balance - spot reserves): unrealised profit can't be delivered.
 * Fees in reserves are the larger of maker and taker fee.  A future with
 * margins per lot may trade before it has a mark price; until then open lots
 * count at cost.  Amounts are kept in range beforehand (state.h): what could
 * overflow later is refused with CLR_R_OVERFLOW.
 *
 * A futures order that reduces risk (opposite to the position, and with the
 * account's other working orders of that side no larger than it) is never
 * refused for margin.
 *
 * Opening.  When an instrument enters continuous trading with a crossed book
 * (orders collected before), either an auction finds one price for all
 * (auction.c), or the first orders of both sides trade until they no longer
 * cross; of each pair the older one (smaller priority) counts as resting and
 * gives the price.  After a call there always is an auction; otherwise the
 * trading rule opening_uncross decides.
 *
 * Who may do what.  submitter 0 is the operator.  A member may only trade
 * (orders, replaces, cancels, mass cancels, mass quotes), pull its kill switch
 * and speak for its sessions, and only for its own accounts;
 * anything else is refused before the reference is looked at and is not
 * remembered (engine.c).
 */
#ifndef CLR_ENGINE_H
#define CLR_ENGINE_H

#include "engine/types.h"
#include "engine/command.h"
#include "engine/event.h"
#include "engine/fields.h"

typedef struct ClrEngine ClrEngine;

extern ClrEngine *clr_engine_create(void);	/* NULL = out of memory */
extern void clr_engine_free(ClrEngine *engine);

/*
 * Opens a block: sets height and time (microseconds since 1970; a time that
 * goes back is raised to the last one), then fires the timers that are due by
 * then, whose events are appended to ev.  Call before the block's commands.
 * Returns false only when out of memory.
 */
extern bool clr_engine_begin_block(ClrEngine *engine, uint64_t height,
								   int64_t time_us, ClrEventBuffer *ev);

/*
 * When the next timer is due; INT64_MAX if there is none.  A block with that
 * time is to be written then, if need be one without commands.
 */
extern int64_t clr_engine_next_timer(ClrEngine *engine);

typedef enum ClrTimerKind
{
	CLR_TIMER_ORDER_EXPIRY = 1, /* GTD; object = order id */
	CLR_TIMER_SCHEDULE = 2,		/* object = instrument */
	CLR_TIMER_CALL_END = 3,		/* object = instrument */
	CLR_TIMER_OUTAGE = 6,		/* object = instrument; due at once, never waits */
	CLR_TIMER_DEAD_MAN = 5		/* object = account, sub = session */
} ClrTimerKind;

/*
 * Applies the command at data[0..len), the number'th of the block (from 0).
 * len must be what clr_command_length() says.  Undecodable bytes are refused
 * with CLR_R_MALFORMED.  Events are appended to ev; *outcome (may be NULL) is
 * the decoded OUTCOME, its ref pointing into data.
 * Returns false only when out of memory.
 */
extern bool clr_engine_apply(ClrEngine *engine, uint32_t number,
							 const uint8_t *data, size_t len,
							 ClrEventBuffer *ev, ClrOutcome *outcome);

/*
 * Applies n commands that lie one behind the other at data, numbered from
 * first.  Gives exactly the events of n calls of clr_engine_apply(); faster
 * with a large state, because what later commands will touch is fetched from
 * memory while earlier ones run.  Ends early at bytes that can't be framed;
 * *used is the length of what was applied, *applied the number of commands.
 */
extern bool clr_engine_apply_run(ClrEngine *engine, uint32_t first,
								 const uint8_t *data, size_t len, uint32_t n,
								 ClrEventBuffer *ev, size_t *used,
								 uint32_t *applied);

/*
 * Does the command with this outcome use its reference up?  Not if it was
 * refused before its reference was looked at, nor before the house was open.
 */
extern bool clr_uses_reference(const ClrOutcome *o);

/*----------------------------------------------------------------
 * Reading the state.  Structs are snapshots; lookups are O(1).
 *----------------------------------------------------------------
 */
typedef struct ClrHouseView
{
	bool		open;
	uint64_t	height;
	int64_t		time_us;
	uint64_t	epoch;
	int64_t		retention_us;
	uint32_t	next_asset,
				next_member,
				next_account,
				next_instrument;
	uint64_t	next_order,
				next_trade,
				next_entry,
				next_settlement,
				next_priority;
	uint8_t		name_len;
	uint8_t		name[CLR_TEXT_MAX];
} ClrHouseView;

typedef struct ClrAssetView
{
	uint32_t	asset;
	uint8_t		scale;
	uint8_t		name_len;
	uint8_t		name[CLR_NAME_MAX];
} ClrAssetView;

typedef struct ClrMemberView
{
	uint32_t	member;
	uint8_t		code_len;
	uint8_t		code[CLR_NAME_MAX];
	uint8_t		name_len;
	uint8_t		name[CLR_TEXT_MAX];
} ClrMemberView;

typedef struct ClrAccountView
{
	uint32_t	account;
	uint32_t	member;
	uint8_t		account_type;
	uint8_t		name_len;
	uint8_t		name[CLR_NAME_MAX];
} ClrAccountView;

typedef struct ClrInstrumentView
{
	uint32_t	instrument;
	uint8_t		kind,
				margin_basis,
				fee_basis,
				replace_priority,
				phase,
				tick_exp,
				lot_exp,
				multiplier_exp;
	uint32_t	base_asset,
				quote_asset;
	int64_t		tick_size,
				lot_size,
				multiplier,
				initial_margin,
				maintenance_margin,
				maker_fee,
				taker_fee,
				reference_price,
				expiry_us;
	int64_t		tick_value,
				lot_units;
	bool		has_reference_price,
				has_mark,
				has_settlement,
				has_last;
	int64_t		mark,
				settlement,
				last_price,
				last_qty;
	/* since the session began (phase left CLOSED or PRE_OPEN), in ticks */
	bool		has_session;	/* something has traded */
	int64_t		session_open,
				session_high,
				session_low,
				session_volume, /* lots */
				session_value;	/* sum of ticks * lots, saturated */
	int64_t		volume;			/* lots traded since listing */
	int64_t		open_interest;	/* lots long = lots short */
	uint8_t		symbol_len;
	uint8_t		symbol[CLR_NAME_MAX];
} ClrInstrumentView;

typedef struct ClrBalanceView
{
	uint32_t	account,
				asset;
	int64_t		balance;
} ClrBalanceView;

typedef struct ClrPositionView
{
	uint32_t	account,
				instrument;
	int64_t		qty,
				cost,
				realised;
	int64_t		buy_lots,		/* working quantity */
				sell_lots,
				buy_reserve,	/* minor units; futures: quote asset; */
				sell_reserve;	/* spot: buy quote asset, sell base asset */
} ClrPositionView;

typedef struct ClrOrderView
{
	uint64_t	order_id;
	uint32_t	account,
				instrument;
	uint8_t		side,
				ord_type,
				time_in_force,
				exec_inst,
				self_match;
	int64_t		price,
				order_qty,
				cum_qty,
				leaves_qty,
				cum_value;
	uint64_t	priority;		/* smaller = earlier at its price */
	int64_t		reserve;		/* per lot */
	int64_t		time_us;		/* block time of entry */
	uint32_t	attrs_present;	/* bit per ClrAttr */
	int64_t		attr[CLR_ATTR_COUNT];
	uint8_t		ref_len;
	uint8_t		ref[CLR_REF_MAX];
} ClrOrderView;

/* Valuation of an account in one asset, minor units. */
typedef struct ClrValuation
{
	int64_t		balance,
				equity,
				initial,		/* requirement with working orders, spot reserves included */
				maintenance,
				available;		/* equity - initial */
} ClrValuation;

/* What an auction would give if it took place now. */
typedef struct ClrIndicative
{
	uint32_t	instrument;
	bool		has_price,		/* something would trade */
				has_bid,
				has_ask;
	int64_t		price,
				volume,
				surplus,		/* positive = left on the buying side */
				bid,			/* best limits of both sides */
				bid_qty,
				ask,
				ask_qty;
} ClrIndicative;

extern void clr_get_house(const ClrEngine *e, ClrHouseView *out);
extern bool clr_get_asset(const ClrEngine *e, uint32_t asset, ClrAssetView *out);
extern bool clr_get_member(const ClrEngine *e, uint32_t member, ClrMemberView *out);
extern bool clr_get_account(const ClrEngine *e, uint32_t account, ClrAccountView *out);
extern bool clr_get_instrument(const ClrEngine *e, uint32_t instrument, ClrInstrumentView *out);
extern bool clr_get_balance(const ClrEngine *e, uint32_t account, uint32_t asset, ClrBalanceView *out);
extern bool clr_get_position(const ClrEngine *e, uint32_t account, uint32_t instrument, ClrPositionView *out);
/* Working orders only; a finished order is known to the read model alone. */
extern bool clr_get_order(const ClrEngine *e, uint64_t order_id, ClrOrderView *out);
extern bool clr_get_valuation(const ClrEngine *e, uint32_t account, uint32_t asset, ClrValuation *out);
/* Best working price of a side; false if there is none. */
extern bool clr_get_best(const ClrEngine *e, uint32_t instrument, uint8_t side, int64_t *price, int64_t *qty);
/* What others see at one price: displayed quantity and number of orders. */
typedef struct ClrLevelView
{
	int64_t		qty;
	uint32_t	orders;
} ClrLevelView;

/*
 * False if no limit order stands there.  O(1), but for instruments with orders
 * that have attributes: O(orders at the price), because some may be icebergs.
 */
extern bool clr_get_level(const ClrEngine *e, uint32_t instrument, uint8_t side,
						  int64_t price, ClrLevelView *out);

/* A price that an order left, whatever became of the order. */
typedef struct ClrVacated
{
	uint64_t	order;
	int64_t		price;
	uint32_t	instrument;
	uint8_t		side;
} ClrVacated;

/*
 * From now on the engine remembers, block by block, which prices limit orders
 * left: an event of an order that moved tells its new price only.
 */
extern void clr_engine_watch(ClrEngine *e);
/* Those of the block so far, n of them, in the order in which they were left. */
extern const ClrVacated *clr_get_vacated(const ClrEngine *e, uint32_t *n);
/* False if the instrument is in no call. */
extern bool clr_get_indicative(const ClrEngine *e, uint32_t instrument, ClrIndicative *out);
extern int64_t clr_get_field(const ClrEngine *e, uint8_t scope, uint64_t object,
							 uint64_t sub, uint16_t field);
extern uint64_t clr_count_orders(const ClrEngine *e);
extern uint64_t clr_count_accounts(const ClrEngine *e);

/*----------------------------------------------------------------
 * Loading a state.  Start from clr_engine_create(), give the house first,
 * then assets, members, accounts, instruments (each in id order, the house's
 * own accounts included), balances, positions (working sums are recomputed
 * and compared, not taken), references in the order of their (height,
 * number), orders in any order; then clr_restore_finish().
 * Each returns false on inconsistent input or lack of memory; the reason is
 * in clr_restore_error().
 *----------------------------------------------------------------
 */
extern bool clr_restore_house(ClrEngine *e, const ClrHouseView *v);
extern bool clr_restore_asset(ClrEngine *e, const ClrAssetView *v);
extern bool clr_restore_member(ClrEngine *e, const ClrMemberView *v);
extern bool clr_restore_account(ClrEngine *e, const ClrAccountView *v);
extern bool clr_restore_instrument(ClrEngine *e, const ClrInstrumentView *v);
/* Fields, each once (those at their defaults may be given too), after the instruments. */
extern bool clr_restore_field(ClrEngine *e, const ClrFieldView *v);
extern bool clr_restore_balance(ClrEngine *e, const ClrBalanceView *v);
extern bool clr_restore_position(ClrEngine *e, const ClrPositionView *v);
/* A reference: an original (not duplicate) outcome with its block time. */
extern bool clr_restore_reference(ClrEngine *e, const ClrOutcome *o, int64_t time_us);
extern bool clr_restore_order(ClrEngine *e, const ClrOrderView *v);
extern bool clr_restore_finish(ClrEngine *e);
extern const char *clr_restore_error(const ClrEngine *e);

/*----------------------------------------------------------------
 * Proof.
 *----------------------------------------------------------------
 */
/*
 * Feeds the whole state to sink in a canonical form that depends on nothing
 * but the state (objects by id, orders by order id, living references by
 * height and number).  Hashing the bytes gives the state digest.  O(n log n).
 */
typedef void (*ClrSink) (void *arg, const uint8_t *data, size_t len);
extern bool clr_engine_dump(const ClrEngine *e, ClrSink sink, void *arg);

/*
 * Checks every invariant from scratch: sums of balances and positions,
 * book order and level totals, book not crossed in continuous trading, leaves + cum
 * = quantity, reserves and working sums recomputed, margin recomputed, every
 * list and index consistent.  Returns NULL if all hold, else a static or
 * engine-owned message naming the first violation.
 */
extern const char *clr_engine_check(ClrEngine *e);

/*----------------------------------------------------------------
 * Names.
 *----------------------------------------------------------------
 */
extern const char *clr_reason_name(int reason); /* "insufficient_margin" … */
extern const char *clr_reason_text(int reason); /* one English sentence fragment */
/* Why an order ended or changed without its owner asking: FIX 378 in words, or NULL. */
extern const char *clr_restatement_name(int reason);
extern const char *clr_command_name(int type);	/* "new_order" … */

#endif							/* CLR_ENGINE_H */
