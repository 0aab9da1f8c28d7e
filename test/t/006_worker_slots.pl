# Too few worker slots must be said once, with what to do, and must heal by
# itself: the house starts when a slot is free, without anybody asking for it.
# (A launcher that takes "could not be started" for "has no extension" never
# tries again.)  Likewise too few places for databases.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use ClearingTest;

my $node = clearing_node('main', <<'END');
max_worker_processes = 3
max_logical_replication_workers = 0
max_parallel_workers = 2
max_parallel_workers_per_gather = 2
pg_clearing.max_databases = 1
END
$node->start;

# two parallel workers take both slots that are left
$node->safe_psql('postgres', <<'END');
CREATE TABLE t (i int, filler text);
ALTER TABLE t ALTER filler SET STORAGE PLAIN;
INSERT INTO t SELECT i, repeat('x', 5000) FROM generate_series(1, 4) i;
ALTER TABLE t SET (parallel_workers = 2);
ALTER FUNCTION pg_sleep(float8) COST 100000;
ANALYZE t;
END
my $hog = start_sql($node, 'postgres', <<'END');
SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0; SET parallel_leader_participation = off;
SELECT count(pg_sleep(3)) FROM t;
END
ok($node->poll_query_until('postgres',
		q{SELECT count(*) = 2 FROM pg_stat_activity WHERE backend_type = 'parallel worker'}),
	'no slot is free');
$node->safe_psql('postgres', 'CREATE EXTENSION pg_clearing');
$node->wait_for_log(qr/LOG:  out of background worker slots for pg_clearing/);
my $log = slurp_file($node->logfile);
like($log, qr/HINT:  Increase max_worker_processes \(now 3\)/, 'the log says so, and what to do');
is(sqlstate($node, 'postgres', 'SELECT clearing.open()'), 'CH001', 'a call says that nobody is there');
finish_sql($hog);
ok(wait_until_serving($node), 'serves as soon as slots are free');
ok($node->poll_query_until('postgres', 'SELECT projector_pid IS NOT NULL FROM clearing.status()'),
	'and shows what it does');
$log = slurp_file($node->logfile);
my $times = () = $log =~ /LOG:  out of background worker slots for pg_clearing/g;
cmp_ok($times, '<=', 2, "it was not said again and again ($times)");

# more databases than places
$node->safe_psql('postgres', 'CREATE DATABASE more');
$node->safe_psql('more', 'CREATE EXTENSION pg_clearing');
$node->append_conf('postgresql.conf', 'max_worker_processes = 10');
$node->restart;
$node->wait_for_log(qr/LOG:  too many databases with a clearing house/);
like(slurp_file($node->logfile), qr/HINT:  Increase pg_clearing.max_databases \(now 1\)/,
	'the log says that there are too many databases, and what to do');
my @serving = grep { (result_of($node, $_, 'SELECT serving FROM clearing.status()'))[1] eq 't' } qw(postgres more);
is(scalar(@serving), 1, 'one of them serves');
$node->append_conf('postgresql.conf', 'pg_clearing.max_databases = 2');
$node->restart;
ok(wait_until_serving($node, $_), "with two places: $_ serves") for qw(postgres more);
$node->stop;
done_testing();
