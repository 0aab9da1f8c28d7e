/*
 * form.c
 *	  What fits together in an order: types, times in force, attributes,
 *	  instructions.
 *
 * Run for every order that is more than a plain limit or market order, when it
 * is entered, and for what a replace would make of one.  Looks at the order
 * alone, not at the book: what the order means at this moment is worked out in
 * adjust.c.  Whoever adds an attribute gives it to the types that may have it
 * (the table) and checks its value (check_attribute()).
 */
#include "engine/internal.h"

#define ATTR(a)		(UINT32_C(1) << CLR_ATTR_##a)
#define TIF(t)		(1u << CLR_TIF_##t)

#define LASTING		(TIF(DAY) | TIF(GTC) | TIF(GTD))
/* for one auction only, see crossonly.c */
#define CROSS_ONLY	(TIF(AT_OPENING) | TIF(AT_CLOSE))
#define IMMEDIATE	(TIF(IOC) | TIF(FOK))
/* attributes and instructions that any order may have */
#define ANY_ATTR	(ATTR(LINK) | ATTR(SMP_ID) | ATTR(SESSION))
#define ANY_EXEC	(CLR_EXEC_REDUCE_ONLY | CLR_EXEC_CANCEL_ON_DISCONNECT)
#define POST_ONLY	(CLR_EXEC_POST_ONLY | CLR_EXEC_POST_ONLY_CANCEL | CLR_EXEC_POST_ONLY_REPRICE)

typedef struct TypeForm
{
	uint8_t		ord_type;
	uint32_t	tifs;			/* bit per ClrTimeInForce */
	uint32_t	attrs;			/* bit per attribute it may have */
	uint8_t		exec;			/* execution bits it may have */
} TypeForm;

static const TypeForm forms[] = {
	{CLR_ORD_MARKET, TIF(DAY) | TIF(GTC) | IMMEDIATE | CROSS_ONLY, ATTR(MIN_QTY) | ANY_ATTR,
	ANY_EXEC},
	{CLR_ORD_LIMIT, LASTING | IMMEDIATE | CROSS_ONLY,
		ATTR(DISPLAY_QTY) | ATTR(MIN_QTY) | ATTR(EXPIRE_TIME) | ANY_ATTR,
	POST_ONLY | ANY_EXEC},
	{CLR_ORD_MARKET_TO_LIMIT, LASTING | IMMEDIATE,
		ATTR(MIN_QTY) | ATTR(EXPIRE_TIME) | ANY_ATTR,
	ANY_EXEC},
};

static const TypeForm *
find_form(uint8_t ord_type)
{
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (forms[i].ord_type == ord_type)
			return &forms[i];
	return NULL;
}

static bool
is_immediate(const ClrCommand *cmd)
{
	return cmd->u.order.time_in_force == CLR_TIF_IOC ||
		cmd->u.order.time_in_force == CLR_TIF_FOK;
}

static ClrReason
check_attribute(const ClrEngine *e, const ClrCommand *cmd, uint8_t attr,
				int64_t value)
{
	switch (attr)
	{
		case CLR_ATTR_DISPLAY_QTY:
			/* what never rests, or only for an auction, shows nothing */
			if (is_immediate(cmd) || clr_is_cross_only(cmd->u.order.time_in_force))
				return CLR_R_TIF_INVALID;
			return value < 1 || value > cmd->u.order.qty ||
				cmd->u.order.qty / value > CLR_PEAKS_MAX ?
				CLR_R_DISPLAY_QTY_INVALID : CLR_OK;
		case CLR_ATTR_MIN_QTY:
			/* a minimum is for orders that trade at once or not at all */
			if (cmd->u.order.time_in_force != CLR_TIF_IOC)
				return CLR_R_TIF_INVALID;
			return value < 1 || value > cmd->u.order.qty ?
				CLR_R_QUANTITY_INVALID : CLR_OK;
		case CLR_ATTR_EXPIRE_TIME:
			if (cmd->u.order.time_in_force != CLR_TIF_GTD)
				return CLR_R_TIF_INVALID;
			return value <= e->house.time_us ? CLR_R_EXPIRE_TIME : CLR_OK;
		case CLR_ATTR_SMP_ID:
			return value < 0 || value > CLR_SMP_ID_MAX ?
				CLR_R_PARAMETER_INVALID : CLR_OK;
		case CLR_ATTR_SESSION:
			return value < 1 ? CLR_R_PARAMETER_INVALID : CLR_OK;
		default:
			return CLR_OK;
	}
}

static ClrReason
check_instructions(const ClrInstrument *in, const ClrCommand *cmd,
				   const TypeForm *form)
{
	uint8_t		exec = cmd->u.order.exec_inst;
	uint8_t		post_only = exec & POST_ONLY;

	/* one way of being post-only, for orders that may rest */
	if ((post_only & (post_only - 1)) != 0)
		return CLR_R_PARAMETER_INVALID;
	if (post_only != 0 && ((form->exec & POST_ONLY) == 0 || is_immediate(cmd)))
		return CLR_R_TIF_INVALID;
	if ((exec & ~form->exec) != 0)
		return CLR_R_PARAMETER_INVALID;
	if (clr_is_cross_only(cmd->u.order.time_in_force) &&
		(exec & ~CLR_EXEC_CANCEL_ON_DISCONNECT) != 0)
		return CLR_R_TIF_INVALID;
	return (exec & CLR_EXEC_REDUCE_ONLY) != 0 && !is_future(in) ?
		CLR_R_NOT_A_FUTURE : CLR_OK;
}

/* The form of an order that is not plain, quantity and price aside. */
ClrReason
clr_form_check(const ClrEngine *e, const ClrInstrument *in, const ClrCommand *cmd)
{
	const TypeForm *form = find_form(cmd->u.order.ord_type);
	uint8_t		tif = cmd->u.order.time_in_force;
	bool		expires = false;
	ClrReason	reason;

	if (form == NULL)
		return CLR_R_ORD_TYPE_INVALID;
	if (tif > 31 || (form->tifs >> tif & 1) == 0)
		return CLR_R_TIF_INVALID;
	reason = check_instructions(in, cmd, form);
	for (unsigned i = 0; i < cmd->pairs.n && reason == CLR_OK; i++)
	{
		int64_t		value;
		uint8_t		attr = clr_pair_attr(&cmd->pairs, i, &value);

		if (attr > CLR_ATTR_SETTABLE || (form->attrs >> attr & 1) == 0)
			return CLR_R_ATTRIBUTE_INVALID;
		/* it would end the other one as it enters */
		if (attr == CLR_ATTR_LINK &&
			(cmd->u.order.exec_inst & CLR_EXEC_POST_ONLY_CANCEL) != 0)
			return CLR_R_ATTRIBUTE_INVALID;
		expires |= attr == CLR_ATTR_EXPIRE_TIME;
		reason = check_attribute(e, cmd, attr, value);
	}
	if (reason == CLR_OK && tif == CLR_TIF_GTD && !expires)
		reason = CLR_R_EXPIRE_TIME;
	if (reason == CLR_OK && clr_is_cross_only(tif))
		reason = clr_cross_only_entry(e, in, tif);
	return reason;
}
