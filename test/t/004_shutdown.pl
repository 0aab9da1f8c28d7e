# The house never holds a shutdown up: not when idle, not under load, not while
# its commit waits for a standby that will never answer.  A worker that merely
# sets a flag at SIGTERM would wait for ever in the last case, and with it
# Patroni's failover.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);
use ClearingTest;

my $node = clearing_node('main', "wal_sender_timeout = 0");
$node->start;
make_house($node);

sub stop_quickly
{
	my ($what) = @_;
	my $started = time;

	$node->stop('fast', fail_ok => 1);
	my $took = time - $started;
	cmp_ok($took, '<', 10, sprintf('%s: fast stop in %.1f s', $what, $took));
	$node->start;
	return;
}

stop_quickly('idle');
ok(wait_until_serving($node), 'idle: serves again');

my $stream = join("\n", map { "SELECT clearing.submit_order('a', 'FUT', 'buy', 1, 50, 's$_');" } 1 .. 20000) . "\n";
my $job = start_sql($node, 'postgres', $stream);
$node->poll_query_until('postgres', 'SELECT height > 100 FROM clearing.status()');
stop_quickly('under load');
my (undef, undef, $messages) = finish_sql($job);
like($messages, qr/FATAL:  57P01|terminating connection|outcome of the command is unknown|server closed/,
	'under load: the caller is told');
ok(wait_until_serving($node), 'under load: serves again');
see($node);
verified($node, 'under load: journal and tables verify');

# while it waits to open an epoch for want of a standby
$node->append_conf('postgresql.conf', "synchronous_standby_names = 'nobody'\npg_clearing.durability = 'replicated'");
$node->restart;
$node->poll_query_until('postgres', q{SELECT role = 'opening' FROM clearing.status()});
stop_quickly('without a standby');

# while its commit waits for a standby that has died
$node->append_conf('postgresql.conf', "synchronous_standby_names = ''\npg_clearing.durability = 'local'");
$node->reload;
my $standby = standby_of($node, 'standby', 'wal_receiver_timeout = 0');
$node->append_conf('postgresql.conf', "synchronous_standby_names = 'standby'\npg_clearing.durability = 'replicated'");
$node->reload;
$node->poll_query_until('postgres', 'SELECT serving AND synchronous_standbys = 1 FROM clearing.status()');
my $engine = status_of($node, 'engine_pid');
kill 'STOP', $standby->safe_psql('postgres', 'SELECT pid FROM pg_stat_wal_receiver');
$job = start_sql($node, 'postgres', "SELECT clearing.submit_order('a', 'FUT', 'buy', 1, 50, 'last')");
ok(wait_for_wait_event($node, $engine, 'SyncRep'), 'a commit waits for the standby');
$standby->stop('immediate');
stop_quickly('waiting for a standby');
my ($state) = finish_sql($job);
isnt($state, '00000', "waiting for a standby: the caller hears no false success ($state)");
$standby->start;
ok(wait_until_serving($node), 'waiting for a standby: serves when it is back');
is($node->safe_psql('postgres', "SELECT count(*) <= 1 FROM clearing.open_order WHERE cl_ord_id = 'last'"), 't',
	'waiting for a standby: at most one order');
is($node->safe_psql('postgres', "SELECT ord_status FROM clearing.submit_order('a', 'FUT', 'buy', 1, 50, 'last')"),
	'new', 'waiting for a standby: the reference leads to the one outcome');

# a standby's engine does not hold its server up either
my $started = time;
$standby->stop('fast');
cmp_ok(time - $started, '<', 10, 'a standby stops as quickly');
$node->stop('immediate');
done_testing();
