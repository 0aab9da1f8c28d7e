/*
 * op_encode.c
 *	  The bytes of an operation, its names replaced by what they stand for.
 */
#include "op.h"

#include <inttypes.h>
#include <string.h>

#define UNKNOWN_CODE 255		/* of no enumeration */

static ClrText
numbered(char *buf, const char *prefix, int64_t n)
{
	ClrText		t = {(const uint8_t *) buf, 0};

	if (n != 0)
		t.len = (size_t) sprintf(buf, "%s%" PRId64, prefix, n);
	return t;
}

/*
 * Codes that the table has no word for may mean something to the engine that
 * the rules of watch_*.c don't know yet: they are sent as one nobody has.
 */
static bool
is_known(const Field *f, uint64_t v)
{
	if (f->words == NULL || v == 0 || v == UNKNOWN_CODE)
		return true;
	for (const Word *w = f->words; w->text != NULL; w++)
		if ((uint64_t) w->value == v)
			return true;
	return false;
}

/* Does the table know everything that damaged bytes still say? */
static bool
is_all_known(const Verb *verb, const uint8_t *buf, size_t len)
{
	ClrCommand	c;

	memset(&c, 0, sizeof(c));
	if (clr_command_decode(buf, len, &c) != len)
		return true;
	if (c.type != verb->type || c.type == CLR_CMD_MASS_QUOTE || c.pairs.n > 0)
		return false;
	for (size_t i = 0; i < verb->n; i++)
	{
		const Field *f = &verb->fields[i];
		uint64_t	v = 0;

		memcpy(&v, (char *) &c + f->at, f->size);
		if (f->size == 0)
			continue;
		if (!is_known(f, v))
			return false;
		memset((char *) &c + f->at, 0, f->size);
	}
	for (size_t i = 0; i < sizeof(c.u); i++)
		if (((const char *) &c.u)[i] != 0)
			return false;
	return true;
}

/*
 * Not the length: how commands lie one behind the other is not in question.
 * Nor what makes it another command that is well-formed.
 */
static void
damage_bytes(const Verb *verb, int64_t damage, uint8_t *buf, size_t len)
{
	size_t		at = 2 + (size_t) ((uint64_t) damage / 256) % (len - 2);

	buf[at] ^= (uint8_t) damage;
	if (!is_all_known(verb, buf, len))
		buf[at] ^= (uint8_t) damage;
}

/* The quotes of a MASS_QUOTE; n of them. */
static uint8_t
put_quotes(const Op *op, const Names *names, uint8_t *to)
{
	uint8_t		n = 0;
	int			first = op_field_named(op, "instrument");

	for (int i = first; i < first + 10; i += 5)
	{
		ClrQuote	q = {(uint32_t) op_resolve(INSTRUMENT, op->v[i], names),
			{op->v[i + 1], op->v[i + 3]}, {op->v[i + 2], op->v[i + 4]}};

		if (i > first && op->v[i] == 0)
			continue;
		to = clr_put_quote(to, &q);
		n++;
	}
	return n;
}

/* The trade that a bust or correction is about, or something that it was not. */
static void
put_trade(const Op *op, const Names *names, ClrCommand *c)
{
	const ClrTradeEvent *known = op_trade(names, op_get(op, "trade"), op_get(op, "nth"));
	ClrTradeEvent *t = &c->u.bust.trade;

	if (known == NULL)
		return;
	*t = *known;
	switch (op_get(op, "wrong"))
	{
		case 1:
			t->trade_id += 1000;
			break;
		case 2:
			t->price++;
			break;
		case 3:
			t->qty++;
			break;
		case 4:
			t->buy_account = t->sell_account;
			break;
		case 5:
			t->buy_fee = t->buy_fee == 0 ? 1 : -t->buy_fee;
			break;
		case 6:
			t->sell_cost += 7;
			break;
	}
}

