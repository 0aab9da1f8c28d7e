/*
 * admin.h
 *	  What functions for operators have in common (admin.c).
 */
#ifndef CLR_ADMIN_H
#define CLR_ADMIN_H

#include "api/api.h"

#include "datatype/timestamp.h"

/* One call: the command, and room for its reference. */
typedef struct ClrAdminCall
{
	ClrCommand	cmd;
	ClrRefBuffer ref;
} ClrAdminCall;

extern void clr_admin_begin(ClrAdminCall *call, ClrCommandType type,
							const char *function);
/* Argument n is the request id. */
extern void clr_admin_reference(FunctionCallInfo fcinfo, int n, ClrAdminCall *call);
extern Datum clr_admin_send(FunctionCallInfo fcinfo, ClrAdminCall *call);
/* Waits until the views show what was created. */
extern Datum clr_admin_create(FunctionCallInfo fcinfo, ClrAdminCall *call);

/* Arguments */
extern const ClrObject *clr_arg_object(FunctionCallInfo fcinfo, int n,
									   const char *name, ClrObjectKind kind);
extern uint8 clr_arg_keyword(FunctionCallInfo fcinfo, int n, const char *name,
							 ClrVocabulary vocabulary);
extern int64 clr_arg_step(FunctionCallInfo fcinfo, int n, const char *name, uint8 *exp);

/* Length of an interval in microseconds; an error if it is negative or has no fixed length. */
extern int64 clr_interval_us(const Interval *interval, const char *name);

#endif							/* CLR_ADMIN_H */
