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
	{"market", CLR_ORD_MARKET}
};

static const ClrWord clr_times_in_force[] = {
	{"day", CLR_TIF_DAY},
	{"gtc", CLR_TIF_GTC},
	{"ioc", CLR_TIF_IOC},
	{"fok", CLR_TIF_FOK}
};

static const ClrWord clr_self_matches[] = {
	{"cancel_resting", CLR_SMP_CANCEL_RESTING},
	{"cancel_aggressor", CLR_SMP_CANCEL_AGGRESSOR},
	{"cancel_both", CLR_SMP_CANCEL_BOTH}
};

/* expired is reached by clearing.expire() alone */
static const ClrWord clr_phases[] = {
	{"pre_open", CLR_PHASE_PRE_OPEN},
	{"continuous", CLR_PHASE_CONTINUOUS},
	{"halted", CLR_PHASE_HALTED},
	{"closed", CLR_PHASE_CLOSED}
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
	CLR_WORD_LIST("replace_priority", clr_replace_priorities)
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
		default:
			return NULL;
	}
}
