/*
 * test_session.c
 *	  Cancel on disconnect and the dead-man switch.
 *
 * That good-till-cancel orders outlive their session is CME Globex's rule.
 */
#include "tap.h"
#include "steps.h"

#define COD CLR_EXEC_CANCEL_ON_DISCONNECT

static int
disconnect(uint32_t account, uint64_t session)
{
	ClrCommand	c = {.type = CLR_CMD_DISCONNECT, .account = account};

	c.u.session.session = session;
	return step(&c);
}

static int
heartbeat(uint32_t submitter, uint32_t account, uint64_t session, int64_t timeout_us)
{
	ClrCommand	c = {.type = CLR_CMD_HEARTBEAT, .submitter = submitter, .account = account};

	c.u.session.session = session;
	c.u.session.timeout_us = timeout_us;
	return step(&c);
}

static int
order_of(const char *ref, int64_t session, uint8_t exec_inst, uint8_t tif)
{
	ClrCommand	c = order_command(m.alice, ref, m.future, 'B', 1, 90);
	uint8_t		pair[CLR_ATTR_BYTES];

	if (session != 0)
	{
		clr_put_attr(pair, CLR_ATTR_SESSION, session);
		c.pairs = (ClrPairs) {pair, 1};
	}
	c.u.order.exec_inst = exec_inst;
	c.u.order.time_in_force = tif;
	return step(&c);
}

static void
disconnects(void)
{
	steps_begin();
	R(CLR_OK, order_of("a1", 1, COD, CLR_TIF_DAY));
	R(CLR_OK, order_of("a2", 2, COD, CLR_TIF_DAY));
	R(CLR_OK, order_of("a3", 1, 0, CLR_TIF_DAY));
	R(CLR_OK, order_of("a4", 1, COD, CLR_TIF_GTC));
	R(CLR_OK, order_of("a5", 0, COD, CLR_TIF_DAY));
	R(CLR_R_PARAMETER_INVALID, order_of("a6", -1, 0, CLR_TIF_DAY));
	R(CLR_OK, disconnect(m.alice, 1));
	is_text(events(&m.h), "O1 44 0/1@90 disconnected\n",
			"what asked for it, of that session, and does not persist");
	R(CLR_OK, disconnect(m.bob, 0));
	is(m.h.out.n_cancelled, 0, "another account's session ends");
	R(CLR_OK, disconnect(m.alice, 0));
	is_text(events(&m.h), "O2 44 0/1@90 disconnected\nO5 44 0/1@90 disconnected\n",
			"session 0: every one, and orders of none");
	R(CLR_OK, step_field(CLR_SCOPE_INSTRUMENT, m.future, CLR_RULE_DISCONNECT_KEEPS, 0));
	R(CLR_OK, disconnect(m.alice, 1));
	is_text(events(&m.h), "O4 44 0/1@90 disconnected\n", "where the rule is off nothing persists");
	steps_end();
}

static void
dead_man(void)
{
	steps_begin();
	R(CLR_OK, order_of("a1", 7, 0, CLR_TIF_DAY));
	R(CLR_OK, order_of("a2", 0, 0, CLR_TIF_DAY));
	R(CLR_OK, order_of("a3", 7, 0, CLR_TIF_GTC));
	R(CLR_OK, heartbeat(1, m.alice, 7, 1000000));
	R(CLR_OK, heartbeat(1, m.alice, 0, 2000000));
	step_time(900000);
	R(CLR_OK, heartbeat(1, m.alice, 7, 1000000));
	step_time(999999);
	is(clr_count_orders(m.h.e), 3, "renewed in time");
	step_time(1);
	is_text(events(&m.h), "O1 44 0/1@90 dead_man\n", "at the deadline the session's orders go");
	is(clr_get_field(m.h.e, CLR_SCOPE_SESSION, m.alice, 7, CLR_SESSION_DEADLINE), 0, "and it is disarmed");
	step_time(100000);
	is_text(events(&m.h), "O2 44 0/1@90 dead_man\n", "then the account's");
	is(clr_count_orders(m.h.e), 1, "a persistent order stays");

	R(CLR_OK, order_of("a4", 7, 0, CLR_TIF_DAY));
	R(CLR_OK, heartbeat(1, m.alice, 7, 1000000));
	R(CLR_OK, heartbeat(1, m.alice, 7, 0));
	step_time(5000000);
	is(clr_count_orders(m.h.e), 2, "disarmed");
	R(CLR_OK, heartbeat(1, m.alice, 7, 5000000));
	R(CLR_OK, heartbeat(1, m.alice, 7, 1000));
	step_time(1000);
	is(clr_count_orders(m.h.e), 1, "a shorter timeout counts from now");
	R(CLR_R_PARAMETER_INVALID, heartbeat(1, m.alice, 7, -1));
	R(CLR_R_PARAMETER_INVALID, heartbeat(1, m.alice, 7, CLR_HEARTBEAT_MAX + 1));
	R(CLR_R_UNKNOWN_ACCOUNT, heartbeat(2, m.alice, 7, 1));
	R(CLR_R_SYSTEM_ACCOUNT, heartbeat(0, CLR_ACCOUNT_FEES, 7, 1));
	steps_end();
}

int
main(void)
{
	disconnects();
	dead_man();
	return done_testing();
}
