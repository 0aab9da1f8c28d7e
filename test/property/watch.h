/*
 * watch.h
 *	  An accountant who sees commands and events only and knows what must hold.
 *
 * It keeps orders, books, positions and balances of its own, in the simplest
 * form there is, and says which event breaks which rule.  watch_command() sees
 * a command before it is applied, watch_events() what it did, and watch_deep()
 * compares everything with what the engine's views say.
 *
 * To add a rule: a function in the watch_*.c that is about its matter, which
 * calls broken(); called from where its event is taken (take_...), after each
 * command (watch_after.c) or from watch_deep().  watch_internal.h says what is
 * where.
 */
#ifndef CLR_PROPERTY_WATCH_H
#define CLR_PROPERTY_WATCH_H

#include "mirror.h"
#include "op.h"

#define WATCH_ACCOUNTS		64
#define WATCH_ASSETS		16
#define WATCH_INSTRUMENTS	32
#define WATCH_MEMBERS		32
#define WATCH_GROUPS		8
#define WATCH_ENTRIES		8	/* of a schedule */
#define WATCH_SESSIONS		4
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
	bool		plain;			/* has nothing that needs other rules */
	uint32_t	present;		/* bit per attribute */
	int64_t		attr[CLR_ATTR_COUNT];
	/* of a spread: what its legs traded since the last report */
	int64_t		leg_lots[CLR_LEGS_MAX];
	clr_int128	leg_value;
	int64_t		said_cum;		/* of a spread: as last reported */
	int64_t		said_value;
	/* for the limits of its account */
	int64_t		entered_qty;
	int64_t		entered_cum;
	bool		by_market;		/* its price is not its owner's */
	uint64_t	triggered_by;	/* serial of the command that triggered it */
	uint16_t	end_reason;
	uint64_t	filled_by;		/* serial of the command that filled it last */
	uint64_t	link_then;		/* its other one at that time */
} WatchOrder;

typedef struct WatchLeg
{
	uint32_t	instrument;
	int64_t		ratio;
} WatchLeg;

typedef struct WatchInstrument
{
	uint64_t   *book[2];		/* ids of working orders, in no order */
	size_t		n[2];
	size_t		cap[2];
	uint8_t		kind;
	uint8_t		phase;
	bool		keeps;			/* priority on decrease */
	bool		future;
	bool		spread;			/* trades are of its legs */
	bool		leg;			/* of a spread */
	bool		touched;		/* by the command */
	int64_t		tick_value;
	int64_t		lot_units;
	uint32_t	base;			/* assets */
	uint32_t	quote;
	int64_t		rule[CLR_RULE_MAX];
	WatchLeg	legs[CLR_LEGS_MAX];
	/* prices */
	bool		has_last;
	bool		has_mark;
	bool		has_settlement;
	bool		has_listed;
	bool		has_static;
	int64_t		last;
	int64_t		mark;
	int64_t		seen[2][2];		/* last and mark price, lowest and highest in the command */
	int64_t		settlement;
	int64_t		listed;
	int64_t		static_price;
	int64_t		closing;		/* price of the closing auction */
	int64_t		call_end;		/* 0 = by hand */
	int64_t		call_random;	/* still to be drawn */
	int64_t		drawn;
	uint64_t	settled;		/* trades with smaller numbers are */
	uint64_t	window_from;	/* trade from which on the breaker's window counts */
	int64_t		schedule[WATCH_ENTRIES][CLR_SCHEDULE_DONE + 1];
	int64_t		share[WATCH_ACCOUNTS];	/* of market makers */
} WatchInstrument;

typedef struct WatchPosition
{
	int64_t		qty;			/* sum of trades */
	clr_int128	value;			/* of the trades since the settlement, at its price */
	int64_t		cost;			/* as last reported */
	int64_t		realised;
	int64_t		said_qty;
	int64_t		lots[2];
	uint64_t	version;		/* counts what changed it but orders */
	uint64_t	said_at;		/* version when it was last reported */
	bool		said;			/* by the command */
} WatchPosition;

/* What the positions were before and after a trade, and what it said. */
typedef struct WatchTrade
{
	ClrTradeEvent t;
	int64_t		time_us;
	uint64_t	version[2];		/* of the buyer's and the seller's, after it */
	int64_t		before[2][3];	/* their qty, cost, realised; known if said */
	bool		known;
	uint8_t		busted;
	bool		corrected;		/* it is the trade of a correction */
} WatchTrade;

