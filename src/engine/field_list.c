/*
 * field_list.c
 *	  The list of all fields: names, ranges, defaults, meaning, source.
 *
 * What clearing.trading_rules and its like show comes from here.  Pure data.
 */
#include "engine/fields.h"

#define SETTABLE CLR_FIELD_SETTABLE

static const ClrFieldInfo fields[] = {
	/* orders: instrument 1..9 */
	{CLR_SCOPE_INSTRUMENT, CLR_RULE_SELF_MATCH, SETTABLE, "self_match_prevention",
		0, 4, 0, "code",
		"what happens between orders that must not trade with each other, if the aggressor says nothing: 1 cancel the aggressor, 2 (or 0) cancel the resting order, 3 cancel both, 4 decrement both",
	"FIX 2964; CME Globex: cancel resting is the default"},

	{CLR_SCOPE_INSTRUMENT, CLR_RULE_STOP_ENTRY, SETTABLE, "stop_entry",
		0, 1, CLR_STOP_ENTRY_TRIGGER, "code",
		"what becomes of a stop order whose stop price is met when it is entered: 0 it is triggered at once, 1 it is refused",
	"0: Vega 0014-ORDT; 1: CME Globex"},
	{CLR_SCOPE_INSTRUMENT, CLR_RULE_STOP_PROTECTION, SETTABLE, "stop_protection",
		0, CLR_PRICE_MAX, 0, "ticks",
		"how far beyond its stop price a triggered stop order may trade, what is left rests there; 0 = no bound, it is a market order",
	"CME Globex: stop order with protection"},
	{CLR_SCOPE_INSTRUMENT, CLR_RULE_LINK, SETTABLE, "linked_orders",
		0, 2, CLR_LINK_CANCEL_ON_FILL, "code",
		"what a fill of one of two linked orders does to the other: 0 any fill cancels it, 1 only a complete fill does, 2 it loses what was filled",
	"0: Eurex T7 one-cancels-the-other; 1, 2: FIX 1385 ContingencyType 1 and 2"},
	{CLR_SCOPE_INSTRUMENT, CLR_RULE_PEG_REFERENCE, SETTABLE, "peg_without_reference",
		0, 1, CLR_PEG_REFERENCE_PARK, "code",
		"what becomes of a pegged order when its reference price does not exist: 0 it waits for it, 1 it is cancelled, or refused",
	"0: Vega 0037-OPEG; 1: Euronext"},
	{CLR_SCOPE_INSTRUMENT, CLR_RULE_MAX_PEGS, SETTABLE, "max_pegged_orders",
		0, 100000, 1500, "orders",
		"most pegged orders that may work at a time: each may have to move at each change of the best price",
	"Vega: limits.markets.maxPeggedOrders"},

	/* allocation: instrument 10..19 */
	{CLR_SCOPE_INSTRUMENT, CLR_RULE_ALLOCATION, SETTABLE, "allocation",
		'A', 'T', 'F', "code",
		"who gets how much at a price: fifo (F), allocation (A), pro_rata (C), configurable (K), threshold_pro_rata (O), threshold_pro_rata_lmm (Q), fifo_top_lmm (S), fifo_lmm (T)",
	"FIX 1142; CME Globex match algorithms"},
	{CLR_SCOPE_INSTRUMENT, CLR_RULE_ALLOCATION_MIN, SETTABLE, "allocation_min",
		0, CLR_QTY_MAX, 0, "lots",
		"a pro rata share below this becomes 0; 0 = the algorithm's own (A: 2, others: 1)",
	"CME Globex: A 2 lots, C 1 lot, O, Q and K by product"},
	{CLR_SCOPE_INSTRUMENT, CLR_RULE_TOP_MIN, SETTABLE, "top_min",
		1, CLR_QTY_MAX, 1, "lots",
		"O, Q and K: a smaller order does not become the top order",
	"CME Globex: TOP minimum"},
	{CLR_SCOPE_INSTRUMENT, CLR_RULE_TOP_MAX, SETTABLE, "top_max",
		0, CLR_QTY_MAX, 0, "lots",
		"O, Q and K: most that the top order gets of one aggressor ahead of others; 0 = no limit",
	"CME Globex: TOP maximum"},
	{CLR_SCOPE_INSTRUMENT, CLR_RULE_FIFO_SPLIT, SETTABLE, "fifo_split",
		0, CLR_RATE_UNIT, 0, "millionths",
		"K: part that is given first come first served before the pro rata step; rounded down",
	"CME Globex: K, split percentage"},
	{CLR_SCOPE_INSTRUMENT, CLR_RULE_TOP, SETTABLE, "top_order",
		0, 1, 1, "flag",
		"K: whether there is a top order",
	"CME Globex: K, configurable"},

	/* auctions, phases, price controls: instrument 20..39 */
	{CLR_SCOPE_INSTRUMENT, CLR_RULE_OPENING_UNCROSS, SETTABLE, "opening_uncross",
		0, 1, 0, "code",
		"how a book collected in pre_open or while halted is uncrossed when continuous trading begins: 0 in pairs, each at the older order's price; 1 in an auction, at one price",
	"0 is this house's own; 1: Xetra, Euronext, CME, HKEX"},
	{CLR_SCOPE_INSTRUMENT, CLR_RULE_AUCTION_REFERENCE, SETTABLE, "auction_reference",
		1, 6, 1, "code",
		"whose rules find the price of an auction: 1 Xetra (limits in the book, nearest to the reference price), 2 Euronext (every tick, closest to the reference price), 3 CME (every tick, closest to the settlement price), 4 HKEX (limits in the book, closest to the reference price), 5 Vega (middle of the range with the largest volume), 6 Xetra specialist (limits in the book, middle rounded up)",
	"Xetra Market Model Equities R14 13.1.1; Euronext notices; CME Rules to Determine the IOP; HKEX rule 517; Vega 0026-AUCT"},
	{CLR_SCOPE_INSTRUMENT, CLR_RULE_AUCTION_SELF_MATCH, SETTABLE, "auction_self_match",
		0, 1, 0, "flag",
		"whether self-match prevention also works in auctions",
	"CME Globex: not in the opening; Vega 0068-MATC-019: allowed in an uncrossing"},
	{CLR_SCOPE_INSTRUMENT, CLR_RULE_AUCTION_FEES, SETTABLE, "auction_fees",
		0, 3, 3, "code",
		"fees of trades in an auction: 0 the older order pays the maker fee and the newer one the taker fee, 1 both the taker fee, 2 both the maker fee, 3 each half of their sum, rounded up",
	"Vega 0029-FEES: split in halves"},
	{CLR_SCOPE_INSTRUMENT, CLR_RULE_AUCTION_MARKET_ORDERS, SETTABLE, "auction_market_orders",
		1, 3, 1, "code",
		"what becomes of market orders that an auction did not execute: 1 cancelled, 2 they stay, 3 they become limit orders at the auction price",
	"HKEX: cancelled; Xetra, Euronext: they stay"},
	{CLR_SCOPE_INSTRUMENT, CLR_RULE_MARKET_ORDERS_REST, SETTABLE, "market_orders_rest",
		0, 1, 0, "flag",
		"whether the rest of a market order stays in the book in continuous trading, unless it is ioc or fok",
	"Xetra R14 13.2, Euronext: yes; CME, Vega: no"},
	{CLR_SCOPE_INSTRUMENT, CLR_RULE_MARKET_PROTECTION, SETTABLE, "market_protection",
		0, 10000000, 100000, "millionths",
		"how far from the reference price a market order that may rest can trade at worst; it reserves for that price",
	"CME market orders with protection; the default is this house's own"},

	/* market data and outages: instrument 40..49 */

	/* spreads: instrument 50..59 */
	{CLR_SCOPE_INSTRUMENT, CLR_RULE_IMPLIED, SETTABLE, "implied_matching",
		0, 1, 1, "flag",
		"of a spread with two legs of one lot each: whether it trades with the books of its legs and they through it",
	"CME Globex: implied functionality, by product"},

	/* sessions: instrument 60 */
	{CLR_SCOPE_INSTRUMENT, CLR_RULE_DISCONNECT_KEEPS, SETTABLE, "disconnect_keeps_persistent",
		0, 1, 1, "flag",
		"whether gtc and gtd orders outlive the end of their session and a dead-man switch",
	"CME Globex cancel on disconnect: GTC and GTD orders are not cancelled"},

	/* accounts and members */
	{CLR_SCOPE_ACCOUNT, CLR_LIMIT_SMP_ID, SETTABLE, "smp_id",
		0, CLR_SMP_ID_MAX, 0, "number",
		"self-match prevention id of orders that name none; 0 = the account stands for itself",
	"FIX 2362"},
	{CLR_SCOPE_ACCOUNT, CLR_LIMIT_ORDER_QTY, SETTABLE, "max_order_qty",
		0, CLR_QTY_MAX, 0, "lots", "largest quantity of an order; 0 = no limit",
	"FIA best practices for exchange risk controls, maximum order size"},
	{CLR_SCOPE_ACCOUNT, CLR_LIMIT_NOTIONAL, SETTABLE, "max_notional",
		0, CLR_AMOUNT_MAX, 0, "minor units of the quote asset", "largest value of an order at its price; 0 = no limit",
	"MiFID II RTS 6, article 15: maximum order value"},
	{CLR_SCOPE_ACCOUNT, CLR_LIMIT_OPEN_ORDERS, SETTABLE, "max_open_orders",
		0, INT32_MAX, 0, "orders", "most working orders at a time; 0 = no limit",
	"house rule"},
	{CLR_SCOPE_ACCOUNT, CLR_LIMIT_RATE, SETTABLE, "max_rate",
		0, CLR_RATE_MAX, 0, "messages", "most accepted orders, replaces and quotes in one second of block time; 0 = no limit",
	"MiFID II RTS 6, article 15: maximum messages limit"},
	{CLR_SCOPE_ACCOUNT, CLR_LIMIT_COLLAR, SETTABLE, "price_collar",
		0, CLR_COLLAR_MAX, 0, "millionths", "how much worse than the mark price, or else the last price, a limit may be; 0 = no limit",
	"MiFID II RTS 6, article 15: price collars"},
	{CLR_SCOPE_ACCOUNT, CLR_LIMIT_POSITION, SETTABLE, "max_position",
		0, CLR_LOTS_MAX, 0, "lots", "largest position in a future, either way, that there would be if all working orders of one side filled; 0 = no limit",
	"FIA best practices for exchange risk controls, maximum position"},
	{CLR_SCOPE_ACCOUNT, CLR_LIMIT_BLOCKED, 0, "blocked",
		0, 2, 0, "code", "kill switch: 0 off, 1 pulled by the operator, 2 pulled by the member",
	"CME Globex kill switch"},
	{CLR_SCOPE_ACCOUNT, CLR_LIMIT_WINDOW, 0, "rate_window",
		0, INT64_MAX, 0, "count", "second of block time * 1000000 + messages counted in it",
	"engine"},
	{CLR_SCOPE_MEMBER, CLR_LIMIT_ORDER_QTY, SETTABLE, "max_order_qty",
		0, CLR_QTY_MAX, 0, "lots", "as of an account, for all accounts of the member",
	"FIA best practices for exchange risk controls, maximum order size"},
	{CLR_SCOPE_MEMBER, CLR_LIMIT_NOTIONAL, SETTABLE, "max_notional",
		0, CLR_AMOUNT_MAX, 0, "minor units of the quote asset", "as of an account, for all accounts of the member",
	"MiFID II RTS 6, article 15: maximum order value"},
	{CLR_SCOPE_MEMBER, CLR_LIMIT_COLLAR, SETTABLE, "price_collar",
		0, CLR_COLLAR_MAX, 0, "millionths", "as of an account, for all accounts of the member",
	"MiFID II RTS 6, article 15: price collars"},
	{CLR_SCOPE_MEMBER, CLR_LIMIT_BLOCKED, 0, "blocked",
		0, 2, 0, "code", "kill switch of all accounts: 0 off, 1 pulled by the operator, 2 pulled by the member",
	"CME Globex kill switch"},

	/* groups */

	/* schedules */

	/* lead market makers */
	{CLR_SCOPE_MAKER, CLR_MAKER_SHARE, SETTABLE, "share",
		0, CLR_RATE_UNIT, 0, "millionths",
		"part of each aggressor, after the top order, that the account's orders get ahead of others; rounded down",
	"CME Globex: LMM percentage"},

	/* sessions */
	{CLR_SCOPE_SESSION, CLR_SESSION_DEADLINE, 0, "deadline",
		0, INT64_MAX, 0, "microseconds since 1970", "when the dead-man switch cancels; 0 = disarmed",
	"engine"},
	{CLR_SCOPE_SESSION, CLR_SESSION_TIMEOUT, 0, "timeout",
		0, CLR_HEARTBEAT_MAX, 0, "microseconds", "what the last heartbeat asked for",
	"engine"},

	/* legs */
	{CLR_SCOPE_LEG, CLR_LEG_INSTRUMENT, 0, "instrument",
		1, UINT32_MAX, 0, "instrument", "the leg", "CME Globex: spread definitions"},
	{CLR_SCOPE_LEG, CLR_LEG_RATIO, 0, "ratio",
		-CLR_RATIO_MAX, CLR_RATIO_MAX, 0, "lots",
		"lots of the leg per lot of the spread; its buyer sells the leg if negative",
	"CME Globex: spread definitions"},

	/* trades */
	{CLR_SCOPE_TRADE, CLR_TRADE_BUSTED, 0, "busted",
		0, 2, 0, "code", "1 busted, 2 corrected",
	"engine"},
	{CLR_SCOPE_TRADE, CLR_TRADE_CORRECTED_BY, 0, "corrected_by",
		0, INT64_MAX, 0, "trade", "the trade that it was corrected to",
	"engine"},

	/* state of a market */
	{CLR_SCOPE_MARKET, CLR_MARKET_SETTLED, 0, "settled_trades",
		0, INT64_MAX, 0, "trade", "trades of a future with smaller numbers have been settled",
	"engine"},
	{CLR_SCOPE_MARKET, CLR_MARKET_TOP, 0, "top_order",
		0, INT64_MAX, 0, "order",
		"order that was first to better the market and is served ahead of others; sub 0 bids, 1 asks",
	"CME Globex: TOP"},
	{CLR_SCOPE_MARKET, CLR_MARKET_TRAIL + 0, 0, "trail_last_buy",
		CLR_NO_PRICE, CLR_PRICE_MAX, CLR_NO_PRICE, "ticks",
		"lowest trade price that trailing buy stops have seen; sub is the priority of the first of those orders",
	"own"},
	{CLR_SCOPE_MARKET, CLR_MARKET_TRAIL + 1, 0, "trail_last_sell",
		CLR_NO_PRICE, CLR_PRICE_MAX, CLR_NO_PRICE, "ticks",
		"highest trade price that trailing sell stops have seen; sub is the priority of the first of those orders",
	"own"},
	{CLR_SCOPE_MARKET, CLR_MARKET_TRAIL + 2, 0, "trail_mark_buy",
		CLR_NO_PRICE, CLR_PRICE_MAX, CLR_NO_PRICE, "ticks",
		"lowest mark price that trailing buy stops have seen; sub is the priority of the first of those orders",
	"own"},
	{CLR_SCOPE_MARKET, CLR_MARKET_TRAIL + 3, 0, "trail_mark_sell",
		CLR_NO_PRICE, CLR_PRICE_MAX, CLR_NO_PRICE, "ticks",
		"highest mark price that trailing sell stops have seen; sub is the priority of the first of those orders",
	"own"},
	{CLR_SCOPE_MARKET, CLR_MARKET_STATIC_REFERENCE, 0, "static_reference",
		-CLR_PRICE_MAX, CLR_PRICE_MAX, 0, "ticks",
		"price of the last auction, or the last price of an earlier day", "Xetra R14 11: reference price 2"},
	{CLR_SCOPE_MARKET, CLR_MARKET_HAS_STATIC_REFERENCE, 0, "has_static_reference",
		0, 1, 0, "flag", "whether static_reference means something", ""},
	{CLR_SCOPE_MARKET, CLR_MARKET_CLOSING_PRICE, 0, "closing_price",
		-CLR_PRICE_MAX, CLR_PRICE_MAX, 0, "ticks", "price of the closing auction of the day", ""},
	{CLR_SCOPE_MARKET, CLR_MARKET_HAS_CLOSING_PRICE, 0, "has_closing_price",
		0, 1, 0, "flag", "whether closing_price means something", ""},

	{0}							/* end */
};

const ClrFieldInfo *
clr_field_catalog(unsigned i)
{
	return i + 1 < sizeof(fields) / sizeof(fields[0]) ? &fields[i] : NULL;
}

const ClrFieldInfo *
clr_field_info(uint8_t scope, uint16_t field)
{
	for (const ClrFieldInfo *f = fields; f->scope != 0; f++)
		if (f->scope == scope && f->field == field)
			return f;
	return NULL;
}
