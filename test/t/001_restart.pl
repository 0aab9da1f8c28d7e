# A house survives every way its server can end: a fast stop, an immediate one
# (crash recovery) and a backend killed with SIGKILL (the postmaster starts all
# processes anew, with new shared memory).
#
# The state before and after must be the same in every table and, before the
# new epoch begins, in the digest of the whole state.  References are part of
# that state: whatever was answered before must be answered the same way
# after, refusals included.  Every start opens a new epoch.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use ClearingTest;

my $node = clearing_node('main');
$node->start;
make_house($node);
trade_a_little($node);
see($node);

my %sent = (
	"'a', 'FUT', 'sell', 5, 100, 'a1', time_in_force => 'gtc'" => 'new||t',
	"'b', 'FUT', 'buy', 3, 100, 'b1'" => 'filled||t',
	"'poor', 'FUT', 'buy', 1000, 100, 'p1'" => 'rejected|insufficient_margin|t');

sub check_after
{
	my ($how, $before, $epoch, $trades) = @_;

	ok(wait_until_serving($node), "$how: serves again");
	is(fingerprint($node), $before, "$how: every table is the same");
	cmp_ok(status_of($node, 'epoch'), '>', $epoch, "$how: a new epoch");
	for my $order (sort keys %sent)
	{
		is(duplicate_of($node, 'postgres', $order), $sent{$order},
			"$how: answered as before: $order");
	}
	is($node->safe_psql('postgres',
			q{SELECT status, duplicate FROM clearing.deposit('b', 'USD', 1000000, 'dep-b')}),
		'accepted|t', "$how: a deposit is not made twice");
	is($node->safe_psql('postgres',
			q{SELECT ord_status, reason FROM clearing.submit_order('b', 'FUT', 'buy', 4, 100, 'b1')}),
		'rejected|duplicate_reference', "$how: a reference with other content is refused");
	see($node);
	is($node->safe_psql('postgres', 'SELECT count(*) FROM clearing.trade'), $trades,
		"$how: no trade was made twice");
	verified($node, "$how: journal and tables verify");
}

my $trades = $node->safe_psql('postgres', 'SELECT count(*) FROM clearing.trade');
cmp_ok($trades, '>', 0, 'there are trades');

my ($before, $epoch);

for my $mode (qw(fast immediate))
{
	see($node);
	$before = fingerprint($node);
	$epoch = status_of($node, 'epoch');
	my $digest = digest($node);

	# without a standby, "replicated" keeps the house before its new epoch:
	# what is loaded can be compared with what was there
	$node->append_conf('postgresql.conf', "pg_clearing.durability = 'replicated'");
	$node->stop($mode);
	$node->start;
	$node->poll_query_until('postgres', q{SELECT role = 'opening' FROM clearing.status()});
	is(digest($node), $digest, "$mode: the digest of the state is the same");
	is(status_of($node, 'height') . ' ', (split / /, $digest)[0] . ' ',
		"$mode: the engine loaded that height");
	is(sqlstate($node, 'postgres', "SELECT clearing.deposit('a', 'USD', 1)"), 'CH003',
		"$mode: nothing is accepted before the new epoch");
	$node->append_conf('postgresql.conf', "pg_clearing.durability = 'local'");
	$node->reload;
	check_after($mode, $before, $epoch, $trades);
}

see($node);
$before = fingerprint($node);
$epoch = status_of($node, 'epoch');
my $victim = $node->background_psql('postgres', on_error_stop => 0);
my $pid = $victim->query_safe('SELECT pg_backend_pid()');
kill 'KILL', $pid;
eval { $victim->quit };
$node->poll_query_until('postgres', 'SELECT true');
check_after('killed backend', $before, $epoch, $trades);

# a killed engine worker is a crash as well
see($node);
$before = fingerprint($node);
$epoch = status_of($node, 'epoch');
kill 'KILL', status_of($node, 'engine_pid');
sleep 1;
$node->poll_query_until('postgres', 'SELECT true');
check_after('killed engine', $before, $epoch, $trades);

# a terminated projector comes back by itself, and nothing else is disturbed
see($node);
$before = fingerprint($node);
$epoch = status_of($node, 'epoch');
my $projector = status_of($node, 'projector_pid');
$node->safe_psql('postgres', "SELECT pg_terminate_backend($projector)");
$node->poll_query_until('postgres',
	"SELECT projector_pid <> $projector FROM clearing.status()");
is(status_of($node, 'epoch'), $epoch, 'terminated projector: the engine goes on');
is(fingerprint($node), $before, 'terminated projector: every table is the same');

$node->stop;
done_testing();
