/*
 * field.c
 *	  The store of fields (fields.h): a hash table of those that differ from
 *	  their defaults, and the command that sets them.
 *
 * Whoever keeps a copy of a field where it is faster to read (trading rules in
 * ClrInstrument.rule[]) brings it up to date in clr_field_applied(), which
 * runs after every change, also while a state is loaded.
 */
#include "engine/internal.h"

#define START_SLOTS 64

static bool
same_key(const ClrFieldSlot *s, const ClrFieldView *key)
{
	return s->v.scope == key->scope && s->v.field == key->field &&
		s->v.object == key->object && s->v.sub == key->sub;
}

static uint32_t
home_of(const ClrFieldStore *f, const ClrFieldView *key)
{
	uint64_t	h = key->object * UINT64_C(0x9E3779B97F4A7C15);

	h = (h ^ (h >> 29) ^ key->sub) * UINT64_C(0xBF58476D1CE4E5B9);
	h = (h ^ (h >> 32) ^ ((uint64_t) key->scope << 16 | key->field)) *
		UINT64_C(0x94D049BB133111EB);
	return (uint32_t) (h >> 32) & f->mask;
}

/* Slot of the key, or the empty slot where it belongs; the table is not full. */
static ClrFieldSlot *
find_slot(const ClrFieldStore *f, const ClrFieldView *key)
{
	for (uint32_t i = home_of(f, key);; i = (i + 1) & f->mask)
		if (!f->slots[i].used || same_key(&f->slots[i], key))
			return &f->slots[i];
}

static bool
grow_store(ClrFieldStore *f)
{
	ClrFieldStore bigger = {0};
	uint32_t	n = f->mask == 0 ? START_SLOTS : 2 * (f->mask + 1);

	bigger.slots = calloc(n, sizeof(ClrFieldSlot));
	if (bigger.slots == NULL)
		return false;
	bigger.mask = n - 1;
	bigger.count = f->count;
	for (uint32_t i = 0; f->mask != 0 && i <= f->mask; i++)
		if (f->slots[i].used)
			*find_slot(&bigger, &f->slots[i].v) = f->slots[i];
	free(f->slots);
	*f = bigger;
	return true;
}

/* Empties a slot; what was displaced moves back. */
static void
remove_slot(ClrFieldStore *f, ClrFieldSlot *slot)
{
	uint32_t	hole = (uint32_t) (slot - f->slots);

	f->count--;
	for (uint32_t i = (hole + 1) & f->mask; f->slots[i].used;
		 i = (i + 1) & f->mask)
	{
		uint32_t	home = home_of(f, &f->slots[i].v);

		/* may it stand in the hole: is its home not between hole and it? */
		if (((i - home) & f->mask) >= ((i - hole) & f->mask))
		{
			f->slots[hole] = f->slots[i];
			hole = i;
		}
	}
	f->slots[hole].used = false;
}

int64_t
clr_field_get(const ClrEngine *e, uint8_t scope, uint64_t object, uint64_t sub,
			  uint16_t field)
{
	ClrFieldView key = {scope, field, object, sub, 0};
	const ClrFieldInfo *info;

	if (e->fields.count > 0)
	{
		const ClrFieldSlot *slot = find_slot(&e->fields, &key);

		if (slot->used)
			return slot->v.value;
	}
	info = clr_field_info(scope, field);
	return info == NULL ? 0 : info->initial;
}

