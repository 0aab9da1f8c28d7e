# A node whose journal or whose computation is not what the others have stops
# itself, for good and visibly: a changed byte in the journal is found by
# verify(), by the engine at its next start and by a follower; the node halts,
# stays halted through restarts, refuses calls with CH004, and goes on only
# when somebody has repaired it and said so.  A changed row of the read model is
# found by verify() and repaired from the journal.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use ClearingTest;

my $node = clearing_node('main');
$node->start;
make_house($node);
trade_a_little($node);
see($node);
my $state = fingerprint($node);
my $order = q{'b', 'FUT', 'buy', 1, 60, 'later'};

sub sql
{
	return $node->safe_psql('postgres', $_[0]);
}

#
# The read model
#
my %tampered = (
	'a balance' => 'UPDATE clearing_state.balance SET balance = balance + 1 WHERE account_id = (SELECT account_id FROM clearing.account WHERE account = \'a\')',
	'a position' => 'UPDATE clearing_state.position SET qty = qty + 1',
	'an open order' => 'UPDATE clearing_state.open_order SET price = price + 1',
	'a missing order' => 'DELETE FROM clearing_state.open_order',
	'a trade' => 'UPDATE clearing_state.trade SET qty = qty + 1 WHERE trade_id = 1',
	'a ledger entry' => 'UPDATE clearing_state.ledger_entry SET amount = amount + 1 WHERE entry_id = (SELECT min(entry_id) FROM clearing_state.ledger_entry)',
	'a request' => q{DELETE FROM clearing_state.request WHERE ref = 'p1'});
# the present state is compared by its digest, the history row by row
my %table_of = ('a trade' => 'trade', 'a ledger entry' => 'ledger_entry', 'a request' => 'request');

for my $what (sort keys %tampered)
{
	my $answer = $node->safe_psql('postgres',
		"BEGIN; $tampered{$what}; SELECT ok, fault, detail FROM clearing.verify(); ROLLBACK");
	like($answer, qr/^f\|.*read model/, "$what changed: verify() finds it");
	like($answer, qr/$table_of{$what}/, "$what changed: and names the table")
	  if $table_of{$what};
}
verified($node, 'rolled back: nothing is wrong');
sql($tampered{'a balance'});
$node->safe_psql('postgres', 'SELECT clearing.rebuild_read_model()');
$node->poll_query_until('postgres', 'SELECT clearing.height() > 0');
is(fingerprint($node), $state, 'rebuild_read_model() repairs it from the journal');
verified($node, 'and verify() agrees');

#
# The journal
#
my $bad = sql(q{SELECT height FROM clearing_state.request WHERE ref = 'b1'});
for my $column (qw(commands event_digest block_hash prev_hash))
{
	my $answer = sql("BEGIN; UPDATE clearing_state.journal SET $column = set_byte($column, 3, get_byte($column, 3) # 1) WHERE height = $bad; SELECT ok, bad_height, fault FROM clearing.verify(); ROLLBACK");
	like($answer, qr/^f\|$bad\|./, "$column changed: verify() names block $bad");
	note($answer);
}
my $answer = sql("BEGIN; DELETE FROM clearing_state.journal WHERE height = $bad; SELECT ok, bad_height, fault FROM clearing.verify(); ROLLBACK");
like($answer, qr/^f\|$bad\|./, "block missing: verify() names it");

# A block changed before this node has projected it: the projector is held, and
# then killed, which makes the postmaster start everything anew.
my $projector = status_of($node, 'projector_pid');
kill 'STOP', $projector;
is(duplicate_of($node, 'postgres', $order), 'new||f', 'one more order');
$bad = status_of($node, 'height');
sql("CREATE TABLE saved AS SELECT * FROM clearing_state.journal");
my $log = -s $node->logfile;
sql("UPDATE clearing_state.journal SET commands = set_byte(commands, length(commands) - 1, get_byte(commands, length(commands) - 1) # 1) WHERE height = $bad");
kill 'KILL', $projector;
sleep 1;
ok($node->poll_query_until('postgres', q{SELECT role = 'halted' FROM clearing.status()}),
	'the engine halts at start');
is(status_of($node, 'halted_height'), $bad, 'and names the block');
is($node->safe_psql('postgres', 'SELECT role, halted_height FROM clearing.node_status'), "halted|$bad",
	'node_status says so');
my ($code, undef, $message) = result_of($node, 'postgres', "SELECT clearing.submit_order($order)");
is($code, 'CH004', 'calls are refused');
like($message, qr/DETAIL:.*block $bad.*HINT/s, 'with the block and a hint');
is(sqlstate($node, 'postgres', q{SELECT clearing.deposit('nobody', 'USD', 1)}), 'CH004',
	'names that the tables do not show are not blamed');
is(sqlstate($node, 'postgres', 'SELECT clearing.resume()'), 'CH004', 'resume() does not help');
like(slurp_file($node->logfile, $log), qr/clearing house halts on this node at block $bad/, 'the log says so');

