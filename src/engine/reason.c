/*
 * reason.c
 *	  Names of reasons and commands, as SQL users see them.
 *
 * Names are stable: programs compare them.  Texts are for people.
 */
#include "engine/engine.h"

typedef struct ReasonText
{
	int			reason;
	const char *name;
	const char *text;
} ReasonText;

static const ReasonText reasons[] = {
	{CLR_OK, "ok", "accepted"},
	{CLR_R_MALFORMED, "malformed", "the command is not well formed"},
	{CLR_R_UNKNOWN_COMMAND, "unknown_command", "there is no such command"},
	{CLR_R_HOUSE_NOT_OPEN, "house_not_open", "the clearing house has not been opened"},
	{CLR_R_HOUSE_ALREADY_OPEN, "house_already_open", "the clearing house is already open"},
	{CLR_R_DUPLICATE_REFERENCE, "duplicate_reference", "the reference was used before for a different command"},
	{CLR_R_OVERFLOW, "overflow", "an amount would exceed the range that can be represented"},
	{CLR_R_LIMIT_EXCEEDED, "limit_exceeded", "a limit of the engine is reached"},
	{CLR_R_NAME_TAKEN, "name_taken", "the name is already in use"},
	{CLR_R_NAME_INVALID, "name_invalid", "the name is empty or contains characters that are not allowed"},
	{CLR_R_UNKNOWN_ASSET, "unknown_asset", "there is no such asset"},
	{CLR_R_UNKNOWN_MEMBER, "unknown_member", "there is no such member"},
	{CLR_R_UNKNOWN_ACCOUNT, "unknown_account", "there is no such account"},
	{CLR_R_UNKNOWN_INSTRUMENT, "unknown_instrument", "there is no such instrument"},
	{CLR_R_SCALE_INVALID, "scale_invalid", "the number of decimal places is out of range"},
	{CLR_R_NOT_EXACT, "not_exact", "a tick or lot would not be a whole number of minor units"},
	{CLR_R_PARAMETER_INVALID, "parameter_invalid", "a parameter is out of range"},
	{CLR_R_SYSTEM_ACCOUNT, "system_account", "the account belongs to the clearing house itself"},
	{CLR_R_NOT_A_FUTURE, "not_a_future", "the instrument is not a future"},
	{CLR_R_PHASE, "phase", "not possible in the instrument's trading phase"},
	{CLR_R_EXPIRED_INSTRUMENT, "expired_instrument", "the instrument has expired"},
	{CLR_R_QUANTITY_INVALID, "quantity_invalid", "the quantity is out of range"},
	{CLR_R_PRICE_INVALID, "price_invalid", "the price is out of range"},
	{CLR_R_SIDE_INVALID, "side_invalid", "the side is neither buy nor sell"},
	{CLR_R_ORD_TYPE_INVALID, "ord_type_invalid", "the order type is not supported"},
	{CLR_R_TIF_INVALID, "tif_invalid", "the time in force does not fit the order"},
	{CLR_R_POST_ONLY_WOULD_TRADE, "post_only_would_trade", "the post-only order would trade at once"},
	{CLR_R_FOK_NOT_FILLABLE, "fok_not_fillable", "the fill-or-kill order cannot be filled completely"},
	{CLR_R_UNKNOWN_ORDER, "unknown_order", "there is no such order"},
	{CLR_R_ORDER_NOT_WORKING, "order_not_working", "the order is no longer working"},
	{CLR_R_QTY_BELOW_FILLED, "qty_below_filled", "the new quantity is not above the quantity already filled"},
	{CLR_R_NO_LIQUIDITY, "no_liquidity", "there is no order on the opposite side"},
	{CLR_R_SELF_MATCH, "self_match", "cancelled to prevent a trade of the account with itself"},
	{CLR_R_NO_MARK_PRICE, "no_mark_price", "the instrument has no mark price to compute margin from"},
	{CLR_R_AMOUNT_INVALID, "amount_invalid", "the amount is out of range"},
	{CLR_R_INSUFFICIENT_MARGIN, "insufficient_margin", "the account's equity does not cover the margin requirement"},
	{CLR_R_INSUFFICIENT_FUNDS, "insufficient_funds", "the account does not have enough of the asset available"},
	{CLR_R_IOC_REMAINDER, "ioc_remainder", "the part that could not be filled at once was cancelled"},
	{CLR_R_END_OF_DAY, "end_of_day", "the day order expired at the close"},
	{CLR_R_INSTRUMENT_EXPIRED, "instrument_expired", "the order ended with its instrument"},
	{CLR_R_MASS_CANCEL, "mass_cancel", "cancelled by a mass cancel"},
	{CLR_R_SELF_MATCH_AGGRESSOR, "self_match_aggressor", "the incoming order was cancelled to prevent a self-match"},
	{CLR_R_SELF_MATCH_BOTH, "self_match_both", "both orders were cancelled to prevent a self-match"},
	{CLR_R_SELF_MATCH_DECREMENT, "self_match_decrement", "both orders lost their overlap to prevent a self-match"},
	{CLR_R_MAX_ORDER_QTY, "max_order_qty", "the quantity is above the limit of the account or its member"},
	{CLR_R_MAX_NOTIONAL, "max_notional", "the value is above the limit of the account or its member"},
	{CLR_R_MAX_OPEN_ORDERS, "max_open_orders", "the account may not have more working orders"},
	{CLR_R_MAX_RATE, "max_rate", "the account may not send more in this second"},
	{CLR_R_PRICE_COLLAR, "price_collar", "the price is worse than the collar of the account or its member allows"},
	{CLR_R_MAX_POSITION, "max_position", "the position could become larger than the account's limit"},
	{CLR_R_BLOCKED, "blocked", "the kill switch of the account or its member is on"},
	{CLR_R_KILL_SWITCH, "kill_switch", "cancelled by a kill switch"},
	{CLR_R_DISCONNECTED, "disconnected", "cancelled because its session ended"},
	{CLR_R_DEAD_MAN, "dead_man", "cancelled because no heartbeat came in time"},
	{CLR_R_QUOTE_REPLACED, "quote_replaced", "the quote was replaced by a newer one or pulled"},
	{CLR_R_NOT_ENTITLED, "not_entitled", "only the operator may lift a kill switch that the operator pulled"},
	{CLR_R_NOT_APPLIED, "not_applied", "another order of the batch was refused, and so the whole batch"},
	{CLR_R_BATCH_REFERENCE, "batch_reference_used", "a ClOrdID in the batch was used before, or twice in it"},
	{CLR_R_ORDER_NAMED_TWICE, "order_named_twice", "two replaces or cancels of the batch mean the same order"},
	{CLR_R_UNKNOWN_TRADE, "unknown_trade", "there is no such trade"},
	{CLR_R_TRADE_BUSTED, "trade_busted", "the trade was busted or corrected before"},
	{CLR_R_TRADE_DIFFERS, "trade_differs", "what was said about the trade cannot be true"},
	{CLR_R_UNKNOWN_FIELD, "unknown_field", "there is no such field, or it cannot be set"},
	{CLR_R_FIELD_VALUE, "field_value", "the value is out of the field's range"},
	{CLR_R_FIELD_CONFLICT, "field_conflict", "the value does not fit the other fields"},
	{CLR_R_EXPIRE_TIME, "expire_time", "the order's expire time is over"},
	{CLR_R_ATTRIBUTE_INVALID, "attribute_invalid", "an order of this type has no such attribute"},
	{CLR_R_DISPLAY_QTY_INVALID, "display_qty_invalid", "the quantity shown must be between one lot and all of it"},
	{CLR_R_MIN_QTY_NOT_FILLABLE, "min_qty_not_fillable", "the minimum quantity can not be filled at once"},
	{CLR_R_NOTHING_TO_REDUCE, "nothing_to_reduce", "there is no position that the order would reduce"},
	{CLR_R_REDUCE_ONLY, "reduce_only", "the position that the order reduces has shrunk"},
	{CLR_R_REPRICED, "repriced", "its price was taken from the book"},
	{CLR_R_MARKET_REMAINDER, "market_remainder", "what is left of the market order rests at its protection limit"},
	{CLR_R_STOP_MET, "stop_met", "the stop price is met already"},
	{CLR_R_LINK_INVALID, "link_invalid", "the linked order does not work, is linked already, or is of another account or instrument"},
	{CLR_R_LINKED, "linked", "cancelled because of the order it was linked to"},
	{CLR_R_NO_PEG_REFERENCE, "no_peg_reference", "there is no price that the order could be pegged to"},
	{CLR_R_TOO_MANY_PEGS, "too_many_pegs", "the instrument has as many pegged orders as it may have"},
	{CLR_R_NO_TRIGGER_PRICE, "no_trigger_price", "there is no price yet that a trailing stop could follow"},
	{CLR_R_MAKER_SHARES, "maker_shares", "the shares of the lead market makers would exceed 100 %"},
	{CLR_R_NO_REFERENCE_PRICE, "no_reference_price", "there is no price yet from which a market order could be protected"},
	{CLR_R_VOLATILITY, "volatility", "the next trade would have been outside of the price range"},
	{CLR_R_PRICE_LIMIT, "price_limit", "the price is beyond the limits of the day"},
	{CLR_R_CIRCUIT_BREAKER, "circuit_breaker", "it would have reached a circuit breaker; trading is halted"},
	{CLR_R_PRICE_BAND, "price_band", "the price is too far from the reference price"},
	{CLR_R_AUCTION_OVER, "auction_over", "the auction that the order took part in is over"},
	{CLR_R_LEGS_INVALID, "legs_invalid", "the instruments cannot be combined to a spread like this"},
	{CLR_R_LEG_PHASE, "leg_phase", "a leg of the spread is not in continuous trading"},
	{CLR_R_NOT_FOR_SPREADS, "not_for_spreads", "a spread takes this from its legs"},
	{CLR_R_REQUESTED, "requested", "cancelled by its owner"},
};

