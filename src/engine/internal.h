/*
 * internal.h
 *	  What the engine's files know of each other.
 *
 * Included by src/engine/ only; the state itself is in state.h.
 */
#ifndef CLR_INTERNAL_H
#define CLR_INTERNAL_H

#include "engine/state.h"

/*----------------------------------------------------------------
 * text.c
 *----------------------------------------------------------------
 */
/* XXH64 with seed 0: the content hash, stable for ever. */
extern uint64_t clr_xxh64(const uint8_t *data, size_t len, uint64_t seed);
/* Valid UTF-8 without control characters. */
extern bool clr_text_valid(const uint8_t *data, size_t len);

/*----------------------------------------------------------------
 * emit.c: writing events
 *----------------------------------------------------------------
 */
extern void clr_emit_house(ClrEngine *e);
extern void clr_emit_asset(ClrEngine *e, const ClrAsset *a);
extern void clr_emit_member(ClrEngine *e, const ClrMember *m);
extern void clr_emit_account(ClrEngine *e, const ClrAccount *a);
extern void clr_emit_instrument(ClrEngine *e, const ClrInstrument *in);
extern void clr_emit_order(ClrEngine *e, const ClrOrder *o, uint8_t status,
						   uint8_t exec_type, uint16_t reason,
						   const ClrText *ref);
extern void clr_emit_trade(ClrEngine *e, const ClrTradeEvent *t);
extern void clr_emit_position(ClrEngine *e, const ClrPosition *p);
extern void clr_emit_ledger(ClrEngine *e, const ClrLedgerEvent *l);
extern void clr_emit_field(ClrEngine *e, const ClrFieldView *v);
extern void clr_emit_timer(ClrEngine *e, const ClrTimer *t);
extern void clr_emit_settlement(ClrEngine *e, const ClrSettlementEvent *s);
extern void clr_emit_outcome(ClrEngine *e, const ClrOutcome *o);

/*----------------------------------------------------------------
 * registry.c: the house, assets, members, accounts
 *----------------------------------------------------------------
 */
typedef enum ClrNameKind
{
	CLR_NAME_ASSET = 1,
	CLR_NAME_MEMBER = 2,
	CLR_NAME_ACCOUNT = 3,
	CLR_NAME_INSTRUMENT = 4
} ClrNameKind;

/* Id + 1 of the object so named, 0 if none. */
extern uint64_t clr_name_find(const ClrEngine *e, ClrNameKind kind,
							  const uint8_t *name, size_t len);
extern bool clr_name_add(ClrEngine *e, ClrNameKind kind, const uint8_t *name,
						 size_t len, uint32_t id);
extern ClrReason clr_name_check(const ClrEngine *e, ClrNameKind kind,
								const ClrText *name);
/* Each appends the object given; false = no memory. */
extern bool clr_add_asset(ClrEngine *e, const ClrAssetView *v);
extern bool clr_add_member(ClrEngine *e, const ClrMemberView *v);
extern bool clr_add_account(ClrEngine *e, const ClrAccountView *v);
extern bool clr_add_instrument(ClrEngine *e, const ClrInstrumentView *v);

extern ClrReason clr_do_epoch(ClrEngine *e, const ClrCommand *cmd);
extern ClrReason clr_do_open_house(ClrEngine *e, const ClrCommand *cmd);
extern ClrReason clr_do_create_asset(ClrEngine *e, const ClrCommand *cmd);
extern ClrReason clr_do_create_member(ClrEngine *e, const ClrCommand *cmd);
extern ClrReason clr_do_create_account(ClrEngine *e, const ClrCommand *cmd);

/*----------------------------------------------------------------
 * ledger.c: wallets and postings
 *----------------------------------------------------------------
 */
/* Wallet of account in asset, made if there is none; CLR_NONE = no memory. */
extern uint32_t clr_wallet_get(ClrEngine *e, uint32_t account, uint32_t asset);
extern uint32_t clr_wallet_find(const ClrEngine *e, uint32_t account, uint32_t asset);
extern void clr_post(ClrEngine *e, uint32_t debit, uint32_t credit,
					 int64_t amount, ClrLedgerKind kind, uint64_t subject);
extern ClrReason clr_do_deposit(ClrEngine *e, const ClrCommand *cmd);
extern ClrReason clr_do_withdraw(ClrEngine *e, const ClrCommand *cmd);

static inline clr_int128
wallet_equity(const ClrWallet *w)
{
	return (clr_int128) w->balance + w->unrealised;
}

/*----------------------------------------------------------------
 * instrument.c
 *----------------------------------------------------------------
 */
extern ClrReason clr_instrument_check(const ClrEngine *e, const ClrInstrumentView *v);
extern ClrReason clr_instrument_derive(const ClrEngine *e, ClrInstrumentView *v);
extern ClrReason clr_do_create_instrument(ClrEngine *e, const ClrCommand *cmd);
extern ClrReason clr_do_set_mark_price(ClrEngine *e, const ClrCommand *cmd);
extern ClrReason clr_do_set_margin(ClrEngine *e, const ClrCommand *cmd);
extern bool clr_price_valid(const ClrInstrument *in, int64_t price);
/* Looks a future or spot up for a command that changes it. */
extern ClrReason clr_find_instrument(ClrEngine *e, uint32_t id, bool future_only);

/*----------------------------------------------------------------
 * position.c
 *----------------------------------------------------------------
 */
extern uint32_t clr_position_find(const ClrEngine *e, uint32_t account, uint32_t instrument);
extern uint32_t clr_position_get(ClrEngine *e, uint32_t account, uint32_t instrument);
extern void clr_position_drop(ClrEngine *e, uint32_t index);
/* Marks it changed: refreshed and reported when the command ends. */
extern void clr_position_touch(ClrEngine *e, uint32_t index);
extern void clr_position_fill(ClrInstrument *in, ClrPosition *p, uint8_t side,
							  int64_t qty, int64_t price);
extern void clr_position_refresh(ClrEngine *e, const ClrInstrument *in, ClrPosition *p);
extern void clr_positions_refresh(ClrEngine *e);
extern void clr_positions_flush(ClrEngine *e);
/* Adds (sign 1) or takes away (-1) working lots of an order. */
extern void clr_position_work(const ClrInstrument *in, ClrPosition *p, const ClrOrder *o,
							  int64_t lots, int sign);
extern void clr_position_expect(const ClrInstrument *in, ClrPosition *p, unsigned s, int64_t lots,
								int64_t reserve, int64_t value, int sign);
extern void clr_positions_revalue(ClrEngine *e, const ClrInstrument *in);

