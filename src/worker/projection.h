/*
 * projection.h
 *	  What a batch of blocks changed, and how it gets into the read model.
 *
 * The projector re-executes blocks and notes their events in a ClrDelta:
 * things that have a state (orders, positions, balances, instruments) once
 * each, however often they changed; things that happened (trades, ledger
 * entries, settlements, outcomes) all of them, in order.  Then the delta is
 * written in one transaction.
 */
#ifndef CLR_PROJECTION_H
#define CLR_PROJECTION_H

#include "postgres.h"

#include "storage/lockdefs.h"
#include "utils/hsearch.h"
#include "utils/queryenvironment.h"
#include "utils/relcache.h"
#include "utils/tuplestore.h"

#include "journal/journal.h"

/* The projector ends a batch when it has noted this many things. */
#define CLR_DELTA_MAX_ROWS	100000

/* An array that grows; elements are of one size and may move. */
typedef struct ClrVector
{
	char	   *data;
	Size		element;		/* bytes of one */
	uint32		n;
	uint32		cap;
} ClrVector;

typedef struct ClrOrderDelta
{
	ClrOrderEvent last;			/* last event; its ref is not to be used */
	bool		created;		/* entered in this batch */
	bool		finished;		/* no longer working */
	bool		has_ref;		/* ref was told in this batch */
	uint8		ref_len;
	uint8		ref[CLR_REF_MAX];
	uint8		n_attrs;		/* as of the last event */
	uint8		attr[CLR_ATTR_COUNT];
	int64		attr_value[CLR_ATTR_COUNT];
	uint64		entered_height; /* if created */
	int64		entered_us;
	uint32		entered_number; /* command in the block */
	uint64		finished_height;	/* if finished */
	int64		finished_us;
} ClrOrderDelta;

typedef struct ClrTradeDelta
{
	ClrTradeEvent event;
	uint64		height;
	int64		time_us;
} ClrTradeDelta;

typedef struct ClrLedgerDelta
{
	ClrLedgerEvent event;
	uint64		height;
	int64		time_us;
} ClrLedgerDelta;

typedef struct ClrSettlementDelta
{
	ClrSettlementEvent event;
	uint64		height;
	int64		time_us;
} ClrSettlementDelta;

typedef struct ClrRequestDelta
{
	ClrOutcome	outcome;		/* its ref is not to be used */
	uint64		height;
	int64		time_us;
	uint8		ref[CLR_REF_MAX];
} ClrRequestDelta;

struct clr_map_hash;

typedef struct ClrDelta
{
	MemoryContext context;		/* everything below lives here */
	uint64		first_new_order;	/* orders from here on are of this batch */
	uint64		height;			/* block being noted */
	int64		time_us;
	uint64		rows;			/* things noted */

	struct clr_map_hash *order_map; /* order id -> index in orders */
	struct clr_map_hash *position_map;	/* account, instrument -> positions */
	struct clr_map_hash *balance_map;	/* account, asset -> balances */
	struct clr_map_hash *instrument_map;	/* instrument -> instruments */
	HTAB	   *field_map;		/* key of a field -> index in fields */

	ClrVector	orders;			/* ClrOrderDelta */
	ClrVector	positions;		/* ClrPositionEvent, the last of each */
	ClrVector	balances;		/* ClrBalanceView */
	ClrVector	instruments;	/* uint32 ids */
	ClrVector	assets;			/* uint32 ids, new */
	ClrVector	members;		/* uint32 ids, new */
	ClrVector	accounts;		/* uint32 ids, new */
	ClrVector	trades;			/* ClrTradeDelta */
	ClrVector	ledger;			/* ClrLedgerDelta */
	ClrVector	settlements;	/* ClrSettlementDelta */
	ClrVector	fields;			/* ClrFieldEvent, the last of each */
	ClrVector	requests;		/* ClrRequestDelta */
	ClrVector	feed;			/* ClrFeedRow */
	uint64		feed_from;		/* rows of earlier numbers are not to be put */
} ClrDelta;

/* projection_collect.c */

