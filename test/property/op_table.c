/*
 * op_table.c
 *	  The table of operations; see op.h.
 *
 * To add an attribute of an order: one line in order_fields[].  To add a
 * command: its fields and an entry in verbs[].  A value that only makes sense
 * together with others is put right in the verb's tune function.
 */
#include "flow.h"
#include "op_words.h"

#include <stdlib.h>
#include <string.h>

/* Attributes, behind the other fields, in ascending order of their numbers. */
#define ATTRIBUTE(name, attr, make) {name, ATTR, attr, 0, make, 0, NULL}
#define OUT(name, kind, make, simple) {name, kind, 0, 0, make, simple, NULL}
/* Fields (SET_FIELDS, SET_PHASE), in ascending order of their numbers too. */
#define SET(name, number, words) {name, FIELD, number, 0, zero, 0, words}
#define BY(make_ref, make_account) \
	IN("submitter", MEMBER, submitter, zero, 0, NULL), \
	IN("account", ACCOUNT, account, make_account, 1, NULL), \
	OUT("ref", REF, make_ref, 0), \
	OUT("damage", DAMAGE, zero, 0)

#define ATTRIBUTES \
	ATTRIBUTE("display", CLR_ATTR_DISPLAY_QTY, zero), \
	ATTRIBUTE("min_qty", CLR_ATTR_MIN_QTY, zero), \
	ATTRIBUTE("stop", CLR_ATTR_STOP_PX, zero), \
	ATTRIBUTE("trigger", CLR_ATTR_TRIGGER, zero), \
	ATTRIBUTE("trail", CLR_ATTR_TRAIL_OFFSET, zero), \
	ATTRIBUTE("peg", CLR_ATTR_PEG_TYPE, zero), \
	ATTRIBUTE("peg_offset", CLR_ATTR_PEG_OFFSET, zero), \
	ATTRIBUTE("expires", CLR_ATTR_EXPIRE_TIME, zero), \
	ATTRIBUTE("link", CLR_ATTR_LINK, zero), \
	ATTRIBUTE("smp", CLR_ATTR_SMP_ID, zero), \
	ATTRIBUTE("session", CLR_ATTR_SESSION, zero)

