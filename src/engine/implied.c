/*
 * implied.c
 *	  Implied matching between a spread and the books of its legs.
 *
 * A spread of two legs, one lot bought and one sold, and its legs are three
 * books in which any two orders make a third: an offer of the spread and an
 * offer of the far leg imply an offer of the near leg (implied out); an offer
 * of the near leg and a bid of the far leg imply an offer of the spread
 * (implied in).  An aggressor trades with whatever is best, real or implied;
 * what is implied is never implied from again (one generation), and trades as
 * a whole: both orders that imply it, or neither.
 *
 * At equal prices real orders come first, then implied sources by the expiry
 * of the other leg.  Where the aggressed instrument shares pro rata, the
 * sources share too: the top order first, then floor(left * size / sum), what
 * rounding leaves to the real orders, or to the earliest expiry if there are
 * none (CME Globex, "Complex Match Example").  At each of the books that a
 * source consists of, its own algorithm decides who gets it.
 *
 * Fills.  The aggressor and each order trade at prices of their own
 * instruments.  Trades exist of the legs only: that of the aggressed leg is
 * between the aggressor and the order of the spread, that of the other leg
 * between the order of the spread and the one in the leg's book; or, if the
 * spread was aggressed, both are with the aggressor.  Self-match prevention
 * does not look at implied counterparties (as CME Globex has it).
 *
 * Market orders without a limit trade with real orders only, because what they
 * reserve is computed from those.
 *
 * Price controls.  An order trades through a spread only at prices that every
 * leg may trade at.  Where the aggressed leg would trade beyond the limits of
 * the day, the spread implies no more until it enters continuous trading again
 * (CME Globex suspends implied calculation then).  Where another leg would
 * leave its range or reach a circuit breaker, that leg is interrupted as if
 * the order had been its own; its orders imply nothing meanwhile, and the
 * order goes on with what is left.  Ranges are those from before the order.
 * What has become crossed when trading resumes is not bounded.
 */
#include "engine/internal.h"

/* A book side that a source takes from. */
typedef struct Book
{
	uint32_t	instrument;
	unsigned	side;			/* that is taken: 0 bids, 1 asks */
} Book;

typedef struct ClrSource
{
	int64_t		price;			/* in the aggressed instrument */
	int64_t		qty;			/* displayed */
	int64_t		take;
	int64_t		expiry;			/* of the other leg */
	bool		implied;
	Book		first;			/* implied: the spread, or leg 0 of the aggressed spread */
	Book		second;			/* the other leg, or leg 1 */
} ClrSource;

static const ClrLevel *
best_of(const ClrEngine *e, const Book *b)
{
	const ClrInstrument *in = instrument_at(e, b->instrument);
	uint32_t	best = in->side[b->side].best;

	if (in->v.phase != CLR_PHASE_CONTINUOUS || best == CLR_NONE)
		return NULL;
	return level_at(e, best);
}

static int64_t
shown_at(const ClrEngine *e, const ClrLevel *level)
{
	int64_t		sum = 0;

	for (uint32_t i = level->head; i != CLR_NONE; i = order_at(e, i)->next)
		sum += clr_order_shown(e, order_at(e, i));
	return sum;
}

/* Does the spread take part in implied matching? */
bool
clr_implies(const ClrInstrument *spread)
{
	return spread->rule[CLR_RULE_IMPLIED] != 0 && spread->n_legs == 2 &&
		spread->legs[0].ratio * spread->legs[1].ratio == -1 &&
		spread->legs[0].weight == 1 && spread->legs[1].weight == 1;
}

/* Completes a source from its two books; false if one is empty. */
static bool
complete(const ClrEngine *e, ClrSource *s, int first_sign, int second_sign)
{
	const ClrLevel *first = best_of(e, &s->first);
	const ClrLevel *second = best_of(e, &s->second);
	int64_t		a;
	int64_t		b;

	if (first == NULL || second == NULL)
		return false;
	s->implied = true;
	s->price = first_sign * first->price + second_sign * second->price;
	a = shown_at(e, first);
	b = shown_at(e, second);
	s->qty = a < b ? a : b;
	return true;
}

