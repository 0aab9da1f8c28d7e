/*
 * flow.h
 *	  What the files share that make random flows: op_table.c names the
 *	  functions, flow_*.c have them, flow.c puts flows together.
 */
#ifndef CLR_PROPERTY_FLOW_H
#define CLR_PROPERTY_FLOW_H

#include "op.h"

#define RECENT 48				/* orders a cancel or replace chooses from */
#define FLOW_BEGIN INT64_C(1700000000000000)	/* when play.c begins */
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

struct Flow
{
	uint64_t	state;			/* of the random numbers */
	OpList	   *list;
	uint32_t	recent[RECENT]; /* indexes of orders entered */
	unsigned	n_recent;
	int64_t		clock;			/* time of blocks so far, from FLOW_BEGIN */
	/* character of this flow */
	int64_t		center;			/* of prices */
	int64_t		width;
	int64_t		cash;
	int64_t		lots;
	unsigned	hostile;		/* one command in so many has a nasty value */
	unsigned	accounts;
	unsigned	members;
	bool		calm;			/* marks and margins stay */
	unsigned	instruments;
	unsigned	rich;			/* FlowRich: what it has beyond plain orders */
};

/* Half of the flows have none of it. */
typedef enum FlowRich
{
	RICH_ATTRIBUTES = 0x01,		/* icebergs, minimum quantities, good till date, … */
	RICH_LIMITS = 0x02,			/* limits of accounts, kill switch, sessions */
	RICH_ALLOCATION = 0x04,		/* other algorithms, lead market makers */
	RICH_AUCTIONS = 0x08,		/* calls, auctions, price controls */
	RICH_TRIGGERS = 0x10,		/* stop, trailing, pegged and linked orders */
	RICH_QUOTES = 0x20,
	RICH_SPREADS = 0x40,
	RICH_BATCHES = 0x80,
	RICH_BUSTS = 0x100,			/* busts and corrections of trades */
	RICH_SCHEDULES = 0x200,		/* phases that begin and end by themselves */
	RICH_BREAKERS = 0x400,		/* circuit breakers of product groups */
	RICH_ALL = 0x7FF
} FlowRich;

/* Slots: 1 to 3 futures, 4 spot; with spreads three of these and one more future. */
#define SPOT_SLOT	4
#define SPREAD_FIRST 5
#define SPREAD_LAST	7
#define FUTURE_LAST	8

/* flow_values.c */
extern uint64_t rnd(Flow *f, uint64_t below);
extern int64_t nasty(Flow *f);
extern int64_t zero(Flow *f);
extern int64_t one(Flow *f);
extern int64_t two(Flow *f);
extern int64_t minus_one(Flow *f);
extern int64_t bit(Flow *f);
extern int64_t one_or_two(Flow *f);
extern int64_t seldom(Flow *f);
extern int64_t any_number(Flow *f);
extern int64_t any_asset(Flow *f);
extern int64_t any_member(Flow *f);
extern int64_t any_account(Flow *f);
extern int64_t some_account(Flow *f);
extern int64_t any_instrument(Flow *f);
extern int64_t some_instrument(Flow *f);
extern int64_t any_price(Flow *f);
extern int64_t any_qty(Flow *f);
extern int64_t some_qty(Flow *f);
extern int64_t any_cash(Flow *f);
extern int64_t any_ord_type(Flow *f);
extern int64_t any_tif(Flow *f);
extern int64_t any_exec(Flow *f);
extern int64_t any_self_match(Flow *f);
extern int64_t some_side(Flow *f);
extern int64_t any_scale(Flow *f);
extern int64_t any_fee(Flow *f);
extern int64_t any_multiplier(Flow *f);
extern int64_t any_margin(Flow *f);
extern int64_t next_ref(Flow *f);
extern int64_t some_ref(Flow *f);
extern int64_t any_phase(Flow *f);
extern int64_t first_phase(Flow *f);
extern int64_t any_time(Flow *f);
extern int64_t any_chunk(Flow *f);
extern int64_t any_session(Flow *f);
extern int64_t any_timeout(Flow *f);
extern int64_t any_batch(Flow *f);
extern int64_t any_entry(Flow *f);
extern int64_t any_group(Flow *f);
extern int64_t any_tier(Flow *f);
/* a scope of SET_FIELDS */
extern int64_t scope_account(Flow *f);
extern int64_t scope_member(Flow *f);
extern int64_t scope_schedule(Flow *f);
extern int64_t scope_maker(Flow *f);
extern int64_t scope_group(Flow *f);

/* flow_orders.c */
extern void tune_order(Flow *f, Op *op);
extern void tune_change(Flow *f, Op *op);
extern void tune_quote(Flow *f, Op *op);
extern void tune_bust(Flow *f, Op *op);

/* flow_rules.c */
extern int64_t any_rule(Flow *f);
extern int64_t any_limit(Flow *f);
extern int64_t any_member_limit(Flow *f);
extern void tune_instrument(Flow *f, Op *op);
extern void tune_spread(Flow *f, Op *op);
extern void tune_margin(Flow *f, Op *op);
extern void tune_rule(Flow *f, Op *op);
extern void tune_limit(Flow *f, Op *op);
extern void tune_maker(Flow *f, Op *op);
extern void tune_phase(Flow *f, Op *op);
extern void tune_schedule(Flow *f, Op *op);
extern void tune_group(Flow *f, Op *op);

#endif							/* CLR_PROPERTY_FLOW_H */
