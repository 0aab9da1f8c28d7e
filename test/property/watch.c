/*
 * watch.c
 *	  The rules of the house, told from its events alone: commands and events
 *	  are taken to whoever judges them; see watch.h and watch_internal.h.
 */
#include "watch_internal.h"

#include <stdarg.h>

void
broken(Watch *w, const char *format,...)
{
	va_list		args;

	if (w->text[0] != '\0')
		return;
	va_start(args, format);
	vsnprintf(w->text, sizeof(w->text), format, args);
	va_end(args);
}

void
watch_init(Watch *w)
{
	memset(w, 0, sizeof(*w));
	w->orders = mirror_grow(NULL, &w->cap_orders, 2, sizeof(WatchOrder));
	w->traded = mirror_grow(NULL, &w->cap_traded, 2, sizeof(WatchTrade));
	w->next_order = w->next_trade = w->next_entry = w->next_settlement = 1;
	markets_init(w);
}

void
watch_free(Watch *w)
{
	for (int i = 0; i < WATCH_INSTRUMENTS; i++)
		for (int s = 0; s < 2; s++)
			free(w->instruments[i].book[s]);
	free(w->orders);
	free(w->traded);
}

/* A command, a timer or an order of a batch begins. */
void
begin_part(Watch *w)
{
	w->serial++;
	w->incoming = 0;
	w->fees = 0;
	w->moved = 0;
	w->auction = w->phase_moved = w->interrupted = w->passive = false;
	memset(w->paid, 0, sizeof(w->paid));
	w->trades = w->decremented = w->ended = w->state_events = w->n_changed = 0;
	for (int i = 0; i < WATCH_INSTRUMENTS; i++)
		for (int s = 0; s < 2; s++)
		{
			w->instruments[i].seen[0][s] = w->instruments[i].last;
			w->instruments[i].seen[1][s] = w->instruments[i].mark;
		}
}

/* Has it nothing that some rules here are not for? */
static bool
is_plain(const ClrCommand *c)
{
	if (c->type == CLR_CMD_NEW_ORDER)
		return c->pairs.n == 0 && c->u.order.exec_inst <= CLR_EXEC_POST_ONLY &&
			(c->u.order.ord_type == CLR_ORD_LIMIT || c->u.order.ord_type == CLR_ORD_MARKET) &&
			c->u.order.time_in_force <= CLR_TIF_FOK && c->u.order.time_in_force != CLR_TIF_AT_OPENING;
	if (c->type == CLR_CMD_REPLACE_ORDER)
		return c->pairs.n == 0 && c->u.replace.ord_type == 0 && c->u.replace.time_in_force == 0;
	if (c->type == CLR_CMD_SET_FIELDS)
	{
		int64_t		value;

		return c->u.fields.scope == CLR_SCOPE_INSTRUMENT && c->pairs.n == 1 &&
			clr_pair_field(&c->pairs, 0, &value) == CLR_RULE_SELF_MATCH;
	}
	if (c->type == CLR_CMD_SET_PHASE)
		return c->u.phase.phase <= CLR_PHASE_EXPIRED && c->pairs.n == 0;
	return c->type < CLR_CMD_SET_FIELDS;
}

void
watch_command(Watch *w, const House *h, const uint8_t *data, size_t len)
{
	w->whole_number = h->number;
	memcpy(w->bytes, data, len);
	look_up(w, &w->whole, w->bytes, len);
	w->part = w->whole;
	w->cmd = w->whole.cmd;
	w->member = w->n_members = w->batch_trades = 0;
	if (w->whole.decoded && w->cmd.type == CLR_CMD_BATCH)
		read_members(w);
	memset(w->undone, 0, sizeof(w->undone));
	begin_part(w);
	w->plain = !w->whole.decoded || is_plain(&w->cmd);
}

static void
take_account(Watch *w, const uint8_t *p)
{
	uint32_t	account = clr_event_object_id(p);

	if (account < WATCH_ACCOUNTS)
		w->member_of[account] = clr_get_u32(p + 8);
}