/* Legs of a spread with the bought one first. */
static void
order_legs(const ClrInstrument *spread, uint32_t *bought, uint32_t *sold)
{
	bool		swapped = spread->legs[0].ratio < 0;

	*bought = spread->legs[swapped].instrument;
	*sold = spread->legs[!swapped].instrument;
}

/* Implied in: the legs of the aggressed spread. */
static bool
source_in(const ClrEngine *e, const ClrInstrument *in, uint8_t side, ClrSource *s)
{
	uint32_t	bought;
	uint32_t	sold;
	unsigned	buy = side == CLR_SIDE_BUY;

	if (!clr_implies(in) || in->implied_off)
		return false;
	order_legs(in, &bought, &sold);
	s->first = (Book) {bought, buy};
	s->second = (Book) {sold, !buy};
	s->expiry = instrument_at(e, sold)->v.expiry_us;
	return complete(e, s, 1, -1);
}

/* Implied out: a spread of the aggressed leg and the other leg. */
static bool
source_out(const ClrEngine *e, const ClrInstrument *in, uint32_t spread_id,
		   uint8_t side, ClrSource *s)
{
	const ClrInstrument *spread = instrument_at(e, spread_id);
	unsigned	buy = side == CLR_SIDE_BUY;
	uint32_t	bought;
	uint32_t	sold;

	if (!clr_implies(spread) || spread->implied_off)
		return false;
	order_legs(spread, &bought, &sold);
	if (bought == in->v.instrument)
	{
		s->first = (Book) {spread_id, buy};
		s->second = (Book) {sold, buy};
		s->expiry = instrument_at(e, sold)->v.expiry_us;
		return complete(e, s, 1, 1);
	}
	s->first = (Book) {spread_id, !buy};
	s->second = (Book) {bought, buy};
	s->expiry = instrument_at(e, bought)->v.expiry_us;
	return complete(e, s, -1, 1);
}

static bool
better(uint8_t side, int64_t a, int64_t b)
{
	return side == CLR_SIDE_BUY ? a < b : a > b;
}

/* Room for one more source; NULL = no memory. */
static ClrSource *
add_source(ClrEngine *e, uint32_t n)
{
	if (!clr_grow((void **) &e->sources, &e->cap_sources, n + 1, sizeof(ClrSource)))
	{
		e->oom = true;
		return NULL;
	}
	memset(&e->sources[n], 0, sizeof(ClrSource));
	return &e->sources[n];
}

static int
by_expiry(const void *a, const void *b)
{
	const ClrSource *x = a;
	const ClrSource *y = b;

	if (x->implied != y->implied)
		return x->implied ? 1 : -1;
	if (x->expiry != y->expiry)
		return x->expiry < y->expiry ? -1 : 1;
	return (x->first.instrument > y->first.instrument) -
		(x->first.instrument < y->first.instrument);
}

/* All sources, real and implied, at the best price for an aggressor of a side. */
static uint32_t
best_sources(ClrEngine *e, const ClrInstrument *in, uint8_t side)
{
	unsigned	opposite = side == CLR_SIDE_BUY;
	uint32_t	spreads = is_spread(in) ? 1 : in->n_spreads;
	uint32_t	n = 0;
	ClrSource  *s = add_source(e, n);

	if (s == NULL)
		return 0;
	if (in->side[opposite].best != CLR_NONE)
	{
		s->price = level_at(e, in->side[opposite].best)->price;
		s->qty = shown_at(e, level_at(e, in->side[opposite].best));
		n = 1;
	}
	for (uint32_t i = 0; i < spreads; i++)
	{
		s = add_source(e, n);
		if (s == NULL)
			return 0;
		if (!(is_spread(in) ? source_in(e, in, side, s) :
			  source_out(e, in, in->spreads[i], side, s)))
			continue;
		if (n > 0 && better(side, e->sources[0].price, s->price))
			continue;
		if (n > 0 && better(side, s->price, e->sources[0].price))
		{
			e->sources[0] = *s;
			n = 0;
		}
		n++;
	}
	qsort(e->sources, n, sizeof(ClrSource), by_expiry);
	return n;
}

