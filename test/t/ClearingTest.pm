# ClearingTest.pm: what the TAP tests share: servers with the library loaded, a
# small house, and ways to see what a call came to.
package ClearingTest;

use strict;
use warnings;

use Exporter 'import';
use IPC::Run qw(start);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

our @EXPORT = qw(clearing_node standby_of wait_until_serving make_house
  trade_a_little many_orders see status_of fingerprint digest verified result_of sqlstate
  start_sql output_of finish_sql duplicate_of wait_for_wait_event);

# A server that is not started yet; further arguments are lines of its
# configuration.
sub clearing_node
{
	my ($name, @conf) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);

	$node->init(allows_streaming => 1, extra => [ '--no-locale', '-E', 'UTF8' ]);
	$node->append_conf('postgresql.conf', <<"END");
shared_preload_libraries = 'pg_clearing'
pg_clearing.durability = 'local'
pg_clearing.projection_delay = 1ms
pg_clearing.discovery_interval = 1s
max_worker_processes = 24
max_prepared_transactions = 5
restart_after_crash = on
timezone = 'UTC'
END
	$node->append_conf('postgresql.conf', $_) for @conf;
	return $node;
}

# A running standby of a running primary.
sub standby_of
{
	my ($primary, $name, @conf) = @_;
	my $standby = PostgreSQL::Test::Cluster->new($name);

	$primary->backup("for_$name");
	$standby->init_from_backup($primary, "for_$name", has_streaming => 1);
	$standby->append_conf('postgresql.conf', $_) for @conf;
	$standby->start;
	return $standby;
}

