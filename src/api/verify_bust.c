/*
 * verify_bust.c
 *	  Busts and corrections held against the trades that they name.
 *
 * Run by clearing.verify().  The engine keeps no trades (engine/bust.c): what a
 * bust takes back is what its command says, and anything that is possible is
 * taken for true.  Here every bust of the journal is compared with the trade as
 * it was made: its row, which has been compared with the journal before.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "lib/stringinfo.h"

#include "api/verify.h"
#include "engine/codec.h"
#include "worker/feed.h"

typedef struct NotedBust
{
	uint64		height;
	ClrTradeEvent said;
} NotedBust;

List *
clr_busts_note(List *busts, const ClrBlock *block, const ClrEventBuffer *events)
{
	size_t		at = 0;

	while (at < events->len)
	{
		uint8_t		type;
		const uint8_t *data = events->data + at;
		size_t		len = clr_event_length(data, events->len - at, &type);
		ClrFieldEvent field;
		ClrCommand	cmd;
		NotedBust  *bust;

		if (len == 0)
			break;
		at += len;
		if (type != CLR_EV_FIELD || !clr_event_decode_field(data, len, &field) ||
			field.scope != CLR_SCOPE_TRADE || field.field != CLR_TRADE_BUSTED)
			continue;
		if (!clr_feed_bust_command(block, data, events->len - (data - events->data),
								   field.object, &cmd))
			elog(ERROR, "bust of trade %llu has no command",
				 (unsigned long long) field.object);
		bust = palloc(sizeof(NotedBust));
		bust->height = block->height;
		bust->said = cmd.u.bust.trade;
		busts = lappend(busts, bust);
	}
	return busts;
}

/* A column of the trade, and what the bust says of it. */
static void
compare_column(StringInfo different, int column, const char *name, int64 said)
{
	bool		isnull;
	Datum		value = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc,
									  column, &isnull);

	if (DatumGetInt64(value) != said)
		appendStringInfo(different, "%s%s", different->len > 0 ? ", " : "", name);
}

/* What the bust says of its trade and is not so; NULL if all is. */
static char *
find_untruth(const ClrTradeEvent *t)
{
	StringInfoData different;
	Oid			types[] = {INT8OID};
	Datum		values[] = {Int64GetDatum((int64) t->trade_id)};

	if (SPI_execute_with_args("SELECT instrument_id::int8, price, qty, buy_order_id,"
							  " sell_order_id, buy_account_id::int8,"
							  " sell_account_id::int8, buy_fee, sell_fee, buy_cost,"
							  " sell_cost, aggressor::int8"
							  " FROM clearing_state.trade WHERE trade_id = $1",
							  1, types, values, NULL, true, 1) != SPI_OK_SELECT)
		elog(ERROR, "could not read clearing_state.trade");
	if (SPI_processed == 0)
		return pstrdup("trade");
	initStringInfo(&different);
	compare_column(&different, 1, "instrument", t->instrument);
	compare_column(&different, 2, "price", t->price);
	compare_column(&different, 3, "quantity", t->qty);
	compare_column(&different, 4, "buy order", (int64) t->buy_order);
	compare_column(&different, 5, "sell order", (int64) t->sell_order);
	compare_column(&different, 6, "buy account", t->buy_account);
	compare_column(&different, 7, "sell account", t->sell_account);
	compare_column(&different, 8, "buy fee", t->buy_fee);
	compare_column(&different, 9, "sell fee", t->sell_fee);
	compare_column(&different, 10, "buy cost", t->buy_cost);
	compare_column(&different, 11, "sell cost", t->sell_cost);
	compare_column(&different, 12, "aggressor", t->aggressor);
	SPI_freetuptable(SPI_tuptable);
	return different.len > 0 ? different.data : NULL;
}

char *
clr_busts_compare(const List *busts, uint64 *height)
{
	ListCell   *lc;

	foreach(lc, busts)
	{
		const NotedBust *bust = lfirst(lc);
		char	   *untrue = find_untruth(&bust->said);

		if (untrue == NULL)
			continue;
		*height = bust->height;
		return psprintf("The command that takes trade %llu back does not say what was traded: %s.",
						(unsigned long long) bust->said.trade_id, untrue);
	}
	return NULL;
}