/* The best price an aggressor of a side would find, implied ones included. */
bool
clr_implied_best(ClrEngine *e, const ClrInstrument *in, uint8_t side, int64_t *price)
{
	uint32_t	n = best_sources(e, in, side);

	if (n > 0)
		*price = e->sources[0].price;
	return n > 0;
}

/*----------------------------------------------------------------
 * Price controls
 *----------------------------------------------------------------
 */
static void
note_ranges(ClrEngine *e, const ClrInstrument *spread)
{
	for (uint32_t i = 0; i < spread->n_legs; i++)
	{
		ClrInstrument *leg = instrument_at(e, spread->legs[i].instrument);

		leg->range = clr_price_range(e, leg);
	}
}

void
clr_implied_ready(ClrEngine *e, ClrInstrument *in)
{
	if (is_spread(in))
		note_ranges(e, in);
	for (uint32_t i = 0; i < in->n_spreads; i++)
		note_ranges(e, instrument_at(e, in->spreads[i]));
}

/* The leg other than the aggressed one that would be out of range, NULL if none. */
static ClrInstrument *
leg_out_of_range(const ClrEngine *e, const ClrSource *s, int64_t *price)
{
	const Book *books[2] = {&s->first, &s->second};

	for (int i = 0; i < 2; i++)
	{
		ClrInstrument *leg = instrument_at(e, books[i]->instrument);
		const ClrLevel *level = best_of(e, books[i]);

		if (is_spread(leg) || level == NULL || clr_in_range(leg->range, level->price))
			continue;
		*price = level->price;
		return leg;
	}
	return NULL;
}

/* Is the best price beyond the limits of the day, as only an implied one can be? */
bool
clr_implied_beyond(ClrEngine *e, ClrInstrument *in, uint8_t side)
{
	ClrRange	limits = clr_daily_limits(in);
	uint32_t	n = best_sources(e, in, side);

	if (n == 0 || clr_in_range(limits, e->sources[0].price))
		return false;
	for (uint32_t i = 0; i < n; i++)
		if (e->sources[i].implied)
		{
			uint32_t	spread = is_spread(in) ? in->v.instrument :
				e->sources[i].first.instrument;

			clr_field_set(e, CLR_SCOPE_MARKET, spread, 0, CLR_MARKET_IMPLIED_OFF, 1);
			return true;
		}
	return false;
}

/* The first source that a leg may not trade with: the leg is interrupted. */
bool
clr_implied_barred(ClrEngine *e, ClrInstrument *in, uint8_t side, ClrReason *reason)
{
	uint32_t	n = best_sources(e, in, side);

	for (uint32_t i = 0; i < n; i++)
	{
		int64_t		price = 0;
		ClrInstrument *leg = e->sources[i].implied ?
			leg_out_of_range(e, &e->sources[i], &price) : NULL;

		if (leg == NULL)
			continue;
		*reason = clr_interrupt(e, leg, &leg->range, price);
		return true;
	}
	return false;
}

/*----------------------------------------------------------------
 * Trading with an implied source
 *----------------------------------------------------------------
 */
/* Who gives and takes in one piece of an implied fill. */
typedef struct Piece
{
	uint32_t	aggressor;
	uint32_t	first;			/* order of the first book */
	uint32_t	second;
	int64_t		qty;
} Piece;

typedef struct Implied
{
	ClrInstrument *in;			/* the aggressed one */
	const ClrSource *source;
	int64_t		price;			/* in the aggressed instrument */
	int64_t		first_price;
	int64_t		second_price;
	uint8_t		side;			/* of the aggressor */
} Implied;

