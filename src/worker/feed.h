/*
 * feed.h
 *	  The event stream: what happened in each block, in records with numbers
 *	  that have no gaps, for consumers that read on from where they stopped.
 *
 * Made by the projector (feed.c) from the events of a block and the books as
 * they stand after it, stored in one row a block in clearing_state.event_block,
 * compared by clearing.verify(), read by clearing.events() (api/events.c).
 *
 * Invariants.
 *	- The records of a block depend on the journal up to that block alone: they
 *	  are equal on every node, after a takeover and after a rebuild.
 *	- The first record there is has number 1; numbers continue from row to row
 *	  without gaps.  A block without records has no row.
 *
 * Records lie one behind the other.  First byte: ClrFeedType; then the fields
 * below.  u = unsigned, 7 bits a byte, low ones first, the high bit set on all
 * bytes but the last; s = signed, as u after (v << 1) ^ (v >> 63); b = one byte.
 * Prices are ticks, quantities lots.
 *
 *	ORDER		u instrument, u account, u order id, b side, b ord_type,
 *				b time_in_force, b ord_status, b exec_type, u reason, s price,
 *				u order qty, u cum qty, u leaves qty, s value filled (ticks * lots),
 *				b length of the reference, the reference
 *	TRADE		u instrument, u trade id, s price, u qty, u buy order, u sell
 *				order, u buy account, u sell account, b aggressor (0 = none)
 *	BUST		u instrument, b 1 = busted, 2 = corrected, u the trade that it was
 *				corrected by (0 = none), then of the trade that it is about all
 *				that TRADE has after its instrument
 *	PHASE		u instrument, b ClrPhase
 *	LEVEL		u instrument, b side, s price, u displayed qty, u orders; as it
 *				is after the block, both 0 = gone
 *	INDICATIVE	u instrument, b has price, s price, u volume, s surplus
 *	STATISTICS	u instrument, b bits: 1 has last, 2 has session; s last price,
 *				u last qty, s open, s high, s low, u session volume, s session
 *				value (ticks * lots), u open interest
 *
 * Within a block: orders, trades, busts and phases as they happened, then the
 * levels that were touched, then for each instrument concerned what its auction
 * would give (in a call) and its statistics (if it traded, or changed
 * otherwise).  A correction is told of before the trade that it makes.
 */
#ifndef CLR_FEED_H
#define CLR_FEED_H

#include "postgres.h"

#include "worker/projection.h"

typedef enum ClrFeedType
{
	CLR_FEED_ORDER = 1,
	CLR_FEED_TRADE = 2,
	CLR_FEED_PHASE = 3,
	CLR_FEED_LEVEL = 4,
	CLR_FEED_INDICATIVE = 5,
	CLR_FEED_STATISTICS = 6,
	CLR_FEED_BUST = 7
} ClrFeedType;

#define CLR_FEED_HAS_LAST		1
#define CLR_FEED_HAS_SESSION	2

/* The records of one block: a row of clearing_state.event_block. */
typedef struct ClrFeedRow
{
	uint64		first_seq;
	uint64		height;
	int64		time_us;
	uint32		n;
	bytea	   *data;
} ClrFeedRow;

typedef struct ClrFeed ClrFeed;

/*
 * For an engine that has its state, and stays with it: next_seq is the number
 * of the next record.
 */
extern ClrFeed *clr_feed_create(MemoryContext context, ClrEngine *engine,
								uint64 next_seq);
/* Adds the row of the block that the engine has just executed to the delta. */
extern void clr_feed_add_block(ClrFeed *feed, ClrDelta *delta,
							   const ClrBlock *block,
							   const ClrEventBuffer *events);
/*
 * That a trade was busted or corrected is told by a FIELD event; what trade it
 * was, by the command whose OUTCOME follows.  data: the events of the block
 * from that one on.
 */
extern bool clr_feed_bust_command(const ClrBlock *block, const uint8_t *data,
								  size_t len, uint64 trade_id, ClrCommand *cmd);
/* Number of the next record, as the tables have it; needs SPI and a snapshot. */
extern uint64 clr_feed_stored_next(void);

/*----------------------------------------------------------------
 * Reading records
 *----------------------------------------------------------------
 */
typedef struct ClrFeedReader
{
	const uint8 *pos;
	const uint8 *end;
	bool		failed;			/* bytes that are no record */
} ClrFeedReader;

static inline uint8
clr_feed_byte(ClrFeedReader *r)
{
	if (r->pos == r->end)
	{
		r->failed = true;
		return 0;
	}
	return *r->pos++;
}

static inline uint64
clr_feed_u(ClrFeedReader *r)
{
	uint64		v = 0;

	for (int shift = 0; shift < 64; shift += 7)
	{
		uint8		b = clr_feed_byte(r);

		v |= (uint64) (b & 0x7f) << shift;
		if ((b & 0x80) == 0)
			return v;
	}
	r->failed = true;
	return 0;
}

static inline int64
clr_feed_s(ClrFeedReader *r)
{
	uint64		v = clr_feed_u(r);

	return (int64) ((v >> 1) ^ (~(v & 1) + 1));
}

#endif							/* CLR_FEED_H */