/*----------------------------------------------------------------
 * margin.c
 *----------------------------------------------------------------
 */
/* What an aggressor would meet, see clr_walk(). */
typedef struct ClrWalk
{
	int64_t		lots;			/* it would trade, own orders excluded */
	uint64_t	fills;
	clr_int128	value;			/* sum of |price| * lots */
	clr_int128	loss;			/* futures: ticks * lots lost against the mark */
	int64_t		max_price;		/* largest |price| met */
} ClrWalk;

extern void clr_margin_rates(ClrInstrument *in);
extern int64_t clr_margin_requirement(const ClrInstrument *in, const ClrPosition *p);
extern bool clr_reserve_ease(const ClrInstrument *in, const ClrOrder *o, int64_t *reserve);
extern int64_t clr_margin_maintenance(const ClrInstrument *in, const ClrPosition *p);
extern int64_t clr_position_unrealised(const ClrInstrument *in, const ClrPosition *p);
extern bool clr_position_in_range(const ClrInstrument *in, const ClrPosition *p,
								  clr_int128 more_value, clr_int128 more_lots);
extern int64_t clr_fee(const ClrInstrument *in, int64_t price, int64_t qty, bool taker);
extern void clr_trade_fees(const ClrInstrument *in, ClrTradeEvent *t);
extern clr_int128 clr_fee_at_mark(const ClrInstrument *in);
extern clr_int128 clr_fees_bound(const ClrInstrument *in, const ClrWalk *walk);
extern bool clr_fill_headroom(const ClrEngine *e, const ClrInstrument *in,
							  clr_int128 price, clr_int128 qty);

/* Of what lots reserve together, the part that their margin does not cover. */
static inline int64_t
clr_margin_excess(const ClrInstrument *in, int64_t lots, clr_int128 reserve)
{
	clr_int128	covered = (clr_int128) lots * in->initial_quotient;

	return clr_unlikely(reserve > covered) ? (int64_t) (reserve - covered) : 0;
}

/* A position as it would be after a new or changed order. */
typedef struct ClrIntent
{
	uint8_t		side;
	int64_t		lots;			/* working lots it adds */
	clr_int128	reserve;		/* of all these lots */
	clr_int128	value;			/* bound of |price| * lots */
	const ClrOrder *replaced;	/* its lots and reserve go away, or NULL */
} ClrIntent;

extern ClrReason clr_reserve_per_lot(const ClrInstrument *in, uint8_t side,
									 int64_t price, int64_t *reserve);
extern ClrReason clr_intent_check(ClrEngine *e, const ClrInstrument *in,
								  const ClrPosition *p, const ClrIntent *intent,
								  bool margin_exempt);

extern void clr_needed_now(const ClrEngine *e, const ClrPosition *p, clr_int128 *needed);
extern ClrReason clr_needed_check(ClrEngine *e, const ClrPosition *p, const clr_int128 *before);

/*----------------------------------------------------------------
 * batch.c
 *----------------------------------------------------------------
 */
/* What clr_intent_check() answers instead of CLR_OK while trying out. */
#define CLR_TRIED ((ClrReason) 999)

extern ClrReason clr_do_batch(ClrEngine *e, const ClrCommand *cmd);
/* An accepted batch came again: its orders' outcomes do, too. */
extern void clr_batch_repeat(ClrEngine *e, const ClrCommand *cmd);
/* The margin of an order is all that is left to check. */
extern ClrReason clr_trial_intent(ClrEngine *e, const ClrPosition *p,
								  const ClrIntent *intent, bool *margin_exempt);

/*----------------------------------------------------------------
 * book.c
 *----------------------------------------------------------------
 */
extern uint32_t clr_book_level(ClrEngine *e, ClrBookSide *s, unsigned side, int64_t price);
extern uint32_t clr_book_find(const ClrEngine *e, const ClrBookSide *s, int64_t price);
extern uint32_t clr_book_first(const ClrEngine *e, const ClrBookSide *s, unsigned side);
/* The next worse level than the one at price, CLR_NONE if it is the last. */
extern uint32_t clr_book_worse(const ClrEngine *e, const ClrBookSide *s, unsigned side, int64_t price);
extern bool clr_book_insert(ClrEngine *e, ClrInstrument *in, uint32_t order);
/* The last order of its queue goes ahead of those that are younger. */
extern void clr_book_by_age(ClrEngine *e, uint32_t order);
extern void clr_book_drop_level(ClrEngine *e, ClrBookSide *s, unsigned side, uint32_t index);
extern void clr_book_remove(ClrEngine *e, ClrInstrument *in, uint32_t order);
extern void clr_book_requeue(ClrEngine *e, uint32_t order);

/* The queue of a level, of the book or of stop prices: last in, and out. */
clr_hot void
clr_queue_put(const ClrEngine *e, ClrLevel *level, uint32_t order)
{
	ClrOrder   *o = order_at(e, order);

	o->prev = level->tail;
	o->next = CLR_NONE;
	if (level->tail != CLR_NONE)
		order_at(e, level->tail)->next = order;
	else
		level->head = order;
	level->tail = order;
}

clr_hot void
clr_queue_take(const ClrEngine *e, ClrLevel *level, uint32_t order)
{
	const ClrOrder *o = order_at(e, order);

	if (o->prev != CLR_NONE)
		order_at(e, o->prev)->next = o->next;
	else
		level->head = o->next;
	if (o->next != CLR_NONE)
		order_at(e, o->next)->prev = o->prev;
	else
		level->tail = o->prev;
}

/* view.c: the order is about to leave its price. */
extern void clr_note_vacated(ClrEngine *e, const ClrInstrument *in, uint32_t order);

/*----------------------------------------------------------------
 * match.c, order.c, replace.c
 *----------------------------------------------------------------
 */
extern void clr_walk(const ClrEngine *e, const ClrInstrument *in, uint32_t position,
					 uint64_t smp, uint8_t side, bool limited, int64_t limit, int64_t qty,
					 uint8_t self_match, ClrWalk *walk);
extern void clr_trade(ClrEngine *e, ClrInstrument *in, uint32_t aggressor,
					  uint32_t resting, int64_t qty, int64_t price);
extern bool clr_trade_fits(ClrEngine *e, const ClrInstrument *in, uint32_t aggressor,
						   uint32_t resting, int64_t qty, int64_t price);
extern void clr_order_filled(ClrEngine *e, ClrInstrument *in, uint32_t order,
							 int64_t qty, int64_t price);