/* A leg, and which of two orders buys it. */
typedef struct LegDeal
{
	uint32_t	leg;
	uint32_t	buyer;
	uint32_t	seller;
	int64_t		price;
	uint8_t		taker;
} LegDeal;

static uint8_t
other_side(uint8_t side)
{
	return side == CLR_SIDE_BUY ? CLR_SIDE_SELL : CLR_SIDE_BUY;
}

/* `a` takes from the order r of a book. */
static LegDeal
deal(uint32_t leg, uint32_t a, uint8_t side_of_a, uint32_t r, int64_t price)
{
	LegDeal		d = {.leg = leg, .price = price, .taker = side_of_a};

	d.buyer = side_of_a == CLR_SIDE_BUY ? a : r;
	d.seller = side_of_a == CLR_SIDE_BUY ? r : a;
	return d;
}

/* The two leg trades of a piece. */
static void
deals_of(const Implied *m, const Piece *p, LegDeal *d)
{
	const Book *second = &m->source->second;
	uint8_t		second_side = second->side == 1 ? CLR_SIDE_BUY : CLR_SIDE_SELL;

	if (is_spread(m->in))
	{
		d[0] = deal(m->source->first.instrument, p->aggressor, m->side,
					p->first, m->first_price);
		d[1] = deal(second->instrument, p->aggressor, other_side(m->side),
					p->second, m->second_price);
		return;
	}
	d[0] = deal(m->in->v.instrument, p->aggressor, m->side, p->first, m->price);
	d[1] = deal(second->instrument, p->first, second_side, p->second,
				m->second_price);
}

static uint32_t
account_of(const ClrEngine *e, uint32_t order)
{
	return position_at(e, order_at(e, order)->position)->account;
}

static bool
piece_fits(ClrEngine *e, const Implied *m, const Piece *p)
{
	LegDeal		d[2];

	deals_of(m, p, d);
	if (abs64(m->price) > CLR_PRICE_MAX)
		return false;
	for (int i = 0; i < 2; i++)
		if (!clr_leg_fits(e, d[i].leg, account_of(e, d[i].buyer),
						  account_of(e, d[i].seller), p->qty, d[i].price))
			return false;
	return true;
}

static void
trade_piece(ClrEngine *e, const Implied *m, const Piece *p)
{
	LegDeal		d[2];

	deals_of(m, p, d);
	clr_order_filled(e, m->in, p->aggressor, p->qty, m->price);
	clr_order_filled(e, instrument_at(e, m->source->first.instrument), p->first,
					 p->qty, m->first_price);
	clr_order_filled(e, instrument_at(e, m->source->second.instrument), p->second,
					 p->qty, m->second_price);
	for (int i = 0; i < 2; i++)
		clr_leg_trade(e, d[i].leg, d[i].buyer, d[i].seller, p->qty, d[i].price,
					  d[i].taker);
	clr_link_filled(e, order_at(e, p->aggressor), p->qty);
	clr_link_filled(e, order_at(e, p->first), p->qty);
	clr_link_filled(e, order_at(e, p->second), p->qty);
}

/*
 * What is left of a gift of which `taken` is.  A reduce-only order may have
 * been cut or ended by what traded before its turn.
 */
static int64_t
left_of(const ClrEngine *e, const ClrGiven *g, int64_t taken, bool run)
{
	const ClrOrder *o = order_at(e, g->order);
	int64_t		left = g->qty - taken;

	if (!run)
		return left;
	if (o->id != g->id)
		return 0;
	return left < order_leaves(o) ? left : order_leaves(o);
}

/* What the next gift before `end` that has something left has; 0 = there is none. */
static int64_t
next_gift(const ClrEngine *e, uint32_t *at, uint32_t end, int64_t *taken, bool run)
{
	for (; *at < end; (*at)++, *taken = 0)
	{
		int64_t		left = left_of(e, &e->given[*at], *taken, run);

		if (left > 0)
			return left;
	}
	return 0;
}

