# With pg_clearing.durability = 'replicated' a caller hears "done" only when the
# synchronous standby has the block; and the standby executes it again and
# arrives at the same state.
#
# PostgreSQL itself gives no such promise: a cancelled or terminated wait for
# the standby, and one that ends because synchronous_standby_names was emptied,
# all return as if the commit were replicated.  Every one of those is done here
# to a waiting sequencer; the caller must never hear a false "done", and the
# same reference sent again must lead to the one outcome.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use ClearingTest;

my $primary = clearing_node('primary');
$primary->append_conf('postgresql.conf', "wal_sender_timeout = 0");
$primary->start;
make_house($primary);
trade_a_little($primary);

my $standby = standby_of($primary, 'standby',
	"wal_retrieve_retry_interval = 200ms", "wal_receiver_timeout = 0");
$primary->append_conf('postgresql.conf', <<'END');
synchronous_standby_names = 'standby'
pg_clearing.durability = 'replicated'
END
$primary->reload;

sub have_standby
{
	return $primary->poll_query_until('postgres',
		'SELECT serving AND synchronous_standbys = 1 FROM clearing.status()');
}

sub order
{
	my ($ref, $more) = @_;

	return "SELECT ord_status, duplicate FROM clearing.submit_order('a', 'FUT', 'sell', 1, 105, '$ref', time_in_force => 'gtc');";
}

sub walreceiver
{
	$standby->poll_query_until('postgres', 'SELECT count(*) = 1 FROM pg_stat_wal_receiver');
	return $standby->safe_psql('postgres', 'SELECT pid FROM pg_stat_wal_receiver');
}

# Sends an order that cannot be confirmed: (job, process id of the engine, of
# the stopped walreceiver).
sub in_flight
{
	my ($ref) = @_;
	my $receiver = walreceiver();
	my $engine = status_of($primary, 'engine_pid');

	kill 'STOP', $receiver;
	my $job = start_sql($primary, 'postgres', order($ref));
	ok(wait_for_wait_event($primary, $engine, 'SyncRep'), "$ref: waits for the standby");
	return ($job, $engine, $receiver);
}

# The reference again: the order exists once.
sub settle_doubts
{
	my ($ref) = @_;

	ok(have_standby(), "$ref: serving with the standby again");
	$primary->safe_psql('postgres', order($ref));
	is($primary->safe_psql('postgres', order($ref)), 'new|t', "$ref: the one outcome");
	see($primary);
	is($primary->safe_psql('postgres', "SELECT count(*) FROM clearing.open_order WHERE cl_ord_id = '$ref'"),
		'1', "$ref: one order");
}

#
# The standby follows
#
ok(have_standby(), 'the standby is synchronous');
is($primary->safe_psql('postgres', order('r1')), 'new|f', 'done with the standby');
see($primary);
my $height = status_of($primary, 'height');
ok($standby->poll_query_until('postgres',
		"SELECT height = $height AND projected_height = $height FROM clearing.status()"),
	'the standby reaches the same height');
is(status_of($standby, 'role'), 'following', 'its engine follows');
is(status_of($standby, 'block_hash'), status_of($primary, 'block_hash'), 'the same block hash');
is(status_of($standby, 'open_orders'), status_of($primary, 'open_orders'), 'as many open orders');
is(digest($standby), digest($primary), 'the same digest of the whole state');
verified($standby, 'the standby verifies it all by itself');

#
# Calls on a standby
#
for my $call ("clearing.submit_order('a', 'FUT', 'sell', 1, 105)",
	"clearing.cancel_order('a', 'a1')", "clearing.deposit('a', 'USD', 1)",
	"clearing.create_asset('EUR', 2)", "clearing.open()",
	"clearing.enqueue(clearing.encode_order('a', 'FUT', 'sell', 1, 105))",
	"clearing.rebuild_read_model()")
{
	is(sqlstate($standby, 'postgres', "SELECT $call"), '25006', "standby: $call is refused");
}
is($standby->safe_psql('postgres', 'SELECT clearing.wait_for(clearing.height())'), 't',
	'standby: wait_for()');
is($standby->safe_psql('postgres', "SELECT clearing.wait_for(clearing.height() + 1, '50ms')"), 'f',
	'standby: wait_for() gives up');
