# After an outage that was longer than reopen_call_after, continuous trading
# goes on with a call, before anything else is matched; after a shorter one it
# simply goes on.  The time between two blocks is what counts, so a server that
# was down is an outage like any other.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use ClearingTest;

my $node = clearing_node('main');
$node->start;
make_house($node);

sub rule
{
	my ($rule, $value) = @_;

	return $node->safe_psql('postgres',
		"SELECT status FROM clearing.set_trading_rule('FUT', '$rule', '$value')");
}

sub phase
{
	see($node);
	return $node->safe_psql('postgres', "SELECT phase FROM clearing.instrument WHERE symbol = 'FUT'");
}

sub order
{
	my ($order) = @_;

	return $node->safe_psql('postgres', "SELECT ord_status, cum_qty FROM clearing.submit_order($order)");
}

is(rule('call_duration', 3600000000), 'accepted', 'a call after an outage takes an hour');
is(order("'a', 'FUT', 'sell', 5, 100, 'r1', time_in_force => 'gtc'"), 'new|0', 'an offer');

is(rule('reopen_call_after', 600000000), 'accepted', 'ten minutes are an outage');
$node->stop('fast');
$node->start;
ok(wait_until_serving($node), 'a restart');
is(phase(), 'continuous', 'is none');

is(rule('reopen_call_after', 1000000), 'accepted', 'now a second is one');
$node->stop('immediate');
sleep 3;
$node->start;
ok(wait_until_serving($node), 'a crash, and three seconds without a server');
is(phase(), 'intraday_call', 'trading goes on with a call');
is(order("'b', 'FUT', 'buy', 5, 105, 'r2', time_in_force => 'gtc'"), 'new|0', 'which collects orders');
is(rule('reopen_call_after', 0), 'accepted', 'no more of that');
is($node->safe_psql('postgres', "SELECT status FROM clearing.set_phase('FUT', 'continuous')"),
	'accepted', 'it is ended by hand');
see($node);
is($node->safe_psql('postgres', "SELECT cum_qty, leaves_qty FROM clearing.order_history WHERE cl_ord_id = 'r1'"),
	'5|0', 'with an auction, in which the offer from before trades');
verified($node, 'journal and tables verify');

$node->stop;
done_testing();
