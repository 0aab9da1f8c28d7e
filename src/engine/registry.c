/*
 * registry.c
 *	  The house, its assets, members and accounts, and the index of names.
 *
 * Names are unique per kind: assets, member codes, accounts (across all
 * members) and instrument symbols.  They are compared byte by byte.
 */
#include "engine/internal.h"

static bool
name_equals(const ClrEngine *e, ClrNameKind kind, uint32_t id,
			const uint8_t *name, size_t len)
{
	const uint8_t *other;
	size_t		other_len;

	switch (kind)
	{
		case CLR_NAME_ASSET:
			other = asset_at(e, id)->v.name;
			other_len = asset_at(e, id)->v.name_len;
			break;
		case CLR_NAME_MEMBER:
			other = e->members[id].v.code;
			other_len = e->members[id].v.code_len;
			break;
		case CLR_NAME_ACCOUNT:
			other = e->accounts[id].v.name;
			other_len = e->accounts[id].v.name_len;
			break;
		default:
			other = instrument_at(e, id)->v.symbol;
			other_len = instrument_at(e, id)->v.symbol_len;
			break;
	}
	return len == other_len && memcmp(name, other, len) == 0;
}

/*
 * The map holds the name under its hash, or under the next key that is free
 * if other names have the same hash (names are never removed).
 */
static uint64_t
name_key(const ClrEngine *e, ClrNameKind kind, const uint8_t *name, size_t len,
		 uint32_t *found)
{
	uint64_t	key = clr_xxh64(name, len, (uint64_t) kind);

	for (;; key += 4)
	{
		uint64_t	tagged = (key & ~UINT64_C(3)) | ((uint64_t) kind - 1);

		*found = clr_map_get(&e->names, tagged);
		if (*found == CLR_NONE || name_equals(e, kind, *found, name, len))
			return tagged;
	}
}

uint64_t
clr_name_find(const ClrEngine *e, ClrNameKind kind, const uint8_t *name,
			  size_t len)
{
	uint32_t	found;

	(void) name_key(e, kind, name, len, &found);
	return found == CLR_NONE ? 0 : (uint64_t) found + 1;
}

bool
clr_name_add(ClrEngine *e, ClrNameKind kind, const uint8_t *name, size_t len,
			 uint32_t id)
{
	uint32_t	found;
	uint64_t	key = name_key(e, kind, name, len, &found);

	return found == CLR_NONE && clr_map_put(&e->names, key, id);
}

ClrReason
clr_name_check(const ClrEngine *e, ClrNameKind kind, const ClrText *name)
{
	if (name->len == 0 || !clr_text_valid(name->data, name->len))
		return CLR_R_NAME_INVALID;
	if (clr_name_find(e, kind, name->data, name->len) != 0)
		return CLR_R_NAME_TAKEN;
	return CLR_OK;
}

bool
clr_add_asset(ClrEngine *e, const ClrAssetView *v)
{
	ClrAsset   *a;
	uint32_t	world,
				fees,
				settlement;

	if (!clr_grow((void **) &e->assets, &e->cap_assets, e->n_assets + 1,
				  sizeof(ClrAsset)))
		return false;
	a = &e->assets[e->n_assets++];
	memset(a, 0, sizeof(*a));
	a->v = *v;
	world = clr_wallet_get(e, CLR_ACCOUNT_WORLD, v->asset);
	fees = clr_wallet_get(e, CLR_ACCOUNT_FEES, v->asset);
	settlement = clr_wallet_get(e, CLR_ACCOUNT_SETTLEMENT, v->asset);
	if (world == CLR_NONE || fees == CLR_NONE || settlement == CLR_NONE)
		return false;
	a->world = world;
	a->fees = fees;
	a->settlement = settlement;
	return clr_name_add(e, CLR_NAME_ASSET, v->name, v->name_len, v->asset);
}

bool
clr_add_member(ClrEngine *e, const ClrMemberView *v)
{
	if (!clr_grow((void **) &e->members, &e->cap_members, v->member + 1,
				  sizeof(ClrMember)))
		return false;
	memset(&e->members[v->member], 0, sizeof(ClrMember));
	e->members[v->member].v = *v;
	e->n_members = v->member + 1;
	return clr_name_add(e, CLR_NAME_MEMBER, v->code, v->code_len, v->member);
}

bool
clr_add_account(ClrEngine *e, const ClrAccountView *v)
{
	ClrAccount *a;

	if (!clr_grow((void **) &e->accounts, &e->cap_accounts, v->account + 1,
				  sizeof(ClrAccount)))
		return false;
	while (e->n_accounts <= v->account)
		e->accounts[e->n_accounts++] = (ClrAccount) {.used = false};
	a = &e->accounts[v->account];
	a->v = *v;
	a->used = true;
	a->positions = CLR_NONE;
	clr_account_restrict(e, v->account);
	return clr_name_add(e, CLR_NAME_ACCOUNT, v->name, v->name_len, v->account);
}

bool
clr_add_instrument(ClrEngine *e, const ClrInstrumentView *v)
{
	ClrInstrument *in;

	if (!clr_grow((void **) &e->instruments, &e->cap_instruments,
				  e->n_instruments + 1, sizeof(ClrInstrument)))
		return false;
	in = &e->instruments[e->n_instruments++];
	memset(in, 0, sizeof(*in));
	in->v = *v;
	in->positions = CLR_NONE;
	clr_rules_init(in);
	for (int s = 0; s < 2; s++)
	{
		in->market[s] = CLR_NONE;
		in->side[s].root = CLR_NONE;
		in->side[s].best = CLR_NONE;
	}
	clr_triggers_init(in);
	clr_margin_rates(in);
	clr_rules_changed(e, in);
	return clr_name_add(e, CLR_NAME_INSTRUMENT, v->symbol, v->symbol_len,
						v->instrument);
}