is($standby->safe_psql('postgres', 'SELECT role, in_recovery FROM clearing.node_status'),
	'following|t', 'standby: node_status');
is($standby->safe_psql('postgres', "SELECT count(*) FROM clearing.open_order WHERE cl_ord_id = 'r1'"),
	'1', 'standby: views');
$height = $primary->safe_psql('postgres',
	"SELECT height FROM clearing.submit_order('a', 'FUT', 'sell', 1, 106, 'r2')");
is($standby->safe_psql('postgres', "SELECT clearing.wait_for($height)"), 't',
	'standby: wait_for() sees what the primary answered');

#
# No standby: no
#
$standby->stop('fast');
$primary->poll_query_until('postgres', 'SELECT synchronous_standbys = 0 FROM clearing.status()');
is(sqlstate($primary, 'postgres', order('no1')), 'CH003', 'without the standby: refused');
$primary->safe_psql('postgres', 'SELECT count(*) FROM clearing.open_order');
$standby->start;
ok(have_standby(), 'the standby is back');
is($primary->safe_psql('postgres', order('no1')), 'new|f', 'what was refused had not happened');

#
# pg_cancel_backend on the engine: no effect
#
my ($job, $engine, $receiver) = in_flight('cancel1');
$primary->safe_psql('postgres', "SELECT pg_cancel_backend($engine)");
sleep 1;
is($primary->safe_psql('postgres', "SELECT wait_event FROM pg_stat_activity WHERE pid = $engine"),
	'SyncRep', 'cancelled engine: still waits');
kill 'CONT', $receiver;
is_deeply([ (finish_sql($job))[ 0, 1 ] ], [ '00000', 'new|f' ],
	'cancelled engine: done when the standby has it');
is(status_of($primary, 'engine_pid'), $engine, 'cancelled engine: the same process');

#
# pg_terminate_backend on the engine: outcome unknown
#
($job, $engine, $receiver) = in_flight('term1');
$primary->safe_psql('postgres', "SELECT pg_terminate_backend($engine)");
my ($state, $out, $messages) = finish_sql($job);
is($state, 'CH002', 'terminated engine: outcome unknown');
is($out, '', 'terminated engine: no answer');
like($messages, qr/DETAIL:.*term1/s, 'terminated engine: the error names the reference');
kill 'CONT', $receiver;
settle_doubts('term1');

#
# synchronous_standby_names emptied during the wait
#
($job, $engine, $receiver) = in_flight('empty1');
$primary->append_conf('postgresql.conf', "synchronous_standby_names = ''");
$primary->reload;
($state, $out) = finish_sql($job);
is($state, 'CH002', 'emptied standby names: outcome unknown');
is($out, '', 'emptied standby names: no answer');
$primary->poll_query_until('postgres', q{SELECT role = 'opening' FROM clearing.status()});
is(sqlstate($primary, 'postgres', order('empty2')), 'CH003', 'emptied standby names: refused from then on');
kill 'CONT', $receiver;
$primary->append_conf('postgresql.conf', "synchronous_standby_names = 'standby'");
$primary->reload;
settle_doubts('empty1');

#
# No standby comes back: on as a single node, by the operator's decision.  The
# setting frees no commit that waits already; terminating the engine does.
#
($job, $engine, $receiver) = in_flight('local1');
$primary->append_conf('postgresql.conf', "pg_clearing.durability = 'local'");
$primary->reload;
sleep 1;
is($primary->safe_psql('postgres', "SELECT wait_event FROM pg_stat_activity WHERE pid = $engine"),
	'SyncRep', 'single node: the setting alone frees no waiting commit');
is($primary->safe_psql('postgres', 'SELECT pg_terminate_backend(engine_pid) FROM clearing.status()'),
	't', 'single node: the engine is terminated');
($state, $out) = finish_sql($job);
is($state, 'CH002', 'single node: who waited hears "unknown"');
ok(wait_until_serving($primary), 'single node: serves without a standby');
is($primary->safe_psql('postgres', order('local1')), 'new|t', 'single node: the reference leads to the outcome');
is($primary->safe_psql('postgres', order('local2')), 'new|f', 'single node: trading goes on');
kill 'CONT', $receiver;
$primary->append_conf('postgresql.conf', "pg_clearing.durability = 'replicated'");
$primary->reload;
settle_doubts('local1');

