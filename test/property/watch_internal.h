/*
 * watch_internal.h
 *	  What the files of the accountant share.
 */
#ifndef CLR_PROPERTY_WATCH_INTERNAL_H
#define CLR_PROPERTY_WATCH_INTERNAL_H

#include "watch.h"

/* watch.c */
extern void broken(Watch *w, const char *format,...) __attribute__((format(printf, 2, 3)));
extern void begin_part(Watch *w);

/* watch_book.c: who works, and who is first */
extern WatchInstrument *instrument_of(Watch *w, uint32_t id);
extern WatchOrder *order_of(Watch *w, uint64_t id);
extern void book_add(Watch *w, WatchOrder *o);
extern void book_remove(Watch *w, WatchOrder *o, WatchState state);
/* The first in line of a side; NULL if it is empty. */
extern WatchOrder *first_of(Watch *w, uint32_t instrument, int side);
/* The same, orders that wait outside of the book and market orders left out. */
extern WatchOrder *first_limit(Watch *w, uint32_t instrument, int side);
extern bool would_trade(uint8_t side, bool market, int64_t price, const WatchOrder *with);
extern uint64_t smp_of(const Watch *w, const WatchOrder *o);

static inline int64_t
leaves_of(const WatchOrder *o)
{
	return o->qty - o->cum;
}

static inline int
side_of(uint8_t side)
{
	return side == CLR_SIDE_SELL;
}

static inline bool
has(const WatchOrder *o, ClrAttr attr)
{
	return (o->present >> attr & 1) != 0;
}

static inline bool
is_parked(const WatchOrder *o)
{
	return has(o, CLR_ATTR_PARKED);
}

/* What others see of it. */
static inline int64_t
shown_of(const WatchOrder *o)
{
	return has(o, CLR_ATTR_SHOWN_QTY) ? o->attr[CLR_ATTR_SHOWN_QTY] : leaves_of(o);
}

static inline bool
is_combined(const WatchInstrument *in)
{
	return in->spread || in->leg;
}

/* First come, first served, and nobody from other books. */
static inline bool
is_fifo(const WatchInstrument *in)
{
	return in->rule[CLR_RULE_ALLOCATION] == 'F' && !is_combined(in);
}

/* watch_order.c */
extern void take_order(Watch *w, const ClrOrderEvent *ev);
extern void note_entry(Watch *w, WatchOrder *o);
extern void settle_before(Watch *w);
extern void settle_incoming(Watch *w, const ClrOutcome *out);

/* watch_restate.c: changes that nobody asked for, and who keeps his place */
extern void take_restated(Watch *w, WatchOrder *o, const ClrOrderEvent *ev);
extern void take_triggered(Watch *w, WatchOrder *o, const ClrOrderEvent *ev);
extern void take_replaced(Watch *w, WatchOrder *o, const ClrOrderEvent *ev);

/* watch_trade.c */
extern void take_trade(Watch *w, const ClrTradeEvent *t);

/* watch_money.c */
extern void take_ledger(Watch *w, const ClrLedgerEvent *l);
extern void take_position(Watch *w, const ClrPositionEvent *ev);
extern void take_settlement(Watch *w, const ClrSettlementEvent *s);
extern void check_positions(Watch *w, uint32_t id);

/* watch_bust.c */
extern bool is_bust(const ClrCommand *c);
extern void note_trade(Watch *w, const ClrTradeEvent *t);
extern void begin_bust(Watch *w);
extern void take_correction(Watch *w, const ClrTradeEvent *t);
extern void check_bust(Watch *w, const ClrOutcome *out);

/* watch_market.c: rules, phases, ranges, timers */
extern void markets_init(Watch *w);
extern void take_instrument(Watch *w, const uint8_t *p);
extern void take_field(Watch *w, const ClrFieldEvent *ev);
extern void take_timer(Watch *w, const uint8_t *p);
extern void find_range(Watch *w, uint32_t instrument);
extern void check_due(Watch *w);
extern void check_entry_price(Watch *w, const WatchOrder *o);

/* watch_limits.c */
extern void check_rate(Watch *w, const ClrOutcome *out);
extern void check_dead_man(Watch *w, uint32_t account);
extern void check_limits(Watch *w, const ClrOutcome *out);
extern void check_switches(Watch *w, const ClrOutcome *out);

/* watch_once.c */
extern uint64_t hash_of(const uint8_t *data, size_t len, uint64_t seed);
extern void look_up(Watch *w, WatchPart *part, const uint8_t *data, size_t len);
extern void check_once(Watch *w, const WatchPart *part, const ClrOutcome *o);

/* watch_batch.c */
extern void read_members(Watch *w);
extern void check_member(Watch *w, const ClrOutcome *o);
extern void check_batch(Watch *w, const ClrOutcome *o);

/* watch_outcome.c */
extern void check_outcome(Watch *w, const ClrOutcome *o);

/* watch_after.c */
/* What the command, or a part of it, made follow. */
extern void check_followed(Watch *w);
extern void after_command(Watch *w, const House *h);
extern void check_touched(Watch *w, const House *h);

#endif							/* CLR_PROPERTY_WATCH_INTERNAL_H */
