/*
 * allocate.c
 *	  Who gets how much of an aggressor at one price: the CME Globex family of
 *	  match algorithms, from one table of steps.
 *
 * Run by clr_match_special() for one price level at a time, when nobody at it
 * is barred from trading with the aggressor.
 *
 *	 TOP		the order that was first to better the market is filled first;
 *				O, Q and K: no more than top_max
 *	 MAKERS		each lead market maker gets its share of what is left after
 *				TOP, rounded down, for its orders in order of time
 *	 SPLIT		fifo_split of what is left goes first come, first served
 *	 PRO_RATA	each order gets floor(left * size / sum of sizes), sizes being
 *				what the orders have left after the steps before; shares below
 *				the minimum become 0
 *	 LEVELING	orders whose share was rounded to 0 get a lot each, the largest
 *				first, then the oldest
 *	 FIFO		what is left goes first come, first served
 *
 * An aggressor that takes everything at the price, hidden quantities included,
 * is filled first come, first served.  Sizes are displayed sizes; an aggressor
 * that is larger than all of them goes round again.
 *
 * Each order trades once per round with the sum of what the steps gave it: the
 * top order first, then lead market makers by time, then (where there is a pro
 * rata step) the largest first, then the oldest.
 *
 * Sources: CME Globex matching algorithm steps; the order of fills from the
 * pro rata advisory of 2005.  Whether the split of K rounds up is not
 * published: it rounds down here.
 */
#include "engine/internal.h"

typedef enum Step
{
	STEP_END,
	STEP_TOP,
	STEP_MAKERS,
	STEP_SPLIT,
	STEP_PRO_RATA,
	STEP_LEVELING,
	STEP_FIFO
} Step;

typedef struct Algorithm
{
	char		letter;
	bool		thresholds;		/* top_min and top_max count */
	uint8_t		min;			/* of a pro rata share, if no rule says more */
	uint8_t		steps[7];
} Algorithm;

static const Algorithm algorithms[] = {
	{'F', false, 1, {STEP_FIFO}},
	{'A', false, 2, {STEP_TOP, STEP_PRO_RATA, STEP_FIFO}},
	{'C', false, 1, {STEP_PRO_RATA, STEP_FIFO}},
	{'T', false, 1, {STEP_MAKERS, STEP_FIFO}},
	{'S', false, 1, {STEP_TOP, STEP_MAKERS, STEP_FIFO}},
	{'O', true, 1, {STEP_TOP, STEP_PRO_RATA, STEP_FIFO}},
	{'Q', true, 1, {STEP_TOP, STEP_MAKERS, STEP_PRO_RATA, STEP_FIFO}},
	{'K', true, 1, {STEP_TOP, STEP_MAKERS, STEP_SPLIT, STEP_PRO_RATA, STEP_LEVELING, STEP_FIFO}},
};

/* One order of the level while an aggressor is shared. */
typedef struct ClrShare
{
	uint32_t	order;
	uint32_t	time;			/* place in the queue */
	uint64_t	id;				/* it may end or be cut before its turn */
	uint8_t		rank;			/* 0 top, 1 lead market maker, 2 others */
	bool		rounded;		/* its pro rata share became 0 */
	int64_t		size;			/* displayed */
	int64_t		given;
} ClrShare;

typedef struct Round
{
	ClrEngine  *e;
	const ClrInstrument *in;
	const Algorithm *algorithm;
	unsigned	side;			/* of the level */
	ClrShare   *shares;
	uint32_t	n;
	int64_t		left;			/* of the aggressor */
} Round;

static const Algorithm *
find_algorithm(int64_t letter)
{
	for (size_t i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++)
		if (algorithms[i].letter == letter)
			return &algorithms[i];
	return NULL;
}

bool
clr_allocation_valid(int64_t letter)
{
	return find_algorithm(letter) != NULL;
}

static bool
has_step(const Algorithm *a, Step step)
{
	for (int i = 0; a->steps[i] != STEP_END; i++)
		if (a->steps[i] == step)
			return true;
	return false;
}

