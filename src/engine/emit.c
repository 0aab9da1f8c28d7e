/*
 * emit.c
 *	  Writing events; event.h describes every byte.
 *
 * Run by clr_engine_apply().  When the buffer can't grow, events go to a
 * waste area and the engine is marked out of memory: it must be discarded.
 */
#include "engine/internal.h"

/* Room for an event of `size` bytes, header written. */
static inline uint8_t *
begin_event(ClrEngine *e, ClrEventType type, size_t size)
{
	ClrEventBuffer *ev = e->ev;
	uint8_t    *p;

	if (clr_unlikely(ev->cap - ev->len < size))
	{
		size_t		cap = ev->cap ? ev->cap * 2 : 65536;
		uint8_t    *data = ev->failed ? NULL : realloc(ev->data, cap);

		if (data == NULL)
		{
			ev->failed = true;
			e->oom = true;
			return e->trash;
		}
		ev->data = data;
		ev->cap = cap;
	}
	p = ev->data + ev->len;
	ev->len += size;
	clr_put_u16(p, (uint16_t) size);
	p[2] = (uint8_t) type;
	p[3] = CLR_EVENT_VERSION;
	return p;
}

static inline void
put_zero(uint8_t *p, size_t len)
{
	memset(p, 0, len);
}

void
clr_emit_house(ClrEngine *e)
{
	uint8_t    *p = begin_event(e, CLR_EV_HOUSE, 32u + e->house.name_len);

	clr_put_u32(p + 4, 0);
	clr_put_u64(p + 8, e->house.epoch);
	clr_put_i64(p + 16, e->house.retention_us);
	p[24] = e->house.name_len;
	put_zero(p + 25, 7);
	memcpy(p + 32, e->house.name, e->house.name_len);
}

void
clr_emit_asset(ClrEngine *e, const ClrAsset *a)
{
	uint8_t    *p = begin_event(e, CLR_EV_ASSET, 16u + a->v.name_len);

	clr_put_u32(p + 4, a->v.asset);
	p[8] = a->v.scale;
	p[9] = a->v.name_len;
	put_zero(p + 10, 6);
	memcpy(p + 16, a->v.name, a->v.name_len);
}

void
clr_emit_member(ClrEngine *e, const ClrMember *m)
{
	uint8_t    *p = begin_event(e, CLR_EV_MEMBER,
								(size_t) 16 + m->v.code_len + m->v.name_len);

	clr_put_u32(p + 4, m->v.member);
	p[8] = m->v.code_len;
	p[9] = m->v.name_len;
	put_zero(p + 10, 6);
	memcpy(p + 16, m->v.code, m->v.code_len);
	memcpy(p + 16 + m->v.code_len, m->v.name, m->v.name_len);
}

void
clr_emit_account(ClrEngine *e, const ClrAccount *a)
{
	uint8_t    *p = begin_event(e, CLR_EV_ACCOUNT, 16u + a->v.name_len);

	clr_put_u32(p + 4, a->v.account);
	clr_put_u32(p + 8, a->v.member);
	p[12] = a->v.account_type;
	p[13] = a->v.name_len;
	put_zero(p + 14, 2);
	memcpy(p + 16, a->v.name, a->v.name_len);
}

void
clr_emit_instrument(ClrEngine *e, const ClrInstrument *in)
{
	const ClrInstrumentView *v = &in->v;
	uint8_t    *p = begin_event(e, CLR_EV_INSTRUMENT, 144u + v->symbol_len);

	clr_put_u32(p + 4, v->instrument);
	p[8] = v->kind;
	p[9] = v->margin_basis;
	p[10] = v->fee_basis;
	p[11] = v->replace_priority;
	p[12] = v->phase;
	p[13] = v->tick_exp;
	p[14] = v->lot_exp;
	p[15] = v->multiplier_exp;
	clr_put_u32(p + 16, v->base_asset);
	clr_put_u32(p + 20, v->quote_asset);
	clr_put_i64(p + 24, v->tick_size);
	clr_put_i64(p + 32, v->lot_size);
	clr_put_i64(p + 40, v->multiplier);
	clr_put_i64(p + 48, v->initial_margin);
	clr_put_i64(p + 56, v->maintenance_margin);
	clr_put_i64(p + 64, v->maker_fee);
	clr_put_i64(p + 72, v->taker_fee);
	clr_put_i64(p + 80, v->reference_price);
	clr_put_i64(p + 88, v->expiry_us);
	p[96] = v->has_reference_price;
	put_zero(p + 97, 7);
	clr_put_i64(p + 104, v->tick_value);
	clr_put_i64(p + 112, v->lot_units);
	clr_put_i64(p + 120, v->mark);
	clr_put_i64(p + 128, v->settlement);
	p[136] = v->has_mark;
	p[137] = v->has_settlement;
	p[138] = v->symbol_len;
	put_zero(p + 139, 5);
	memcpy(p + 144, v->symbol, v->symbol_len);
}

