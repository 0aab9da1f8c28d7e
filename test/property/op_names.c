/*
 * op_names.c
 *	  What the symbolic names of operations stand for while a list is played.
 */
#include "op.h"

#include <stdlib.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define NOBODY 999999

void
names_init(Names *names, const OpList *list)
{
	memset(names, 0, sizeof(*names));
	for (size_t i = 0; i < list->n; i++)
		if (list->ops[i].uid >= names->n_orders)
			names->n_orders = list->ops[i].uid + 1;
	names->orders = calloc(names->n_orders + 1, sizeof(uint64_t));
	names->first_trade = calloc(names->n_orders + 1, sizeof(uint64_t));
	names->n_op_trades = calloc(names->n_orders + 1, sizeof(uint32_t));
}

void
names_free(Names *names)
{
	free(names->orders);
	free(names->first_trade);
	free(names->n_op_trades);
	free(names->trades);
}

uint64_t
op_resolve(FieldKind kind, int64_t v, const Names *names)
{
	uint64_t	id = 0;

	if (v <= 0)
		return v == 0 ? 0 : (uint64_t) (-1 - v);
	if (kind == ORDER)
		id = (uint64_t) v < names->n_orders ? names->orders[v] : 0;
	else if (v < OP_SLOTS)
		id = names->slots[kind][v];
	return id != 0 ? id : NOBODY;
}

const ClrTradeEvent *
op_trade(const Names *names, int64_t uid, int64_t n)
{
	if (uid <= 0 || (uint64_t) uid >= names->n_orders || names->first_trade[uid] == 0)
		return NULL;
	return &names->trades[names->first_trade[uid] - 1 +
						  (uint64_t) n % names->n_op_trades[uid]];
}

static void
note_trade(const Op *op, Names *names, const ClrTradeEvent *t)
{
	if (names->n_trades == names->cap_trades)
	{
		names->cap_trades = names->cap_trades * 2 + 256;
		names->trades = realloc(names->trades, names->cap_trades * sizeof(ClrTradeEvent));
		if (names->trades == NULL)
			abort();
	}
	names->trades[names->n_trades++] = *t;
	if (op->uid >= names->n_orders)
		return;
	if (names->n_op_trades[op->uid]++ == 0)
		names->first_trade[op->uid] = names->n_trades;
}

static void
note_outcome(const Op *op, Names *names, const ClrOutcome *out)
{
	static const struct
	{
		uint8_t		type;
		FieldKind	kind;
	}			created[] = {{CLR_CMD_CREATE_ASSET, ASSET}, {CLR_CMD_CREATE_MEMBER, MEMBER},
	{CLR_CMD_CREATE_ACCOUNT, ACCOUNT}, {CLR_CMD_CREATE_INSTRUMENT, INSTRUMENT}, {CLR_CMD_CREATE_SPREAD, INSTRUMENT}};
	int64_t		slot = op_get(op, "slot");

	if (out->reason != CLR_OK || out->duplicate)
		return;
	if (out->type == CLR_CMD_NEW_ORDER && op->uid < names->n_orders)
		names->orders[op->uid] = out->id;
	for (size_t i = 0; i < COUNT(created); i++)
		if (out->type == created[i].type && slot > 0 && slot < OP_SLOTS)
			names->slots[created[i].kind][slot] = out->id;
}

/* The orders of an accepted batch have outcomes of their own, before its own. */
void
op_note(const Op *op, size_t members, Names *names, const ClrEventBuffer *ev)
{
	const Op   *now = op;
	size_t		outcomes = 0;

	for (size_t at = 0, len; at < ev->len; at += len)
	{
		ClrTradeEvent t;
		ClrOutcome	out;

		len = clr_event_length(ev->data + at, ev->len - at, NULL);
		if (len == 0)
			return;
		if (clr_event_decode_trade(ev->data + at, len, &t))
			note_trade(outcomes < members ? op + 1 + outcomes : op, names, &t);
		if (!clr_event_decode_outcome(ev->data + at, len, &out))
			continue;
		now = out.type == CLR_CMD_BATCH || outcomes >= members ? op : op + 1 + outcomes;
		outcomes++;
		note_outcome(now, names, &out);
	}
}