static const Field order_fields[] = {
	BY(next_ref, any_account),
	IN("instrument", INSTRUMENT, u.order.instrument, any_instrument, 1, NULL),
	IN("side", NUMBER, u.order.side, one_or_two, CLR_SIDE_BUY, sides),
	IN("type", NUMBER, u.order.ord_type, any_ord_type, CLR_ORD_LIMIT, ord_types),
	IN("tif", NUMBER, u.order.time_in_force, any_tif, CLR_TIF_DAY, tifs),
	IN("exec", NUMBER, u.order.exec_inst, any_exec, 0, NULL),
	IN("price", NUMBER, u.order.price, any_price, 100, NULL),
	IN("qty", NUMBER, u.order.qty, any_qty, 1, NULL),
	IN("self_match", NUMBER, u.order.self_match, any_self_match, 0, self_matches),
	ATTRIBUTES,
};
static const Field replace_fields[] = {
	BY(next_ref, any_account),
	IN("order", ORDER, u.replace.order_id, zero, 0, NULL),
	OUT("orig", ORIG, zero, 0),
	IN("price", NUMBER, u.replace.price, any_price, 100, NULL),
	IN("qty", NUMBER, u.replace.qty, any_qty, 1, NULL),
	IN("tif", NUMBER, u.replace.time_in_force, zero, 0, new_tifs),
	IN("type", NUMBER, u.replace.ord_type, zero, 0, ord_types),
	OUT("gone", GONE, zero, 0),
	ATTRIBUTES,
};
static const Field cancel_fields[] = {
	BY(next_ref, any_account),
	IN("order", ORDER, u.cancel.order_id, zero, 0, NULL),
	OUT("orig", ORIG, zero, 0),
};
static const Field mass_cancel_fields[] = {
	BY(some_ref, some_account),
	IN("instrument", INSTRUMENT, u.mass_cancel.instrument, some_instrument, 1, NULL),
	IN("side", NUMBER, u.mass_cancel.side, some_side, 0, sides),
	IN("whole_member", NUMBER, u.mass_cancel.whole_member, seldom, 0, NULL),
};
static const Field phase_fields[] = {
	BY(some_ref, zero),
	IN("instrument", INSTRUMENT, u.phase.instrument, any_instrument, 1, NULL),
	IN("phase", NUMBER, u.phase.phase, any_phase, CLR_PHASE_CONTINUOUS, phases),
	SET("until", CLR_SCHEDULE_TIME, NULL),
	SET("duration", CLR_SCHEDULE_DURATION, NULL),
	SET("random_end", CLR_SCHEDULE_RANDOM_END, NULL),
	SET("next", CLR_SCHEDULE_NEXT_PHASE, phases),
	SET("seed", CLR_SCHEDULE_SEED, NULL),
};
static const Field price_fields[] = {
	BY(some_ref, zero),
	IN("instrument", INSTRUMENT, u.price.instrument, any_instrument, 1, NULL),
	IN("price", NUMBER, u.price.price, any_price, 100, NULL),
};
static const Field margin_fields[] = {
	BY(some_ref, zero),
	IN("instrument", INSTRUMENT, u.margin.instrument, any_instrument, 1, NULL),
	IN("basis", NUMBER, u.margin.basis, one_or_two, CLR_BASIS_RATE, bases),
	IN("initial", NUMBER, u.margin.initial, any_margin, 100000, NULL),
	IN("maintenance", NUMBER, u.margin.maintenance, zero, 0, NULL),
};
static const Field cash_fields[] = {
	BY(some_ref, any_account),
	IN("asset", ASSET, u.cash.asset, any_asset, 1, NULL),
	IN("amount", NUMBER, u.cash.amount, any_cash, 1000000, NULL),
};
static const Field epoch_fields[] = {
	BY(zero, zero),
	IN("epoch", NUMBER, u.epoch.epoch, any_number, 1, NULL),
	IN("timeline", NUMBER, u.epoch.timeline, any_number, 1, NULL),
	IN("system_id", NUMBER, u.epoch.system_id, any_number, 1, NULL),
};
static const Field house_fields[] = {
	BY(some_ref, zero),
	OUT("name", NAME, one, 1),
	IN("retention", NUMBER, u.open.retention_us, zero, 3000000, NULL),
};
static const Field asset_fields[] = {
	BY(some_ref, zero),
	OUT("slot", SLOT, zero, 0),
	OUT("name", NAME, any_number, 1),
	IN("scale", NUMBER, u.asset.scale, any_scale, 2, NULL),
};
static const Field member_fields[] = {
	BY(some_ref, zero),
	OUT("slot", SLOT, zero, 0),
	OUT("name", NAME, any_number, 1),
	OUT("full_name", NAME2, any_number, 1),
};
static const Field account_fields[] = {
	BY(some_ref, zero),
	OUT("slot", SLOT, zero, 0),
	OUT("name", NAME, any_number, 1),
	IN("member", MEMBER, u.account.member, any_member, 1, NULL),
	IN("type", NUMBER, u.account.account_type, one_or_two, CLR_ACCOUNT_TYPE_CLIENT, NULL),
};
static const Field instrument_fields[] = {
	BY(some_ref, zero),
	OUT("slot", SLOT, zero, 0),
	OUT("name", NAME, any_number, 1),
	IN("kind", NUMBER, u.instrument.kind, one_or_two, CLR_INSTRUMENT_FUTURE, kinds),
	IN("margin_basis", NUMBER, u.instrument.margin_basis, one_or_two, CLR_BASIS_RATE, bases),
	IN("fee_basis", NUMBER, u.instrument.fee_basis, one_or_two, CLR_BASIS_RATE, bases),
	IN("priority", NUMBER, u.instrument.replace_priority, one_or_two, CLR_REPLACE_KEEPS_ON_DECREASE, priorities),
	IN("phase", NUMBER, u.instrument.phase, first_phase, CLR_PHASE_CONTINUOUS, phases),
	IN("tick_exp", NUMBER, u.instrument.tick_exp, zero, 2, NULL),
	IN("base", ASSET, u.instrument.base_asset, any_asset, 0, NULL),
	IN("quote", ASSET, u.instrument.quote_asset, one, 1, NULL),
	IN("tick", NUMBER, u.instrument.tick_size, one, 1, NULL),
	IN("lot", NUMBER, u.instrument.lot_size, one, 1, NULL),
	IN("multiplier", NUMBER, u.instrument.multiplier, any_multiplier, 1, NULL),
	IN("initial", NUMBER, u.instrument.initial_margin, any_margin, 100000, NULL),
	IN("maintenance", NUMBER, u.instrument.maintenance_margin, zero, 50000, NULL),
	IN("maker", NUMBER, u.instrument.maker_fee, any_fee, 0, NULL),
	IN("taker", NUMBER, u.instrument.taker_fee, any_fee, 0, NULL),
	IN("price", NUMBER, u.instrument.reference_price, any_price, 100, NULL),
	IN("has_price", NUMBER, u.instrument.has_reference_price, bit, 1, NULL),
	IN("expiry", NUMBER, u.instrument.expiry_us, zero, 0, NULL),
};
static const Field set_fields_fields[] = {
	BY(some_ref, zero),
	IN("scope", NUMBER, u.fields.scope, one, CLR_SCOPE_INSTRUMENT, scopes),
	IN("object", INSTRUMENT, u.fields.object, any_instrument, 1, NULL),
	IN("sub", NUMBER, u.fields.sub, zero, 0, NULL),
	{"field", PAIR_FIELD, 0, 0, any_rule, CLR_RULE_SELF_MATCH, rules},
	OUT("value", PAIR_VALUE, any_self_match, 0),
};
static const Field set_limit_fields[] = {
	BY(some_ref, zero),
	IN("scope", NUMBER, u.fields.scope, scope_account, CLR_SCOPE_ACCOUNT, scopes),
	IN("object", ACCOUNT, u.fields.object, any_account, 1, NULL),
	IN("sub", NUMBER, u.fields.sub, zero, 0, NULL),
	{"field", PAIR_FIELD, 0, 0, any_limit, CLR_LIMIT_ORDER_QTY, limits},
	OUT("value", PAIR_VALUE, zero, 0),
};
static const Field member_limit_fields[] = {
	BY(some_ref, zero),
	IN("scope", NUMBER, u.fields.scope, scope_member, CLR_SCOPE_MEMBER, scopes),
	IN("object", MEMBER, u.fields.object, any_member, 1, NULL),
	IN("sub", NUMBER, u.fields.sub, zero, 0, NULL),
	{"field", PAIR_FIELD, 0, 0, any_member_limit, CLR_LIMIT_ORDER_QTY, limits},
	OUT("value", PAIR_VALUE, zero, 0),
};
static const Field maker_fields[] = {
	BY(some_ref, zero),
	IN("scope", NUMBER, u.fields.scope, scope_maker, CLR_SCOPE_MAKER, scopes),
	IN("object", INSTRUMENT, u.fields.object, any_instrument, 1, NULL),
	IN("sub", ACCOUNT, u.fields.sub, any_account, 1, NULL),
	{"field", PAIR_FIELD, 0, 0, one, CLR_MAKER_SHARE, makers},
	OUT("value", PAIR_VALUE, zero, 0),
};
static const Field schedule_fields[] = {
	BY(some_ref, zero),
	IN("scope", NUMBER, u.fields.scope, scope_schedule, CLR_SCOPE_SCHEDULE, scopes),
	IN("object", INSTRUMENT, u.fields.object, any_instrument, 1, NULL),
	IN("sub", NUMBER, u.fields.sub, any_entry, 0, NULL),
	SET("time", CLR_SCHEDULE_TIME, NULL),
	SET("phase", CLR_SCHEDULE_PHASE, phases),
	SET("duration", CLR_SCHEDULE_DURATION, NULL),
	SET("random_end", CLR_SCHEDULE_RANDOM_END, NULL),
	SET("next", CLR_SCHEDULE_NEXT_PHASE, phases),
	SET("seed", CLR_SCHEDULE_SEED, NULL),
	SET("weekdays", CLR_SCHEDULE_WEEKDAYS, NULL),
};
static const Field group_fields[] = {
	BY(some_ref, zero),
	IN("scope", NUMBER, u.fields.scope, scope_group, CLR_SCOPE_GROUP, scopes),
	IN("object", NUMBER, u.fields.object, any_group, 1, NULL),
	IN("sub", NUMBER, u.fields.sub, any_tier, 1, NULL),
	SET("window", CLR_GROUP_WINDOW, NULL),
	SET("percent", CLR_GROUP_PERCENT, NULL),
	SET("halt", CLR_GROUP_HALT, NULL),
	SET("call", CLR_GROUP_CALL, NULL),
	SET("direction", CLR_GROUP_DIRECTION, NULL),
	SET("once_a_day", CLR_GROUP_ONCE_A_DAY, NULL),
};
static const Field batch_fields[] = {
	BY(next_ref, any_account),
	OUT("orders", PLAIN, any_batch, 1),	/* so many operations behind it */
};
#define TRADED \
	OUT("trade", TRADE, zero, 0), \
	OUT("nth", PLAIN, zero, 0), \
	OUT("wrong", PLAIN, zero, 0)	/* what is said wrong about it, 0 = nothing */