typedef struct WatchRef
{
	uint32_t	account;
	uint8_t		len;
	uint8_t		ref[CLR_REF_MAX];
	uint64_t	hash;			/* of the command's bytes */
	int64_t		time_us;
	ClrOutcome	out;
} WatchRef;

/* A command, or an order of a batch, that is being looked at. */
typedef struct WatchPart
{
	ClrCommand	cmd;
	uint64_t	hash;
	bool		decoded;
	bool		was_alive;
	const WatchRef *known;		/* what its reference stood for, if alive */
} WatchPart;

typedef struct Watch
{
	char		text[400];		/* the first rule that was broken */
	WatchOrder *orders;			/* [id] */
	size_t		cap_orders;
	WatchTrade *traded;			/* [id] */
	size_t		cap_traded;
	uint64_t	next_order;
	uint64_t	next_trade;
	uint64_t	next_entry;
	uint64_t	next_settlement;
	uint64_t	arrivals;
	uint64_t	top_priority;
	uint64_t	n_working;
	int64_t		retention;
	int64_t		now;			/* time of the block, never back */
	int64_t		before;			/* of the one before */
	WatchInstrument instruments[WATCH_INSTRUMENTS];
	WatchPosition positions[WATCH_INSTRUMENTS][WATCH_ACCOUNTS];
	int64_t		balances[WATCH_ASSETS][WATCH_ACCOUNTS];
	uint32_t	member_of[WATCH_ACCOUNTS];
	int64_t		limit[WATCH_ACCOUNTS][CLR_LIMIT_COUNT];
	int64_t		member_limit[WATCH_MEMBERS][CLR_LIMIT_COUNT];
	int64_t		group[WATCH_GROUPS][CLR_TIERS_MAX + 1][CLR_GROUP_TRIPPED + 1];
	int64_t		deadline[WATCH_ACCOUNTS][WATCH_SESSIONS];
	int64_t		messages[WATCH_ACCOUNTS];	/* in the second of the block */
	WatchRef	refs[WATCH_REFS];
	size_t		n_refs;
	/* the command */
	uint64_t	serial;
	uint8_t		bytes[CLR_LIST_MAX];
	ClrCommand	cmd;			/* of the order, in a batch */
	WatchPart	part;
	WatchPart	whole;			/* the batch itself */
	WatchPart	members[CLR_BATCH_MAX];
	unsigned	n_members;
	unsigned	member;			/* now */
	uint32_t	whole_number;	/* of the command in its block */
	unsigned	batch_trades;
	uint64_t	incoming;		/* order, 0 = none */
	bool		auction;		/* the change of phase took one */
	bool		phase_moved;	/* by the command or timer */
	bool		interrupted;	/* trading stopped amid the command */
	clr_int128	paid[WATCH_ACCOUNTS];	/* variation margin received */
	clr_int128	fees;			/* of its trades, not yet paid */
	clr_int128	undone[WATCH_ASSETS][WATCH_ACCOUNTS];	/* moved by a bust or correction */
	int64_t		moved;			/* by the last ledger entry */
	bool		has_collar;		/* there is a price for it */
	int64_t		collar_reference;
	uint64_t	session;		/* of the last field of one */
	int64_t		range[2];		/* where the incoming order may trade */
	unsigned	trades;
	bool		plain;			/* the command has nothing but plain orders */
	bool		any_rich;		/* something else than that was accepted */
	bool		combined;		/* the trade is of a leg of a spread */
	bool		self_trades;	/* an account traded with itself: its money goes nowhere */
	bool		passive;		/* a replace to a smaller and no more aggressive order */
	unsigned	decremented;	/* orders, to prevent a self-match */
	unsigned	ended;			/* orders, the incoming one not counted */
	unsigned	state_events;
	uint64_t	changed[256];	/* orders that traded */
	unsigned	n_changed;
	int64_t		available[WATCH_ACCOUNTS];
	bool		reduces[WATCH_ACCOUNTS];	/* had orders against a position */
	bool		marks_moved;
	int64_t		timer_due;		/* of the last one that fired in the block */
	/* totals */
	uint64_t	all_trades;
	uint64_t	phases[12];		/* entered */
	uint64_t	timers[8];		/* by kind */
	uint64_t	trips;			/* of circuit breakers */
	uint64_t	refills;
	uint64_t	triggered;
	uint64_t	busts;
	uint64_t	batches;
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