/* Copies of fields that are kept elsewhere. */
static void
clr_field_applied(ClrEngine *e, const ClrFieldView *v)
{
	if (v->scope == CLR_SCOPE_MARKET && v->field >= CLR_MARKET_TRAIL &&
		v->field < CLR_MARKET_TRAIL + 4 && e->restoring &&
		v->value != CLR_NO_PRICE)
		(void) clr_trail_restore(e, v);
	if (v->scope == CLR_SCOPE_INSTRUMENT && v->field < CLR_RULE_MAX)
	{
		ClrInstrument *in = instrument_at(e, (uint32_t) v->object);

		in->rule[v->field] = v->value;
		clr_rules_changed(e, in);
		if (v->field == CLR_RULE_PRODUCT_GROUP || v->field == CLR_RULE_GROUP_LEAD)
			clr_breaker_rules_changed(e);
	}
	else if (v->scope == CLR_SCOPE_LEG)
		clr_leg_applied(e, v);
	else if (v->scope == CLR_SCOPE_MARKET && v->field == CLR_MARKET_TOP && v->sub < 2)
		instrument_at(e, (uint32_t) v->object)->top[v->sub] = (uint64_t) v->value;
	else if (v->scope == CLR_SCOPE_MARKET && v->field == CLR_MARKET_IMPLIED_OFF)
		instrument_at(e, (uint32_t) v->object)->implied_off = v->value != 0;
	else if (v->scope == CLR_SCOPE_MARKET && v->field == CLR_MARKET_CALL_END && v->value > 0)
		clr_timer_add(e, CLR_TIMER_CALL_END, v->object, 0, v->value);
	else if (v->scope == CLR_SCOPE_SCHEDULE)
		clr_schedule_arm(e, v->object, v->sub);
	else if (v->scope == CLR_SCOPE_ACCOUNT || v->scope == CLR_SCOPE_MEMBER)
		clr_limit_applied(e, v);
	else if (v->scope == CLR_SCOPE_SESSION && v->field == CLR_SESSION_DEADLINE &&
			 v->value != 0 && e->restoring)
		clr_timer_add(e, CLR_TIMER_DEAD_MAN, v->object, v->sub, v->value);
}

/* Stores a value; false = no memory. */
static bool
store(ClrEngine *e, const ClrFieldView *v, bool *changed)
{
	ClrFieldStore *f = &e->fields;
	const ClrFieldInfo *info = clr_field_info(v->scope, v->field);
	int64_t		initial = info == NULL ? 0 : info->initial;
	ClrFieldSlot *slot;

	if ((f->count + 1) * 4 > (f->mask + 1) * 3 || f->mask == 0)
		if (!grow_store(f))
			return false;
	slot = find_slot(f, v);
	*changed = (slot->used ? slot->v.value : initial) != v->value;
	if (!*changed)
		return true;
	if (v->value == initial)
		remove_slot(f, slot);
	else
	{
		f->count += !slot->used;
		slot->used = true;
		slot->v = *v;
	}
	return true;
}

/* Gives a field a value and reports it if that is a change. */
void
clr_field_set(ClrEngine *e, uint8_t scope, uint64_t object, uint64_t sub,
			  uint16_t field, int64_t value)
{
	ClrFieldView v = {scope, field, object, sub, value};
	bool		changed;

	if (!store(e, &v, &changed))
	{
		e->oom = true;
		return;
	}
	if (!changed)
		return;
	clr_field_applied(e, &v);
	clr_emit_field(e, &v);
}

/* Trading rules of a new instrument, as the list of fields has them. */
void
clr_rules_init(ClrInstrument *in)
{
	const ClrFieldInfo *info;

	for (unsigned i = 0; (info = clr_field_catalog(i)) != NULL; i++)
		if (info->scope == CLR_SCOPE_INSTRUMENT && info->field < CLR_RULE_MAX)
			in->rule[info->field] = info->initial;
}

/* Does what a field belongs to exist? */
static bool
object_exists(const ClrEngine *e, uint8_t scope, uint64_t object, uint64_t sub)
{
	switch (scope)
	{
		case CLR_SCOPE_INSTRUMENT:
		case CLR_SCOPE_SCHEDULE:
		case CLR_SCOPE_LEG:
		case CLR_SCOPE_MARKET:
			return object <= UINT32_MAX && instrument_exists(e, (uint32_t) object) &&
				(scope != CLR_SCOPE_INSTRUMENT || sub == 0);
		case CLR_SCOPE_MAKER:
			return object <= UINT32_MAX && instrument_exists(e, (uint32_t) object) &&
				sub <= UINT32_MAX && account_exists(e, (uint32_t) sub);
		case CLR_SCOPE_ACCOUNT:
		case CLR_SCOPE_SESSION:
			return object <= UINT32_MAX && account_exists(e, (uint32_t) object) &&
				object >= CLR_ACCOUNT_FIRST &&
				(scope != CLR_SCOPE_ACCOUNT || sub == 0);
		case CLR_SCOPE_MEMBER:
			return object >= 1 && object < e->n_members && sub == 0;
		case CLR_SCOPE_GROUP:
			return object >= 1 && object <= UINT16_MAX && sub <= UINT16_MAX;
		case CLR_SCOPE_TRADE:
			return object >= 1 && object < e->house.next_trade && sub == 0;
		default:
			return false;
	}
}