extern void clr_trade_settle(ClrEngine *e, ClrInstrument *in, uint32_t buyer,
							 uint32_t seller, ClrTradeEvent *t);
/* Reports an order in the book after a fill; it leaves when filled. */
extern void clr_report_resting(ClrEngine *e, ClrInstrument *in, uint32_t order);
/*
 * selfmatch.c: an aggressor meets an order that it must not trade with.  False
 * if it ends itself, for the reason then in *ended.
 */
extern bool clr_prevent_self_match(ClrEngine *e, ClrOrder *o, uint32_t resting,
								   uint16_t *ended);
/* What a new order is told apart by: ClrOrder.smp. */
extern uint64_t clr_smp_of(const ClrEngine *e, uint32_t account, const ClrPairs *pairs);
extern uint64_t clr_smp_of_order(const ClrEngine *e, const ClrOrder *o);
/* Takes `less` lots, not all, off an order wherever it is; replace.c. */
extern void clr_order_shrink(ClrEngine *e, ClrInstrument *in, ClrOrder *o, int64_t less);
extern void clr_match(ClrEngine *e, ClrInstrument *in, uint32_t order, uint16_t *ended);
extern void clr_uncross(ClrEngine *e, ClrInstrument *in);
extern bool clr_uncross_in_range(const ClrEngine *e, const ClrInstrument *in);
/* Takes a working order out of everything and reports it. */
extern void clr_order_end(ClrEngine *e, uint32_t order, uint8_t status,
						  uint8_t exec_type, uint16_t reason);
/* Puts an order into book, position list and working sums. */
extern bool clr_order_rest(ClrEngine *e, ClrInstrument *in, uint32_t order);
/* Takes it out of these again, keeping the record. */
extern void clr_order_unrest(ClrEngine *e, ClrInstrument *in, uint32_t order);
extern void clr_order_free(ClrEngine *e, uint32_t order);
/* The parts of resting that have nothing to do with the book. */
extern bool clr_order_list(ClrEngine *e, uint32_t order);
extern void clr_order_unlist(ClrEngine *e, uint32_t order);
/* parked.c */
extern bool clr_order_park(ClrEngine *e, ClrInstrument *in, uint32_t order, ClrParked why);
extern void clr_order_unpark(ClrEngine *e, ClrInstrument *in, uint32_t order);
extern ClrReason clr_parked_check(ClrEngine *e, const ClrInstrument *in, const ClrCommand *cmd,
								  const ClrOrder *replaced, uint32_t position, int64_t reserve,
								  int64_t price, int64_t worst, bool margin_exempt);
/* After entry or replace: match, then rest or end; fills the outcome. */
extern void clr_order_run(ClrEngine *e, ClrInstrument *in, uint32_t order, uint8_t exec_type);
extern void clr_order_outcome(ClrEngine *e, const ClrOrder *o, uint8_t status, uint8_t exec_type);
/* The order was asked for with this price and quantity. */
extern void clr_order_note_adjusted(ClrEngine *e, int64_t price, int64_t qty, const ClrCommand *now);
extern uint32_t clr_order_find(const ClrEngine *e, uint64_t id);
/* Resolves id and OrigClOrdID of a cancel or replace. */
extern ClrReason clr_order_resolve(ClrEngine *e, const ClrCommand *cmd,
								   uint64_t id, uint32_t *order);
extern void clr_order_prefetch(const ClrEngine *e, const ClrOrder *o);
/* Collects working orders of a position that satisfy the filter into e->sort. */
extern void clr_collect_orders(ClrEngine *e, const ClrPosition *p, bool day_only);

/* Form of an order, without a look at the book; then everything else too. */
extern ClrReason clr_order_form(const ClrEngine *e, const ClrInstrument *in,
								const ClrCommand *cmd);
extern ClrReason clr_order_fits(const ClrEngine *e, const ClrInstrument *in, const ClrCommand *cmd);
extern ClrReason clr_order_check(ClrEngine *e, const ClrInstrument *in, const ClrCommand *cmd,
								 uint32_t *position, int64_t *reserve);
extern uint32_t clr_order_make(ClrEngine *e, const ClrInstrument *in, const ClrCommand *cmd,
							   uint32_t position, int64_t reserve);
/* The name an order goes by after a replace. */
extern ClrText clr_order_name(const ClrEngine *e, const ClrOrder *o, const ClrCommand *cmd);

/* What it means now, then as clr_order_check() without the form. */
extern ClrReason clr_order_prepare(ClrEngine *e, const ClrInstrument *in, ClrCommand *cmd,
								   const ClrOrder *replaced, bool margin_exempt,
								   uint32_t *position, int64_t *reserve, uint16_t *ends);
/* amend.c: replaces of and into more than plain orders */
extern ClrReason clr_replace_total(const ClrInstrument *in, const ClrOrder *o,
								   const ClrCommand *cmd, int64_t *total);
extern ClrReason clr_pairs_refused(const ClrPairs *pairs);
extern ClrReason clr_do_amend(ClrEngine *e, ClrInstrument *in, uint32_t order, const ClrCommand *cmd);
/* The order as a command that would enter it, with changes; buf takes its attributes. */
extern void clr_order_describe(const ClrEngine *e, const ClrInstrument *in, const ClrOrder *o,
							   const ClrPairs *changes, uint8_t *buf, ClrCommand *cmd);
#define CLR_PAIRS_MAX	((CLR_ATTR_SETTABLE + 1) * CLR_ATTR_BYTES)

extern ClrReason clr_do_new_order(ClrEngine *e, const ClrCommand *cmd);
extern ClrReason clr_do_replace_order(ClrEngine *e, const ClrCommand *cmd);
extern ClrReason clr_do_cancel_order(ClrEngine *e, const ClrCommand *cmd);
extern ClrReason clr_do_mass_cancel(ClrEngine *e, const ClrCommand *cmd);

static inline uint8_t
working_status(const ClrOrder *o)
{
	if (o->cum_qty == 0)
		return CLR_STATUS_NEW;
	return o->cum_qty < o->order_qty ? CLR_STATUS_PARTIALLY_FILLED : CLR_STATUS_FILLED;
}

/*----------------------------------------------------------------
 * limits.c: what an account may do
 *----------------------------------------------------------------
 */
/* An order as limits see it. */
typedef struct ClrLimited
{
	uint32_t	account;
	uint8_t		side;
	bool		market;
	int64_t		price;
	int64_t		qty;			/* lots that would work or trade */
	int64_t		order_qty;		/* total quantity of the order */
	clr_int128	value;			/* |price| * lots */
	int64_t		gone;			/* lots of the order that it replaces */
	bool		adds;			/* one more working order */
	bool		waits;			/* a stop: no price collar yet */
	/* market orders: as clr_walk() has it, and the largest |price| met */
	uint64_t	smp;
	uint8_t		self_match;
	int64_t		max_price;
} ClrLimited;

