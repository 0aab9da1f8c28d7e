/*
 * instrument.c
 *	  Listing, mark price and margin parameters.  Phases are in phase.c.
 */
#include "engine/internal.h"

/* A product of decimal mantissas as rest * 2^twos * 5^fives. */
typedef struct Factored
{
	int64_t		rest[3];
	int			n;
	int			twos;
	int			fives;
} Factored;

/* Multiplies by mantissa / 10^exp. */
static void
factor_in(Factored *f, int64_t mantissa, int exp)
{
	f->twos -= exp;
	f->fives -= exp;
	for (; mantissa % 2 == 0; mantissa /= 2)
		f->twos++;
	for (; mantissa % 5 == 0; mantissa /= 5)
		f->fives++;
	f->rest[f->n++] = mantissa;
}

/* The product times 10^scale: exact, a whole number, within range. */
static ClrReason
factored_value(const Factored *f, int scale, int64_t *value)
{
	int			twos = f->twos + scale;
	int			fives = f->fives + scale;
	clr_int128	v = 1;

	if (twos < 0 || fives < 0)
		return CLR_R_NOT_EXACT;
	for (int i = 0; i < f->n; i++)
	{
		v *= f->rest[i];
		if (v > CLR_AMOUNT_MAX)
			return CLR_R_OVERFLOW;
	}
	for (; twos > 0 && v <= CLR_AMOUNT_MAX; twos--)
		v *= 2;
	for (; fives > 0 && v <= CLR_AMOUNT_MAX; fives--)
		v *= 5;
	if (v > CLR_AMOUNT_MAX)
		return CLR_R_OVERFLOW;
	*value = (int64_t) v;
	return CLR_OK;
}

/*
 * Minor units of the quote asset per tick and lot, and of the base asset per
 * lot.  Both must be whole, so that every price times quantity is exact.
 */
ClrReason
clr_instrument_derive(const ClrEngine *e, ClrInstrumentView *v)
{
	Factored	tick = {.n = 0};
	Factored	lot = {.n = 0};
	ClrReason	reason;

	factor_in(&tick, v->tick_size, v->tick_exp);
	factor_in(&tick, v->lot_size, v->lot_exp);
	if (v->kind != CLR_INSTRUMENT_SPOT)
		factor_in(&tick, v->multiplier, v->multiplier_exp);
	reason = factored_value(&tick, asset_at(e, v->quote_asset)->v.scale,
							&v->tick_value);
	if (reason != CLR_OK || v->kind != CLR_INSTRUMENT_SPOT)
		return reason;
	factor_in(&lot, v->lot_size, v->lot_exp);
	return factored_value(&lot, asset_at(e, v->base_asset)->v.scale,
						  &v->lot_units);
}

bool
clr_price_valid(const ClrInstrument *in, int64_t price)
{
	if (price > CLR_PRICE_MAX || price < -CLR_PRICE_MAX)
		return false;
	return is_future(in) || price > 0;
}

/* Rates are at most 100 %, amounts at most CLR_AMOUNT_MAX. */
static bool
basis_valid(uint8_t basis, int64_t amount)
{
	if (basis == CLR_BASIS_RATE)
		return amount <= CLR_RATE_UNIT && amount >= -CLR_RATE_UNIT;
	return basis == CLR_BASIS_LOT &&
		amount <= CLR_AMOUNT_MAX && amount >= -CLR_AMOUNT_MAX;
}

static bool
margin_valid(uint8_t basis, int64_t initial, int64_t maintenance)
{
	return basis_valid(basis, initial) && maintenance >= 0 &&
		maintenance <= initial;
}

/* A rebate to makers is fine as long as takers pay for it. */
static bool
fees_valid(uint8_t basis, int64_t maker, int64_t taker)
{
	return basis_valid(basis, maker) && basis_valid(basis, taker) &&
		(clr_int128) maker + taker >= 0;
}

static ClrReason
check_spot(const ClrEngine *e, const ClrInstrumentView *v)
{
	if (!asset_exists(e, v->base_asset))
		return CLR_R_UNKNOWN_ASSET;
	if (v->base_asset == v->quote_asset ||
		v->multiplier != 1 || v->multiplier_exp != 0 ||
		v->margin_basis > CLR_BASIS_LOT ||
		v->initial_margin != 0 || v->maintenance_margin != 0 ||
		v->fee_basis != CLR_BASIS_RATE || v->expiry_us != 0)
		return CLR_R_PARAMETER_INVALID;
	return CLR_OK;
}

