# What goes wrong after the answer of the sequencer (a name that can't be looked
# up for the report, a role that can't be stored, a cancelled wait for the
# views) must not be told as if nothing had happened: CH002, with the block and
# the reference, and the reference sent again leads to the first outcome.
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
$node->safe_psql('postgres', 'CREATE ROLE charlie');
$node->safe_psql('postgres', 'CREATE ROLE delta');

# Runs a call while somebody else is in the middle of something; it waits
# 500 ms at most.
sub call_during
{
	my ($statement, $call) = @_;
	my $locker = $node->background_psql('postgres');

	$locker->query_safe("BEGIN; $statement");
	my @result = result_of($node, 'postgres', "SET lock_timeout = '500ms'; SELECT $call");
	$locker->query_safe('ROLLBACK');
	$locker->quit;
	return @result;
}

sub call_without
{
	my ($table, $call) = @_;

	return call_during("LOCK TABLE clearing_state.$table IN ACCESS EXCLUSIVE MODE", $call);
}

# The type of the answer is looked at when there is one.
sub call_without_type
{
	my ($type, $call) = @_;

	return call_during("ALTER TYPE clearing.$type ADD ATTRIBUTE more integer", $call);
}

sub told_that_it_is_done
{
	my ($ref, $what, $code, $message) = @_;

	is($code, 'CH002', "$what: outcome unknown");
	like($message, qr/is done, but its outcome could not be reported/, "$what: it is done");
	like($message, qr/DETAIL:  Block \d+ holds it.*lock timeout.*reference is "$ref"/,
		"$what: where, why and by what reference");
	like($message, qr/HINT:.*same reference/, "$what: what to do");
	return;
}

# a fresh backend has yet to look the instrument of an old order up
my $cancel = q{clearing.cancel_order('a', 'a1', 'cancel-a1')};
my ($code, undef, $message) = call_without('instrument', "ord_status FROM $cancel");
told_that_it_is_done('cancel-a1', 'report', $code, $message);
is($node->safe_psql('postgres', "SELECT ord_status, duplicate FROM $cancel"), 'canceled|t',
	'report: the reference leads to the outcome');

# not in FROM
($code, undef, $message) = call_without('instrument', q{clearing.cancel_order('b', 'b3', 'cancel-b3')});
told_that_it_is_done('cancel-b3', 'value', $code, $message);

my $create = q{clearing.create_member('CHARLIE', 'C', 'charlie', 'new-c')};
($code, undef, $message) = call_without('member_role', "status FROM $create");
told_that_it_is_done('new-c', 'role', $code, $message);
is($node->safe_psql('postgres', "SELECT status, duplicate FROM $create"), 'accepted|t',
	'role: the reference leads to the outcome');
is($node->safe_psql('postgres', q{SELECT role_name FROM clearing_state.member_role}), 'charlie',
	'role: and now it is stored');

# whatever sends a command answers so
my %calls = (
	'limits' => [ 'command_report', q{clearing.set_limits('a', max_open_orders => 7, request_id => 'limits')} ],
	'heartbeat' => [ 'command_report', q{clearing.heartbeat('a', '1 hour', request_id => 'heartbeat')} ],
	'bust' => [ 'command_report', q{clearing.bust_trade(1, 'bust')} ],
	'disconnect' => [ 'mass_cancel_report', q{clearing.disconnect('a', request_id => 'disconnect')} ]);
foreach my $ref (sort keys %calls)
{
	my ($type, $call) = @{ $calls{$ref} };

	($code, undef, $message) = call_without_type($type, $call);
	told_that_it_is_done($ref, $ref, $code, $message);
	is($node->safe_psql('postgres', "SELECT status, duplicate FROM $call"), 'accepted|t',
		"$ref: the reference leads to the outcome");
}

# what can be known before is said before
($code, undef, $message) = result_of($node, 'postgres',
	q{SET default_transaction_read_only = on; SELECT clearing.create_member('DELTA', NULL, 'delta')});
is($code, '25006', 'read-only transaction: no role can be stored');
see($node);
is($node->safe_psql('postgres', q{SELECT count(*) FROM clearing.member WHERE member = 'DELTA'}), '0',
	'read-only transaction: and no member is created');

# a cancelled wait for the views
my $projector = status_of($node, 'projector_pid');
kill 'STOP', $projector;
($code, undef, $message) = result_of($node, 'postgres',
	q{SET statement_timeout = '500ms'; SELECT clearing.create_asset('EUR', 2, 'new-eur')});
kill 'CONT', $projector;
is($code, 'CH002', 'views: outcome unknown');
like($message, qr/DETAIL:  Block \d+ holds it.*statement timeout.*reference is "new-eur"/, 'views: why');

see($node);
verified($node, 'journal and tables verify');
$node->stop;
done_testing();
