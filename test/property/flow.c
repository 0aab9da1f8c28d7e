/*
 * flow.c
 *	  Random flows of operations: a house that can trade, and what is sent to it.
 */
#include "flow.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

Op *
op_append(OpList *list)
{
	if (list->n == list->cap)
	{
		list->cap = list->cap * 2 + 256;
		list->ops = realloc(list->ops, list->cap * sizeof(Op));
		if (list->ops == NULL)
			abort();
	}
	memset(&list->ops[list->n], 0, sizeof(Op));
	return &list->ops[list->n++];
}

static Op *
make(Flow *f, unsigned verb)
{
	const Verb *v = op_verb(verb);
	Op		   *op = op_append(f->list);

	op->uid = (uint32_t) f->list->n;
	op->verb = (uint8_t) verb;
	for (size_t i = 0; i < v->n; i++)
		op->v[i] = v->fields[i].make(f);
	if (v->tune != NULL)
		v->tune(f, op);
	if (op_is(op, "block"))
		f->clock += op_get(op, "time") > 0 ? op_get(op, "time") : 0;
	return op;
}

/* One value replaced by one that a client should not send, or damaged bytes. */
static void
spoil(Flow *f, Op *op)
{
	const Verb *v = op_verb(op->verb);
	size_t		i;

	if (v->type == 0)
		return;
	i = rnd(f, v->n);
	if (v->fields[i].kind == DAMAGE)
		op->v[i] = (int64_t) (2 + rnd(f, 60)) * 256 + (1 << rnd(f, 8));
	else if (v->fields[i].kind >= ASSET && v->fields[i].kind <= ORDER)
		op->v[i] = -1 - (int64_t) (rnd(f, 2) ? rnd(f, 20) : (uint64_t) nasty(f) >> 1);
	else if (v->fields[i].kind == NUMBER || v->fields[i].kind == PAIR_VALUE ||
			 ((v->fields[i].kind == ATTR || v->fields[i].kind == FIELD) && op->v[i] != 0))
		op->v[i] = rnd(f, 2) ? nasty(f) : (int64_t) rnd(f, 8);
}

static bool
moves_marks(uint8_t type)
{
	return type == CLR_CMD_SET_MARK_PRICE || type == CLR_CMD_SETTLE ||
		type == CLR_CMD_EXPIRE || type == CLR_CMD_SET_MARGIN;
}

static unsigned
any_verb(Flow *f)
{
	unsigned	sum = 0;
	unsigned	at;

	for (unsigned i = 0; op_verb(i) != NULL; i++)
		sum += op_verb(i)->weight;
	at = (unsigned) rnd(f, sum);
	for (unsigned i = 0;; i++)
	{
		if (at < op_verb(i)->weight)
			return i;
		at -= op_verb(i)->weight;
	}
}

static Op *
create(Flow *f, const char *verb, int64_t slot)
{
	Op		   *op = make(f, op_verb_named(verb));

	*value_of(op, "ref") = 0;
	*value_of(op, "slot") = slot;
	*value_of(op, "name") = slot;
	return op;
}

static void
generate_instrument(Flow *f, int slot)
{
	Op		   *op = create(f, "create_instrument", slot);

	*value_of(op, "kind") = slot == SPOT_SLOT ? CLR_INSTRUMENT_SPOT : CLR_INSTRUMENT_FUTURE;
	*value_of(op, "base") = 2;
	*value_of(op, "tick_exp") = 2;
	if (rnd(f, 4))
		*value_of(op, "has_price") = 1;
	*value_of(op, "price") = f->center;
	if ((f->rich & RICH_SPREADS) != 0)
		*value_of(op, "multiplier") = 1;
	tune_instrument(f, op);
}

/* Instruments that halt together. */
static void
generate_group(Flow *f)
{
	for (int64_t i = 1; i <= 3; i++)
	{
		Op		   *op = make(f, op_verb_named("set_fields"));

		*value_of(op, "object") = i;
		*value_of(op, "field") = CLR_RULE_PRODUCT_GROUP;
		*value_of(op, "value") = 1;
	}
	for (int i = 0; i < 3; i++)
		*value_of(make(f, op_verb_named("set_group")), "object") = 1;
}

/* A house that can trade: two assets, members, funded accounts, instruments. */
static void
generate_house(Flow *f)
{
	Op		   *op = make(f, op_verb_named("open_house"));

	*value_of(op, "retention") = 3000000;
	*value_of(op, "ref") = 0;
	for (int i = 1; i <= 2; i++)
		*value_of(create(f, "create_asset", i), "scale") = i == 1 ? 2 : 0;
	for (unsigned i = 1; i <= f->members; i++)
		create(f, "create_member", i);
	for (unsigned i = 1; i <= f->accounts; i++)
		*value_of(create(f, "create_account", i), "member") = 1 + i % f->members;
	for (int i = 1; i <= SPOT_SLOT; i++)
		generate_instrument(f, i);
	if ((f->rich & RICH_SPREADS) != 0)
		generate_instrument(f, FUTURE_LAST);
	for (int i = SPREAD_FIRST; i <= SPREAD_LAST && (f->rich & RICH_SPREADS) != 0; i++)
		create(f, "create_spread", i);
	for (int i = 0; i < 4 && f->rich != 0; i++)
		make(f, op_verb_named("set_fields"));
	if ((f->rich & RICH_BREAKERS) != 0)
		generate_group(f);
	for (unsigned i = 0; i < f->accounts * 2; i++)
	{
		op = make(f, op_verb_named("deposit"));
		*value_of(op, "ref") = 0;
		*value_of(op, "account") = 1 + i / 2;
		*value_of(op, "asset") = 1 + i % 2;
		*value_of(op, "amount") = f->cash;
	}
}

