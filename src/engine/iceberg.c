/*
 * iceberg.c
 *	  Iceberg orders: of their quantity only a part is shown at a time.
 *
 * CLR_ATTR_DISPLAY_QTY is the peak; CLR_ATTR_SHOWN_QTY is what is left of the
 * one that is shown.  Orders at a price trade no more than they show before
 * their neighbours do.  When the peak is used up and there is more, the order
 * shows a new one and goes to the back of its price with a new priority, which
 * is reported (exec_type Restated).
 *
 * An iceberg that trades as it enters does so with all of its quantity.  What
 * rests then shows (CLR_RULE_ICEBERG_ENTRY) what is left of the peak that the
 * fills came to (Xetra), or a whole new one (Vega).
 *
 * Sources: Deutsche Börse, Xetra Market Model Equities R14 (the example of
 * 50,000 with a peak of 10,000 and 30,000 with a peak of 5,000); Vega 0014-ORDT.
 *
 * Invariant: an iceberg in the book shows at least one lot and at most its
 * peak and what is left of it; level->hidden is the sum of what is not shown.
 */
#include "engine/internal.h"

static int64_t
smaller(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static bool
is_iceberg(const ClrEngine *e, const ClrOrder *o)
{
	return has_attr(e, o, CLR_ATTR_DISPLAY_QTY);
}

static void
set_shown(ClrEngine *e, ClrOrder *o, int64_t shown)
{
	(void) clr_attr_set(e, o, CLR_ATTR_SHOWN_QTY, shown);
}

/* A whole peak, for an order that is in no book. */
void
clr_iceberg_start(ClrEngine *e, ClrOrder *o)
{
	if (is_iceberg(e, o))
		set_shown(e, o, smaller(order_attr(e, o, CLR_ATTR_DISPLAY_QTY), order_leaves(o)));
}

/*
 * What an iceberg shows that has traded `filled` lots as it entered.  One that
 * comes back from outside the book goes on with the peak that it had begun.
 */
void
clr_iceberg_entered(ClrEngine *e, const ClrInstrument *in, ClrOrder *o,
					int64_t filled)
{
	int64_t		peak = order_attr(e, o, CLR_ATTR_DISPLAY_QTY);
	int64_t		shown = order_attr(e, o, CLR_ATTR_SHOWN_QTY) - filled;

	if (!is_iceberg(e, o) || order_leaves(o) == 0)
		return;
	if (filled > 0 && in->rule[CLR_RULE_ICEBERG_ENTRY] != CLR_ICEBERG_ENTRY_REST_OF_PEAK)
		shown = peak;
	else if (shown <= 0)
		shown = peak - -shown % peak;
	set_shown(e, o, smaller(shown, order_leaves(o)));
}

/*
 * An order in the book has traded.  In an auction that may be more than it
 * shows: what is left is then that of the peak which the fill came to.
 */
void
clr_iceberg_traded(ClrEngine *e, ClrOrder *o, int64_t qty)
{
	int64_t		shown;
	int64_t		peak;

	if (!has_attr(e, o, CLR_ATTR_SHOWN_QTY))
		return;
	shown = order_attr(e, o, CLR_ATTR_SHOWN_QTY) - qty;
	peak = order_attr(e, o, CLR_ATTR_DISPLAY_QTY);
	if (order_leaves(o) == qty)
		shown = 0;
	else if (shown < 0)
		shown = -(-shown % peak);
	level_at(e, o->level)->hidden -= order_leaves(o) - order_attr(e, o, CLR_ATTR_SHOWN_QTY);
	level_at(e, o->level)->hidden += order_leaves(o) - qty;
	/* not more than 0: to be refilled, see clr_iceberg_refill() */
	if (shown > 0)
		level_at(e, o->level)->hidden -= shown;
	set_shown(e, o, shown);
}

/* After a trade was reported: shows the next peak if this one is used up. */
void
clr_iceberg_refill(ClrEngine *e, ClrInstrument *in, uint32_t order)
{
	ClrOrder   *o = order_at(e, order);
	int64_t		shown = order_attr(e, o, CLR_ATTR_SHOWN_QTY);

	if (!has_attr(e, o, CLR_ATTR_SHOWN_QTY) || shown > 0)
		return;
	shown = smaller(order_attr(e, o, CLR_ATTR_DISPLAY_QTY) + shown, order_leaves(o));
	set_shown(e, o, shown);
	if ((in->special & CLR_SPECIAL_ALLOCATION) != 0)
		clr_top_forget(e, in, order);
	level_at(e, o->level)->hidden -= shown;
	o->priority = e->house.next_priority++;
	clr_book_requeue(e, order);
	clr_emit_order(e, o, working_status(o), CLR_EXEC_RESTATED, CLR_OK, NULL);
}

/*
 * Fewer lots work: the hidden part goes first.  For an order in the book whose
 * quantity was cut by `less` just now.
 */
void
clr_iceberg_cut(ClrEngine *e, ClrOrder *o, int64_t less)
{
	int64_t		shown = order_attr(e, o, CLR_ATTR_SHOWN_QTY);

	if (!has_attr(e, o, CLR_ATTR_SHOWN_QTY))
		return;
	if (o->level != CLR_NONE)
		level_at(e, o->level)->hidden -= order_leaves(o) + less - shown;
	shown = smaller(shown, order_leaves(o));
	set_shown(e, o, shown);
	if (o->level != CLR_NONE)
		level_at(e, o->level)->hidden += order_leaves(o) - shown;
}

/* How many fills it can take to trade all of an order. */
uint64_t
clr_order_fills(const ClrEngine *e, const ClrOrder *o)
{
	if (clr_likely(o->extra == CLR_NONE) || !is_iceberg(e, o))
		return 1;
	return (uint64_t) (order_leaves(o) / order_attr(e, o, CLR_ATTR_DISPLAY_QTY)) + 2;
}

const char *
clr_iceberg_check(const ClrEngine *e, const ClrOrder *o)
{
	int64_t		shown = order_attr(e, o, CLR_ATTR_SHOWN_QTY);

	if (is_iceberg(e, o) != has_attr(e, o, CLR_ATTR_SHOWN_QTY))
		return "order %llu shows nothing, or is no iceberg";
	if (is_iceberg(e, o) &&
		(shown < 1 || shown > order_leaves(o) ||
		 shown > order_attr(e, o, CLR_ATTR_DISPLAY_QTY)))
		return "order %llu does not show what it should";
	return NULL;
}
