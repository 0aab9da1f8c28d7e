# Workers that are connected to a database stand in the way of DDL on it.  They
# must step aside for DROP and RENAME DATABASE, CREATE DATABASE ... TEMPLATE and
# DROP EXTENSION, come back when such a command is rolled back or has left
# something to serve, and go for good when it has not.  And no worker, however
# busy, may hold up DROP DATABASE of a database it has nothing to do with: since
# PostgreSQL 15 that waits until every process has handled a barrier.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);
use ClearingTest;

my $node = clearing_node('main');
$node->start;

sub workers
{
	my ($db) = @_;

	return $node->safe_psql('postgres',
		"SELECT count(*) FROM pg_stat_activity WHERE backend_type LIKE 'pg_clearing %' AND datname = '$db'");
}

sub sql
{
	return $node->safe_psql('postgres', $_[0]);
}

#
# Two databases, two houses
#
for my $db (qw(one two))
{
	sql("CREATE DATABASE $db");
	make_house($node, $db);
}
trade_a_little($node, 'one');
see($node, $_) for qw(one two);
is($node->safe_psql('one', 'SELECT count(*) > 0 FROM clearing.trade'), 't', 'one house trades');
is($node->safe_psql('two', 'SELECT count(*) FROM clearing.trade'), '0', 'the other knows nothing of it');
is(workers($_), '2', "$_ has its two workers") for qw(one two);
is(workers('postgres'), '0', 'a database without the extension has none');

#
# CREATE EXTENSION
#
sql('CREATE DATABASE three');
$node->safe_psql('three', 'BEGIN; CREATE EXTENSION pg_clearing; ROLLBACK');
sleep 2;
is(workers('three'), '0', 'CREATE EXTENSION rolled back: no worker');
my $before = -s $node->logfile;
sleep 2;
unlike(slurp_file($node->logfile, $before), qr/ERROR|FATAL/, 'and none that tries again and again');
$node->safe_psql('three', 'CREATE EXTENSION pg_clearing');
ok(wait_until_serving($node, 'three'), 'CREATE EXTENSION: serves');

#
# DROP EXTENSION
#
# taken back to a savepoint: the house goes on although the transaction does too
my $long = $node->background_psql('one');
$long->query_safe('BEGIN; SAVEPOINT s; DROP EXTENSION pg_clearing; ROLLBACK TO s');
ok(wait_until_serving($node, 'one'), 'DROP EXTENSION rolled back to a savepoint: serves at once');
is(sqlstate($node, 'one', q{SELECT clearing.deposit('a', 'USD', 1)}), '00000',
	'DROP EXTENSION rolled back to a savepoint: trading goes on');
$long->query_safe('SAVEPOINT t; SAVEPOINT u; DROP EXTENSION pg_clearing; RELEASE u');
sleep 2;
is($node->safe_psql('one', q{SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'pg_clearing engine' AND datname = 'one'}),
	'0', 'DROP EXTENSION in a released savepoint: the workers stay away');
$long->query_safe('ROLLBACK');
$long->quit;
ok(wait_until_serving($node, 'one'), 'DROP EXTENSION in a released savepoint, rolled back: serves');
see($node, 'one');

my $state = fingerprint($node, 'one');
my $epoch = status_of($node, 'epoch', 'one');
$node->safe_psql('one', 'BEGIN; DROP EXTENSION pg_clearing; ROLLBACK');
ok(wait_until_serving($node, 'one'), 'DROP EXTENSION rolled back: serves again');
is(fingerprint($node, 'one'), $state, 'DROP EXTENSION rolled back: nothing is lost');
cmp_ok(status_of($node, 'epoch', 'one'), '>', $epoch, 'DROP EXTENSION rolled back: a new epoch');
is($node->safe_psql('one', q{SELECT ord_status, duplicate FROM clearing.submit_order('b', 'FUT', 'buy', 3, 100, 'b1')}),
	'filled|t', 'DROP EXTENSION rolled back: references are known');

my $started = time;
$node->safe_psql('two', 'DROP EXTENSION pg_clearing');
cmp_ok(time - $started, '<', 5, 'DROP EXTENSION does not wait');
$node->poll_query_until('postgres',
	q{SELECT count(*) = 0 FROM pg_stat_activity WHERE backend_type LIKE 'pg_clearing %' AND datname = 'two'});
$before = -s $node->logfile;
sleep 2;
is(workers('two'), '0', 'DROP EXTENSION: the workers are gone');
unlike(slurp_file($node->logfile, $before), qr/ERROR|FATAL/, 'and nobody complains');
is($node->safe_psql('two', q{SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'clearing%'}), '0',
	'DROP EXTENSION: nothing is left');
make_house($node, 'two');
verified($node, 'created again: a new house with a journal of its own', 'two');

#
# CREATE DATABASE ... TEMPLATE
#
see($node, 'one');
$state = fingerprint($node, 'one');
$started = time;
sql('CREATE DATABASE copy TEMPLATE one');
cmp_ok(time - $started, '<', 5, 'CREATE DATABASE TEMPLATE does not wait');
ok(wait_until_serving($node, 'one'), 'TEMPLATE: the original serves again');
# two houses with one past would be one too many: somebody must want that
ok($node->poll_query_until('copy', q{SELECT role = 'closed' FROM clearing.status()}),
	'TEMPLATE: the copy is closed');
