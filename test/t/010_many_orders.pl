# A restart with many open orders works and takes seconds: the engine is loaded
# from the read model, not from the beginning of the journal.  Times are
# printed, not asserted.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);
use ClearingTest;

my $orders = $ENV{MANY_ORDERS} // 100_000;
my $node = clearing_node('main');
$node->start;
make_house($node);

sub timed
{
	my ($what, $code) = @_;
	my $started = time;

	$code->();
	diag(sprintf('%s: %.1f s', $what, time - $started));
	return;
}

timed("$orders orders", sub { many_orders($node, $orders, 'm') });
timed('shown', sub { $node->poll_query_until('postgres', 'SELECT projected_height = height FROM clearing.status()') });
is(status_of($node, 'open_orders'), $orders, 'all orders rest');
is($node->safe_psql('postgres', 'SELECT count(*) FROM clearing.open_order'), $orders, 'and are shown');
my $state = fingerprint($node);

for my $mode (qw(fast immediate))
{
	timed("restart after a stop ($mode)", sub {
		$node->stop($mode);
		$node->start;
		wait_until_serving($node);
	});
	my ($loaded) = (grep { /clearing house loaded at block/ } split /\n/, slurp_file($node->logfile))[-1];
	diag($1) if $loaded =~ /(loaded at.*)/;
	is(status_of($node, 'open_orders'), $orders, "$mode: all orders rest again");
	is(fingerprint($node), $state, "$mode: every table is the same");
}
is(duplicate_of($node, 'postgres', q{'a', 'FUT', 'buy', 1 + 77 % 7, 1 + 77 % 90, 'm77', time_in_force => 'gtc'}), 'new||t',
	'references are known');
timed('verify()', sub { verified($node, 'journal and tables verify') });
my $cancelled;
timed('mass cancel', sub { $cancelled = $node->safe_psql('postgres', q{SELECT orders_canceled FROM clearing.mass_cancel('a')}) });
is($cancelled, $orders, 'all can be cancelled at once');
$node->poll_query_until('postgres', 'SELECT count(*) = 0 FROM clearing.open_order');
verified($node, 'and verify afterwards');
$node->stop;
done_testing();