static ClrReason
missing_object(uint8_t scope, uint64_t object)
{
	switch (scope)
	{
		case CLR_SCOPE_ACCOUNT:
		case CLR_SCOPE_SESSION:
			return object >= 1 && object < CLR_ACCOUNT_FIRST ?
				CLR_R_SYSTEM_ACCOUNT : CLR_R_UNKNOWN_ACCOUNT;
		case CLR_SCOPE_MAKER:
			return CLR_R_UNKNOWN_ACCOUNT;
		case CLR_SCOPE_MEMBER:
			return CLR_R_UNKNOWN_MEMBER;
		case CLR_SCOPE_INSTRUMENT:
		case CLR_SCOPE_SCHEDULE:
		case CLR_SCOPE_LEG:
		case CLR_SCOPE_MARKET:
			return CLR_R_UNKNOWN_INSTRUMENT;
		default:
			return CLR_R_PARAMETER_INVALID;
	}
}

/* What a range can't say. */
static ClrReason
check_value(const ClrEngine *e, const ClrCommand *cmd, uint16_t field, int64_t value)
{
	uint8_t		scope = cmd->u.fields.scope;

	if (scope == CLR_SCOPE_INSTRUMENT && field == CLR_RULE_ALLOCATION &&
		!clr_allocation_valid(value))
		return CLR_R_FIELD_VALUE;
	if (scope == CLR_SCOPE_INSTRUMENT && value != 0 &&
		is_spread(instrument_at(e, (uint32_t) cmd->u.fields.object)) &&
		(field == CLR_RULE_PRODUCT_GROUP || field == CLR_RULE_OPENING_UNCROSS || field == CLR_RULE_MARKET_ORDERS_REST))
		return CLR_R_NOT_FOR_SPREADS;
	/* instruments expire by EXPIRE only */
	if (scope == CLR_SCOPE_SCHEDULE && value == CLR_PHASE_EXPIRED &&
		(field == CLR_SCHEDULE_PHASE || field == CLR_SCHEDULE_NEXT_PHASE))
		return CLR_R_FIELD_VALUE;
	if (scope == CLR_SCOPE_GROUP && !clr_group_field_fits(cmd->u.fields.sub, field))
		return CLR_R_UNKNOWN_FIELD;
	if (scope == CLR_SCOPE_MAKER && field == CLR_MAKER_SHARE &&
		clr_maker_shares(e, (uint32_t) cmd->u.fields.object,
						 cmd->u.fields.sub) + value > CLR_RATE_UNIT)
		return CLR_R_MAKER_SHARES;
	return CLR_OK;
}

/* What a field of an entry will be when the command has been executed. */
static int64_t
schedule_value(const ClrEngine *e, const ClrCommand *cmd, ClrScheduleField field)
{
	int64_t		value;

	for (unsigned i = cmd->pairs.n; i > 0; i--)
		if (clr_pair_field(&cmd->pairs, i - 1, &value) == field)
			return value;
	return clr_field_get(e, CLR_SCOPE_SCHEDULE, cmd->u.fields.object,
						 cmd->u.fields.sub, (uint16_t) field);
}

/* An entry whose end or time means nothing is a mistake. */
static ClrReason
check_schedule(const ClrEngine *e, const ClrCommand *cmd)
{
	int64_t		time = schedule_value(e, cmd, CLR_SCHEDULE_TIME);

	if (schedule_value(e, cmd, CLR_SCHEDULE_PHASE) == 0)
		return CLR_OK;			/* it is taken away */
	if (time >= CLR_DAY_US && time <= e->house.time_us)
		return CLR_R_FIELD_CONFLICT;
	if (schedule_value(e, cmd, CLR_SCHEDULE_DURATION) == 0 &&
		(schedule_value(e, cmd, CLR_SCHEDULE_RANDOM_END) != 0 ||
		 schedule_value(e, cmd, CLR_SCHEDULE_NEXT_PHASE) != 0))
		return CLR_R_FIELD_CONFLICT;
	return CLR_OK;
}

/* Each value by itself, then all of them together. */
static ClrReason
check_fields(const ClrEngine *e, const ClrCommand *cmd)
{
	uint8_t		scope = cmd->u.fields.scope;

	if (!object_exists(e, scope, cmd->u.fields.object, cmd->u.fields.sub))
		return missing_object(scope, cmd->u.fields.object);
	for (unsigned i = 0; i < cmd->pairs.n; i++)
	{
		int64_t		value;
		uint16_t	field = clr_pair_field(&cmd->pairs, i, &value);
		const ClrFieldInfo *info = clr_field_info(scope, field);
		ClrReason	reason;

		if (info == NULL || (info->flags & CLR_FIELD_SETTABLE) == 0)
			return CLR_R_UNKNOWN_FIELD;
		if (value < info->min || value > info->max)
			return CLR_R_FIELD_VALUE;
		reason = check_value(e, cmd, field, value);
		if (reason != CLR_OK)
			return reason;
	}
	return scope == CLR_SCOPE_SCHEDULE ? check_schedule(e, cmd) : CLR_OK;
}

