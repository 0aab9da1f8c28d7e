# Databases without a house cost next to nothing: a worker that ends has none of
# them probed, probes run one at a time, and on a standby, which nobody tells of
# a new house, they become rarer.  A house created later is found all the same.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use ClearingTest;

my $others = 6;
my $node = clearing_node('main', 'log_min_messages = debug1');
$node->start;
$node->safe_psql('postgres', "CREATE DATABASE d$_") for 1 .. $others;
make_house($node);
sleep 2;

# How often engine workers were started in other databases since, and how many
# ran at the same time at most.
sub probes
{
	my ($of, $from) = @_;
	my %house = map { $_ => 1 } split /\n/, $of->safe_psql('postgres',
		"SELECT oid FROM pg_database WHERE datname IN ('postgres', 'd1')");
	my ($n, $running, $most) = (0, 0, 0);

	for (split /\n/, slurp_file($of->logfile, $from))
	{
		next unless /background worker.*"pg_clearing engine for database (\d+)"/ && !$house{$1};
		if (/starting background worker process/)
		{
			$n++;
			$running++;
			$most = $running if $running > $most;
		}
		$running-- if /unregistering background worker/;
	}
	return ($n, $most);
}

my ($n, $most) = probes($node, 0);
cmp_ok($n, '>=', $others - 1, 'every database is probed');
is($most, 1, 'one at a time');

my $log = -s $node->logfile;
my $starts = status_of($node, 'engine_starts');
for (1 .. 3)
{
	$node->safe_psql('postgres', 'SELECT pg_terminate_backend(engine_pid) FROM clearing.status()');
	$starts++;
	$node->poll_query_until('postgres', "SELECT engine_starts >= $starts AND serving FROM clearing.status()");
}
sleep 1;
($n) = probes($node, $log);
is($n, 0, 'a worker that ends has no database probed');

$log = -s $node->logfile;
make_house($node, 'd1');
sleep 1;
($n) = probes($node, $log);
is($n, 0, 'an extension is looked for where it was created');
is(status_of($node, 'serving', 'd1'), 't', 'and found');

my $standby = standby_of($node, 'standby');
sleep 14;
($n, $most) = probes($standby, 0);
note("$n probes");
is($most, 1, 'standby: one at a time');
cmp_ok($n, '<=', $others * 6, 'standby: less and less often');
make_house($node, 'd2');
ok($standby->poll_query_until('d2', q{SELECT role = 'following' FROM clearing.status()}),
	'standby: a new house is found');

$standby->stop;
$node->stop;
done_testing();
