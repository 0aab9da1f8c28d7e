# A hot standby cancels readers that are in the way of replay.  The follower
# must survive that at any moment.  The worst one is in the middle of a block:
# commands executed before the cancellation must not be executed once more,
# the digest would differ and a healthy standby would halt.
#
# The follower is stopped while it executes a large block; then the journal is
# locked on the primary.  Replay of the lock cancels the follower's transaction,
# which it hears of when it goes on.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use ClearingTest;

my $orders = 40_000;
my $primary = clearing_node('primary', 'autovacuum = off');
$primary->start;
make_house($primary);
$primary->safe_psql('postgres', q{SELECT clearing.deposit('a', 'USD', 1000000000)});
my $standby = standby_of($primary, 'standby', 'max_standby_streaming_delay = 0',
	'max_standby_archive_delay = 0', 'pg_clearing.follow_interval = 1');

# Runs SQL on the standby that stops its follower while that holds a lock of the
# journal, i.e. reads it or executes what it has read.
sub stopper
{
	my ($pid) = @_;

	return start_sql($standby, 'postgres', <<"END");
DO \$\$
DECLARE
  give_up timestamptz := clock_timestamp() + '60 s';
BEGIN
  WHILE NOT EXISTS (SELECT FROM pg_locks WHERE pid = $pid AND granted
                       AND relation = 'clearing_state.journal'::regclass) LOOP
    IF clock_timestamp() > give_up THEN
      RAISE 'the follower holds no lock';
    END IF;
  END LOOP;
  -- it has read the block by then
  PERFORM pg_sleep(0.02);
  COPY (SELECT) TO PROGRAM 'cat > /dev/null; kill -STOP $pid';
END \$\$
END
}

sub follows
{
	my ($height) = @_;

	return $standby->poll_query_until('postgres',
		"SELECT role = 'following' AND height >= $height OR role = 'halted' FROM clearing.status()");
}

ok(follows(status_of($primary, 'height')), 'the standby follows');
my $follower = status_of($standby, 'engine_pid');
my $conflicts = 0;

for my $round (1 .. 20)
{
	my $log = -s $standby->logfile;
	my $before = status_of($standby, 'height');
	my $job = stopper($follower);

	$standby->poll_query_until('postgres', q{SELECT count(*) > 0 FROM pg_stat_activity WHERE query LIKE '%give_up%' AND pid <> pg_backend_pid()});
	$primary->safe_psql('postgres', <<"END");
SELECT length(clearing.submit_packed(string_agg(clearing.encode_order('a', 'FUT', 'buy', 1,
         1 + i % 90, 'r$round-' || i, time_in_force => 'gtc'), '')))
  FROM generate_series(1, $orders) i
END
	# it may be in the way of replay itself: then the round is lost
	note("round $round: " . (finish_sql($job))[0]);
	my $locked = $standby->safe_psql('postgres',
		"SELECT count(*) > 0 FROM pg_locks WHERE pid = $follower AND relation = 'clearing_state.journal'::regclass");

	$primary->safe_psql('postgres', 'BEGIN; LOCK TABLE clearing_state.journal IN ACCESS EXCLUSIVE MODE; COMMIT');
	if ($locked eq 't' && status_of($standby, 'height') == $before)
	{
		# it is told now, and hears of it in the middle of the block
		$standby->poll_query_until('postgres',
			q{SELECT count(*) > 0 FROM pg_locks WHERE NOT granted AND mode = 'AccessExclusiveLock'});
	}
	kill 'CONT', $follower;
	ok(follows(status_of($primary, 'height')), "round $round: the standby goes on");
	$conflicts++ if slurp_file($standby->logfile, $log) =~ /canceling statement due to conflict with recovery/;
	last if status_of($standby, 'role') eq 'halted' || $conflicts >= 3;
}
cmp_ok($conflicts, '>=', 3, 'its transaction was cancelled again and again');
is(status_of($standby, 'role'), 'following', 'it has not halted');
is(status_of($standby, 'engine_pid'), $follower, 'nor started anew');

# from here on readers are left alone
$standby->append_conf('postgresql.conf', 'max_standby_streaming_delay = -1');
$standby->reload;
$standby->poll_query_until('postgres', q{SELECT current_setting('max_standby_streaming_delay') = '-1'});
see($primary);
my $height = status_of($primary, 'height');
$standby->poll_query_until('postgres',
	"SELECT height = $height AND projected_height = $height FROM clearing.status()");
is(digest($standby), digest($primary), 'the same state on both');
verified($standby, 'the standby verifies it');

$standby->stop;
$primary->stop;
done_testing();
