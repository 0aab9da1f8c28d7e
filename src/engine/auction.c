/*
 * auction.c
 *	  The price of an auction.
 *
 * Pure functions of the book, O(levels).  Both sides are merged into one list
 * of limits in ascending order.  Between two neighbouring limits nothing
 * changes, so executable volume and surplus are known for every tick there is:
 * at each limit, and in each gap between limits.
 *
 * For a price p: bid(p) = market bids + bids at p or more, ask(p) likewise,
 * volume = the smaller, surplus = bid(p) - ask(p).  All rule sets look for the
 * largest volume, then (Vega apart) for the smallest surplus; if all that is
 * left has its surplus on the bid, the highest price; all on the ask, the
 * lowest.  What then remains is decided as ClrAuctionRules says.
 *
 * A market order counts at every price up to its protection (protection.c).
 * The protections are steps of the curve, but no limits: they are no prices
 * that a rule set which looks at limits only may choose.
 *
 * Where the rule auction_stops is on, the stop orders that the price would
 * elect are added to the book, and the price is found anew, until it elects
 * no more (CME).  callstop.c does the same for good when the call ends.
 */
#include "engine/internal.h"

/* A limit or a protection, and what stands there. */
typedef struct Step
{
	int64_t		price;
	int64_t		bids;
	int64_t		asks;
	bool		limit;
} Step;

typedef struct Curve
{
	Step	   *steps;			/* ascending prices */
	uint32_t	n;
	int64_t		bids;			/* of all steps */
	int64_t		low;			/* lowest and highest limit */
	int64_t		high;
	bool		limits;			/* there are limits */
} Curve;

/* What is best so far, as a set of prices. */
typedef struct Choice
{
	int64_t		volume;
	int64_t		surplus;		/* smallest magnitude */
	int64_t		low;			/* of the set */
	int64_t		high;
	int64_t		bid_high;		/* highest with surplus on the bid or none */
	int64_t		ask_low;		/* lowest with surplus on the ask or none */
	bool		bid;			/* some have surplus on the bid */
	bool		ask;
	bool		none;			/* some have no surplus */
} Choice;

bool
clr_reference_price(const ClrInstrument *in, int64_t *price)
{
	const ClrInstrumentView *v = &in->v;

	if (v->has_last)
		*price = v->last_price;
	else if (v->has_settlement)
		*price = v->settlement;
	else if (v->has_mark)
		*price = v->mark;
	else
		*price = v->reference_price;
	if (clr_unlikely((in->special & CLR_SPECIAL_CONTROLS) != 0))
		*price = clr_into_range(clr_daily_limits(in), *price);
	return v->has_last || v->has_settlement || v->has_mark ||
		v->has_reference_price;
}

/* The reference price that the rule set of the instrument's auctions means. */
static bool
auction_reference(const ClrInstrument *in, int64_t *price)
{
	if (in->rule[CLR_RULE_AUCTION_REFERENCE] == CLR_AUCTION_CME_IOP &&
		in->v.has_settlement)
	{
		*price = in->v.settlement;
		return true;
	}
	return clr_reference_price(in, price);
}

bool
clr_is_protected(const ClrOrder *o, int64_t price)
{
	return o->side == CLR_SIDE_BUY ? price <= o->price : price >= o->price;
}

/* Does a limit matter: is it in the crossed range, or can a market order meet it? */
static bool
matters(const ClrEngine *e, const ClrInstrument *in, unsigned side,
		int64_t price, bool market_opposite)
{
	uint32_t	best = in->side[!side].best;

	if (market_opposite)
		return true;
	if (best == CLR_NONE)
		return false;
	return side == 0 ? price >= level_at(e, best)->price :
		price <= level_at(e, best)->price;
}

/* Limits of one side, best first. */
static uint32_t
list_side(const ClrEngine *e, const ClrInstrument *in, unsigned side,
		  bool market_opposite, Step *steps)
{
	const ClrBookSide *s = &in->side[side];
	uint32_t	n = 0;

	for (uint32_t i = s->best; i != CLR_NONE; )
	{
		const ClrLevel *level = level_at(e, i);

		if (!matters(e, in, side, level->price, market_opposite))
			break;
		steps[n] = (Step) {level->price, side == 0 ? level->total : 0,
		side == 1 ? level->total : 0, true};
		n++;
		i = clr_book_worse(e, s, side, level->price);
	}
	return n;
}