/*
 * Pairs what the two books' algorithms gave: each piece is of one order of the
 * first and one of the second book.  With `run` false only asks whether all of
 * them fit.
 */
static bool
go_through(ClrEngine *e, const Implied *m, uint32_t order, uint32_t n_first,
		   uint32_t n, bool run)
{
	uint32_t	i = 0;
	uint32_t	j = n_first;
	int64_t		taken[2] = {0, 0};

	while (!e->oom)
	{
		int64_t		a = next_gift(e, &i, n_first, &taken[0], run);
		int64_t		b = next_gift(e, &j, n, &taken[1], run);
		Piece		p = {.aggressor = order,.qty = a < b ? a : b};

		if (p.qty == 0)
			break;
		p.first = e->given[i].order;
		p.second = e->given[j].order;
		if (!run && !piece_fits(e, m, &p))
			return false;
		taken[0] += p.qty;
		taken[1] += p.qty;
		if (!run)
			continue;
		trade_piece(e, m, &p);
		e->given[i].filled = taken[0];
		e->given[j].filled = taken[1];
	}
	return true;
}

/* Trades with an implied source; false if it may not, and nothing has. */
static bool
take_implied(ClrEngine *e, ClrInstrument *in, uint32_t order, const ClrSource *s)
{
	ClrInstrument *first = instrument_at(e, s->first.instrument);
	ClrInstrument *second = instrument_at(e, s->second.instrument);
	uint32_t	level[2] = {first->side[s->first.side].best, second->side[s->second.side].best};
	Implied		m = {.in = in,.source = s,.price = s->price};
	uint32_t	n_first;
	uint32_t	n;

	m.side = order_at(e, order)->side;
	m.first_price = level_at(e, level[0])->price;
	m.second_price = level_at(e, level[1])->price;
	n_first = clr_allocation_plan(e, first, level[0], s->take, 0);
	n = n_first + clr_allocation_plan(e, second, level[1], s->take, n_first);
	if (e->oom || !go_through(e, &m, order, n_first, n, false))
		return false;
	(void) go_through(e, &m, order, n_first, n, true);
	for (uint32_t i = 0; i < n; i++)
	{
		const ClrGiven *g = &e->given[i];

		if (g->filled > 0 && order_at(e, g->order)->id == g->id)
			clr_resting_filled(e, i < n_first ? first : second, g->order, g->filled);
	}
	return true;
}

/*----------------------------------------------------------------
 * A round at the best price
 *----------------------------------------------------------------
 */
/* Gives out up to left lots among n sources at one price. */
static void
share_sources(ClrEngine *e, const ClrInstrument *in, uint8_t side, uint32_t n,
			  int64_t left)
{
	ClrSource  *s = e->sources;
	clr_int128	sum = 0;
	int64_t		quantity;
	int64_t		min = clr_pro_rata_min(in);

	if (min > 0 && !s[0].implied)
	{
		s[0].take = clr_top_part(e, in, side == CLR_SIDE_BUY, left);
		left -= s[0].take;
	}
	for (uint32_t i = 0; i < n; i++)
		sum += s[i].qty - s[i].take;
	quantity = left;
	for (uint32_t i = 0; i < n && min > 0 && sum > 0; i++)
	{
		int64_t		rest = s[i].qty - s[i].take;
		int64_t		lots = (int64_t) ((clr_int128) quantity * rest / sum);

		if (lots > rest)
			lots = rest;
		if (lots < min)
			continue;
		s[i].take += lots;
		left -= lots;
	}
	for (uint32_t i = 0; i < n && left > 0; i++)
	{
		int64_t		rest = s[i].qty - s[i].take;

		if (rest > left)
			rest = left;
		s[i].take += rest;
		left -= rest;
	}
}

/*
 * One round of an aggressor at the best price there is, real or implied.
 * False: nothing may trade (any more).
 */