/* What flows may have: the environment says it while a rule is looked for. */
unsigned	op_rich = RICH_ALL;

static void
choose_character(Flow *f)
{
	static const int64_t centers[] = {100, 100, 100, 100, 100, 5, 0, -20, 1000000, CLR_PRICE_MAX - 2};
	static const int64_t purses[] = {4000, 4000, 100000, 100000000, INT64_C(1000000000000000), CLR_AMOUNT_MAX / 40};

	f->center = centers[rnd(f, COUNT(centers))];
	f->width = 2 + (int64_t) rnd(f, 8);
	f->cash = purses[rnd(f, COUNT(purses))];
	f->lots = rnd(f, 12) ? 30 : rnd(f, 2) ? CLR_QTY_MAX : 3;
	f->hostile = rnd(f, 4) ? 25 : 5;
	f->accounts = 3 + (unsigned) rnd(f, 4);
	f->members = 1 + (unsigned) rnd(f, 2);
	f->calm = rnd(f, 3) == 0;
	f->instruments = 4;
	f->rich = rnd(f, 2) ? 0 : rnd(f, 2) ? (unsigned) rnd(f, RICH_ALL + 1) & op_rich :
		(unsigned) rnd(f, RICH_ALL + 1) & (unsigned) rnd(f, RICH_ALL + 1) & op_rich;
	if ((f->rich & RICH_SPREADS) != 0)
		f->instruments = FUTURE_LAST;
}

/* An operation from not long ago again, byte by byte. */
static void
again(Flow *f)
{
	OpList	   *list = f->list;
	size_t		back = 1 + rnd(f, 60);

	if (back <= list->n && op_verb(list->ops[list->n - back].verb)->type != 0)
	{
		Op		   *op = op_append(list);

		*op = list->ops[list->n - 1 - back];
		op->uid = (uint32_t) list->n;
	}
}

/* The orders of a batch are all of its account. */
static void
make_batch(Flow *f)
{
	size_t		at = f->list->n;
	int64_t		orders = op_get(make(f, op_verb_named("batch")), "orders");
	int64_t		account = op_get(&f->list->ops[at], "account");

	if (rnd(f, 4) == 0)
		*value_of(&f->list->ops[at], "submitter") = 1 + account % f->members;
	for (int64_t i = 0; i < orders; i++)
	{
		unsigned	verb = op_verb_named(rnd(f, 2) ? "new_order" : rnd(f, 2) ? "replace_order" : "cancel_order");
		Op		   *op = make(f, verb);

		/* an order of the same account, if one is found soon */
		for (int k = 0; k < 8 && !op_is(op, "new_order") && op_get(op, "account") != account; k++)
		{
			f->list->n--;
			op = make(f, verb);
		}
		*value_of(op, "account") = account;
		if (op_get(op, "ref") == 0)
			*value_of(op, "ref") = op->uid;
		if (rnd(f, f->hostile * 2) == 0)
			spoil(f, op);
	}
}

static void
generate(Flow *f, size_t n)
{
	while (f->list->n < n)
	{
		unsigned	verb = any_verb(f);
		Op		   *op;

		if (rnd(f, 30) == 0)
		{
			again(f);
			continue;
		}
		if ((f->calm && moves_marks(op_verb(verb)->type)) ||
			(f->rich & op_verb(verb)->needs) != op_verb(verb)->needs)
			continue;
		if (verb == op_verb_named("batch"))
		{
			make_batch(f);
			continue;
		}
		op = make(f, verb);
		if (rnd(f, f->hostile) == 0)
			spoil(f, op);
	}
}

static void
start(Flow *f, OpList *list, uint64_t seed)
{
	memset(f, 0, sizeof(*f));
	f->state = seed * UINT64_C(0x9E3779B97F4A7C15) + 0x1234567;
	f->list = list;
	for (int i = 0; i < 8; i++)
		rnd(f, 2);
	choose_character(f);
}

void
op_generate(OpList *list, uint64_t seed, size_t n)
{
	Flow		f;

	start(&f, list, seed);
	list->n = 0;
	generate_house(&f);
	generate(&f, n);
}

void
op_extend(OpList *list, uint64_t seed, size_t n)
{
	Flow		f;

	start(&f, list, seed);
	for (size_t i = 0; i < list->n; i++)
		if (op_is(&list->ops[i], "new_order"))
			f.recent[f.n_recent++ % RECENT] = (uint32_t) i;
	generate(&f, n);
}