static const Field bust_fields[] = {
	BY(some_ref, zero),
	TRADED,
};
static const Field correct_fields[] = {
	BY(some_ref, zero),
	TRADED,
	IN("price", NUMBER, u.bust.new_price, any_price, 100, NULL),
	IN("qty", NUMBER, u.bust.new_qty, any_qty, 1, NULL),
};
static const Field kill_fields[] = {
	BY(some_ref, any_account),
	IN("whole_member", NUMBER, u.kill.whole_member, seldom, 0, NULL),
	IN("on", NUMBER, u.kill.on, seldom, 0, NULL),
};
static const Field heartbeat_fields[] = {
	BY(some_ref, any_account),
	IN("session", NUMBER, u.session.session, any_session, 0, NULL),
	IN("timeout", NUMBER, u.session.timeout_us, any_timeout, 1000000, NULL),
};
static const Field disconnect_fields[] = {
	BY(some_ref, any_account),
	IN("session", NUMBER, u.session.session, any_session, 0, NULL),
};
static const Field spread_fields[] = {
	BY(some_ref, zero),
	OUT("slot", SLOT, zero, 0),
	OUT("name", NAME, any_number, 1),
	IN("legs", NUMBER, u.spread.n_legs, two, 2, NULL),
	IN("priority", NUMBER, u.spread.replace_priority, one_or_two, CLR_REPLACE_KEEPS_ON_DECREASE, priorities),
	IN("phase", NUMBER, u.spread.phase, first_phase, CLR_PHASE_CONTINUOUS, phases),
	IN("tick_exp", NUMBER, u.spread.tick_exp, two, 2, NULL),
	IN("tick", NUMBER, u.spread.tick_size, one, 1, NULL),
	IN("leg1", INSTRUMENT, u.spread.leg[0], any_instrument, 1, NULL),
	IN("ratio1", NUMBER, u.spread.ratio[0], one, 1, NULL),
	IN("leg2", INSTRUMENT, u.spread.leg[1], any_instrument, 2, NULL),
	IN("ratio2", NUMBER, u.spread.ratio[1], minus_one, -1, NULL),
	IN("leg3", INSTRUMENT, u.spread.leg[2], zero, 0, NULL),
	IN("ratio3", NUMBER, u.spread.ratio[2], zero, 0, NULL),
	IN("leg4", INSTRUMENT, u.spread.leg[3], zero, 0, NULL),
	IN("ratio4", NUMBER, u.spread.ratio[3], zero, 0, NULL),
};
static const Field quote_fields[] = {
	BY(some_ref, any_account),
	IN("set", NUMBER, u.quote.set, any_session, 0, NULL),
	OUT("instrument", INSTRUMENT, any_instrument, 1),
	OUT("bid", QUOTE, any_price, 99),
	OUT("bid_qty", QUOTE, some_qty, 1),
	OUT("ask", QUOTE, any_price, 101),
	OUT("ask_qty", QUOTE, some_qty, 1),
	OUT("instrument2", INSTRUMENT, some_instrument, 0),
	OUT("bid2", QUOTE, any_price, 99),
	OUT("bid2_qty", QUOTE, some_qty, 1),
	OUT("ask2", QUOTE, any_price, 101),
	OUT("ask2_qty", QUOTE, some_qty, 1),
};
static const Field block_fields[] = {
	OUT("time", PLAIN, any_time, 0),	/* microseconds after the block before */
	OUT("chunk", PLAIN, any_chunk, 1),	/* commands at once, for apply_run */
};