/* An epoch only ever rises: a fenced-off sequencer can't come back. */
ClrReason
clr_do_epoch(ClrEngine *e, const ClrCommand *cmd)
{
	if (cmd->u.epoch.epoch <= e->house.epoch)
		return CLR_R_PARAMETER_INVALID;
	e->house.epoch = cmd->u.epoch.epoch;
	e->out.id = e->house.epoch;
	if (e->house.open)
		clr_emit_house(e);
	return CLR_OK;
}

static bool
open_account(ClrEngine *e, uint32_t id, const char *name)
{
	ClrAccountView v = {.account = id, .account_type = CLR_ACCOUNT_TYPE_SYSTEM};

	v.name_len = (uint8_t) strlen(name);
	memcpy(v.name, name, v.name_len);
	if (!clr_add_account(e, &v))
		return false;
	clr_emit_account(e, &e->accounts[id]);
	return true;
}

ClrReason
clr_do_open_house(ClrEngine *e, const ClrCommand *cmd)
{
	ClrMemberView house = {.member = CLR_MEMBER_HOUSE, .code_len = 5};

	if (e->house.open)
		return CLR_R_HOUSE_ALREADY_OPEN;
	if (cmd->text.len == 0 || !clr_text_valid(cmd->text.data, cmd->text.len))
		return CLR_R_NAME_INVALID;
	if (cmd->u.open.retention_us < 0 ||
		cmd->u.open.retention_us > CLR_RETENTION_MAX)
		return CLR_R_PARAMETER_INVALID;

	e->house.open = true;
	e->house.retention_us = cmd->u.open.retention_us;
	e->house.name_len = (uint8_t) cmd->text.len;
	memcpy(e->house.name, cmd->text.data, cmd->text.len);
	clr_emit_house(e);

	memcpy(house.code, "house", 5);
	house.name_len = e->house.name_len;
	memcpy(house.name, cmd->text.data, cmd->text.len);
	if (!clr_add_member(e, &house))
		e->oom = true;
	else
		clr_emit_member(e, &e->members[CLR_MEMBER_HOUSE]);
	if (!open_account(e, CLR_ACCOUNT_WORLD, "world") ||
		!open_account(e, CLR_ACCOUNT_FEES, "fees") ||
		!open_account(e, CLR_ACCOUNT_SETTLEMENT, "settlement"))
		e->oom = true;
	return CLR_OK;
}

ClrReason
clr_do_create_asset(ClrEngine *e, const ClrCommand *cmd)
{
	ClrAssetView v = {.asset = e->house.next_asset, .scale = cmd->u.asset.scale};
	ClrReason	reason = clr_name_check(e, CLR_NAME_ASSET, &cmd->text);

	if (reason != CLR_OK)
		return reason;
	if (cmd->u.asset.scale > CLR_SCALE_MAX)
		return CLR_R_SCALE_INVALID;
	if (v.asset == CLR_NONE)
		return CLR_R_LIMIT_EXCEEDED;
	v.name_len = (uint8_t) cmd->text.len;
	memcpy(v.name, cmd->text.data, cmd->text.len);
	e->house.next_asset++;
	e->out.id = v.asset;
	if (!clr_add_asset(e, &v))
		e->oom = true;
	else
		clr_emit_asset(e, asset_at(e, v.asset));
	return CLR_OK;
}

ClrReason
clr_do_create_member(ClrEngine *e, const ClrCommand *cmd)
{
	ClrMemberView v = {.member = e->house.next_member};
	ClrReason	reason = clr_name_check(e, CLR_NAME_MEMBER, &cmd->text);

	if (reason != CLR_OK)
		return reason;
	if (!clr_text_valid(cmd->text2.data, cmd->text2.len))
		return CLR_R_NAME_INVALID;
	if (v.member == CLR_NONE)
		return CLR_R_LIMIT_EXCEEDED;
	v.code_len = (uint8_t) cmd->text.len;
	memcpy(v.code, cmd->text.data, cmd->text.len);
	v.name_len = (uint8_t) cmd->text2.len;
	if (cmd->text2.len > 0)
		memcpy(v.name, cmd->text2.data, cmd->text2.len);
	e->house.next_member++;
	e->out.id = v.member;
	if (!clr_add_member(e, &v))
		e->oom = true;
	else
		clr_emit_member(e, &e->members[v.member]);
	return CLR_OK;
}

ClrReason
clr_do_create_account(ClrEngine *e, const ClrCommand *cmd)
{
	ClrAccountView v = {.account = e->house.next_account};
	ClrReason	reason;

	v.member = cmd->u.account.member;
	v.account_type = cmd->u.account.account_type;
	if (v.member == CLR_MEMBER_HOUSE || v.member >= e->n_members)
		return CLR_R_UNKNOWN_MEMBER;
	if (v.account_type != CLR_ACCOUNT_TYPE_HOUSE &&
		v.account_type != CLR_ACCOUNT_TYPE_CLIENT)
		return CLR_R_PARAMETER_INVALID;
	reason = clr_name_check(e, CLR_NAME_ACCOUNT, &cmd->text);
	if (reason != CLR_OK)
		return reason;
	if (v.account == CLR_NONE)
		return CLR_R_LIMIT_EXCEEDED;
	v.name_len = (uint8_t) cmd->text.len;
	memcpy(v.name, cmd->text.data, cmd->text.len);
	e->house.next_account++;
	e->out.id = v.account;
	if (!clr_add_account(e, &v))
		e->oom = true;
	else
		clr_emit_account(e, &e->accounts[v.account]);
	return CLR_OK;
}