/* An empty delta in context; orders from next_order on will be new in it. */
extern ClrDelta *clr_delta_create(MemoryContext context, uint64 next_order);
/* Notes the events of one block. */
extern void clr_delta_add_block(ClrDelta *delta, const ClrBlock *block,
								const ClrEventBuffer *events);

/* Room for a row of the event stream (feed.h). */
struct ClrFeedRow;
extern struct ClrFeedRow *clr_delta_feed_row(ClrDelta *delta);

static inline void *
clr_vector_at(const ClrVector *vector, uint32 i)
{
	return vector->data + vector->element * i;
}

/* projection_write.c */

/*
 * Writes the delta, and the state of engine after it, in the caller's
 * transaction.  Errors out if the tables are not what the delta builds on.
 */
extern void clr_delta_write(ClrDelta *delta, const ClrEngine *engine,
							const ClrChain *chain);

/* projection_rows.c: rows of the read model, one function per table */

/* Puts one row; values are in the order of the table's columns. */
typedef struct ClrRowSink
{
	void		(*put) (struct ClrRowSink *sink, Datum *values, bool *nulls);
} ClrRowSink;

#define CLR_MAX_COLUMNS 40

/* projection_store.c: rows that a statement sees as the relation "delta" */

typedef struct ClrStore
{
	ClrRowSink	base;
	const char *table;
	Relation	rel;			/* table that the rows are shaped like */
	Tuplestorestate *store;
	MemoryContext row_context;	/* for making rows; reset after each */
	uint64		n;
	EphemeralNamedRelationData enr;
} ClrStore;

/* A table of clearing_state; errors out if it has not natts columns. */
extern Relation clr_open_state_table(const char *name, int natts, LOCKMODE lockmode);
extern void clr_store_begin(ClrStore *store, const char *table, int natts,
							LOCKMODE lockmode);
extern void clr_store_bind(ClrStore *store);
extern void clr_store_unbind(void);
extern void clr_store_end(ClrStore *store);

typedef void (*ClrRowWriter) (const ClrDelta *delta, const ClrEngine *engine,
							  ClrRowSink *sink);

extern void clr_put_assets(const ClrDelta *, const ClrEngine *, ClrRowSink *);
extern void clr_put_members(const ClrDelta *, const ClrEngine *, ClrRowSink *);
extern void clr_put_accounts(const ClrDelta *, const ClrEngine *, ClrRowSink *);
extern void clr_put_instruments(const ClrDelta *, const ClrEngine *, ClrRowSink *);
extern void clr_put_balances(const ClrDelta *, const ClrEngine *, ClrRowSink *);
extern void clr_put_fields(const ClrDelta *, const ClrEngine *, ClrRowSink *);
extern void clr_put_indicative(const ClrDelta *, const ClrEngine *, ClrRowSink *);
extern void clr_put_positions(const ClrDelta *, const ClrEngine *, ClrRowSink *);
extern void clr_put_new_orders(const ClrDelta *, const ClrEngine *, ClrRowSink *);
extern void clr_put_changed_orders(const ClrDelta *, const ClrEngine *, ClrRowSink *);
extern void clr_put_short_lived_orders(const ClrDelta *, const ClrEngine *, ClrRowSink *);
extern void clr_put_finished_orders(const ClrDelta *, const ClrEngine *, ClrRowSink *);
extern void clr_put_working_order(const ClrOrderDelta *, const ClrEngine *, ClrRowSink *);
extern void clr_put_ended_orders(const ClrDelta *, const ClrEngine *, ClrRowSink *);
extern void clr_put_trades(const ClrDelta *, const ClrEngine *, ClrRowSink *);
extern void clr_put_ledger(const ClrDelta *, const ClrEngine *, ClrRowSink *);
extern void clr_put_settlements(const ClrDelta *, const ClrEngine *, ClrRowSink *);
extern void clr_put_requests(const ClrDelta *, const ClrEngine *, ClrRowSink *);
extern void clr_put_feed(const ClrDelta *, const ClrEngine *, ClrRowSink *);
extern void clr_put_projection(const ClrEngine *, const ClrChain *, ClrRowSink *);

#endif							/* CLR_PROJECTION_H */