static const ReasonText *
find_reason(int reason)
{
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].reason == reason)
			return &reasons[i];
	return NULL;
}

const char *
clr_reason_name(int reason)
{
	const ReasonText *r = find_reason(reason);

	return r ? r->name : "unknown_reason";
}

const char *
clr_reason_text(int reason)
{
	const ReasonText *r = find_reason(reason);

	return r ? r->text : "the reason is not known to this version";
}

const char *
clr_command_name(int type)
{
	switch (type)
	{
		case CLR_CMD_EPOCH:
			return "epoch";
		case CLR_CMD_OPEN_HOUSE:
			return "open_house";
		case CLR_CMD_CREATE_ASSET:
			return "create_asset";
		case CLR_CMD_CREATE_MEMBER:
			return "create_member";
		case CLR_CMD_CREATE_ACCOUNT:
			return "create_account";
		case CLR_CMD_CREATE_INSTRUMENT:
			return "create_instrument";
		case CLR_CMD_SET_PHASE:
			return "set_phase";
		case CLR_CMD_SET_MARK_PRICE:
			return "set_mark_price";
		case CLR_CMD_SET_MARGIN:
			return "set_margin";
		case CLR_CMD_DEPOSIT:
			return "deposit";
		case CLR_CMD_WITHDRAW:
			return "withdraw";
		case CLR_CMD_SETTLE:
			return "settle";
		case CLR_CMD_EXPIRE:
			return "expire";
		case CLR_CMD_NEW_ORDER:
			return "new_order";
		case CLR_CMD_REPLACE_ORDER:
			return "replace_order";
		case CLR_CMD_KILL_SWITCH:
			return "kill_switch";
		case CLR_CMD_MASS_QUOTE:
			return "mass_quote";
		case CLR_CMD_BATCH:
			return "batch";
		case CLR_CMD_BUST_TRADE:
			return "bust_trade";
		case CLR_CMD_CORRECT_TRADE:
			return "correct_trade";
		case CLR_CMD_HEARTBEAT:
			return "heartbeat";
		case CLR_CMD_DISCONNECT:
			return "disconnect";
		case CLR_CMD_SET_FIELDS:
			return "set_fields";
		case CLR_CMD_CREATE_SPREAD:
			return "create_spread";
		case CLR_CMD_CANCEL_ORDER:
			return "cancel_order";
		case CLR_CMD_MASS_CANCEL:
			return "mass_cancel";
		default:
			return "unknown_command";
	}
}