/* Is there a top order under the rules of the instrument? */
static bool
has_top(const ClrInstrument *in, const Algorithm *a)
{
	return has_step(a, STEP_TOP) &&
		(a->letter != 'K' || in->rule[CLR_RULE_TOP] != 0);
}

/*----------------------------------------------------------------
 * The top order
 *----------------------------------------------------------------
 */
static void
set_top(ClrEngine *e, const ClrInstrument *in, unsigned side, uint64_t order_id)
{
	clr_field_set(e, CLR_SCOPE_MARKET, in->v.instrument, side, CLR_MARKET_TOP,
				  (int64_t) order_id);
}

/*
 * An order came to rest.  In continuous trading it becomes the top order of its
 * side if it is alone at a price better than all others; whoever was it before
 * no longer is.
 */
void
clr_top_note(ClrEngine *e, ClrInstrument *in, uint32_t order)
{
	const ClrOrder *o = order_at(e, order);
	unsigned	side = side_index(o->side);
	const Algorithm *a = find_algorithm(in->rule[CLR_RULE_ALLOCATION]);

	if (e->restoring || o->level != in->side[side].best ||
		level_at(e, o->level)->count > 1)
		return;
	if (in->v.phase != CLR_PHASE_CONTINUOUS || a == NULL || !has_top(in, a) ||
		(a->thresholds && order_leaves(o) < in->rule[CLR_RULE_TOP_MIN]))
		set_top(e, in, side, 0);
	else
		set_top(e, in, side, o->id);
}

/* The rules have changed: nobody has a claim under the new ones yet. */
void
clr_allocation_changed(ClrEngine *e, const ClrInstrument *in)
{
	set_top(e, in, 0, 0);
	set_top(e, in, 1, 0);
}

/* An order leaves the book. */
void
clr_top_forget(ClrEngine *e, const ClrInstrument *in, uint32_t order)
{
	const ClrOrder *o = order_at(e, order);
	unsigned	side = side_index(o->side);

	if (in->top[side] == o->id)
		set_top(e, in, side, 0);
}

/*----------------------------------------------------------------
 * Steps
 *----------------------------------------------------------------
 */
/* Gives an order some of what is left, as far as it goes. */
static void
give(Round *r, ClrShare *share, int64_t lots)
{
	if (lots > share->size - share->given)
		lots = share->size - share->given;
	if (lots > r->left)
		lots = r->left;
	share->given += lots;
	r->left -= lots;
}

static void
step_top(Round *r)
{
	uint64_t	top = r->in->top[r->side];
	int64_t		most = r->algorithm->thresholds ? r->in->rule[CLR_RULE_TOP_MAX] : 0;

	if (top == 0 || !has_top(r->in, r->algorithm))
		return;
	for (uint32_t i = 0; i < r->n; i++)
		if (order_at(r->e, r->shares[i].order)->id == top)
		{
			r->shares[i].rank = 0;
			give(r, &r->shares[i], most > 0 ? most : r->left);
			return;
		}
}

/* What a lead market maker's orders may still get in this round. */
static int64_t
maker_part(const Round *r, uint32_t account, int64_t quantity)
{
	int64_t		share = clr_field_get(r->e, CLR_SCOPE_MAKER,
									  r->in->v.instrument, account,
									  CLR_MAKER_SHARE);

	return (int64_t) ((clr_int128) quantity * share / CLR_RATE_UNIT);
}

static uint32_t
account_of(const Round *r, uint32_t share)
{
	return position_at(r->e, order_at(r->e, r->shares[share].order)->position)->account;
}

/* The part belongs to the account: its later orders get what the first left. */
static void
step_makers(Round *r)
{
	int64_t		quantity = r->left;

	for (uint32_t i = 0; i < r->n; i++)
	{
		uint32_t	account = account_of(r, i);
		int64_t		part = maker_part(r, account, quantity);
		bool		seen = false;

		if (part == 0)
			continue;
		for (uint32_t j = 0; j < i && !seen; j++)
			seen = account_of(r, j) == account;
		if (seen)
			continue;
		for (uint32_t j = i; j < r->n && part > 0; j++)
		{
			int64_t		before = r->left;

			if (account_of(r, j) != account)
				continue;
			if (r->shares[j].rank > 1)
				r->shares[j].rank = 1;
			give(r, &r->shares[j], part);
			part -= before - r->left;
		}
	}
}