static int
compare_steps(const void *a, const void *b)
{
	const Step *x = a;
	const Step *y = b;

	return (x->price > y->price) - (x->price < y->price);
}

/* A stop order as what it becomes. */
static Step
stop_step(const ClrEngine *e, const ClrInstrument *in, const ClrMetStop *met)
{
	const ClrOrder *o = order_at(e, met->order);
	Step		s = {.price = 0};

	s.limit = clr_stop_bound(in, o, met->stop, &s.price);
	if (o->side == CLR_SIDE_BUY)
		s.bids = order_leaves(o);
	else
		s.asks = order_leaves(o);
	return s;
}

/* Market orders of both sides by their protections, and stops, ascending. */
static uint32_t
list_market(const ClrEngine *e, const ClrInstrument *in, const ClrMet *met, Step *steps)
{
	uint32_t	n = 0;

	for (unsigned side = 0; side < 2; side++)
		for (uint32_t i = in->market[side] == CLR_NONE ? CLR_NONE :
			 level_at(e, in->market[side])->head; i != CLR_NONE;
			 i = order_at(e, i)->next)
		{
			const ClrOrder *o = order_at(e, i);

			steps[n++] = (Step) {o->price, side == 0 ? order_leaves(o) : 0,
			side == 1 ? order_leaves(o) : 0, false};
		}
	for (uint32_t i = 0; i < met->n; i++)
		steps[n++] = stop_step(e, in, &met->items[i]);
	if (n > 1)
		qsort(steps, n, sizeof(Step), compare_steps);
	return n;
}

static void
reverse(Step *steps, uint32_t n)
{
	for (uint32_t i = 0; i < n / 2; i++)
	{
		Step		s = steps[i];

		steps[i] = steps[n - 1 - i];
		steps[n - 1 - i] = s;
	}
}

/* Merges two ascending lists; equal prices become one step. */
static uint32_t
merge(const Step *a, uint32_t n_a, const Step *b, uint32_t n_b, Step *out)
{
	uint32_t	n = 0;

	for (uint32_t i = 0, j = 0; i < n_a || j < n_b;)
	{
		const Step *next = j == n_b || (i < n_a && a[i].price <= b[j].price) ?
			&a[i++] : &b[j++];

		if (n > 0 && out[n - 1].price == next->price)
		{
			out[n - 1].bids += next->bids;
			out[n - 1].asks += next->asks;
			out[n - 1].limit = out[n - 1].limit || next->limit;
		}
		else
			out[n++] = *next;
	}
	return n;
}

static void
sum_up(Curve *c)
{
	c->bids = 0;
	c->limits = false;
	for (uint32_t i = 0; i < c->n; i++)
	{
		c->bids += c->steps[i].bids;
		if (!c->steps[i].limit)
			continue;
		if (!c->limits)
			c->low = c->steps[i].price;
		c->high = c->steps[i].price;
		c->limits = true;
	}
}

static uint32_t
market_count(const ClrEngine *e, const ClrInstrument *in, unsigned side)
{
	return in->market[side] == CLR_NONE ? 0 : level_at(e, in->market[side])->count;
}

/* The curve of the book and of stops; steps are to be freed.  False = no memory. */
static bool
make_curve(const ClrEngine *e, const ClrInstrument *in, const ClrMet *met, Curve *c)
{
	uint32_t	markets[2] = {market_count(e, in, 0), market_count(e, in, 1)};
	size_t		room = (size_t) in->side[0].levels + in->side[1].levels +
		markets[0] + markets[1] + met->n;
	Step	   *out = malloc((3 * room + 1) * sizeof(Step));
	Step	   *limits = out + room;
	Step	   *parts = limits + room;
	uint32_t	n_bids;
	uint32_t	n_asks;
	uint32_t	n_limits;

	if (out == NULL)
		return false;
	n_bids = list_side(e, in, 0, markets[1] + met->n > 0, parts);
	reverse(parts, n_bids);
	n_asks = list_side(e, in, 1, markets[0] + met->n > 0, parts + n_bids);
	n_limits = merge(parts, n_bids, parts + n_bids, n_asks, limits);
	c->n = merge(limits, n_limits, parts, list_market(e, in, met, parts), out);
	c->steps = out;
	sum_up(c);
	return true;
}

