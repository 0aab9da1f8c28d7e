/*
 * keyword.c
 *	  The words of the SQL interface and the engine's numbers for them.
 *
 * Run by backends.  Words are lower case and matched exactly.
 */
#include "api/api.h"

#include "lib/stringinfo.h"

typedef struct ClrWord
{
	const char *word;
	uint8		value;
} ClrWord;

typedef struct ClrWordList
{
	const char *argument;		/* as the SQL argument is called */
	const ClrWord *words;
	int			n;
} ClrWordList;

static const ClrWord clr_sides[] = {
	{"buy", CLR_SIDE_BUY},
	{"sell", CLR_SIDE_SELL}
};

static const ClrWord clr_ord_types[] = {
	{"limit", CLR_ORD_LIMIT},
	{"market", CLR_ORD_MARKET},
	{"stop", CLR_ORD_STOP},
	{"stop_limit", CLR_ORD_STOP_LIMIT},
	{"market_to_limit", CLR_ORD_MARKET_TO_LIMIT},
	{"pegged", CLR_ORD_PEGGED}
};

static const ClrWord clr_times_in_force[] = {
	{"day", CLR_TIF_DAY},
	{"gtc", CLR_TIF_GTC},
	{"ioc", CLR_TIF_IOC},
	{"fok", CLR_TIF_FOK},
	{"at_the_opening", CLR_TIF_AT_OPENING},
	{"gtd", CLR_TIF_GTD},
	{"at_the_close", CLR_TIF_AT_CLOSE}
};

static const ClrWord clr_self_matches[] = {
	{"cancel_resting", CLR_SMP_CANCEL_RESTING},
	{"cancel_aggressor", CLR_SMP_CANCEL_AGGRESSOR},
	{"cancel_both", CLR_SMP_CANCEL_BOTH},
	{"decrement_both", CLR_SMP_DECREMENT_BOTH}
};

static const ClrWord clr_triggers[] = {
	{"last", CLR_TRIGGER_LAST},
	{"mark", CLR_TRIGGER_MARK}
};

static const ClrWord clr_pegs[] = {
	{"primary", CLR_PEG_PRIMARY},
	{"market", CLR_PEG_MARKET},
	{"mid", CLR_PEG_MID}
};

static const ClrWord clr_post_only_modes[] = {
	{"reject", CLR_EXEC_POST_ONLY},
	{"cancel", CLR_EXEC_POST_ONLY_CANCEL},
	{"reprice", CLR_EXEC_POST_ONLY_REPRICE}
};

/* expired is reached by clearing.expire() alone */
static const ClrWord clr_phases[] = {
	{"pre_open", CLR_PHASE_PRE_OPEN},
	{"continuous", CLR_PHASE_CONTINUOUS},
	{"halted", CLR_PHASE_HALTED},
	{"closed", CLR_PHASE_CLOSED},
	{"opening_call", CLR_PHASE_OPENING_CALL},
	{"intraday_call", CLR_PHASE_INTRADAY_CALL},
	{"closing_call", CLR_PHASE_CLOSING_CALL},
	{"volatility_call", CLR_PHASE_VOLATILITY_CALL},
	{"trade_at_close", CLR_PHASE_TRADE_AT_CLOSE}
};

static const ClrWord clr_account_types[] = {
	{"client", CLR_ACCOUNT_TYPE_CLIENT},
	{"house", CLR_ACCOUNT_TYPE_HOUSE}
};

static const ClrWord clr_bases[] = {
	{"rate", CLR_BASIS_RATE},
	{"lot", CLR_BASIS_LOT}
};

static const ClrWord clr_replace_priorities[] = {
	{"keeps_on_decrease", CLR_REPLACE_KEEPS_ON_DECREASE},
	{"always_loses", CLR_REPLACE_ALWAYS_LOSES}
};

