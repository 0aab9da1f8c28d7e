# The sequencer executes and commits the next block while the standby has not
# confirmed the last one yet.  Here several blocks are in flight when the wait
# ends: with the standby's confirmation, with the end of the engine worker, with
# the end of the primary while the standby has some of them, or none.  Nobody is
# told "done" before the standby has his block, and everybody who was told
# "unknown" finds one outcome.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use ClearingTest;

my $batches = 4;
my $orders = 600;				# some 50 kB: no two batches fit into one block

my $primary = clearing_node('primary', 'pg_clearing.max_block_size = 64', 'wal_sender_timeout = 0');
$primary->start;
make_house($primary);
$primary->safe_psql('postgres', "SELECT clearing.deposit('a', 'USD', 1000000000)");
my $standby = standby_of($primary, 'standby',
	'wal_retrieve_retry_interval = 200ms', 'wal_receiver_timeout = 0');
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

sub walreceiver
{
	$standby->poll_query_until('postgres', 'SELECT count(*) = 1 FROM pg_stat_wal_receiver');
	return $standby->safe_psql('postgres', 'SELECT pid FROM pg_stat_wal_receiver');
}

sub batch_sql
{
	my ($name) = @_;

	return "SELECT min(height) = max(height), count(*), bool_or(duplicate), min(ord_status) FROM clearing.submit_orders(ARRAY("
	  . "SELECT ('a', 'FUT', 'buy', 1 + i % 7, 1 + i % 90, '$name-' || lpad(i::text, 24, '0'), NULL, 'gtc', NULL, NULL, NULL)::clearing.new_order"
	  . " FROM generate_series(1, $orders) i));";
}

# Several batches that are committed on the primary while the standby does not
# listen: (jobs, pid of the stopped walreceiver, of the engine, height before).
sub in_flight
{
	my ($name) = @_;
	my $receiver = walreceiver();
	my $engine = status_of($primary, 'engine_pid');
	my $height = status_of($primary, 'confirmed_height');
	my @jobs;

	# they all wait in the ring before the engine sees the first one
	kill 'STOP', $engine;
	kill 'STOP', $receiver;
	push @jobs, start_sql($primary, 'postgres', batch_sql("$name$_")) for 1 .. $batches;
	$primary->poll_query_until('postgres',
		"SELECT count(*) = $batches FROM pg_stat_activity WHERE query LIKE '%$name%' AND wait_event_type = 'Extension' AND pid <> pg_backend_pid()");
	kill 'CONT', $engine;
	ok($primary->poll_query_until('postgres',
			"SELECT max(height) = $height + $batches FROM clearing_state.journal"),
		"$name: $batches blocks are in flight");
	is($primary->safe_psql('postgres',
			'SELECT height, confirmed_height FROM clearing.status()'),
		"$height|$height", "$name: none of them is confirmed");
	is($primary->safe_psql('postgres', 'SELECT max(height) <= ' . $height . ' FROM clearing.block'),
		't', "$name: none of them is shown");
	sleep 1;
	is(join('', map { output_of($_) } @jobs), '', "$name: nobody is answered");
	return (\@jobs, $receiver, $engine, $height);
}

# Each batch again: it exists once, whatever became of it.
sub settle_doubts
{
	my ($node, $name) = @_;

	for my $i (1 .. $batches)
	{
		$node->safe_psql('postgres', batch_sql("$name$i"));
		is($node->safe_psql('postgres', batch_sql("$name$i")), "t|$orders|t|new",
			"$name: batch $i has one outcome");
	}
	see($node);
	is($node->safe_psql('postgres', "SELECT count(*), count(DISTINCT cl_ord_id) FROM clearing.open_order WHERE cl_ord_id LIKE '$name%'"),
		join('|', ($batches * $orders) x 2), "$name: every order once");
}

ok(have_standby(), 'the standby is synchronous');

#
# The standby confirms
#
my ($jobs, $receiver, $engine, $height) = in_flight('go');
kill 'CONT', $receiver;
is_deeply([ map { join(' ', (finish_sql($_))[ 0, 1 ]) } @$jobs ],
	[ ("00000 t|$orders|f|new") x $batches ], 'confirmed: everybody hears it');
is(status_of($primary, 'confirmed_height'), $height + $batches, 'confirmed: a block each');
is(status_of($primary, 'engine_pid'), $engine, 'confirmed: the same engine');
settle_doubts($primary, 'go');

#
# The engine worker ends
#
($jobs, $receiver, $engine) = in_flight('term');
$primary->safe_psql('postgres', "SELECT pg_terminate_backend($engine)");
is_deeply([ map { join(' ', (finish_sql($_))[ 0, 1 ]) } @$jobs ],
	[ ('CH002 ') x $batches ], 'engine ends: unknown to everybody');
kill 'CONT', $receiver;
ok(have_standby(), 'engine ends: serving again');
settle_doubts($primary, 'term');

#
# The standby has them, but could not say so
#
($jobs, $receiver) = in_flight('late');
$primary->append_conf('postgresql.conf', "synchronous_standby_names = ''");
$primary->reload;
is_deeply([ map { join(' ', (finish_sql($_))[ 0, 1 ]) } @$jobs ],
	[ ('CH002 ') x $batches ], 'emptied standby names: unknown to everybody');
kill 'CONT', $receiver;
$primary->append_conf('postgresql.conf', "synchronous_standby_names = 'standby'");
$primary->reload;
ok(have_standby(), 'emptied standby names: serving again');
settle_doubts($primary, 'late');

#
# The primary dies with blocks in flight; the standby, which has those of them
# that were in the connection already, takes over
#
my $streamed = batch_sql('before');
is($primary->safe_psql('postgres', $streamed), "t|$orders|f|new", 'promotion: something was done before');
($jobs, $receiver) = in_flight('dead');
$primary->stop('immediate');
kill 'CONT', $receiver;
my @states = map { join(' ', (finish_sql($_))[ 0, 1 ]) } @$jobs;
is(scalar(grep { !/^(CH002|57P0.|lost) $/ } @states), 0,
	"promotion: nobody was told \"done\" (@states)");
$standby->promote;
ok(wait_until_serving($standby), 'promotion: the standby takes over');
is($standby->safe_psql('postgres', $streamed), "t|$orders|t|new",
	'promotion: what was done is there');
note('promotion: batches in flight that the standby had: '
	  . $standby->safe_psql('postgres',
		"SELECT count(*) / $orders FROM clearing.open_order WHERE cl_ord_id LIKE 'dead%'"));
settle_doubts($standby, 'dead');
verified($standby, 'promotion: journal and tables verify');

$standby->stop;
done_testing();