/* Prices from low to high all have these bids and asks. */
static void
consider(Choice *c, int64_t low, int64_t high, int64_t bid, int64_t ask,
		 bool least_surplus)
{
	int64_t		volume = bid < ask ? bid : ask;
	int64_t		surplus = bid - ask;
	int64_t		size = least_surplus ? abs64(surplus) : 0;

	if (volume == 0 || low > high || volume < c->volume ||
		(volume == c->volume && size > c->surplus))
		return;
	if (volume > c->volume || size < c->surplus)
	{
		*c = (Choice) {.volume = volume, .surplus = size, .low = low};
	}
	c->high = high;
	if (surplus >= 0)
		c->bid_high = high;
	if (surplus <= 0 && !c->ask && !c->none)
		c->ask_low = low;
	c->bid = c->bid || surplus > 0;
	c->ask = c->ask || surplus < 0;
	c->none = c->none || surplus == 0;
}

/* All limits, or all steps and the gaps between them. */
static void
consider_all(const Curve *c, bool only_limits, bool least_surplus, Choice *best)
{
	int64_t		bid = c->bids;
	int64_t		ask = 0;

	for (uint32_t i = 0; i < c->n; i++)
	{
		const Step *s = &c->steps[i];

		/* nothing trades below the first step or above the last */
		if (!only_limits && i > 0)
			consider(best, s[-1].price + 1, s->price - 1, bid, ask, least_surplus);
		ask += s->asks;
		if (!only_limits || s->limit)
			consider(best, s->price, s->price, bid, ask, least_surplus);
		bid -= s->bids;
	}
}

/* Half of a + b, rounded down or up. */
static int64_t
middle(int64_t a, int64_t b, bool up)
{
	int64_t		sum = a + b + up;

	return (sum - (sum % 2 != 0 && sum < 0)) / 2;
}

static int64_t
clamp(int64_t v, int64_t low, int64_t high)
{
	return v < low ? low : v > high ? high : v;
}

/* The nearer of two limits, the higher if both are as near. */
static int64_t
nearer(int64_t reference, int64_t low, int64_t high)
{
	return reference - low < high - reference ? low : high;
}

/* HKEX: of all the limits that are left, the nearest; the higher of two. */
static int64_t
nearest_limit(const Curve *c, const Choice *best, int64_t reference)
{
	int64_t		bid = c->bids;
	int64_t		ask = 0;
	int64_t		nearest = best->low;

	for (uint32_t i = 0; i < c->n; i++)
	{
		const Step *s = &c->steps[i];
		int64_t		volume;

		ask += s->asks;
		volume = bid < ask ? bid : ask;
		if (s->limit && volume == best->volume && abs64(bid - ask) == best->surplus &&
			abs64(s->price - reference) <= abs64(nearest - reference))
			nearest = s->price;
		bid -= s->bids;
	}
	return nearest;
}

/*
 * Protections bound what may trade, they ask for no price: the set ends where
 * the limits in the book and the reference price end.
 */
static void
bound_choice(const Curve *c, bool has_reference, int64_t reference, Choice *best)
{
	int64_t		low = has_reference && reference < c->low ? reference : c->low;
	int64_t		high = has_reference && reference > c->high ? reference : c->high;

	if (high < best->high)
		best->high = high > best->low ? high : best->low;
	if (low > best->low)
		best->low = low < best->high ? low : best->high;
}

/* The last step, where the surplus does not decide. */
static int64_t
decide(const ClrInstrument *in, const Curve *c, const Choice *best,
	   bool has_reference, int64_t reference)
{
	/* the limits around the point where the surplus changes sides */
	int64_t		low = best->none ? best->low : best->bid_high;
	int64_t		high = best->none ? best->high : best->ask_low;

	switch (in->rule[CLR_RULE_AUCTION_REFERENCE])
	{
		case CLR_AUCTION_XETRA_CA:
			return middle(low, high, true);
		case CLR_AUCTION_CLAMP:
		case CLR_AUCTION_CME_IOP:
			return has_reference ? clamp(reference, best->low, best->high) :
				middle(best->low, best->high, true);
		case CLR_AUCTION_HKEX:
			return has_reference ? nearest_limit(c, best, reference) : high;
		default:
			return has_reference ? nearer(clamp(reference, low, high), low, high) :
				high;
	}
}

/* What would trade at a price, and what would be left over. */
static int64_t
volume_at(const Curve *c, int64_t price, int64_t *surplus)
{
	int64_t		bid = 0;
	int64_t		ask = 0;

	for (uint32_t i = 0; i < c->n; i++)
	{
		if (c->steps[i].price >= price)
			bid += c->steps[i].bids;
		if (c->steps[i].price <= price)
			ask += c->steps[i].asks;
	}
	*surplus = bid - ask;
	return bid < ask ? bid : ask;
}

