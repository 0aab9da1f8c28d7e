/*
 * times.h
 *	  Block times (microseconds since 1970) and PostgreSQL's timestamps.
 */
#ifndef CLR_TIMES_H
#define CLR_TIMES_H

#include "postgres.h"

#include "datatype/timestamp.h"

#define CLR_UNIX_TO_PG_US \
	((POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * USECS_PER_DAY)

static inline TimestampTz
clr_time_to_pg(int64 us)
{
	return us - CLR_UNIX_TO_PG_US;
}

static inline int64
clr_time_from_pg(TimestampTz time)
{
	return time + CLR_UNIX_TO_PG_US;
}

#endif							/* CLR_TIMES_H */
