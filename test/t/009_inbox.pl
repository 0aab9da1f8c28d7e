# clearing.enqueue() belongs to the caller's transaction: what is enqueued is
# executed if and only if the transaction commits, once, in order, whatever
# happens to the server in between.  The sequencer deletes the row in the
# transaction that journals the command.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use ClearingTest;

my $node = clearing_node('main');
$node->start;
make_house($node);
see($node);
$node->safe_psql('postgres', 'CREATE TABLE sent (ref text)');

sub sql
{
	return $node->safe_psql('postgres', $_[0]);
}

sub enqueue
{
	my ($ref) = @_;

	return "INSERT INTO sent VALUES ('$ref'); SELECT clearing.enqueue(clearing.encode_order('a', 'FUT', 'buy', 1, 50, '$ref', time_in_force => 'gtc'));";
}

sub executed
{
	my ($like, $n) = @_;

	return $node->poll_query_until('postgres',
		"SELECT count(*) FROM clearing.request WHERE reference LIKE '$like' AND NOT duplicate", $n);
}

sql('BEGIN; ' . enqueue('commit1') . enqueue('commit2') . 'COMMIT');
ok(executed('commit%', 2), 'committed: executed');
is(sql(q{SELECT string_agg(cl_ord_id, ' ' ORDER BY order_id) FROM clearing.open_order WHERE cl_ord_id LIKE 'commit%'}),
	'commit1 commit2', 'in order');

sql('BEGIN; ' . enqueue('rollback1') . 'ROLLBACK');
sql('BEGIN; SAVEPOINT s; ' . enqueue('savepoint1') . 'ROLLBACK TO s; ' . enqueue('savepoint2') . 'COMMIT');
ok(executed('savepoint2', 1), 'after a savepoint: executed');
is(sql(q{SELECT count(*) FROM clearing.request WHERE reference IN ('rollback1', 'savepoint1')}), '0',
	'rolled back: not executed');

my $open = $node->background_psql('postgres');
$open->query_safe('BEGIN; ' . enqueue('open1'));
sleep 2;
is(sql(q{SELECT count(*) FROM clearing.request WHERE reference = 'open1'}), '0', 'not committed yet: not executed');
$open->query_safe('COMMIT');
$open->quit;
ok(executed('open1', 1), 'committed late: executed');

sql('BEGIN; ' . enqueue('prepared1') . q{PREPARE TRANSACTION 'p'});
sleep 2;
is(sql(q{SELECT count(*) FROM clearing.request WHERE reference = 'prepared1'}), '0', 'prepared: not executed');
sql(q{COMMIT PREPARED 'p'});
ok(executed('prepared1', 1), 'committed in two phases: executed');

# a reference that was used already is recognised here too
sql(q{SELECT clearing.submit_order('a', 'FUT', 'buy', 1, 50, 'both', time_in_force => 'gtc')});
sql(enqueue('both'));
$node->poll_query_until('postgres', q{SELECT count(*) = 2 FROM clearing.request WHERE reference = 'both'});
see($node);
is(sql(q{SELECT count(*) FROM clearing.open_order WHERE cl_ord_id = 'both'}), '1', 'sent both ways: one order');

# refusals are recorded
sql(q{SELECT clearing.enqueue(clearing.encode_order('poor', 'FUT', 'buy', 5000, 50, 'poor1'))});
ok($node->poll_query_until('postgres', q{SELECT reason = 'insufficient_margin' FROM clearing.request WHERE reference = 'poor1'}),
	'a refusal is in clearing.request');

#
# Exactly once through crashes
#
for my $round (1 .. 3)
{
	my $stream = join("\n", map { 'BEGIN; ' . enqueue("crash$round-$_") . 'COMMIT;' } 1 .. 2000) . "\n";
	my $job = start_sql($node, 'postgres', $stream);
	$node->poll_query_until('postgres', "SELECT count(*) > 200 FROM sent WHERE ref LIKE 'crash$round-%'");
	$node->stop('immediate');
	finish_sql($job);
	$node->start;
	wait_until_serving($node);
	my $sent = sql("SELECT count(*) FROM sent WHERE ref LIKE 'crash$round-%'");
	ok(executed("crash$round-%", $sent), "crash $round: all $sent that were committed are executed");
	is(sql("SELECT count(*) FROM clearing.request r FULL JOIN sent s ON s.ref = r.reference WHERE coalesce(ref, reference) LIKE 'crash$round-%' AND (ref IS NULL OR reference IS NULL)"),
		'0', "crash $round: and nothing else");
	is(sql("SELECT count(*) FROM clearing.request WHERE reference LIKE 'crash$round-%' AND duplicate"),
		'0', "crash $round: none twice");
}
is(sql('SELECT count(*) FROM clearing_state.inbox'), '0', 'the inbox is empty');
verified($node, 'journal and tables verify');

# a backlog that waits for the engine
kill 'STOP', my $pid = status_of($node, 'engine_pid');
sql(join(' ', map { enqueue("late$_") } 1 .. 2500));
kill 'CONT', $pid;
ok(executed('late%', 2500), 'a backlog of several drains is executed');
is(sql(q{SELECT count(*) FROM (SELECT substr(cl_ord_id, 5)::int - lag(substr(cl_ord_id, 5)::int) OVER (ORDER BY order_id) AS d FROM clearing.open_order WHERE cl_ord_id LIKE 'late%') x WHERE d <> 1}),
	'0', 'in order');
$node->stop;
done_testing();