/* attributes of an order, as the arguments are called */
static const ClrWord clr_attributes[] = {
	{"display_qty", CLR_ATTR_DISPLAY_QTY},
	{"min_qty", CLR_ATTR_MIN_QTY},
	{"stop_px", CLR_ATTR_STOP_PX},
	{"trigger", CLR_ATTR_TRIGGER},
	{"trail_offset", CLR_ATTR_TRAIL_OFFSET},
	{"peg_type", CLR_ATTR_PEG_TYPE},
	{"peg_offset", CLR_ATTR_PEG_OFFSET},
	{"expire_time", CLR_ATTR_EXPIRE_TIME},
	{"link", CLR_ATTR_LINK},
	{"smp_id", CLR_ATTR_SMP_ID},
	{"session", CLR_ATTR_SESSION}
};

#define CLR_WORD_LIST(argument, words) {argument, words, lengthof(words)}

/* indexed by ClrVocabulary */
static const ClrWordList clr_vocabularies[] = {
	CLR_WORD_LIST("side", clr_sides),
	CLR_WORD_LIST("ord_type", clr_ord_types),
	CLR_WORD_LIST("time_in_force", clr_times_in_force),
	CLR_WORD_LIST("self_match_prevention", clr_self_matches),
	CLR_WORD_LIST("phase", clr_phases),
	CLR_WORD_LIST("account_type", clr_account_types),
	CLR_WORD_LIST("margin_basis", clr_bases),
	CLR_WORD_LIST("fee_basis", clr_bases),
	CLR_WORD_LIST("replace_priority", clr_replace_priorities),
	CLR_WORD_LIST("trigger", clr_triggers),
	CLR_WORD_LIST("peg_type", clr_pegs),
	CLR_WORD_LIST("post_only_mode", clr_post_only_modes),
	CLR_WORD_LIST("remove", clr_attributes)
};

static void pg_attribute_noreturn()
clr_no_such_word(const ClrWordList *list, ClrText word)
{
	StringInfoData words;
	int			i;

	initStringInfo(&words);
	for (i = 0; i < list->n; i++)
		appendStringInfo(&words, "%s%s", i > 0 ? ", " : "",
						 list->words[i].word);
	ereport(ERROR,
			(errcode(ERRCODE_CLR_INVALID_VALUE),
			 errmsg("%s cannot be \"%.*s\"", list->argument,
					clr_clip(word, 40), (const char *) word.data),
			 errhint("Valid values are: %s.", words.data)));
}

uint8
clr_keyword(ClrVocabulary vocabulary, ClrText word)
{
	const ClrWordList *list = &clr_vocabularies[vocabulary];
	int			i;

	for (i = 0; i < list->n; i++)
	{
		const char *candidate = list->words[i].word;

		if (strlen(candidate) == word.len &&
			memcmp(candidate, word.data, word.len) == 0)
			return list->words[i].value;
	}
	clr_no_such_word(list, word);
}

const char *
clr_word_of(ClrVocabulary vocabulary, uint8 value)
{
	const ClrWordList *list = &clr_vocabularies[vocabulary];

	for (int i = 0; i < list->n; i++)
		if (list->words[i].value == value)
			return list->words[i].word;
	return NULL;
}

const char *
clr_ord_status_word(uint8 status)
{
	switch (status)
	{
		case CLR_STATUS_NEW:
			return "new";
		case CLR_STATUS_PARTIALLY_FILLED:
			return "partially_filled";
		case CLR_STATUS_FILLED:
			return "filled";
		case CLR_STATUS_CANCELED:
			return "canceled";
		case CLR_STATUS_REJECTED:
			return "rejected";
		case CLR_STATUS_EXPIRED:
			return "expired";
		default:
			return NULL;
	}
}

const char *
clr_exec_type_word(uint8 exec_type)
{
	switch (exec_type)
	{
		case CLR_EXEC_NEW:
			return "new";
		case CLR_EXEC_CANCELED:
			return "canceled";
		case CLR_EXEC_REPLACED:
			return "replaced";
		case CLR_EXEC_REJECTED:
			return "rejected";
		case CLR_EXEC_EXPIRED:
			return "expired";
		case CLR_EXEC_TRADE:
			return "trade";
		case CLR_EXEC_RESTATED:
			return "restated";
		case CLR_EXEC_TRIGGERED:
			return "triggered";
		case CLR_EXEC_TRADE_CANCEL:
			return "trade_cancel";
		case CLR_EXEC_TRADE_CORRECT:
			return "trade_correct";
		default:
			return NULL;
	}
}
