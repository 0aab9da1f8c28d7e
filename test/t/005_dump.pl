# pg_dump is part of the product: what it writes, restored into another
# database or cluster, is the same house, which goes on when an operator says so
# (two houses with one past would otherwise both go on).  While rows are loaded
# the workers of the new database must not touch them.
# pg_dump, psql and single-user mode work with the library as they do without.
use strict;
use warnings;

use IPC::Run qw(run);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use ClearingTest;

my $node = clearing_node('main');
$node->start;
make_house($node);
trade_a_little($node);
$node->safe_psql('postgres', "CREATE ROLE alpha; SELECT clearing.set_member_role('ALPHA', 'alpha')");
see($node);
my $state = fingerprint($node);
my $digest = digest($node);
my $hash = status_of($node, 'block_hash');
my $epoch = status_of($node, 'epoch');
my $dir = PostgreSQL::Test::Utils::tempdir();

# pg_dump while orders come in
my $stream = join("\n", map { "SELECT clearing.submit_order('b', 'FUT', 'buy', 1, 50, 's$_');" } 1 .. 3000) . "\n";
my $job = start_sql($node, 'postgres', $stream);
$node->command_ok([ 'pg_dump', '-d', $node->connstr('postgres'), '-Fc', '-f', "$dir/busy.dump" ],
	'pg_dump under load');
is((finish_sql($job))[0], '00000', 'trading goes on meanwhile');
see($node);
$state = fingerprint($node);
$digest = digest($node);
$node->command_ok([ 'pg_dump', '-d', $node->connstr('postgres'), '-f', "$dir/plain.sql" ], 'pg_dump as text');
$node->command_ok([ 'pg_dump', '-d', $node->connstr('postgres'), '-Fd', '-j', '2', '-f', "$dir/dir.dump" ],
	'pg_dump with two jobs');

sub check_restored
{
	my ($to, $db, $what) = @_;

	ok($to->poll_query_until($db, q{SELECT role = 'closed' FROM clearing.status()}),
		"$what: closed until somebody resumes it");
	is(sqlstate($to, $db, q{SELECT clearing.deposit('a', 'USD', 7)}), 'CH005',
		"$what: accepts nothing");
	is(digest($to, $db), $digest, "$what: the same digest of the whole state");
	verified($to, "$what: journal and tables verify", $db);
	$to->safe_psql($db, 'SELECT clearing.resume()');
	ok(wait_until_serving($to, $db), "$what: resumed, it serves");
	cmp_ok(status_of($to, 'epoch', $db), '==', $epoch + 1, "$what: in the next epoch");
	is(fingerprint($to, $db), $state, "$what: every table is the same");
	is(duplicate_of($to, $db, q{'b', 'FUT', 'buy', 3, 100, 'b1'}), 'filled||t',
		"$what: references are known");
	is(duplicate_of($to, $db, q{'poor', 'FUT', 'buy', 1000, 100, 'p1'}), 'rejected|insufficient_margin|t',
		"$what: refusals too");
	is(duplicate_of($to, $db, q{'b', 'FUT', 'buy', 1, 60, 'new'}), 'new||f', "$what: trading goes on");
	is($to->safe_psql($db, "SELECT role_name FROM clearing.member WHERE member = 'ALPHA'"), 'alpha',
		"$what: members keep their roles");
	see($to, $db);
	verified($to, "$what: verifies afterwards", $db);
	return;
}

$node->safe_psql('postgres', "CREATE DATABASE $_ TEMPLATE template0") for qw(plain jobs busy);
$node->command_ok([ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('plain'), '-f', "$dir/plain.sql" ],
	'psql restores the text');
check_restored($node, 'plain', 'text');
$node->command_ok([ 'pg_restore', '-e', '-j', '2', '-d', $node->connstr('jobs'), "$dir/dir.dump" ],
	'pg_restore with two jobs');
check_restored($node, 'jobs', 'two jobs');

$node->command_ok([ 'pg_restore', '-e', '-d', $node->connstr('busy'), "$dir/busy.dump" ],
	'pg_restore of what was dumped under load');
$node->poll_query_until('busy', q{SELECT role = 'closed' FROM clearing.status()});
verified($node, 'dumped under load: one moment of the house', 'busy');
$node->safe_psql('busy', 'SELECT clearing.resume()');
ok(wait_until_serving($node, 'busy'), 'dumped under load: serves');

is(status_of($node, 'serving'), 't', 'the original serves all the time');
is(fingerprint($node), $state, 'and is not touched');

# into another cluster
my $other = clearing_node('other');
$other->start;
$other->safe_psql('postgres', 'CREATE ROLE alpha');
$other->command_ok([ 'pg_restore', '-e', '-1', '-d', $other->connstr('postgres'), "$dir/dir.dump" ],
	'pg_restore in another cluster, in one transaction');
check_restored($other, 'postgres', 'another cluster');
# and a restart does not close it again
$other->restart;
ok(wait_until_serving($other), 'another cluster: serves after a restart');
$other->stop;

#
# Single-user mode
#
see($node);
$node->stop;
my ($out, $err) = ('', '');
my $in = "SELECT count(*) AS journal_blocks FROM clearing_state.journal\n"
  . "SELECT clearing.submit_order('a', 'FUT', 'buy', 1, 50)\n"
  . "SELECT clearing.height()\n";
run([ $node->installed_command('postgres'), '--single', '-D', $node->data_dir, 'postgres' ],
	'<', \$in, '>', \$out, '2>', \$err, IPC::Run::timeout(60));
like($out, qr/journal_blocks = "\d+"/, 'single-user mode: the tables can be read');
like($err, qr/clearing house is not running/, 'single-user mode: a call is refused');
like($out, qr/height = "\d+"/, 'single-user mode: functions that only read work');
$node->start;
ok(wait_until_serving($node), 'serves after single-user mode');
$node->stop;

#
# Not preloaded
#
$node->append_conf('postgresql.conf', "shared_preload_libraries = ''");
$node->start;
my ($state_, undef, $message) = result_of($node, 'postgres', q{SELECT clearing.submit_order('a', 'FUT', 'buy', 1, 50)});
is($state_, '55000', 'not preloaded: a call is refused');
like($message, qr/pg_clearing must be loaded via shared_preload_libraries.*HINT:.*shared_preload_libraries/s,
	'not preloaded: says what to do');
is(sqlstate($node, 'postgres', 'SELECT * FROM clearing.status()'), '55000', 'not preloaded: status() as well');
is(sqlstate($node, 'postgres', 'SELECT count(*) FROM clearing.balance'), '00000', 'not preloaded: views can be read');
is(sqlstate($node, 'postgres', q{LOAD 'pg_clearing'}), '00000', 'not preloaded: LOAD works');
$node->command_ok([ 'pg_dump', '-d', $node->connstr('postgres'), '-f', "$dir/unloaded.sql" ],
	'not preloaded: pg_dump works');
is(sqlstate($node, 'postgres', 'DROP EXTENSION pg_clearing'), '00000', 'not preloaded: DROP EXTENSION works');
is(sqlstate($node, 'postgres', 'CREATE EXTENSION pg_clearing'), '00000', 'not preloaded: CREATE EXTENSION works');
$node->stop;
done_testing();