/* First come, first served, up to some lots. */
static void
step_fifo(Round *r, int64_t lots)
{
	for (uint32_t i = 0; i < r->n && lots > 0; i++)
	{
		int64_t		before = r->left;

		give(r, &r->shares[i], lots);
		lots -= before - r->left;
	}
}

static void
step_pro_rata(Round *r)
{
	int64_t		quantity = r->left;
	int64_t		min = clr_pro_rata_min(r->in);
	clr_int128	sum = 0;

	for (uint32_t i = 0; i < r->n; i++)
		sum += r->shares[i].size - r->shares[i].given;
	for (uint32_t i = 0; i < r->n && sum > 0; i++)
	{
		ClrShare   *s = &r->shares[i];
		int64_t		rest = s->size - s->given;
		int64_t		lots = (int64_t) ((clr_int128) quantity * rest / sum);

		s->rounded = rest > 0 && lots < min;
		if (!s->rounded)
			give(r, s, lots);
	}
}

/* Shares of all lead market makers of an instrument but one, millionths. */
int64_t
clr_maker_shares(const ClrEngine *e, uint32_t instrument, uint64_t but)
{
	const ClrFieldStore *f = &e->fields;
	int64_t		sum = 0;

	for (uint32_t i = 0; f->mask != 0 && i <= f->mask; i++)
		if (f->slots[i].used && f->slots[i].v.scope == CLR_SCOPE_MAKER &&
			f->slots[i].v.object == instrument && f->slots[i].v.sub != but)
			sum += f->slots[i].v.value;
	return sum;
}

static int
by_size(const void *a, const void *b)
{
	const ClrShare *x = a;
	const ClrShare *y = b;

	if (x->size != y->size)
		return x->size > y->size ? -1 : 1;
	return (x->time > y->time) - (x->time < y->time);
}

static int
by_time(const void *a, const void *b)
{
	const ClrShare *x = a;
	const ClrShare *y = b;

	return (x->time > y->time) - (x->time < y->time);
}

static void
step_leveling(Round *r)
{
	qsort(r->shares, r->n, sizeof(ClrShare), by_size);
	for (uint32_t i = 0; i < r->n; i++)
		if (r->shares[i].rounded)
			give(r, &r->shares[i], 1);
	qsort(r->shares, r->n, sizeof(ClrShare), by_time);
}

static void
take_step(Round *r, Step step)
{
	switch (step)
	{
		case STEP_TOP:
			step_top(r);
			break;
		case STEP_MAKERS:
			step_makers(r);
			break;
		case STEP_SPLIT:
			step_fifo(r, (int64_t) ((clr_int128) r->left *
									r->in->rule[CLR_RULE_FIFO_SPLIT] /
									CLR_RATE_UNIT));
			break;
		case STEP_PRO_RATA:
			step_pro_rata(r);
			break;
		case STEP_LEVELING:
			step_leveling(r);
			break;
		case STEP_FIFO:
			step_fifo(r, r->left);
			break;
		case STEP_END:
			break;
	}
}

/*----------------------------------------------------------------
 * Rounds
 *----------------------------------------------------------------
 */
static int
by_rank_and_size(const void *a, const void *b)
{
	const ClrShare *x = a;
	const ClrShare *y = b;

	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	return x->rank == 2 ? by_size(a, b) : by_time(a, b);
}

static int
by_rank(const void *a, const void *b)
{
	const ClrShare *x = a;
	const ClrShare *y = b;

	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	return by_time(a, b);
}