#define FIELDS(f) f, COUNT(f)
#define ALWAYS 0

static const Verb verbs[] = {
	/* for the player: a new block; go on with an engine restored from the views */
	{"block", 0, 50, FIELDS(block_fields), NULL, ALWAYS},
	{"restart", 0, 4, NULL, 0, NULL, ALWAYS},
	{"new_order", CLR_CMD_NEW_ORDER, 540, FIELDS(order_fields), tune_order, ALWAYS},
	{"replace_order", CLR_CMD_REPLACE_ORDER, 140, FIELDS(replace_fields), tune_change, ALWAYS},
	{"cancel_order", CLR_CMD_CANCEL_ORDER, 140, FIELDS(cancel_fields), tune_change, ALWAYS},
	{"mass_cancel", CLR_CMD_MASS_CANCEL, 25, FIELDS(mass_cancel_fields), NULL, ALWAYS},
	{"set_phase", CLR_CMD_SET_PHASE, 25, FIELDS(phase_fields), tune_phase, ALWAYS},
	{"set_mark_price", CLR_CMD_SET_MARK_PRICE, 12, FIELDS(price_fields), NULL, ALWAYS},
	{"settle", CLR_CMD_SETTLE, 10, FIELDS(price_fields), NULL, ALWAYS},
	{"expire", CLR_CMD_EXPIRE, 1, FIELDS(price_fields), NULL, ALWAYS},
	{"set_margin", CLR_CMD_SET_MARGIN, 6, FIELDS(margin_fields), tune_margin, ALWAYS},
	{"set_fields", CLR_CMD_SET_FIELDS, 4, FIELDS(set_fields_fields), tune_rule, ALWAYS},
	{"deposit", CLR_CMD_DEPOSIT, 20, FIELDS(cash_fields), NULL, ALWAYS},
	{"withdraw", CLR_CMD_WITHDRAW, 20, FIELDS(cash_fields), NULL, ALWAYS},
	{"epoch", CLR_CMD_EPOCH, 2, FIELDS(epoch_fields), NULL, ALWAYS},
	{"open_house", CLR_CMD_OPEN_HOUSE, 1, FIELDS(house_fields), NULL, ALWAYS},
	{"create_asset", CLR_CMD_CREATE_ASSET, 1, FIELDS(asset_fields), NULL, ALWAYS},
	{"create_member", CLR_CMD_CREATE_MEMBER, 1, FIELDS(member_fields), NULL, ALWAYS},
	{"create_account", CLR_CMD_CREATE_ACCOUNT, 2, FIELDS(account_fields), NULL, ALWAYS},
	{"create_instrument", CLR_CMD_CREATE_INSTRUMENT, 1, FIELDS(instrument_fields), tune_instrument, ALWAYS},
	{"set_limit", CLR_CMD_SET_FIELDS, 12, FIELDS(set_limit_fields), tune_limit, RICH_LIMITS},
	{"kill_switch", CLR_CMD_KILL_SWITCH, 12, FIELDS(kill_fields), NULL, RICH_LIMITS},
	{"heartbeat", CLR_CMD_HEARTBEAT, 10, FIELDS(heartbeat_fields), NULL, RICH_LIMITS},
	{"disconnect", CLR_CMD_DISCONNECT, 10, FIELDS(disconnect_fields), NULL, RICH_LIMITS},
	{"create_spread", CLR_CMD_CREATE_SPREAD, 1, FIELDS(spread_fields), tune_spread, RICH_SPREADS},
	{"mass_quote", CLR_CMD_MASS_QUOTE, 60, FIELDS(quote_fields), tune_quote, RICH_QUOTES},
	{"batch", CLR_CMD_BATCH, 50, FIELDS(batch_fields), NULL, RICH_BATCHES},
	{"bust_trade", CLR_CMD_BUST_TRADE, 25, FIELDS(bust_fields), tune_bust, RICH_BUSTS},
	{"correct_trade", CLR_CMD_CORRECT_TRADE, 25, FIELDS(correct_fields), tune_bust, RICH_BUSTS},
	{"set_member_limit", CLR_CMD_SET_FIELDS, 5, FIELDS(member_limit_fields), tune_limit, RICH_LIMITS},
	{"set_maker", CLR_CMD_SET_FIELDS, 8, FIELDS(maker_fields), tune_maker, RICH_ALLOCATION},
	{"set_schedule", CLR_CMD_SET_FIELDS, 15, FIELDS(schedule_fields), tune_schedule, RICH_SCHEDULES},
	{"set_group", CLR_CMD_SET_FIELDS, 6, FIELDS(group_fields), tune_group, RICH_BREAKERS},
};