bool
clr_implied_round(ClrEngine *e, ClrInstrument *in, uint32_t order)
{
	const ClrOrder *o = order_at(e, order);
	unsigned	opposite = o->side == CLR_SIDE_BUY;
	uint32_t	n = best_sources(e, in, o->side);
	bool		traded = false;
	uint32_t	level = in->side[opposite].best;

	share_sources(e, in, o->side, n, order_leaves(o));
	for (uint32_t i = 0; i < n && !e->oom; i++)
	{
		ClrSource	s = e->sources[i];

		if (s.take == 0)
			continue;
		if (!s.implied)
		{
			if (clr_allocate(e, in, order, level, s.take))
				traded = true;
			continue;
		}
		/* earlier sources may have taken from the same books */
		if (best_of(e, &s.first) == NULL || best_of(e, &s.second) == NULL ||
			traded)
		{
			ClrSource	now = s;
			int64_t		price;
			int			sign = is_spread(in) ? 1 : now.first.side == opposite ? 1 : -1;

			if (!complete(e, &now, sign, is_spread(in) ? -1 : 1) ||
				now.price != s.price || leg_out_of_range(e, &now, &price) != NULL)
				continue;
			if (now.qty < s.take)
				s.take = now.qty;
		}
		if (take_implied(e, in, order, &s))
			traded = true;
	}
	return traded;
}

/*----------------------------------------------------------------
 * After a phase or a rule has changed
 *----------------------------------------------------------------
 */
/* Does the first order of a side of the spread cross what its legs imply? */
static bool
crosses_legs(const ClrEngine *e, const ClrInstrument *spread, uint8_t side,
			 ClrSource *s)
{
	Book		own = {spread->v.instrument, side == CLR_SIDE_SELL};
	const ClrLevel *level = best_of(e, &own);

	memset(s, 0, sizeof(*s));
	if (level == NULL || !source_in(e, spread, side, s))
		return false;
	return side == CLR_SIDE_BUY ? level->price >= s->price :
		level->price <= s->price;
}

/* Trades the first order of a side with the legs. */
static void
take_first(ClrEngine *e, ClrInstrument *spread, uint8_t side, ClrSource *s)
{
	uint32_t	first = level_at(e, spread->side[side == CLR_SIDE_SELL].best)->head;
	int64_t		lots = clr_order_shown(e, order_at(e, first));

	s->take = lots < s->qty ? lots : s->qty;
	if (take_implied(e, spread, first, s))
		clr_resting_filled(e, spread, first, s->take);
	else if (!e->oom)
		clr_order_end(e, first, CLR_STATUS_CANCELED, CLR_EXEC_CANCELED,
					  CLR_R_OVERFLOW);
}

static void
uncross_spread(ClrEngine *e, ClrInstrument *spread)
{
	ClrSource	s;

	while (!e->oom && crosses_legs(e, spread, CLR_SIDE_BUY, &s))
		take_first(e, spread, CLR_SIDE_BUY, &s);
	while (!e->oom && crosses_legs(e, spread, CLR_SIDE_SELL, &s))
		take_first(e, spread, CLR_SIDE_SELL, &s);
}

void
clr_implied_resume(ClrEngine *e, ClrInstrument *in)
{
	if (is_spread(in))
		clr_field_set(e, CLR_SCOPE_MARKET, in->v.instrument, 0, CLR_MARKET_IMPLIED_OFF, 0);
	clr_implied_uncross(e, in);
}

/* The order of the spread trades at the price that its legs imply. */
void
clr_implied_uncross(ClrEngine *e, ClrInstrument *in)
{
	if (is_spread(in))
		uncross_spread(e, in);
	for (uint32_t i = 0; i < in->n_spreads; i++)
		uncross_spread(e, instrument_at(e, in->spreads[i]));
}

/* For checking: no order of the spread crosses what its legs imply. */
bool
clr_implied_crossed(const ClrEngine *e, const ClrInstrument *spread)
{
	ClrSource	s;

	return crosses_legs(e, spread, CLR_SIDE_BUY, &s) ||
		crosses_legs(e, spread, CLR_SIDE_SELL, &s);
}