is(sqlstate($node, 'copy', q{SELECT clearing.deposit('a', 'USD', 7)}), 'CH005',
	'TEMPLATE: the copy accepts nothing');
verified($node, 'TEMPLATE: the copy can be verified', 'copy');
$node->safe_psql('copy', 'SELECT clearing.resume()');
ok(wait_until_serving($node, 'copy'), 'TEMPLATE: resumed, the copy serves');
is(fingerprint($node, 'copy'), $state, 'TEMPLATE: both have the same state');
$node->safe_psql('copy', q{SELECT clearing.deposit('a', 'USD', 7)});
see($node, 'copy');
isnt(fingerprint($node, 'copy'), $state, 'TEMPLATE: the copy goes its own way');
is(fingerprint($node, 'one'), $state, 'TEMPLATE: the original is not touched');
verified($node, 'TEMPLATE: the copy verifies', 'copy');

# a session in the database itself may copy it too
$node->safe_psql('one', 'CREATE DATABASE copy2 TEMPLATE one');
ok(wait_until_serving($node, 'one'), 'TEMPLATE from within: the original serves again');
sql('DROP DATABASE copy2');

#
# ALTER DATABASE RENAME
#
see($node, 'copy');
$state = fingerprint($node, 'copy');
$started = time;
sql('ALTER DATABASE copy RENAME TO renamed');
cmp_ok(time - $started, '<', 5, 'RENAME does not wait');
ok(wait_until_serving($node, 'renamed'), 'RENAME: serves again');
is(fingerprint($node, 'renamed'), $state, 'RENAME: the same state');
isnt(sqlstate($node, 'postgres', 'ALTER DATABASE renamed RENAME TO one'), '00000', 'RENAME to a name that is taken fails');
ok(wait_until_serving($node, 'renamed'), 'failed RENAME: serves again');

# who may not drop it can't stop it either
sql('CREATE ROLE nobody LOGIN');
my $engine = status_of($node, 'engine_pid', 'renamed');
is((result_of($node, 'postgres', 'SET ROLE nobody; DROP DATABASE renamed'))[0], '42501',
	'DROP DATABASE without the right');
is(status_of($node, 'engine_pid', 'renamed'), $engine, 'the workers did not even notice');

#
# DROP DATABASE
#
$started = time;
sql('DROP DATABASE renamed');
cmp_ok(time - $started, '<', 5, 'DROP DATABASE with a house does not wait');
$before = -s $node->logfile;
sleep 2;
unlike(slurp_file($node->logfile, $before), qr/ERROR|FATAL/, 'DROP DATABASE: nobody complains');
is(sql(q{SELECT count(*) FROM pg_stat_activity WHERE backend_type LIKE 'pg_clearing %' AND datname IS NOT NULL}),
	'6', 'DROP DATABASE: the other houses have their workers');
# its place in shared memory is free again
for my $i (1 .. 10)
{
	sql("CREATE DATABASE again");
	$node->safe_psql('again', 'CREATE EXTENSION pg_clearing');
	wait_until_serving($node, 'again') or last;
	sql('DROP DATABASE again');
	pass('DROP DATABASE: the tenth database finds a place') if $i == 10;
}

#
# DROP DATABASE of another database while a long journal is executed again
#
many_orders($node, 100_000, 'm', 'one');
see($node, 'one');
$state = fingerprint($node, 'one');
sql('CREATE DATABASE victim');
$node->safe_psql('one', 'SELECT clearing.rebuild_read_model()');
$node->poll_query_until('one', 'SELECT projected_height < height FROM clearing.status()');
$started = time;
sql('DROP DATABASE victim');
cmp_ok(time - $started, '<', 5, sprintf('DROP DATABASE during replay: %.1f s', time - $started));
# a fast machine executes it all in a second: what counts is who was first
is($node->safe_psql('one', 'SELECT projected_height < height FROM clearing.status()'), 't',
	'DROP DATABASE did not wait for the end of the replay');
see($node, 'one');
is(fingerprint($node, 'one'), $state, 'the read model is what it was');

# the same with the engine worker: no read model, the whole journal at start
sql('CREATE DATABASE victim');
my $tables = join(', ', map { "clearing_state.$_" } qw(projection asset member account
	instrument balance position open_order order_history trade ledger_entry settlement request));
$node->safe_psql('one', "TRUNCATE $tables");
$node->stop('immediate');
$node->start;
$node->poll_query_until('one', q{SELECT role IN ('loading', 'opening', 'serving') FROM clearing.status()});
$started = time;
sql('DROP DATABASE victim');
cmp_ok(time - $started, '<', 5, sprintf('DROP DATABASE during start: %.1f s', time - $started));
ok(wait_until_serving($node, 'one'), 'serves from the journal alone');
see($node, 'one');
is(fingerprint($node, 'one'), $state, 'the journal alone gives the same state');

$node->stop;
done_testing();