const Verb *
op_verb(unsigned verb)
{
	return verb < COUNT(verbs) ? &verbs[verb] : NULL;
}

unsigned
op_verb_named(const char *name)
{
	for (unsigned i = 0; i < COUNT(verbs); i++)
		if (strcmp(verbs[i].name, name) == 0)
			return i;
	fprintf(stderr, "no verb %s\n", name);
	abort();
}

int
op_field_named(const Op *op, const char *field)
{
	const Verb *v = &verbs[op->verb];

	for (size_t i = 0; i < v->n; i++)
		if (strcmp(v->fields[i].name, field) == 0)
			return (int) i;
	return -1;
}

int64_t *
value_of(Op *op, const char *field)
{
	int			i = op_field_named(op, field);

	if (i < 0)
	{
		fprintf(stderr, "%s has no %s\n", verbs[op->verb].name, field);
		abort();
	}
	return &op->v[i];
}

int64_t
op_get(const Op *op, const char *field)
{
	int			i = op_field_named(op, field);

	return i < 0 ? 0 : op->v[i];
}

bool
op_is(const Op *op, const char *verb)
{
	return strcmp(verbs[op->verb].name, verb) == 0;
}

/* The orders of a batch are the operations behind it. */
size_t
op_members(const OpList *list, size_t at)
{
	size_t		n = 0;
	int64_t		most;

	if (!op_is(&list->ops[at], "batch"))
		return 0;
	most = op_get(&list->ops[at], "orders");
	while ((int64_t) n < most && at + n + 1 < list->n && n < CLR_BATCH_MAX)
	{
		uint8_t		type = verbs[list->ops[at + n + 1].verb].type;

		if (type != CLR_CMD_NEW_ORDER && type != CLR_CMD_REPLACE_ORDER && type != CLR_CMD_CANCEL_ORDER)
			break;
		n++;
	}
	return n;
}