/* Parameters of a listing, or of one that is loaded. */
ClrReason
clr_instrument_check(const ClrEngine *e, const ClrInstrumentView *v)
{
	ClrReason	reason = CLR_OK;

	if (v->kind < CLR_INSTRUMENT_SPOT || v->kind > CLR_INSTRUMENT_SPREAD ||
		v->phase < CLR_PHASE_PRE_OPEN || v->phase > CLR_PHASE_TRADE_AT_CLOSE ||
		v->phase == CLR_PHASE_EXPIRED ||
		(v->replace_priority != CLR_REPLACE_KEEPS_ON_DECREASE &&
		 v->replace_priority != CLR_REPLACE_ALWAYS_LOSES) ||
		v->tick_exp > CLR_SCALE_MAX || v->lot_exp > CLR_SCALE_MAX ||
		v->multiplier_exp > CLR_SCALE_MAX ||
		v->tick_size <= 0 || v->lot_size <= 0 || v->multiplier <= 0 ||
		v->expiry_us < 0)
		return CLR_R_PARAMETER_INVALID;
	if (!asset_exists(e, v->quote_asset))
		return CLR_R_UNKNOWN_ASSET;
	if (v->kind == CLR_INSTRUMENT_SPOT)
		reason = check_spot(e, v);
	else if (v->base_asset != 0 ||
			 !margin_valid(v->margin_basis, v->initial_margin,
						   v->maintenance_margin))
		reason = CLR_R_PARAMETER_INVALID;
	if (reason != CLR_OK)
		return reason;
	if (!fees_valid(v->fee_basis, v->maker_fee, v->taker_fee))
		return CLR_R_PARAMETER_INVALID;
	return CLR_OK;
}

static void
view_from_command(const ClrCommand *cmd, ClrInstrumentView *v)
{
	memset(v, 0, sizeof(*v));
	v->kind = cmd->u.instrument.kind;
	v->margin_basis = cmd->u.instrument.margin_basis;
	v->fee_basis = cmd->u.instrument.fee_basis;
	v->replace_priority = cmd->u.instrument.replace_priority;
	v->phase = cmd->u.instrument.phase;
	v->tick_exp = cmd->u.instrument.tick_exp;
	v->lot_exp = cmd->u.instrument.lot_exp;
	v->multiplier_exp = cmd->u.instrument.multiplier_exp;
	v->base_asset = cmd->u.instrument.base_asset;
	v->quote_asset = cmd->u.instrument.quote_asset;
	v->tick_size = cmd->u.instrument.tick_size;
	v->lot_size = cmd->u.instrument.lot_size;
	v->multiplier = cmd->u.instrument.multiplier;
	v->initial_margin = cmd->u.instrument.initial_margin;
	v->maintenance_margin = cmd->u.instrument.maintenance_margin;
	v->maker_fee = cmd->u.instrument.maker_fee;
	v->taker_fee = cmd->u.instrument.taker_fee;
	v->reference_price = cmd->u.instrument.reference_price;
	v->expiry_us = cmd->u.instrument.expiry_us;
	v->has_reference_price = cmd->u.instrument.has_reference_price != 0;
	v->has_mark = v->has_reference_price;
	v->mark = v->reference_price;
	v->symbol_len = (uint8_t) cmd->text.len;
	memcpy(v->symbol, cmd->text.data, cmd->text.len);
}

ClrReason
clr_do_create_instrument(ClrEngine *e, const ClrCommand *cmd)
{
	ClrInstrument in;
	ClrReason	reason = clr_name_check(e, CLR_NAME_INSTRUMENT, &cmd->text);

	if (reason != CLR_OK)
		return reason;
	if (cmd->u.instrument.kind == CLR_INSTRUMENT_SPREAD)
		return CLR_R_PARAMETER_INVALID;
	memset(&in, 0, sizeof(in));
	view_from_command(cmd, &in.v);
	reason = clr_instrument_check(e, &in.v);
	if (reason != CLR_OK)
		return reason;
	if (in.v.has_reference_price ? !clr_price_valid(&in, in.v.mark) : in.v.mark != 0)
		return CLR_R_PRICE_INVALID;
	reason = clr_instrument_derive(e, &in.v);
	if (reason != CLR_OK)
		return reason;
	if (e->house.next_instrument == CLR_NONE)
		return CLR_R_LIMIT_EXCEEDED;

	in.v.instrument = e->house.next_instrument++;
	e->out.id = in.v.instrument;
	e->out.instrument = in.v.instrument;
	if (!clr_add_instrument(e, &in.v))
		e->oom = true;
	else
		clr_emit_instrument(e, instrument_at(e, in.v.instrument));
	return CLR_OK;
}