extern ClrReason clr_limits_check(ClrEngine *e, const ClrInstrument *in,
								  const ClrPosition *p, const ClrLimited *l);
/* Is the account blocked, or has it used up its messages? */
extern ClrReason clr_entry_allowed(ClrEngine *e, uint32_t account, uint32_t messages);
/* Counts accepted messages. */
extern void clr_entry_count(ClrEngine *e, uint32_t account, uint32_t messages);
extern int64_t clr_account_limit(const ClrEngine *e, uint32_t account, ClrLimit n);
/* A new order or replace of an account with restrictions. */
extern ClrReason clr_do_restricted(ClrEngine *e, const ClrCommand *cmd);
/* order.c: a new order by its limits. */
extern bool clr_only_trades(const ClrInstrument *in, const ClrCommand *cmd);
extern ClrReason clr_order_limits(ClrEngine *e, const ClrInstrument *in,
								  const ClrPosition *p, const ClrCommand *cmd,
								  const ClrIntent *intent, int64_t max_price);
/* A limit has a new value; also while a state is loaded. */
extern void clr_limit_applied(ClrEngine *e, const ClrFieldView *v);
/* A new account has the restrictions of its member. */
extern void clr_account_restrict(ClrEngine *e, uint32_t account);

static inline bool
is_restricted(const ClrEngine *e, uint32_t account)
{
	return clr_unlikely(e->accounts[account].restricted);
}

/*----------------------------------------------------------------
 * massaction.c: many orders at once
 *----------------------------------------------------------------
 */
extern ClrReason clr_do_kill_switch(ClrEngine *e, const ClrCommand *cmd);
extern ClrReason clr_do_disconnect(ClrEngine *e, const ClrCommand *cmd);
extern ClrReason clr_do_heartbeat(ClrEngine *e, const ClrCommand *cmd);
/* The timer of a dead-man switch: is it due, was it renewed, what it does. */
extern bool clr_dead_man_due(const ClrEngine *e, const ClrTimer *t);
extern void clr_dead_man_late(ClrEngine *e, const ClrTimer *t);
extern void clr_dead_man_fire(ClrEngine *e, const ClrTimer *t);

/*----------------------------------------------------------------
 * auction.c, uncross.c, protection.c: calls and market orders that rest
 *----------------------------------------------------------------
 */
typedef struct ClrAuction
{
	int64_t		volume;			/* 0 = nothing trades */
	int64_t		price;
	int64_t		surplus;		/* bids that could trade less asks that could */
} ClrAuction;

/* Stop orders that a price would elect, and the price each would be elected at. */
typedef struct ClrMetStop
{
	uint32_t	order;
	int64_t		stop;
} ClrMetStop;

typedef struct ClrMet
{
	ClrMetStop *items;
	uint32_t	n;
	uint32_t	cap;
} ClrMet;

extern bool clr_reference_price(const ClrInstrument *in, int64_t *price);
extern bool clr_is_protected(const ClrOrder *o, int64_t price);
extern bool clr_auction_of_book(const ClrEngine *e, const ClrInstrument *in, ClrAuction *a);
extern bool clr_auction_find(const ClrEngine *e, const ClrInstrument *in, ClrAuction *a);
extern bool clr_fills_in_range(const ClrEngine *e, const ClrInstrument *in, int64_t most, clr_int128 lots);
extern bool clr_auction_in_range(const ClrEngine *e, const ClrInstrument *in, const ClrAuction *a);
extern void clr_auction_execute(ClrEngine *e, ClrInstrument *in, const ClrAuction *a);
extern void clr_auction_leftover(ClrEngine *e, ClrInstrument *in, const ClrAuction *a);
extern bool clr_market_rests(const ClrInstrument *in, uint8_t time_in_force);
extern ClrReason clr_protection(const ClrInstrument *in, uint8_t side, int64_t *price);
/* Price of the record of a new order: its limit, its protection or 0. */
extern int64_t clr_entry_price(const ClrInstrument *in, const ClrCommand *cmd);
extern bool clr_market_price(const ClrEngine *e, const ClrInstrument *in, uint8_t side,
							 const int64_t *limit, const int64_t *reference, int64_t *price);
/* At the price of an auction; fees as its rule says. */
extern void clr_trade_auction(ClrEngine *e, ClrInstrument *in, uint32_t newer,
							  uint32_t older, int64_t qty, int64_t price);

/* Raises *max_price to what a limit order could meet; false if it would trade. */
extern bool clr_meets_market(const ClrEngine *e, const ClrInstrument *in, uint8_t side,
							 int64_t limit, int64_t *max_price);
/* May the order at the head of the market queue trade with an aggressor? */
extern uint32_t clr_market_head(const ClrEngine *e, const ClrInstrument *in,
								const ClrOrder *o, const int64_t *reference,
								int64_t *price);

/* Are orders collected for an auction? */
static inline bool
clr_phase_is_call(const ClrInstrument *in)
{
	return (in->v.phase >= CLR_PHASE_OPENING_CALL &&
			in->v.phase <= CLR_PHASE_VOLATILITY_CALL) ||
		(in->v.phase == CLR_PHASE_PRE_OPEN &&
		 in->rule[CLR_RULE_OPENING_UNCROSS] == CLR_UNCROSS_AUCTION);
}

/* Outside of continuous trading: are new orders of this kind accepted? */
static inline bool
clr_phase_accepts(const ClrInstrument *in, bool market, bool immediate)
{
	if (immediate)
		return false;
	return clr_phase_is_call(in) || in->v.phase == CLR_PHASE_TRADE_AT_CLOSE ||
		(in->v.phase == CLR_PHASE_PRE_OPEN && !market);
}

/*----------------------------------------------------------------
 * callstop.c: stop orders that the price of a call elects
 *----------------------------------------------------------------
 */
/* Do they take part in the auction of the call that runs? */
static inline bool
clr_stops_join(const ClrInstrument *in)
{
	return clr_unlikely(in->rule[CLR_RULE_AUCTION_STOPS] != 0) && in->waiting > 0 &&
		clr_phase_is_call(in);
}

extern void clr_call_stops(ClrEngine *e, ClrInstrument *in);
extern bool clr_call_stops_in_range(const ClrEngine *e, const ClrInstrument *in);