/* FIX 378 in words; those above 100 are CME Globex's. */
const char *
clr_restatement_name(int reason)
{
	switch (reason)
	{
		case CLR_R_SELF_MATCH_DECREMENT:
			return "cxld_smp";	/* 17: by a rule of the house */
		case CLR_R_SELF_MATCH_AGGRESSOR:
			return "cxld_smp_aggressive";	/* 18 */
		case CLR_R_SELF_MATCH:
			return "cxld_smp_passive";	/* 19 */
		case CLR_R_SELF_MATCH_BOTH:
			return "cxld_smp_aggressive_passive";	/* 20 */
		case CLR_R_REPRICED:
			return "repricing_of_order";	/* 3 */
		case CLR_R_REDUCE_ONLY:
			return "partial_decline_of_order_qty";	/* 5 */
		case CLR_R_MARKET_REMAINDER:
			return "market_option"; /* 8: the exchange's */
		case CLR_R_VOLATILITY:
		case CLR_R_CIRCUIT_BREAKER:
		case CLR_R_PRICE_LIMIT:
		case CLR_R_PRICE_BAND:
			return "cancelled_for_trade_price_violation";	/* 15 */
		case CLR_R_DISCONNECTED:
		case CLR_R_DEAD_MAN:
			return "cancel_on_connection_loss"; /* 12 */
		case CLR_R_MASS_CANCEL:
		case CLR_R_QUOTE_REPLACED:
		case CLR_R_REQUESTED:
		case CLR_R_IOC_REMAINDER:
		case CLR_R_END_OF_DAY:
		case CLR_R_EXPIRE_TIME:
		case CLR_R_AUCTION_OVER:
		case CLR_R_INSTRUMENT_EXPIRED:
		case CLR_OK:
			return NULL;		/* asked for, or its time was over */
		case CLR_R_KILL_SWITCH:
			return "risk_management";	/* 106 */
		default:
			return "other";		/* 99 */
	}
}