/* For commands that change an instrument: it must exist and not have expired. */
ClrReason
clr_find_instrument(ClrEngine *e, uint32_t id, bool future_only)
{
	if (!instrument_exists(e, id))
		return CLR_R_UNKNOWN_INSTRUMENT;
	e->out.instrument = id;
	if (future_only && instrument_at(e, id)->v.kind != CLR_INSTRUMENT_FUTURE)
		return CLR_R_NOT_A_FUTURE;
	if (instrument_at(e, id)->v.phase == CLR_PHASE_EXPIRED)
		return CLR_R_EXPIRED_INSTRUMENT;
	return CLR_OK;
}

/*
 * Would every position stay within range with the parameters of `next`?
 * A mark price or margin at which an amount could overflow is refused.
 */
static bool
positions_in_range(const ClrEngine *e, const ClrInstrument *next)
{
	for (uint32_t p = next->positions; p != CLR_NONE;
		 p = position_at(e, p)->instrument_next)
		if (!clr_position_in_range(next, position_at(e, p), 0, 0))
			return false;
	return true;
}

/* Revalues every position: wallets follow at once. */
static void
revalue(ClrEngine *e, const ClrInstrument *in)
{
	if (is_future(in))
		clr_positions_revalue(e, in);
}

ClrReason
clr_do_set_mark_price(ClrEngine *e, const ClrCommand *cmd)
{
	ClrReason	reason = clr_find_instrument(e, cmd->u.price.instrument, false);
	ClrInstrument *in;
	ClrInstrument next;

	if (reason != CLR_OK)
		return reason;
	in = instrument_at(e, cmd->u.price.instrument);
	if (!clr_price_valid(in, cmd->u.price.price))
		return CLR_R_PRICE_INVALID;
	next = *in;
	if (is_spread(in))
		return CLR_R_NOT_FOR_SPREADS;
	next.v.mark = cmd->u.price.price;
	next.v.has_mark = true;
	clr_margin_rates(&next);
	if (is_future(in) && (!positions_in_range(e, &next) ||
						  !clr_spreads_in_range(e, &next)))
		return CLR_R_OVERFLOW;

	*in = next;
	revalue(e, in);
	clr_emit_instrument(e, in);
	clr_spreads_follow(e, in);
	clr_trigger_seen(e, in, 1, in->v.mark);
	return CLR_OK;
}

/* Raising margins may leave accounts in deficit; that is theirs to cure. */
ClrReason
clr_do_set_margin(ClrEngine *e, const ClrCommand *cmd)
{
	ClrReason	reason = clr_find_instrument(e, cmd->u.margin.instrument, true);
	ClrInstrument *in;
	ClrInstrument next;

	if (reason != CLR_OK)
		return reason;
	if (!margin_valid(cmd->u.margin.basis, cmd->u.margin.initial,
					  cmd->u.margin.maintenance))
		return CLR_R_PARAMETER_INVALID;
	in = instrument_at(e, cmd->u.margin.instrument);
	next = *in;
	next.v.margin_basis = cmd->u.margin.basis;
	next.v.initial_margin = cmd->u.margin.initial;
	next.v.maintenance_margin = cmd->u.margin.maintenance;
	/* positions opened under an amount per lot need a mark for a rate */
	if (next.v.margin_basis == CLR_BASIS_RATE && !next.v.has_mark)
	{
		for (uint32_t p = in->positions; p != CLR_NONE;
			 p = position_at(e, p)->instrument_next)
			if (position_at(e, p)->qty != 0 || position_at(e, p)->orders != CLR_NONE)
				return CLR_R_NO_MARK_PRICE;
	}
	clr_margin_rates(&next);
	if (!positions_in_range(e, &next) || !clr_spreads_in_range(e, &next))
		return CLR_R_OVERFLOW;

	*in = next;
	revalue(e, in);
	clr_emit_instrument(e, in);
	clr_spreads_follow(e, in);
	return CLR_OK;
}