static void
put_attrs(uint8_t *p, const ClrOrderExtra *extra)
{
	for (uint8_t a = 0; a < CLR_ATTR_COUNT; a++)
		if ((extra->present >> a & 1) != 0)
			p = clr_put_attr(p, a, extra->value[a]);
}

void
clr_emit_order(ClrEngine *e, const ClrOrder *o, uint8_t status,
			   uint8_t exec_type, uint16_t reason, const ClrText *ref)
{
	const ClrPosition *pos = position_at(e, o->position);
	size_t		ref_len = ref ? ref->len : 0;
	unsigned	n_attrs = clr_likely(o->extra == CLR_NONE) ? 0 :
		(unsigned) __builtin_popcount(order_extra_at(e, o->extra)->present);
	uint8_t    *p = begin_event(e, CLR_EV_ORDER,
								88 + ref_len + n_attrs * CLR_ATTR_BYTES);
	bool		ended = status == CLR_STATUS_CANCELED ||
		status == CLR_STATUS_EXPIRED;

	clr_put_u32(p + 4, pos->instrument);
	clr_put_u64(p + 8, o->id);
	clr_put_u32(p + 16, pos->account);
	p[20] = o->side;
	p[21] = o->ord_type;
	p[22] = o->time_in_force;
	p[23] = o->exec_inst;
	p[24] = o->self_match;
	p[25] = status;
	p[26] = exec_type;
	p[27] = (uint8_t) ref_len;
	clr_put_u16(p + 28, reason);
	p[30] = (uint8_t) n_attrs;
	p[31] = 0;
	clr_put_i64(p + 32, o->price);
	clr_put_i64(p + 40, o->order_qty);
	clr_put_i64(p + 48, o->cum_qty);
	clr_put_i64(p + 56, ended ? 0 : order_leaves(o));
	clr_put_i64(p + 64, o->cum_value);
	clr_put_u64(p + 72, o->priority);
	clr_put_i64(p + 80, o->reserve);
	if (ref_len > 0)
		copy_text(p + 88, ref->data, ref_len);
	if (clr_unlikely(n_attrs > 0))
		put_attrs(p + 88 + ref_len, order_extra_at(e, o->extra));
}

void
clr_emit_trade(ClrEngine *e, const ClrTradeEvent *t)
{
	uint8_t    *p = begin_event(e, CLR_EV_TRADE, 96);

	clr_put_u32(p + 4, t->instrument);
	clr_put_u64(p + 8, t->trade_id);
	clr_put_i64(p + 16, t->price);
	clr_put_i64(p + 24, t->qty);
	clr_put_u64(p + 32, t->buy_order);
	clr_put_u64(p + 40, t->sell_order);
	clr_put_u32(p + 48, t->buy_account);
	clr_put_u32(p + 52, t->sell_account);
	clr_put_i64(p + 56, t->buy_fee);
	clr_put_i64(p + 64, t->sell_fee);
	p[72] = t->aggressor;
	put_zero(p + 73, 7);
	clr_put_i64(p + 80, t->buy_cost);
	clr_put_i64(p + 88, t->sell_cost);
}

