/*
 * flow_values.c
 *	  Random values of the fields of operations (op_table.c).
 */
#include "flow.h"

uint64_t
rnd(Flow *f, uint64_t below)
{
	f->state ^= f->state << 13;
	f->state ^= f->state >> 7;
	f->state ^= f->state << 17;
	return (f->state * UINT64_C(0x2545F4914F6CDD1D) >> 24) % below;
}

int64_t
nasty(Flow *f)
{
	static const int64_t values[] = {0, 1, -1, 2, 3, 4, 5, 6, 7, 99, 101, 127, 128, 255, 256,
		65535, 65536, 999999, 1000000, 1000001, INT32_MAX, INT64_C(1) << 32, UINT32_MAX,
		INT64_MAX, INT64_MIN, INT64_MIN + 1, CLR_QTY_MAX, CLR_QTY_MAX + 1, CLR_PRICE_MAX,
		CLR_PRICE_MAX + 1, -CLR_PRICE_MAX, CLR_AMOUNT_MAX, CLR_AMOUNT_MAX + 1, CLR_AMOUNT_MAX / 2,
	1000, 1000000000};

	return values[rnd(f, COUNT(values))];
}

int64_t zero(Flow *f) { (void) f; return 0; }
int64_t one(Flow *f) { (void) f; return 1; }
int64_t bit(Flow *f) { return (int64_t) rnd(f, 2); }
int64_t one_or_two(Flow *f) { return 1 + (int64_t) rnd(f, 2); }
int64_t any_asset(Flow *f) { return 1 + (int64_t) rnd(f, 2); }
int64_t any_member(Flow *f) { return 1 + (int64_t) rnd(f, f->members); }
int64_t any_account(Flow *f) { return 1 + (int64_t) rnd(f, f->accounts); }
int64_t any_instrument(Flow *f) { return 1 + (int64_t) rnd(f, f->instruments); }
int64_t some_instrument(Flow *f) { return rnd(f, 3) ? any_instrument(f) : 0; }
int64_t some_account(Flow *f) { return rnd(f, 6) ? any_account(f) : 0; }
int64_t any_price(Flow *f) { return f->center - f->width + (int64_t) rnd(f, (uint64_t) f->width * 2 + 1); }
int64_t any_qty(Flow *f) { return 1 + (int64_t) rnd(f, (uint64_t) f->lots); }
int64_t any_cash(Flow *f) { return 1 + (int64_t) rnd(f, (uint64_t) f->cash); }
int64_t any_ord_type(Flow *f) { return rnd(f, 10) ? CLR_ORD_LIMIT : CLR_ORD_MARKET; }
int64_t any_exec(Flow *f) { return rnd(f, 10) ? 0 : CLR_EXEC_POST_ONLY; }
int64_t any_self_match(Flow *f) { return (int64_t) rnd(f, 5); }
int64_t any_scale(Flow *f) { return (int64_t) rnd(f, 4); }
int64_t some_side(Flow *f) { return rnd(f, 3) ? 0 : one_or_two(f); }
int64_t seldom(Flow *f) { return rnd(f, 6) == 0; }
int64_t any_fee(Flow *f) { return (int64_t[]) {0, 0, -100, 30000, 1, 500}[rnd(f, 6)]; }
int64_t any_multiplier(Flow *f) { return (int64_t[]) {1, 1, 1, 12, 1250}[rnd(f, 5)]; }
int64_t any_margin(Flow *f) { return (int64_t) rnd(f, rnd(f, 3) ? 300001 : 50); }
int64_t any_number(Flow *f) { return (int64_t) rnd(f, 1000); }
int64_t next_ref(Flow *f) { return rnd(f, 20) ? (int64_t) f->list->n : (int64_t) rnd(f, 20); }
int64_t some_ref(Flow *f) { return rnd(f, 2) ? 0 : next_ref(f); }

int64_t
any_tif(Flow *f)
{
	return (int64_t[]) {CLR_TIF_DAY, CLR_TIF_GTC, CLR_TIF_GTC, CLR_TIF_GTC, CLR_TIF_IOC, CLR_TIF_FOK}[rnd(f, 6)];
}

int64_t
any_phase(Flow *f)
{
	if ((f->rich & RICH_AUCTIONS) != 0 && rnd(f, 2))
		return CLR_PHASE_OPENING_CALL + (int64_t) rnd(f, 5);
	return rnd(f, 4) ? CLR_PHASE_CONTINUOUS : 1 + (int64_t) rnd(f, 4);
}

int64_t
first_phase(Flow *f)
{
	return rnd(f, 4) ? CLR_PHASE_CONTINUOUS : CLR_PHASE_PRE_OPEN;
}

int64_t
any_time(Flow *f)
{
	return rnd(f, 30) ? (int64_t) rnd(f, 400000) : (int64_t) rnd(f, 20000000) - 5000000;
}

int64_t
any_chunk(Flow *f)
{
	return 1 + (int64_t) rnd(f, 40);
}

int64_t any_session(Flow *f) { return (int64_t) rnd(f, 3); }
int64_t any_timeout(Flow *f) { return rnd(f, 4) ? (int64_t) rnd(f, 3000000) : 0; }
int64_t scope_account(Flow *f) { (void) f; return CLR_SCOPE_ACCOUNT; }
int64_t two(Flow *f) { (void) f; return 2; }
int64_t minus_one(Flow *f) { (void) f; return -1; }
int64_t some_qty(Flow *f) { return rnd(f, 5) ? any_qty(f) : 0; }
int64_t any_entry(Flow *f) { return (int64_t) rnd(f, 3); }
int64_t any_group(Flow *f) { return 1 + (int64_t) rnd(f, 2); }
int64_t any_tier(Flow *f) { return 1 + (int64_t) rnd(f, 3); }
int64_t any_batch(Flow *f) { return 1 + (int64_t) rnd(f, 6); }
int64_t scope_member(Flow *f) { (void) f; return CLR_SCOPE_MEMBER; }
int64_t scope_schedule(Flow *f) { (void) f; return CLR_SCOPE_SCHEDULE; }
int64_t scope_maker(Flow *f) { (void) f; return CLR_SCOPE_MAKER; }
int64_t scope_group(Flow *f) { (void) f; return CLR_SCOPE_GROUP; }
