/*
 * op_words.h
 *	  Names of the codes in operations, for op_table.c.
 */
#ifndef CLR_PROPERTY_OP_WORDS_H
#define CLR_PROPERTY_OP_WORDS_H

static const Word sides[] = {{1, "buy"}, {2, "sell"}, {0, NULL}};
static const Word ord_types[] = {{1, "market"}, {2, "limit"}, {3, "stop"}, {4, "stop_limit"},
	{'K', "market_to_limit"}, {'P', "pegged"}, {0, NULL}};
static const Word tifs[] = {{1, "gtc"}, {2, "at_opening"}, {3, "ioc"}, {4, "fok"}, {6, "gtd"}, {7, "at_close"}, {0, NULL}};
static const Word self_matches[] = {{1, "cancel_aggressor"}, {2, "cancel_resting"}, {3, "cancel_both"}, {4, "decrement_both"}, {0, NULL}};
static const Word phases[] = {{1, "pre_open"}, {2, "continuous"}, {3, "halted"}, {4, "closed"}, {5, "expired"},
	{6, "opening_call"}, {7, "intraday_call"}, {8, "closing_call"}, {9, "volatility_call"}, {10, "trade_at_close"}, {0, NULL}};
static const Word kinds[] = {{1, "spot"}, {2, "future"}, {0, NULL}};
static const Word bases[] = {{1, "rate"}, {2, "lot"}, {0, NULL}};
static const Word new_tifs[] = {{1, "day"}, {2, "gtc"}, {3, "at_opening"}, {4, "ioc"}, {5, "fok"}, {7, "gtd"},
	{8, "at_close"}, {0, NULL}};
static const Word makers[] = {{CLR_MAKER_SHARE, "share"}, {0, NULL}};
static const Word scopes[] = {{CLR_SCOPE_INSTRUMENT, "instrument"}, {CLR_SCOPE_ACCOUNT, "account"},
	{CLR_SCOPE_MEMBER, "member"}, {CLR_SCOPE_GROUP, "group"}, {CLR_SCOPE_SCHEDULE, "schedule"},
	{CLR_SCOPE_MAKER, "maker"}, {0, NULL}};
static const Word rules[] = {{CLR_RULE_SELF_MATCH, "self_match"}, {2, "iceberg_entry"}, {3, "protection_points"},
	{4, "market_remainder"}, {5, "in_flight_mitigation"}, {6, "stop_entry"}, {7, "link"}, {8, "peg_reference"},
	{9, "max_pegs"}, {10, "allocation"}, {11, "allocation_min"}, {12, "top_min"}, {13, "top_max"},
	{14, "fifo_split"}, {15, "top"}, {20, "opening_uncross"}, {21, "auction_reference"},
	{22, "auction_self_match"}, {23, "auction_fees"}, {24, "auction_market_orders"}, {25, "market_orders_rest"},
	{26, "market_protection"}, {27, "call_duration"}, {28, "call_random_end"}, {29, "dynamic_range"},
	{30, "static_range"}, {31, "extended_range"}, {32, "price_band"}, {33, "limit_up"}, {34, "limit_down"}, {35, "product_group"}, {36, "group_lead"}, {37, "auction_stops"}, {38, "beyond_limits"},
	{40, "reopen_call_after"}, {50, "implied"}, {60, "disconnect_keeps"}, {61, "stop_protection"}, {0, NULL}};
static const Word limits[] = {{CLR_LIMIT_SMP_ID, "smp_id"}, {CLR_LIMIT_ORDER_QTY, "max_order_qty"},
	{CLR_LIMIT_NOTIONAL, "max_notional"}, {CLR_LIMIT_OPEN_ORDERS, "max_open_orders"}, {CLR_LIMIT_RATE, "max_rate"},
	{CLR_LIMIT_COLLAR, "price_collar"}, {CLR_LIMIT_POSITION, "max_position"}, {0, NULL}};
static const Word priorities[] = {{1, "keeps"}, {2, "loses"}, {0, NULL}};

#define IN(name, kind, member, make, simple, words) \
	{name, kind, offsetof(ClrCommand, member), sizeof(((ClrCommand *) 0)->member), make, simple, words}

#endif							/* CLR_PROPERTY_OP_WORDS_H */