/*----------------------------------------------------------------
 * crossonly.c: orders that are for one auction only
 *----------------------------------------------------------------
 */
static inline bool
clr_is_cross_only(uint8_t time_in_force)
{
	return time_in_force == CLR_TIF_AT_OPENING || time_in_force == CLR_TIF_AT_CLOSE;
}

/* Which auction is a call for: OPENING_CALL, CLOSING_CALL, 0 = another or none? */
extern uint8_t clr_call_for(const ClrEngine *e, const ClrInstrument *in);
extern ClrReason clr_cross_only_entry(const ClrEngine *e, const ClrInstrument *in, uint8_t tif);
extern void clr_cross_only_note(ClrEngine *e, const ClrInstrument *in, ClrOrder *o);
extern void clr_cross_only_run(ClrEngine *e, ClrInstrument *in, uint32_t order, uint8_t exec_type);
extern void clr_cross_only_follow(ClrEngine *e, ClrInstrument *in, uint8_t from, bool held);
extern bool clr_cross_only_valid(const ClrEngine *e, const ClrInstrument *in, const ClrOrder *o);

/*----------------------------------------------------------------
 * call.c, control.c
 *----------------------------------------------------------------
 */
typedef struct ClrCall
{
	int64_t		end_us;			/* 0 = by hand */
	int64_t		random_us;
	int64_t		seed;
	uint8_t		next;			/* phase, 0 = continuous */
} ClrCall;

static inline bool
clr_in_range(ClrRange r, int64_t price)
{
	return price >= r.low && price <= r.high;
}

/* The price of the range that is nearest. */
static inline int64_t
clr_into_range(ClrRange r, int64_t price)
{
	return price < r.low ? r.low : price > r.high ? r.high : price;
}

extern void clr_call_set(ClrEngine *e, const ClrInstrument *in, const ClrCall *call);
extern void clr_call_forget(ClrEngine *e, const ClrInstrument *in);
extern void clr_call_start(ClrEngine *e, ClrInstrument *in, uint8_t phase,
						   uint8_t next, int64_t seed);
extern void clr_call_due(ClrEngine *e, ClrInstrument *in, int64_t due_us);
extern bool clr_schedule_is_due(const ClrEngine *e, uint64_t instrument,
								uint64_t entry, int64_t due_us);
extern void clr_schedule_arm(ClrEngine *e, uint64_t instrument, uint64_t entry);
extern void clr_schedule_due(ClrEngine *e, ClrInstrument *in, uint64_t entry, int64_t due_us);
extern void clr_reopen(ClrEngine *e, int64_t before, ClrEventBuffer *ev);
extern ClrRange clr_price_range(const ClrEngine *e, const ClrInstrument *in);
extern ClrRange clr_daily_limits(const ClrInstrument *in);
extern ClrReason clr_interrupt(ClrEngine *e, ClrInstrument *in, const ClrRange *r, int64_t price);
extern bool clr_call_price_allowed(ClrEngine *e, const ClrInstrument *in, bool extended);
/* breaker.c */
extern void clr_breaker_narrow(const ClrEngine *e, const ClrInstrument *in, ClrRange *r);
extern bool clr_breaker_trip(ClrEngine *e, ClrInstrument *in, const ClrRange *r, int64_t price);
extern void clr_breaker_trade(ClrEngine *e, const ClrInstrument *in, int64_t price);
extern void clr_breaker_end_day(ClrEngine *e, const ClrInstrument *in);
extern void clr_breaker_forget(ClrEngine *e, const ClrInstrument *in);
extern void clr_breaker_window_changed(ClrEngine *e, uint64_t group);
extern void clr_breaker_rules_changed(ClrEngine *e);
extern bool clr_breaker_valid(const ClrEngine *e, const ClrInstrument *in);
extern bool clr_group_field_fits(uint64_t tier, uint16_t field);
extern ClrReason clr_price_check(const ClrEngine *e, const ClrInstrument *in,
								 uint8_t side, uint8_t time_in_force, int64_t price);

/*----------------------------------------------------------------
 * beyond.c: orders beyond the limits of the day
 *----------------------------------------------------------------
 */
extern bool clr_is_beyond(const ClrInstrument *in, const ClrOrder *o);
/* Instead of running: the order, in no list, is set aside. */
extern void clr_beyond_park(ClrEngine *e, ClrInstrument *in, uint32_t order, uint8_t exec_type);
/* The limits have changed. */
extern void clr_beyond_follow(ClrEngine *e, ClrInstrument *in);
/* Its price is inside again, and trading goes on. */
extern void clr_beyond_enter(ClrEngine *e, uint32_t order);
extern bool clr_beyond_valid(const ClrInstrument *in, const ClrOrder *o);

/*----------------------------------------------------------------
 * phase.c
 *----------------------------------------------------------------
 */
extern bool clr_closing_price(const ClrEngine *e, const ClrInstrument *in, int64_t *price);
extern ClrReason clr_do_set_phase(ClrEngine *e, const ClrCommand *cmd);
/* May it go to the phase?  Only an auction whose amounts overflow may not. */
extern bool clr_phase_possible(ClrEngine *e, const ClrInstrument *in, uint8_t phase);
extern void clr_phase_enter(ClrEngine *e, ClrInstrument *in, uint8_t phase);

/*----------------------------------------------------------------
 * quote.c
 *----------------------------------------------------------------
 */
extern ClrReason clr_do_mass_quote(ClrEngine *e, const ClrCommand *cmd);

/*----------------------------------------------------------------
 * bust.c
 *----------------------------------------------------------------
 */
extern ClrReason clr_do_bust(ClrEngine *e, const ClrCommand *cmd);

/*----------------------------------------------------------------
 * settle.c
 *----------------------------------------------------------------
 */
extern void clr_end_orders(ClrEngine *e, const ClrInstrument *in, bool day_only, uint16_t reason);
extern ClrReason clr_do_settle(ClrEngine *e, const ClrCommand *cmd);

/*----------------------------------------------------------------
 * field.c, rules.c
 *----------------------------------------------------------------
 */
extern int64_t clr_field_get(const ClrEngine *e, uint8_t scope, uint64_t object,
							 uint64_t sub, uint16_t field);
extern void clr_field_set(ClrEngine *e, uint8_t scope, uint64_t object,
						  uint64_t sub, uint16_t field, int64_t value);
extern void clr_rules_init(ClrInstrument *in);
extern ClrReason clr_do_set_fields(ClrEngine *e, const ClrCommand *cmd);
extern ClrFieldView *clr_fields_sorted(const ClrEngine *e, uint32_t *n);
/* Brings `special` and whatever else follows from the rules up to date. */
extern void clr_rules_changed(ClrEngine *e, ClrInstrument *in);