/* Only market orders can trade: those that may at the reference price. */
static void
find_market(const ClrInstrument *in, const Curve *c, bool has_reference,
			int64_t reference, ClrAuction *a)
{
	int64_t		surplus;

	if (!has_reference || !clr_in_range(clr_daily_limits(in), reference))
		return;
	a->price = reference;
	a->volume = volume_at(c, reference, &surplus);
}

static void
find_on_curve(const ClrInstrument *in, const Curve *c, ClrAuction *a)
{
	int64_t		rules = in->rule[CLR_RULE_AUCTION_REFERENCE];
	bool		every_tick = rules == CLR_AUCTION_CLAMP || rules == CLR_AUCTION_CME_IOP;
	Choice		best = {.volume = 0};
	int64_t		reference = 0;
	bool		has_reference = auction_reference(in, &reference);

	if (c->limits)
		consider_all(c, !every_tick, rules != CLR_AUCTION_VEGA_MID, &best);
	if (best.volume == 0)
	{
		find_market(in, c, has_reference, reference, a);
		return;
	}
	bound_choice(c, has_reference, reference, &best);
	if (rules == CLR_AUCTION_VEGA_MID)
		a->price = middle(best.low, best.high, false);
	else if (best.bid && !best.ask && !best.none)
		a->price = best.high;
	else if (best.ask && !best.bid && !best.none)
		a->price = best.low;
	else
		a->price = decide(in, c, &best, has_reference, reference);
	a->volume = best.volume;
}

/* The price if these stops were in the book too. */
static bool
find_with(const ClrEngine *e, const ClrInstrument *in, const ClrMet *met, ClrAuction *a)
{
	Curve		c;

	memset(a, 0, sizeof(*a));
	if (!make_curve(e, in, met, &c))
		return false;
	find_on_curve(in, &c, a);
	if (a->volume > 0)
		(void) volume_at(&c, a->price, &a->surplus);
	free(c.steps);
	return true;
}

/* The price of the book as it stands, without stops that it would elect. */
bool
clr_auction_of_book(const ClrEngine *e, const ClrInstrument *in, ClrAuction *a)
{
	ClrMet		none = {NULL, 0, 0};

	return find_with(e, in, &none, a);
}

/* With the stops that the price elects, and those that these elect. */
static bool
find_with_stops(const ClrEngine *e, const ClrInstrument *in, ClrMet *met, ClrAuction *a)
{
	int64_t		low = INT64_MAX;
	int64_t		high = INT64_MIN;
	uint32_t	before;

	do
	{
		before = met->n;
		if (!find_with(e, in, met, a))
			return false;
		if (a->volume == 0)
			return true;
		low = a->price < low ? a->price : low;
		high = a->price > high ? a->price : high;
		met->n = 0;
		if (!clr_stops_met(e, in, 0, high, met) || !clr_stops_met(e, in, 1, low, met))
			return false;
	} while (met->n != before);
	return true;
}

/*
 * The price at which the book would be uncrossed now.  False = no memory; if
 * nothing can trade the volume is 0.
 */
bool
clr_auction_find(const ClrEngine *e, const ClrInstrument *in, ClrAuction *a)
{
	ClrMet		met = {NULL, 0, 0};
	bool		found;

	if (!clr_stops_join(in))
		return find_with(e, in, &met, a);
	found = find_with_stops(e, in, &met, a);
	free(met.items);
	return found;
}

/*
 * Is a price being found for the instrument at the moment, and which?  False
 * if it is in no call (or memory is out).
 */
bool
clr_get_indicative(const ClrEngine *e, uint32_t instrument, ClrIndicative *out)
{
	const ClrInstrument *in;
	ClrAuction	a;

	memset(out, 0, sizeof(*out));
	if (!instrument_exists(e, instrument))
		return false;
	in = instrument_at(e, instrument);
	if (!clr_phase_is_call(in) || !clr_auction_find(e, in, &a))
		return false;
	out->instrument = instrument;
	out->has_price = a.volume > 0;
	out->price = a.volume > 0 ? a.price : 0;
	out->volume = a.volume;
	out->surplus = a.surplus;
	out->has_bid = clr_get_best(e, instrument, CLR_SIDE_BUY, &out->bid, &out->bid_qty);
	out->has_ask = clr_get_best(e, instrument, CLR_SIDE_SELL, &out->ask, &out->ask_qty);
	return true;
}