void
clr_emit_position(ClrEngine *e, const ClrPosition *pos)
{
	uint8_t    *p = begin_event(e, CLR_EV_POSITION, 72);

	clr_put_u32(p + 4, pos->instrument);
	clr_put_u32(p + 8, pos->account);
	clr_put_u32(p + 12, 0);
	clr_put_i64(p + 16, pos->qty);
	clr_put_i64(p + 24, pos->cost);
	clr_put_i64(p + 32, pos->realised);
	clr_put_i64(p + 40, pos->lots[0]);
	clr_put_i64(p + 48, pos->lots[1]);
	clr_put_i64(p + 56, pos->reserve[0]);
	clr_put_i64(p + 64, pos->reserve[1]);
}

void
clr_emit_ledger(ClrEngine *e, const ClrLedgerEvent *l)
{
	uint8_t    *p = begin_event(e, CLR_EV_LEDGER, 64);

	clr_put_u32(p + 4, l->asset);
	clr_put_u64(p + 8, l->entry);
	clr_put_u32(p + 16, l->debit_account);
	clr_put_u32(p + 20, l->credit_account);
	clr_put_i64(p + 24, l->amount);
	clr_put_i64(p + 32, l->debit_balance);
	clr_put_i64(p + 40, l->credit_balance);
	clr_put_u64(p + 48, l->subject);
	p[56] = l->kind;
	put_zero(p + 57, 7);
}

void
clr_emit_settlement(ClrEngine *e, const ClrSettlementEvent *s)
{
	uint8_t    *p = begin_event(e, CLR_EV_SETTLEMENT, 48);

	clr_put_u32(p + 4, s->instrument);
	clr_put_u64(p + 8, s->settlement_id);
	clr_put_i64(p + 16, s->price);
	clr_put_i64(p + 24, s->debited);
	clr_put_i64(p + 32, s->credited);
	clr_put_u32(p + 40, s->positions);
	p[44] = s->final;
	put_zero(p + 45, 3);
}

void
clr_emit_field(ClrEngine *e, const ClrFieldView *v)
{
	uint8_t    *p = begin_event(e, CLR_EV_FIELD, 32);

	p[4] = v->scope;
	p[5] = 0;
	clr_put_u16(p + 6, v->field);
	clr_put_u64(p + 8, v->object);
	clr_put_u64(p + 16, v->sub);
	clr_put_i64(p + 24, v->value);
}

void
clr_emit_timer(ClrEngine *e, const ClrTimer *t)
{
	uint8_t    *p = begin_event(e, CLR_EV_TIMER, 24);

	p[4] = t->kind;
	put_zero(p + 5, 3);
	clr_put_u64(p + 8, t->object);
	clr_put_i64(p + 16, t->due_us);
}

void
clr_emit_outcome(ClrEngine *e, const ClrOutcome *o)
{
	uint8_t    *p = begin_event(e, CLR_EV_OUTCOME, 128u + o->ref_len);

	clr_put_u32(p + 4, o->number);
	p[8] = o->type;
	p[9] = o->duplicate;
	clr_put_u16(p + 10, o->reason);
	clr_put_u32(p + 12, o->submitter);
	clr_put_u32(p + 16, o->account);
	clr_put_u32(p + 20, o->instrument);
	clr_put_u64(p + 24, o->id);
	clr_put_u64(p + 32, o->orig_height);
	clr_put_u32(p + 40, o->orig_number);
	p[44] = o->ord_status;
	p[45] = o->exec_type;
	p[46] = o->ref_len;
	p[47] = 0;
	clr_put_i64(p + 48, o->order_qty);
	clr_put_i64(p + 56, o->cum_qty);
	clr_put_i64(p + 64, o->leaves_qty);
	clr_put_i64(p + 72, o->cum_value);
	clr_put_u64(p + 80, o->first_trade);
	clr_put_u32(p + 88, o->n_trades);
	clr_put_u32(p + 92, o->n_cancelled);
	clr_put_i64(p + 96, o->needed);
	clr_put_i64(p + 104, o->available);
	clr_put_u64(p + 112, o->content_hash);
	clr_put_u32(p + 120, o->asset);
	clr_put_u16(p + 124, o->restated);
	clr_put_u16(p + 126, o->cancelled_for);
	copy_text(p + 128, o->ref, o->ref_len);
}