/* The pair that a field of the operation puts into the command, if it does. */
static uint8_t *
put_pair(uint8_t *pair, const Field *f, int64_t v, int64_t *field, int64_t gone, ClrCommand *c,
		 const Names *names)
{
	uint8_t    *before = pair;

	if (f->kind == ATTR && f->at == CLR_ATTR_LINK && v > 0)
		v = (uint64_t) v < names->n_orders ? (int64_t) names->orders[v] : 0;
	if (f->kind == PAIR_FIELD)
		*field = v;
	else if (f->kind == PAIR_VALUE && *field != 0)
		pair = clr_put_field(pair, (uint16_t) *field, v);
	else if (f->kind == FIELD && v != 0)
		pair = clr_put_field(pair, (uint16_t) f->at, v);
	else if (f->kind == ATTR && (gone >> f->at & 1) != 0)
		pair = clr_put_attr(pair, (uint8_t) (f->at | CLR_ATTR_GONE), 0);
	else if (f->kind == ATTR && v != 0)
		pair = clr_put_attr(pair, (uint8_t) f->at, v);
	c->pairs.n = (uint8_t) (c->pairs.n + (pair != before));
	return pair;
}

/* Everything but what has pairs: numbers, names, texts. */
static void
put_value(const Field *f, int64_t v, uint64_t number, char (*texts)[40], ClrCommand *c)
{
	if (f->kind == REF)
		c->ref = numbered(texts[0], "r", v);
	else if (f->kind == ORIG)
		c->text = numbered(texts[1], "r", v);
	else if (f->kind == NAME)
		c->text = numbered(texts[2], "N", v);
	else if (f->kind == NAME2)
		c->text2 = numbered(texts[3], "N", v);
	else if (f->size > 0)
		memcpy((char *) c + f->at, &number, f->size);	/* little-endian */
}

static size_t
encode_one(const Op *op, const Names *names, const ClrCommand *batch, uint8_t *buf)
{
	const Verb *verb = op_verb(op->verb);
	ClrCommand	c;
	char		texts[4][40];
	uint8_t		pairs[OP_FIELDS * CLR_QUOTE_BYTES];
	uint8_t    *pair = pairs;
	int64_t		field = 0;
	int64_t		gone = op_get(op, "gone");
	int64_t		damage = op_get(op, "damage");
	size_t		len;

	memset(&c, 0, sizeof(c));
	c.type = verb->type;
	for (size_t i = 0; i < verb->n; i++)
	{
		const Field *f = &verb->fields[i];
		int64_t		v = op->v[i];
		uint64_t	number = f->kind >= ASSET && f->kind <= ORDER ?
			op_resolve(f->kind, v, names) : (uint64_t) v;

		if (!is_known(f, number))
			number = UNKNOWN_CODE;
		if (f->kind == ATTR || f->kind == FIELD || f->kind == PAIR_FIELD || f->kind == PAIR_VALUE)
			pair = put_pair(pair, f, f->kind == PAIR_FIELD ? (int64_t) number : v, &field, gone,
							&c, names);
		else
			put_value(f, v, number, texts, &c);
	}
	c.pairs.data = pairs;
	if (verb->type == CLR_CMD_MASS_QUOTE)
		c.pairs.n = put_quotes(op, names, pairs);
	if (verb->type == CLR_CMD_BUST_TRADE || verb->type == CLR_CMD_CORRECT_TRADE)
		put_trade(op, names, &c);
	if (batch != NULL)
	{
		c.account = batch->account;
		c.submitter = batch->submitter;
	}
	len = clr_command_encode(&c, buf);
	if (damage != 0 && len > 3 && batch == NULL)
		damage_bytes(verb, damage, buf, len);
	return len;
}

static size_t
encode_batch(const Op *op, size_t members, const Names *names, uint8_t *buf)
{
	static uint8_t orders[CLR_LIST_MAX + CLR_COMMAND_MAX];
	char		ref[40];
	ClrCommand	c = {.type = CLR_CMD_BATCH,
		.submitter = (uint32_t) op_resolve(MEMBER, op_get(op, "submitter"), names),
	.account = (uint32_t) op_resolve(ACCOUNT, op_get(op, "account"), names)};
	size_t		len = 0;

	c.ref = numbered(ref, "r", op_get(op, "ref"));
	for (size_t i = 1; i <= members && len < CLR_LIST_MAX; i++)
	{
		size_t		one = encode_one(op + i, names, &c, orders + len);

		len += one;
		c.pairs.n = (uint8_t) (c.pairs.n + (one > 0));
	}
	c.pairs.data = orders;
	c.u.batch.bytes = (uint16_t) len;
	return clr_command_encode(&c, buf);
}

size_t
op_encode(const Op *op, size_t members, const Names *names, uint8_t *buf)
{
	return op_verb(op->verb)->type == CLR_CMD_BATCH ? encode_batch(op, members, names, buf) :
		encode_one(op, names, NULL, buf);
}