/*----------------------------------------------------------------
 * attribute.c: attributes of orders
 *----------------------------------------------------------------
 */
/* Gives an order an attribute; false = no memory. */
extern bool clr_attr_set(ClrEngine *e, ClrOrder *o, ClrAttr attr, int64_t value);
extern void clr_attr_remove(ClrEngine *e, ClrOrder *o, ClrAttr attr);
extern void clr_attrs_free(ClrEngine *e, ClrOrder *o);
/* Takes the attributes of a command over. */
extern bool clr_attrs_apply(ClrEngine *e, ClrOrder *o, const ClrPairs *pairs);
/* Gives a new order the attributes of its command and of its account. */
extern bool clr_attrs_enter(ClrEngine *e, ClrOrder *o, const ClrCommand *cmd);
/* Are all the attributes of a command among these (a bit per ClrAttr)? */
extern bool clr_pairs_within(const ClrPairs *pairs, uint32_t allowed);
/* The value a command gives to an attribute; false if it gives none. */
extern bool clr_pairs_find(const ClrPairs *pairs, ClrAttr attr, int64_t *value);

/*----------------------------------------------------------------
 * timer.c
 *----------------------------------------------------------------
 */
extern void clr_timer_add(ClrEngine *e, ClrTimerKind kind, uint64_t object,
						  uint64_t sub, int64_t due_us);
extern void clr_timer_run(ClrEngine *e, const ClrTimer *t, ClrEventBuffer *ev);
extern bool clr_timers_fire(ClrEngine *e, ClrEventBuffer *ev);

/*----------------------------------------------------------------
 * special.c, aftermath.c: what plain limit orders never need
 *----------------------------------------------------------------
 */
extern void clr_match_at_close(ClrEngine *e, ClrInstrument *in, uint32_t order, uint16_t *ended);
extern void clr_match_special(ClrEngine *e, ClrInstrument *in, uint32_t order, uint16_t *ended);
extern bool clr_fill_resting(ClrEngine *e, ClrInstrument *in, uint32_t order,
							 uint32_t resting, int64_t qty);
extern void clr_resting_filled(ClrEngine *e, ClrInstrument *in, uint32_t resting, int64_t qty);
/* allocate.c: shares an aggressor among the orders of the best level. */
extern bool clr_allocate(ClrEngine *e, ClrInstrument *in, uint32_t order,
						 uint32_t level, int64_t qty);
extern uint32_t clr_allocation_plan(ClrEngine *e, const ClrInstrument *in,
									uint32_t level, int64_t qty, uint32_t at);
extern int64_t clr_pro_rata_min(const ClrInstrument *in);
extern int64_t clr_top_part(const ClrEngine *e, const ClrInstrument *in, unsigned side,
							int64_t left);
extern bool clr_allocation_valid(int64_t letter);
extern int64_t clr_maker_shares(const ClrEngine *e, uint32_t instrument, uint64_t but);
/* An order has come to rest; it is about to leave the book. */
extern void clr_top_note(ClrEngine *e, ClrInstrument *in, uint32_t order);
extern void clr_allocation_changed(ClrEngine *e, const ClrInstrument *in);
extern void clr_top_forget(ClrEngine *e, const ClrInstrument *in, uint32_t order);

/* What others see of a working order. */
static inline int64_t
clr_order_shown(const ClrEngine *e, const ClrOrder *o)
{
	return has_attr(e, o, CLR_ATTR_SHOWN_QTY) ?
		order_attr(e, o, CLR_ATTR_SHOWN_QTY) : order_leaves(o);
}

/* spread.c, implied.c */
extern ClrReason clr_do_create_spread(ClrEngine *e, const ClrCommand *cmd);
extern void clr_leg_applied(ClrEngine *e, const ClrFieldView *v);
extern ClrReason clr_spread_entry(const ClrEngine *e, const ClrInstrument *in);
extern bool clr_implied_crossed(const ClrEngine *e, const ClrInstrument *spread);
extern bool clr_legs_are_open(const ClrEngine *e, const ClrInstrument *in);
extern bool clr_leg_fits(ClrEngine *e, uint32_t leg, uint32_t buyer, uint32_t seller,
						 clr_int128 qty, int64_t price);
extern bool clr_spread_fits(ClrEngine *e, const ClrInstrument *in, uint32_t buyer,
							uint32_t seller, int64_t qty, int64_t price);
extern void clr_spread_deliver(ClrEngine *e, const ClrInstrument *in, uint32_t buy_order,
							   uint32_t sell_order, const ClrTradeEvent *t);
extern void clr_leg_trade(ClrEngine *e, uint32_t leg, uint32_t buy_order,
						  uint32_t sell_order, int64_t qty, int64_t price, uint8_t taker);
extern bool clr_spreads_in_range(const ClrEngine *e, const ClrInstrument *next);
extern void clr_spreads_follow(ClrEngine *e, const ClrInstrument *leg);
extern void clr_spreads_expire(ClrEngine *e, const ClrInstrument *leg);
extern bool clr_implies(const ClrInstrument *spread);
extern bool clr_implied_best(ClrEngine *e, const ClrInstrument *in, uint8_t side, int64_t *price);
extern bool clr_implied_round(ClrEngine *e, ClrInstrument *in, uint32_t order);
/* Before an order is matched: where the legs it may trade in are bounded. */
extern void clr_implied_ready(ClrEngine *e, ClrInstrument *in);
/* Takes a source away whose leg may not trade at its price; false if there is none. */
extern bool clr_implied_beyond(ClrEngine *e, ClrInstrument *in, uint8_t side);
extern bool clr_implied_barred(ClrEngine *e, ClrInstrument *in, uint8_t side, ClrReason *reason);
/* Implied matching of a spread begins anew. */
extern void clr_implied_resume(ClrEngine *e, ClrInstrument *spread);
/* Trades what a changed phase or rule has left crossed between a spread and its legs. */
extern void clr_implied_uncross(ClrEngine *e, ClrInstrument *in);

/* A trade in a special instrument. */
extern void clr_aftermath_trade(ClrEngine *e, ClrInstrument *in, const ClrTradeEvent *t);
/* Triggers, pegs and whatever else follows from what the command did. */
extern void clr_aftermath(ClrEngine *e);

/*----------------------------------------------------------------
 * trigger.c, trail.c: stop orders and the prices they wait for
 *----------------------------------------------------------------
 */