ClrReason
clr_do_set_fields(ClrEngine *e, const ClrCommand *cmd)
{
	ClrReason	reason = check_fields(e, cmd);

	if (reason != CLR_OK)
		return reason;
	if (cmd->u.fields.scope == CLR_SCOPE_INSTRUMENT ||
		cmd->u.fields.scope == CLR_SCOPE_SCHEDULE)
		e->out.instrument = (uint32_t) cmd->u.fields.object;
	e->out.id = cmd->u.fields.object;
	for (unsigned i = 0; i < cmd->pairs.n; i++)
	{
		int64_t		value;
		uint16_t	field = clr_pair_field(&cmd->pairs, i, &value);

		clr_field_set(e, cmd->u.fields.scope, cmd->u.fields.object,
					  cmd->u.fields.sub, field, value);
		if (cmd->u.fields.scope == CLR_SCOPE_INSTRUMENT &&
			field == CLR_RULE_ALLOCATION)
			clr_allocation_changed(e, instrument_at(e, e->out.instrument));
		if (cmd->u.fields.scope == CLR_SCOPE_INSTRUMENT && field == CLR_RULE_PRODUCT_GROUP)
			clr_breaker_forget(e, instrument_at(e, e->out.instrument));
		if (cmd->u.fields.scope == CLR_SCOPE_GROUP && field == CLR_GROUP_WINDOW)
			clr_breaker_window_changed(e, cmd->u.fields.object);
		if (cmd->u.fields.scope == CLR_SCOPE_INSTRUMENT && field == CLR_RULE_OPENING_UNCROSS)
		{
			ClrInstrument *in = instrument_at(e, e->out.instrument);

			clr_cross_only_follow(e, in, in->v.phase, false);
		}
		if (cmd->u.fields.scope == CLR_SCOPE_INSTRUMENT &&
			(field == CLR_RULE_LIMIT_UP || field == CLR_RULE_LIMIT_DOWN))
			clr_beyond_follow(e, instrument_at(e, e->out.instrument));
		if (cmd->u.fields.scope == CLR_SCOPE_INSTRUMENT && field == CLR_RULE_IMPLIED)
			clr_implied_resume(e, instrument_at(e, e->out.instrument));
	}
	return CLR_OK;
}

bool
clr_restore_field(ClrEngine *e, const ClrFieldView *v)
{
	const ClrFieldInfo *info = clr_field_info(v->scope, v->field);
	bool		changed;

	if (!clr_restore_ready(e))
		return false;
	if (info == NULL || v->value < info->min || v->value > info->max ||
		!object_exists(e, v->scope, v->object, v->sub))
		return clr_restore_fail(e, "a field is not valid");
	if (!store(e, v, &changed))
		return clr_restore_fail(e, "out of memory");
	if (!changed && v->value != info->initial)
		return clr_restore_fail(e, "a field is given twice");
	clr_field_applied(e, v);
	return true;
}

static int
compare_fields(const void *a, const void *b)
{
	const ClrFieldView *x = a;
	const ClrFieldView *y = b;

	if (x->scope != y->scope)
		return x->scope < y->scope ? -1 : 1;
	if (x->object != y->object)
		return x->object < y->object ? -1 : 1;
	if (x->sub != y->sub)
		return x->sub < y->sub ? -1 : 1;
	return (x->field > y->field) - (x->field < y->field);
}

/* All stored fields by scope, object, sub and number; to be freed. */
ClrFieldView *
clr_fields_sorted(const ClrEngine *e, uint32_t *n)
{
	const ClrFieldStore *f = &e->fields;
	ClrFieldView *list = malloc(((size_t) f->count + 1) * sizeof(ClrFieldView));

	*n = 0;
	if (list == NULL)
		return NULL;
	for (uint32_t i = 0; f->mask != 0 && i <= f->mask; i++)
		if (f->slots[i].used)
			list[(*n)++] = f->slots[i].v;
	qsort(list, *n, sizeof(ClrFieldView), compare_fields);
	return list;
}