static void
take(Watch *w, uint8_t type, const uint8_t *p, size_t len)
{
	ClrOrderEvent o;
	ClrTradeEvent t;
	ClrPositionEvent pos;
	ClrLedgerEvent l;
	ClrSettlementEvent s;
	ClrFieldEvent f;

	if (type == CLR_EV_ORDER && clr_event_decode_order(p, len, &o))
		take_order(w, &o);
	else if (type == CLR_EV_TRADE && clr_event_decode_trade(p, len, &t))
	{
		if (is_bust(&w->cmd))
			take_correction(w, &t);
		else
			take_trade(w, &t);
	}
	else if (type == CLR_EV_POSITION && clr_event_decode_position(p, len, &pos))
		take_position(w, &pos);
	else if (type == CLR_EV_LEDGER && clr_event_decode_ledger(p, len, &l))
		take_ledger(w, &l);
	else if (type == CLR_EV_SETTLEMENT && clr_event_decode_settlement(p, len, &s))
		take_settlement(w, &s);
	else if (type == CLR_EV_FIELD && clr_event_decode_field(p, len, &f))
		take_field(w, &f);
	else if (type == CLR_EV_INSTRUMENT)
		take_instrument(w, p);
	else if (type == CLR_EV_ACCOUNT)
		take_account(w, p);
}

/* The outcome of an order of a batch. */
static void
take_member(Watch *w, const uint8_t *p, size_t len)
{
	ClrOutcome	out;

	if (!clr_event_decode_outcome(p, len, &out))
		broken(w, "broken event stream");
	else if (out.type != CLR_CMD_BATCH)
		check_member(w, &out);
}

/* Takes all events; each unit ends with an event of type `end`.  Units seen. */
static unsigned
take_all(Watch *w, const House *h, uint8_t end)
{
	unsigned	units = 0;
	bool		open = false;

	for (size_t at = 0, len; at < h->ev.len && w->text[0] == '\0'; at += len)
	{
		uint8_t		type = 0;
		bool		inner;

		len = clr_event_length(h->ev.data + at, h->ev.len - at, &type);
		if (len == 0)
		{
			broken(w, "broken event stream");
			break;
		}
		inner = type == end && at + len < h->ev.len && w->n_members > 0;
		open = type != end || inner;
		units += !open;
		w->state_events += open && !inner;
		take(w, type, h->ev.data + at, len);
		if (inner)
			take_member(w, h->ev.data + at, len);
		else if (type == CLR_EV_TIMER)
		{
			settle_before(w);
			take_timer(w, h->ev.data + at);
			check_followed(w);
			begin_part(w);
		}
	}
	if (open)
		broken(w, "events without an end");
	return units;
}

void
watch_block(Watch *w, const House *h)
{
	w->before = w->now;
	if (h->now / 1000000 != w->now / 1000000)
		memset(w->messages, 0, sizeof(w->messages));
	w->now = h->now;
	w->timer_due = INT64_MIN;
	w->n_members = 0;
	memset(&w->cmd, 0, sizeof(w->cmd));
	begin_part(w);
	(void) take_all(w, h, CLR_EV_TIMER);
	if (w->text[0] == '\0' && h->ev.len > 0)
		check_touched(w, h);
	if (w->text[0] == '\0')
		check_due(w);
}

void
watch_events(Watch *w, const House *h)
{
	if (take_all(w, h, CLR_EV_OUTCOME) != 1)
		broken(w, "a command must have one outcome");
	if (!w->plain && h->out.reason == CLR_OK && !h->out.duplicate)
		w->any_rich = true;
	if (h->out.type == CLR_CMD_OPEN_HOUSE && h->out.reason == CLR_OK && !h->out.duplicate)
		w->retention = w->cmd.u.open.retention_us;
	if (w->text[0] == '\0')
		after_command(w, h);
}
