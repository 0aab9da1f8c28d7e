/*
 * watch.h
 *	  An accountant who sees commands and events only and knows what must hold.
 *
 * It keeps orders, books, positions and balances of its own, in the simplest
 * form there is, and says which event breaks which rule.  watch_command() sees
 * a command before it is applied, watch_events() what it did, and watch_deep()
 * compares everything with what the engine's views say.
 *
 * To add a rule: a function in watch.c that calls broken(), called from where
 * its event is taken (take_...), after each command (after_command) or from
 * watch_deep().
 */
#ifndef CLR_PROPERTY_WATCH_H
#define CLR_PROPERTY_WATCH_H

#include "mirror.h"
#include "op.h"

#define WATCH_ACCOUNTS		64
#define WATCH_ASSETS		16
#define WATCH_INSTRUMENTS	32
#define WATCH_REFS			4096	/* a power of 2, more than a flow has */

typedef enum WatchState
{
	UNSEEN = 0, INCOMING, WORKING, DONE
} WatchState;

typedef struct WatchOrder
{
	uint64_t	id;
	uint32_t	account;
	uint32_t	instrument;
	uint8_t		side;
	uint8_t		ord_type;
	uint8_t		tif;
	uint8_t		exec_inst;
	uint8_t		self_match;
	uint8_t		state;			/* WatchState */
	int64_t		price;
	int64_t		qty;
	int64_t		cum;
	int64_t		value;
	uint64_t	arrival;		/* our own count; decides who is first */
	uint64_t	priority;		/* what the engine says */
	bool		unreported;		/* traded, no ORDER event yet */
	uint16_t	end_reason;
	bool		parked;			/* works, but is not in the book */
	bool		plain;			/* has nothing that needs other rules */
	int64_t		smp;			/* self-match prevention id, 0 = its account */
} WatchOrder;

typedef struct WatchInstrument
{
	uint64_t   *book[2];		/* ids of working orders, in no order */
	size_t		n[2];
	size_t		cap[2];
	uint8_t		phase;
	bool		keeps;			/* priority on decrease */
	bool		future;
	bool		spread;			/* trades are of its legs */
	int64_t		tick_value;
	bool		touched;		/* by the command */
	bool		settled;
	int64_t		settlement;		/* the last price of one */
	int64_t		limit[2];		/* of the day, up and down from there; 0 = none */
	/*
	 * Set when something was accepted that changes how the instrument trades:
	 * time priority, prices of auctions and what may rest are not judged any
	 * more; price priority, limits and quantities still are.
	 */
	bool		loose;
} WatchInstrument;

typedef struct WatchPosition
{
	int64_t		qty;			/* sum of trades */
	clr_int128	value;			/* of the trades since the settlement, at its price */
	int64_t		cost;			/* as last reported */
	int64_t		realised;
	int64_t		said_qty;
	int64_t		lots[2];
	bool		said;			/* by the command */
} WatchPosition;

typedef struct WatchRef
{
	uint32_t	account;
	uint8_t		len;
	uint8_t		ref[CLR_REF_MAX];
	uint64_t	hash;			/* of the command's bytes */
	int64_t		time_us;
	ClrOutcome	out;
} WatchRef;

typedef struct Watch
{
	char		text[400];		/* the first rule that was broken */
	WatchOrder *orders;			/* [id] */
	size_t		cap_orders;
	uint64_t	next_order;
	uint64_t	next_trade;
	uint64_t	next_entry;
	uint64_t	next_settlement;
	uint64_t	arrivals;
	uint64_t	top_priority;
	uint64_t	n_working;
	int64_t		retention;
	WatchInstrument instruments[WATCH_INSTRUMENTS];
	WatchPosition positions[WATCH_INSTRUMENTS][WATCH_ACCOUNTS];
	int64_t		balances[WATCH_ASSETS][WATCH_ACCOUNTS];
	WatchRef	refs[WATCH_REFS];
	size_t		n_refs;
	/* the command */
	ClrCommand	cmd;
	uint8_t		bytes[CLR_COMMAND_MAX];
	bool		decoded;
	uint64_t	hash;
	const WatchRef *known;		/* what its reference stood for, if alive */
	bool		was_alive;
	uint64_t	incoming;		/* order, 0 = none */
	uint8_t		old_phase;
	clr_int128	paid[WATCH_ACCOUNTS];	/* variation margin received */
	clr_int128	fees;			/* of its trades, not yet paid */
	int64_t		moved;			/* by the last ledger entry */
	unsigned	trades;
	bool		plain;			/* the command has nothing that makes an instrument loose */
	bool		any_loose;
	bool		combined;		/* the trade is of a leg of a spread */
	bool		self_trades;	/* an account traded with itself: its money goes nowhere */
	unsigned	decremented;	/* orders, to prevent a self-match */
	unsigned	ended;			/* orders, the incoming one not counted */
	unsigned	state_events;
	uint64_t	changed[64];	/* orders that traded */
	unsigned	n_changed;
	int64_t		available[WATCH_ACCOUNTS];
	bool		reduces[WATCH_ACCOUNTS];	/* had orders against a position */
	bool		marks_moved;
	/* totals */
	uint64_t	all_trades;
	uint64_t	reasons[OP_REASONS];
} Watch;

extern void watch_init(Watch *w);
extern void watch_free(Watch *w);
extern void watch_command(Watch *w, const House *h, const uint8_t *data, size_t len);
/* The events of a block that opens: its timers. */
extern void watch_block(Watch *w, const House *h);
extern void watch_events(Watch *w, const House *h);
extern void watch_deep(Watch *w, const House *h);

#endif							/* CLR_PROPERTY_WATCH_H */