# it stays halted, and does not try again and again
$log = -s $node->logfile;
sleep 3;
is(status_of($node, 'engine_pid'), '', 'no engine runs');
unlike(slurp_file($node->logfile, $log), qr/clearing house/, 'and none is started again and again');
$node->restart;
ok($node->poll_query_until('postgres', q{SELECT role = 'halted' FROM clearing.status()}),
	'halted after a restart');
$node->stop('immediate');
$node->start;
ok($node->poll_query_until('postgres', q{SELECT role = 'halted' FROM clearing.status()}),
	'halted after a crash');
is(sqlstate($node, 'postgres', "SELECT clearing.submit_order($order)"), 'CH004', 'calls are refused still');

# cleared without a repair it halts again
is(sql('SELECT clearing.clear_halt()'), 't', 'clear_halt()');
ok($node->poll_query_until('postgres', q{SELECT role = 'halted' FROM clearing.status()}),
	'without a repair it halts again');
is(sqlstate($node, 'postgres', q{CREATE ROLE op IN ROLE clearing_operator; SET ROLE op; SELECT clearing.clear_halt()}),
	'42501', 'an operator may not clear it');

# repaired and cleared it goes on
sql('UPDATE clearing_state.journal j SET commands = s.commands FROM saved s WHERE j.height = s.height AND j.commands <> s.commands');
is(sql('SELECT clearing.clear_halt()'), 't', 'clear_halt() after the repair');
ok(wait_until_serving($node), 'serves again');
is(duplicate_of($node, 'postgres', $order), 'new||t', 'with everything that was done');
is(duplicate_of($node, 'postgres', $order =~ s/later/last/r), 'new||f', 'and goes on');
is(sql('SELECT clearing.clear_halt()'), 'f', 'clear_halt() says that nothing was halted');
see($node);
verified($node, 'everything verifies');

#
# A follower that finds a difference stops its own node only
#
my $standby = standby_of($node, 'standby');
my $height = status_of($node, 'height');
ok($standby->poll_query_until('postgres', "SELECT role = 'following' AND height = $height FROM clearing.status()"),
	'a standby follows');
kill 'STOP', my $follower = status_of($standby, 'engine_pid');
is(duplicate_of($node, 'postgres', $order =~ s/later/far/r), 'new||f', 'one more order');
see($node);
$bad = status_of($node, 'height');
sql("DROP TABLE saved; CREATE TABLE saved AS SELECT * FROM clearing_state.journal WHERE height = $bad");
sql("UPDATE clearing_state.journal SET event_digest = set_byte(event_digest, 0, get_byte(event_digest, 0) # 1) WHERE height = $bad");
$node->wait_for_catchup($standby, 'replay', $node->lsn('flush'));
kill 'CONT', $follower;
ok($standby->poll_query_until('postgres', q{SELECT role = 'halted' AND engine_pid IS NULL FROM clearing.status()}),
	'the follower halts');
is($standby->safe_psql('postgres', 'SELECT role, halted_height FROM clearing.node_status'), "halted|$bad",
	'and names the block');
is(status_of($node, 'role'), 'serving', 'the primary goes on');
is(duplicate_of($node, 'postgres', $order =~ s/later/near/r), 'new||f', 'trading goes on');
$standby->restart;
ok($standby->poll_query_until('postgres', q{SELECT role = 'halted' FROM clearing.status()}),
	'the standby stays halted');
sql('UPDATE clearing_state.journal j SET event_digest = s.event_digest FROM saved s WHERE j.height = s.height');
$node->wait_for_catchup($standby, 'replay', $node->lsn('flush'));
is($standby->safe_psql('postgres', 'SELECT clearing.clear_halt()'), 't', 'clear_halt() on the standby');
see($node);
$height = status_of($node, 'height');
ok($standby->poll_query_until('postgres', "SELECT role = 'following' AND height = $height AND projected_height = $height FROM clearing.status()"),
	'repaired, the standby follows again');
is(digest($standby), digest($node), 'and arrives at the same state');
$standby->stop;

#
# A running projector that finds a difference stops the node too
#
$height = status_of($node, 'height');
my $pid = status_of($node, 'projector_pid');
kill 'STOP', $pid;
sql(q{SELECT clearing.deposit('a', 'USD', 3, 'x1')});
sql('UPDATE clearing_state.journal SET commands = set_byte(commands, length(commands) - 3, get_byte(commands, length(commands) - 3) # 1) WHERE height > ' . $height);
kill 'CONT', $pid;
ok($node->poll_query_until('postgres', q{SELECT role = 'halted' AND engine_pid IS NULL FROM clearing.status()}),
	'the projector halts the node');
is(sqlstate($node, 'postgres', q{SELECT clearing.deposit('a', 'USD', 1)}), 'CH004', 'calls are refused');

$node->stop;
done_testing();