#
# The standby is stopped and comes back during the wait
#
($job, $engine, $receiver) = in_flight('stop1');
$standby->stop('immediate');
sleep 1;
is(output_of($job), '', 'stopped standby: no answer while it is away');
$standby->start;
($state, $out) = finish_sql($job);
ok($state eq 'CH002' || ($state eq '00000' && $out eq 'new|f'),
	"stopped standby: done or unknown when it is back ($state)");
settle_doubts('stop1');

#
# The caller gives up during the wait
#
($job, $engine, $receiver) = in_flight('quit1');
$primary->safe_psql('postgres',
	"SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query LIKE '%quit1%' AND pid <> pg_backend_pid()");
($state, $out, $messages) = finish_sql($job);
is($state, 'CH002', 'cancelled caller: outcome unknown');
like($messages, qr/quit1/, 'cancelled caller: the error names the reference');
kill 'CONT', $receiver;
settle_doubts('quit1');

#
# The standby dies while orders stream in: whoever is told "done" is right
#
my $stream = join("\n", map { order("s$_") =~ s/ord_status/cl_ord_id/r } 1 .. 3000) . "\n";
$job = start_sql($primary, 'postgres', $stream);
$primary->poll_query_until('postgres',
	"SELECT count(*) > 100 FROM clearing.open_order WHERE cl_ord_id LIKE 's%'");
$standby->stop('immediate');
sleep 1;
$standby->start;
(undef, $out, $messages) = finish_sql($job);
my @done = map { (split /\|/)[0] } split /\n/, $out;
my %states;
$states{$1}++ while $messages =~ /ERROR:  (\w+):/g;
note('answers: ' . scalar(@done) . ' done, ' . join(', ', map { "$states{$_} $_" } sort keys %states));
cmp_ok(scalar(@done), '>', 100, 'standby dies under load: many were done');
is(join(' ', grep { !/^CH00[23]$/ } sort keys %states), '',
	'standby dies under load: nothing but "no" and "unknown" otherwise');
ok(have_standby(), 'standby dies under load: serving again');
see($primary);
my $list = join(',', map { "'$_'" } @done);
is($primary->safe_psql('postgres', "SELECT count(*) FROM clearing.open_order WHERE cl_ord_id IN ($list)"),
	scalar(@done), 'standby dies under load: everything done is there');

#
# The primary dies while orders stream in; the standby takes over
#
my $follower = status_of($standby, 'engine_pid');
my $epoch = status_of($primary, 'epoch');
$stream =~ s/'s(\d+)'/'t$1'/g;
$job = start_sql($primary, 'postgres', $stream);
$primary->poll_query_until('postgres',
	"SELECT count(*) > 300 FROM clearing.open_order WHERE cl_ord_id LIKE 't%'");
$primary->stop('immediate');
(undef, $out) = finish_sql($job);
@done = grep { /^t/ } map { (split /\|/)[0] } split /\n/, $out;
cmp_ok(scalar(@done), '>', 300, 'promotion: many were done before');

$standby->promote;
ok(wait_until_serving($standby), 'promotion: the standby takes over');
is(status_of($standby, 'engine_pid'), $follower, 'promotion: with the engine it had');
cmp_ok(status_of($standby, 'epoch'), '==', $epoch + 1, 'promotion: in the next epoch');
see($standby);
$list = join(',', map { "'$_'" } @done);
is($standby->safe_psql('postgres', "SELECT count(*) FROM clearing.open_order WHERE cl_ord_id IN ($list)"),
	scalar(@done), 'promotion: nothing that was done is lost');
is($standby->safe_psql('postgres', order($done[-1])), 'new|t', 'promotion: references are known');
is($standby->safe_psql('postgres', order('term1')), 'new|t', 'promotion: old references too');
is($standby->safe_psql('postgres', order('after')), 'new|f', 'promotion: trading goes on');
see($standby);
is($standby->safe_psql('postgres',
		"SELECT count(*) FROM (SELECT FROM clearing.open_order GROUP BY cl_ord_id HAVING count(*) > 1) d"),
	'0', 'promotion: no order twice');
verified($standby, 'promotion: journal and tables verify');

$standby->stop;
done_testing();