extern void clr_triggers_init(ClrInstrument *in);
extern void clr_triggers_free(ClrInstrument *in);
/* Which of in->triggers an order belongs to. */
extern unsigned clr_trigger_kind(const ClrEngine *e, const ClrOrder *o);
/* The price of that kind as it is now; false if there is none. */
extern bool clr_trigger_price(const ClrInstrument *in, unsigned kind, int64_t *price);
/* A parked stop order starts and ends its wait; false = no memory. */
extern bool clr_trigger_wait(ClrEngine *e, ClrInstrument *in, uint32_t order);
extern void clr_trigger_forget(ClrEngine *e, ClrInstrument *in, uint32_t order);
/* A trade or a mark price: stops that it meets are elected. */
extern void clr_trigger_seen(ClrEngine *e, ClrInstrument *in, unsigned kind, int64_t price);
/* Looks at the prices there are, for when trading becomes continuous. */
extern void clr_trigger_look(ClrEngine *e, ClrInstrument *in);
extern bool clr_elect(ClrEngine *e, const ClrOrder *o, int64_t stop);
/* The same for the price of an auction that is about to be held. */
extern void clr_trigger_elect(ClrEngine *e, ClrInstrument *in, int64_t price);
/* Appends the stops of a side that wait for a trade at the price; false = no memory. */
extern bool clr_stops_met(const ClrEngine *e, const ClrInstrument *in, unsigned side,
						  int64_t price, ClrMet *met);
extern bool clr_trail_met(const ClrEngine *e, const ClrInstrument *in, unsigned side,
						  int64_t price, ClrMet *met);
extern bool clr_met_add(ClrMet *met, uint32_t order, int64_t stop);
extern const char *clr_triggers_check(const ClrEngine *e, const ClrInstrument *in, uint32_t *levels);
/* Queues of orders at levels of a trie that is no book. */
extern bool clr_wait_insert(ClrEngine *e, ClrBookSide *s, unsigned side, uint32_t order, int64_t key);
extern void clr_wait_remove(ClrEngine *e, ClrBookSide *s, unsigned side, uint32_t order);

extern bool clr_trail_wait(ClrEngine *e, ClrInstrument *in, uint32_t order);
extern void clr_trail_forget(ClrEngine *e, ClrInstrument *in, uint32_t order);
extern void clr_trail_seen(ClrEngine *e, ClrInstrument *in, unsigned kind, int64_t price);
extern void clr_trail_elect(ClrEngine *e, ClrInstrument *in, unsigned kind, unsigned side, int64_t price);
extern int64_t clr_trail_stop(const ClrEngine *e, const ClrInstrument *in, const ClrOrder *o);
extern bool clr_trail_restore(ClrEngine *e, const ClrFieldView *v);
extern const char *clr_trail_check(const ClrEngine *e, const ClrInstrument *in, unsigned kind,
								   unsigned side, uint32_t *orders, uint32_t *levels);

static inline bool
is_stop_type(uint8_t ord_type)
{
	return ord_type == CLR_ORD_STOP || ord_type == CLR_ORD_STOP_LIMIT;
}

/*----------------------------------------------------------------
 * stop.c: entering, replacing and running stop orders
 *----------------------------------------------------------------
 */
extern ClrReason clr_do_new_stop(ClrEngine *e, ClrInstrument *in, const ClrCommand *cmd);
extern ClrReason clr_do_replace_stop(ClrEngine *e, ClrInstrument *in, uint32_t order, const ClrCommand *cmd);
/* Without what is about waiting. */
extern ClrPairs clr_stop_strip(ClrPairs from, uint8_t *buf);
extern void clr_stop_forget(ClrEngine *e, ClrOrder *o);
extern void clr_stop_run(ClrEngine *e, uint64_t id, int64_t stop, bool in_call);
/* What the order may trade at once elected: its limit, or false and its protection. */
extern bool clr_stop_bound(const ClrInstrument *in, const ClrOrder *o, int64_t stop, int64_t *price);

/*----------------------------------------------------------------
 * peg.c: pegged orders
 *----------------------------------------------------------------
 */
extern ClrReason clr_do_new_peg(ClrEngine *e, ClrInstrument *in, const ClrCommand *cmd);
extern ClrReason clr_do_replace_peg(ClrEngine *e, ClrInstrument *in, uint32_t order,
									const ClrCommand *cmd);
extern void clr_peg_added(ClrEngine *e, ClrInstrument *in, const ClrOrder *o);
extern void clr_peg_gone(ClrEngine *e, ClrInstrument *in);
/* Moves pegs where they belong; false if none was out of place. */
extern bool clr_pegs_follow(ClrEngine *e, ClrInstrument *in);
extern const char *clr_pegs_check(const ClrEngine *e, const ClrInstrument *in);

/*----------------------------------------------------------------
 * link.c: pairs of orders
 *----------------------------------------------------------------
 */
extern ClrReason clr_link_check(const ClrEngine *e, const ClrCommand *cmd, uint32_t *other);
extern void clr_link_make(ClrEngine *e, uint32_t order, uint32_t other);
extern void clr_link_filled(ClrEngine *e, const ClrOrder *o, int64_t qty);
extern void clr_link_ended(ClrEngine *e, const ClrOrder *o);
extern void clr_link_triggered(ClrEngine *e, uint32_t order);
extern void clr_links_settle(ClrEngine *e);
extern bool clr_link_valid(const ClrEngine *e, const ClrOrder *o);

/*----------------------------------------------------------------
 * form.c, adjust.c: orders that are more than plain
 *----------------------------------------------------------------
 */
/* Which types, times, attributes and instructions fit together. */
extern ClrReason clr_form_check(const ClrEngine *e, const ClrInstrument *in, const ClrCommand *cmd);
/* What the order means now; *ends: it is accepted and ended at once. */
extern ClrReason clr_order_adjust(const ClrEngine *e, const ClrInstrument *in,
								  ClrCommand *cmd, uint16_t *ends);

/* Do market orders have protection points? */
static inline bool
clr_protects(const ClrInstrument *in)
{
	return in->rule[CLR_RULE_PROTECTION_POINTS] > 0;
}

/* A limit or market order as there have always been: nothing to adjust. */
static inline bool
is_plain(const ClrInstrument *in, const ClrCommand *cmd)
{
	return cmd->pairs.n == 0 && cmd->u.order.ord_type <= CLR_ORD_LIMIT &&
		cmd->u.order.time_in_force <= CLR_TIF_FOK &&
		cmd->u.order.time_in_force != CLR_TIF_AT_OPENING &&
		(cmd->u.order.exec_inst & ~CLR_EXEC_POST_ONLY) == 0 &&
		(cmd->u.order.ord_type == CLR_ORD_LIMIT || !clr_protects(in));
}