/* Lists the level's orders; false = no memory. */
static bool
list_level(Round *r, const ClrLevel *level)
{
	ClrEngine  *e = r->e;

	if (!clr_grow((void **) &e->shares, &e->cap_shares, level->count,
				  sizeof(ClrShare)))
	{
		e->oom = true;
		return false;
	}
	r->shares = e->shares;
	r->n = 0;
	for (uint32_t i = level->head; i != CLR_NONE; i = order_at(e, i)->next)
	{
		ClrShare   *s = &r->shares[r->n];

		memset(s, 0, sizeof(*s));
		s->order = i;
		s->id = order_at(e, i)->id;
		s->time = r->n++;
		s->rank = 2;
		s->size = clr_order_shown(e, order_at(e, i));
	}
	return true;
}

/* Shares qty among the orders of a level; e->shares has who gets what. */
static uint32_t
share_level(ClrEngine *e, const ClrInstrument *in, uint32_t level, int64_t qty)
{
	Round		r = {.e = e, .in = in, .left = qty};

	r.algorithm = find_algorithm(in->rule[CLR_RULE_ALLOCATION]);
	r.side = side_index(order_at(e, level_at(e, level)->head)->side);
	if (qty >= level_at(e, level)->total)
		r.algorithm = find_algorithm('F');
	if (!list_level(&r, level_at(e, level)))
		return 0;
	for (int i = 0; r.algorithm->steps[i] != STEP_END && r.left > 0; i++)
		take_step(&r, (Step) r.algorithm->steps[i]);
	qsort(r.shares, r.n, sizeof(ClrShare),
		  has_step(r.algorithm, STEP_PRO_RATA) ? by_rank_and_size : by_rank);
	return r.n;
}

/* One round: everybody at the level trades at most once, qty in all at most. */
bool
clr_allocate(ClrEngine *e, ClrInstrument *in, uint32_t order, uint32_t level,
			 int64_t qty)
{
	uint32_t	n = share_level(e, in, level, qty);

	for (uint32_t i = 0; i < n; i++)
	{
		const ClrShare *s = &e->shares[i];
		const ClrOrder *o = order_at(e, s->order);

		if (s->given > 0 && o->id == s->id &&
			!clr_fill_resting(e, in, order, s->order,
							  s->given < order_leaves(o) ? s->given : order_leaves(o)))
			return false;
	}
	return true;
}

/* Writes who would get what of qty to e->given from `at` on; how many. */
uint32_t
clr_allocation_plan(ClrEngine *e, const ClrInstrument *in, uint32_t level,
					int64_t qty, uint32_t at)
{
	uint32_t	n = share_level(e, in, level, qty);
	uint32_t	end = at;

	if (!clr_grow((void **) &e->given, &e->cap_given, at + n, sizeof(ClrGiven)))
	{
		e->oom = true;
		return 0;
	}
	for (uint32_t i = 0; i < n; i++)
		if (e->shares[i].given > 0)
			e->given[end++] = (ClrGiven) {.order = e->shares[i].order,
			.id = e->shares[i].id,.qty = e->shares[i].given};
	return end - at;
}

/* What the top order of a side gets ahead of all others, of left lots. */
int64_t
clr_top_part(const ClrEngine *e, const ClrInstrument *in, unsigned side, int64_t left)
{
	const Algorithm *a = find_algorithm(in->rule[CLR_RULE_ALLOCATION]);
	int64_t		most = a->thresholds ? in->rule[CLR_RULE_TOP_MAX] : 0;
	uint32_t	order = in->top[side] == 0 ? CLR_NONE : clr_order_find(e, in->top[side]);
	int64_t		lots;

	if (order == CLR_NONE || !has_top(in, a))
		return 0;
	lots = clr_order_shown(e, order_at(e, order));
	if (most > 0 && lots > most)
		lots = most;
	return lots < left ? lots : left;
}

/* The smallest pro rata share, 0 if the instrument does not share pro rata. */
int64_t
clr_pro_rata_min(const ClrInstrument *in)
{
	const Algorithm *a = find_algorithm(in->rule[CLR_RULE_ALLOCATION]);

	if (!has_step(a, STEP_PRO_RATA))
		return 0;
	return in->rule[CLR_RULE_ALLOCATION_MIN] != 0 ?
		in->rule[CLR_RULE_ALLOCATION_MIN] : a->min;
}