sub status_of
{
	my ($node, $column, $db) = @_;

	return $node->safe_psql($db // 'postgres', "SELECT $column FROM clearing.status()");
}

sub wait_until_serving
{
	my ($node, $db) = @_;
	my $done = $node->poll_query_until($db // 'postgres',
		'SELECT serving FROM clearing.status()');

	diag('not serving: ' . $node->safe_psql($db // "postgres", "SELECT s FROM clearing.status() s")) unless $done;
	return $done;
}

# An open house with two assets, three accounts, a spot pair and a future.
sub make_house
{
	my ($node, $db) = @_;

	$db //= 'postgres';
	$node->safe_psql($db, 'CREATE EXTENSION pg_clearing');
	wait_until_serving($node, $db) or die "the house does not serve\n";
	$node->safe_psql($db, $_) for (
		q{SELECT clearing.open('test')},
		q{SELECT clearing.create_asset('USD', 2)},
		q{SELECT clearing.create_asset('BTC', 8)},
		q{SELECT clearing.create_member('ALPHA')},
		q{SELECT clearing.create_member('BRAVO')},
		q{SELECT clearing.create_account('a', 'ALPHA')},
		q{SELECT clearing.create_account('b', 'BRAVO')},
		q{SELECT clearing.create_account('poor', 'BRAVO')},
		q{SELECT clearing.deposit('a', 'USD', 1000000)},
		q{SELECT clearing.deposit('a', 'BTC', 1000)},
		q{SELECT clearing.deposit('b', 'USD', 1000000, 'dep-b')},
		q{SELECT clearing.deposit('poor', 'USD', 10)},
		q{SELECT clearing.create_spot('SPOT', 'BTC', 'USD', 0.5, 0.1, 0.0001, 0.0002)},
		q{SELECT clearing.create_future('FUT', 'USD', tick_size => 1, multiplier => 10,
		  initial_margin => 0.10, maintenance_margin => 0.05, taker_fee => 0.0001)},
		q{SELECT clearing.set_mark_price('FUT', 100)});
	return;
}

# Trades, resting orders, a settlement and a refusal.
sub trade_a_little
{
	my ($node, $db) = @_;

	$node->safe_psql($db // 'postgres', $_) for (
		q{SELECT clearing.submit_order('a', 'FUT', 'sell', 5, 100, 'a1', time_in_force => 'gtc')},
		q{SELECT clearing.submit_order('b', 'FUT', 'buy', 3, 100, 'b1')},
		q{SELECT clearing.submit_order('a', 'SPOT', 'sell', 2.5, 20000, 'a2')},
		q{SELECT clearing.submit_order('b', 'SPOT', 'buy', 0.7, 20000, 'b2')},
		q{SELECT clearing.submit_order('b', 'SPOT', 'buy', 1, 100.5, 'b3', time_in_force => 'gtc')},
		q{SELECT clearing.submit_order('poor', 'FUT', 'buy', 1000, 100, 'p1')},
		q{SELECT clearing.settle('FUT', 101, 'settle1')},
		q{SELECT clearing.cancel_order('a', 'a2', 'c1')});
	return;
}

# Rests many orders of account a, in blocks of 5000.
sub many_orders
{
	my ($node, $n, $prefix, $db) = @_;

	$db //= 'postgres';
	$node->safe_psql($db, "SELECT clearing.deposit('a', 'USD', 1000000000)");
	$node->safe_psql($db, <<"END");
SELECT count(clearing.submit_packed(commands)) FROM (
  SELECT string_agg(clearing.encode_order('a', 'FUT', 'buy', 1 + i % 7, 1 + i % 90,
                                          '$prefix' || i, time_in_force => 'gtc'), '') AS commands
    FROM generate_series(1, $n) i GROUP BY i / 5000) c
END
	return;
}

# Afterwards the tables show everything that has been confirmed.
sub see
{
	my ($node, $db) = @_;

	return $node->safe_psql($db // 'postgres',
		'SELECT clearing.wait_for(confirmed_height) FROM clearing.status()');
}

# Everything that the house holds, apart from heights and epochs.
sub fingerprint
{
	my ($node, $db) = @_;
	my $sql = 'SELECT clearing.wait_for(greatest(height, 1)) FROM clearing.status();';

	$sql .= "SELECT '$_ ' || count(*) || ' ' || coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '')"
	  . " FROM clearing_state.$_ t;"
	  for (qw(asset member account instrument balance position open_order
		order_history trade ledger_entry settlement));
	$sql .= "SELECT 'request ' || count(*) || ' ' || coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '')"
	  . " FROM clearing_state.request t WHERE clearing_state.command_word(command_type) <> 'epoch' AND NOT duplicate";
	return $node->safe_psql($db // 'postgres', $sql);
}

sub digest
{
	my ($node, $db) = @_;

	return $node->safe_psql($db // 'postgres',
		q{SELECT height || ' ' || encode(digest, 'hex') FROM clearing.state_digest()});
}

# Is everything proven?  Says what is not.
sub verified
{
	my ($node, $name, $db) = @_;

	return is($node->safe_psql($db // 'postgres',
			'SELECT ok, bad_height, fault, detail FROM clearing.verify()'),
		't|||', $name);
}

# (SQLSTATE, output, messages) of one psql call; 00000 = success.
sub result_of
{
	my ($node, $db, $sql) = @_;
	my ($stdout, $stderr) = ('', '');
	my $rc = $node->psql($db, $sql, stdout => \$stdout, stderr => \$stderr,
		extra_params => [ '-v', 'VERBOSITY=verbose' ], on_error_stop => 1);

	return (state_in($stderr, $rc), $stdout, $stderr);
}

sub state_in
{
	my ($stderr, $rc) = @_;

	return $1 if $stderr =~ /(?:ERROR|FATAL):  ([0-9A-Z]{5}):/;
	return '00000' if $rc == 0;
	return 'lost';
}

sub sqlstate
{
	my ($state) = result_of(@_);

	return $state;
}

# A psql in the background.  Files, not pipes: nobody pumps while it runs.
sub start_sql
{
	my ($node, $db, $sql) = @_;
	my $base = PostgreSQL::Test::Utils::tempdir() . '/job';
	my %job = (out => "$base.out", err => "$base.err");

	append_to_file("$base.sql", $sql);
	$job{handle} = start(
		[ $node->installed_command('psql'), '-XAtq', '-v', 'VERBOSITY=verbose',
			'-v', 'ON_ERROR_STOP=' . ($sql =~ /\n.*\n/ ? 0 : 1),
			'-d', $node->connstr($db), '-f', "$base.sql" ],
		'<', '/dev/null', '>', $job{out}, '2>', $job{err},
		IPC::Run::timeout(120));
	return \%job;
}

# What it has said so far.
sub output_of
{
	my ($job) = @_;

	return slurp_file($job->{out});
}

# Waits for it: (SQLSTATE, output, messages).
sub finish_sql
{
	my ($job) = @_;
	my $state;

	if (eval { $job->{handle}->finish; 1 })
	{
		$state = state_in(slurp_file($job->{err}), $job->{handle}->result(0));
	}
	else
	{
		$job->{handle}->kill_kill;
		$state = 'hangs';
	}
	my $out = output_of($job);
	chomp $out;
	return ($state, $out, slurp_file($job->{err}));
}

# Sends an order of trade_a_little() or like it again: "status|duplicate".
sub duplicate_of
{
	my ($node, $db, $order) = @_;

	return $node->safe_psql($db,
		"SELECT ord_status, coalesce(reason, ''), duplicate FROM clearing.submit_order($order)");
}

sub wait_for_wait_event
{
	my ($node, $pid, $event) = @_;

	return $node->poll_query_until('postgres',
		"SELECT wait_event = '$event' FROM pg_stat_activity WHERE pid = $pid");
}

1;