/* Does its price limit what it trades at? */
static inline bool
is_limited(const ClrInstrument *in, const ClrOrder *o)
{
	return o->ord_type != CLR_ORD_MARKET || clr_protects(in) ||
		clr_market_rests(in, o->time_in_force);
}

/*----------------------------------------------------------------
 * iceberg.c
 *----------------------------------------------------------------
 */
extern void clr_iceberg_start(ClrEngine *e, ClrOrder *o);
extern void clr_iceberg_entered(ClrEngine *e, const ClrInstrument *in, ClrOrder *o, int64_t filled);
extern void clr_iceberg_traded(ClrEngine *e, ClrOrder *o, int64_t qty);
extern void clr_iceberg_refill(ClrEngine *e, ClrInstrument *in, uint32_t order);
extern void clr_iceberg_cut(ClrEngine *e, ClrOrder *o, int64_t less);
extern uint64_t clr_order_fills(const ClrEngine *e, const ClrOrder *o);
extern const char *clr_iceberg_check(const ClrEngine *e, const ClrOrder *o);

/* What others don't see of a working order. */
static inline int64_t
clr_order_hidden(const ClrEngine *e, const ClrOrder *o)
{
	int64_t		shown = order_attr(e, o, CLR_ATTR_SHOWN_QTY);

	if (!has_attr(e, o, CLR_ATTR_SHOWN_QTY))
		return 0;
	return order_leaves(o) - (shown > 0 ? shown : 0);
}

/*----------------------------------------------------------------
 * reduce.c: reduce-only orders
 *----------------------------------------------------------------
 */
extern bool clr_is_reduce_only(const ClrOrder *o);
extern int64_t clr_reduce_reach(const ClrEngine *e, const ClrInstrument *in, const ClrOrder *o);
extern ClrReason clr_reduce_adjust(const ClrEngine *e, const ClrInstrument *in, ClrCommand *cmd);
extern void clr_reduce_note(ClrEngine *e, ClrOrder *o, int64_t qty);
extern void clr_reduce_count(ClrEngine *e, const ClrOrder *o, int sign);
/* To be called whenever the quantity of a position has changed. */
extern void clr_reduce_resize(ClrEngine *e, ClrInstrument *in, uint32_t position);
extern void clr_reduce_settle(ClrEngine *e);
extern bool clr_reduce_fit(ClrEngine *e, ClrInstrument *in, uint32_t order);
extern const char *clr_reduce_check(const ClrEngine *e, const ClrInstrument *in,
									const ClrPosition *p);

static inline bool
is_special(const ClrInstrument *in)
{
	return (in->special | in->special_orders) != 0;
}

/*----------------------------------------------------------------
 * restore.c
 *----------------------------------------------------------------
 */
extern bool clr_restore_ready(ClrEngine *e);
extern bool clr_restore_fail(ClrEngine *e, const char *message);

/*----------------------------------------------------------------
 * reference.c
 *----------------------------------------------------------------
 */
extern uint64_t clr_reference_hash(const ClrEngine *e, uint32_t account, const ClrText *ref);
/* The living reference, CLR_NONE if there is none. */
extern uint32_t clr_reference_find(ClrEngine *e, uint64_t hash, uint32_t account, const ClrText *ref);
extern bool clr_reference_alive(const ClrEngine *e, const ClrReference *r);
extern uint32_t clr_reference_add(ClrEngine *e, uint64_t hash, const ClrOutcome *o, int64_t time_us);
extern void clr_reference_outcome(const ClrEngine *e, const ClrReference *r, ClrOutcome *o);
extern void clr_reference_unpin(ClrEngine *e, ClrOrder *o);
extern void clr_reference_forget(ClrEngine *e, uint32_t account, const ClrText *ref);
extern const char *clr_reference_check(const ClrEngine *e, uint32_t pinned);
/* The working order it names, CLR_NONE if it names none. */
extern uint32_t clr_reference_order(const ClrEngine *e, const ClrReference *r);

/* For fetching ahead: the record a hash probably leads to, or CLR_NONE. */
extern uint32_t clr_reference_guess(const ClrEngine *e, uint64_t hash);

static inline void
clr_reference_prefetch(const ClrEngine *e, uint64_t hash)
{
	if (e->ref_mask != 0)
		clr_prefetch(&e->ref_slots[(uint32_t) hash & e->ref_mask]);
}

static inline bool
names_order(const ClrReference *r)
{
	return r->reason == CLR_OK &&
		(r->type == CLR_CMD_NEW_ORDER || r->type == CLR_CMD_REPLACE_ORDER);
}

/*----------------------------------------------------------------
 * engine.c, run.c
 *----------------------------------------------------------------
 */
/* A decoded command with the hashes of its names. */
typedef struct ClrLooked
{
	const uint8_t *data;
	size_t		len;
	uint64_t	ref_hash;		/* of the reference */
	uint64_t	orig_hash;		/* of the order's name, if it has one */
	bool		decoded;
	ClrCommand	cmd;
} ClrLooked;

extern void clr_outcome_init(ClrEngine *e, uint32_t number, const uint8_t *data, size_t len);
extern void clr_look_at(const ClrEngine *e, const uint8_t *data, size_t len, ClrLooked *l);
extern bool clr_apply_looked(ClrEngine *e, uint32_t number, const ClrLooked *l, ClrEventBuffer *ev);

/* The best price an order of this side would trade at, implied ones included. */
static inline bool
clr_best_opposite(const ClrEngine *e, const ClrInstrument *in, uint8_t side,
				  int64_t *price)
{
	uint32_t	best = in->side[!side_index(side)].best;

	/* what it needs of the engine is only room to compute */
	if (clr_unlikely((in->special & CLR_SPECIAL_IMPLIED) != 0))
		return clr_implied_best((ClrEngine *) e, in, side, price);
	if (best == CLR_NONE)
		return false;
	*price = level_at(e, best)->price;
	return true;
}

/* Would an order of this side at price trade with the best opposite order? */
static inline bool
clr_crosses(const ClrEngine *e, const ClrInstrument *in, uint8_t side,
			int64_t price)
{
	int64_t		best;

	if (!clr_best_opposite(e, in, side, &best))
		return false;
	return side == CLR_SIDE_BUY ? best <= price : best >= price;
}

#endif							/* CLR_INTERNAL_H */
