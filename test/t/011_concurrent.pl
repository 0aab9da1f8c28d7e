# Many sessions at once, some of them sending the same references, while engine
# and projector are terminated again and again and callers cancelled: whoever
# hears "done" is right, whoever hears an error may send the same again, and in
# the end every reference has been executed exactly once.  Afterwards no slot of
# the request ring is lost, and none is left waiting.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use ClearingTest;

my $node = clearing_node('main', "pg_clearing.request_slots = 8\nmax_connections = 40");
$node->start;
make_house($node);
$node->safe_psql('postgres', q{SELECT clearing.deposit('a', 'USD', 100000000)});

# two sessions send each list
my $lists = 5;
my $length = 1200;

sub stream
{
	my ($list) = @_;

	return join("\n", map {
			"SELECT cl_ord_id FROM clearing.submit_order('a', 'FUT', 'buy', 1, 50, 'c$list-$_', time_in_force => 'gtc');"
		} 1 .. $length) . "\n";
}

my @jobs = map { start_sql($node, 'postgres', stream($_)) } (1 .. $lists) x 2;
# larger than a slot: through dynamic shared memory
push @jobs, map { start_sql($node, 'postgres', join("\n", map {
			"SELECT count(*) FROM clearing.submit_orders((SELECT array_agg(('a', 'FUT', 'buy', 1, 51, 'big-$_-' || i, NULL, 'gtc', NULL, NULL, NULL)::clearing.new_order) FROM generate_series(1, 500) i));"
		} 1 .. 20) . "\n") } 1 .. 2;

for my $round (1 .. 5)
{
	select(undef, undef, undef, 0.3);
	$node->safe_psql('postgres', 'SELECT pg_terminate_backend(engine_pid) FROM clearing.status() WHERE engine_pid IS NOT NULL');
	wait_until_serving($node);
	$node->safe_psql('postgres', 'SELECT pg_terminate_backend(projector_pid) FROM clearing.status() WHERE projector_pid IS NOT NULL');
	$node->safe_psql('postgres', q{SELECT pg_cancel_backend(pid) FROM pg_stat_activity
		WHERE query LIKE 'SELECT cl_ord_id%' AND pid <> pg_backend_pid()});
}

my (%done, %states);
for my $job (@jobs)
{
	my (undef, $out, $messages) = finish_sql($job);
	$done{$_} = 1 for grep { /^c/ } split /\n/, $out;
	$states{$1}++ while $messages =~ /ERROR:  (\w+):/g;
}
note(scalar(keys %done) . ' done, ' . join(', ', map { "$states{$_} $_" } sort keys %states));
is(join(' ', grep { !/^(CH001|CH002|57014)$/ } sort keys %states), '',
	'nothing but "no, later", "unknown" and "cancelled"');

ok(wait_until_serving($node), 'serves');
see($node);
my $values = join(',', map { "('$_')" } sort keys %done);
is($node->safe_psql('postgres',
		"SELECT count(*) FROM (VALUES $values) d(ref) WHERE NOT EXISTS (SELECT FROM clearing.open_order WHERE cl_ord_id = ref)"),
	'0', 'everything done is there');

# everybody sends everything again
is((finish_sql($_))[0], '00000', 'sent again without an error')
  for map { start_sql($node, 'postgres', stream($_)) } 1 .. $lists;
see($node);
is($node->safe_psql('postgres', q{SELECT count(*), count(DISTINCT cl_ord_id) FROM clearing.open_order WHERE cl_ord_id LIKE 'c%'}),
	join('|', ($lists * $length) x 2), 'every reference has been executed exactly once');
is($node->safe_psql('postgres', q{SELECT count(*) - count(DISTINCT cl_ord_id) FROM clearing.open_order}), '0',
	'the large ones too');

# as many callers as there are slots, and more: none of the slots is lost
kill 'STOP', my $engine = status_of($node, 'engine_pid');
@jobs = map { start_sql($node, 'postgres', "SELECT ord_status FROM clearing.submit_order('a', 'FUT', 'buy', 1, 50, 'slot$_')") } 1 .. 12;
ok($node->poll_query_until('postgres', q{SELECT count(*) = 12 FROM pg_stat_activity WHERE query LIKE '%slot%' AND state = 'active' AND pid <> pg_backend_pid()}),
	'more callers than slots wait');
kill 'CONT', $engine;
is_deeply([ map { (finish_sql($_))[1] } @jobs ], [ ('new') x 12 ], 'and all are answered');
see($node);
verified($node, 'journal and tables verify');
$node->stop;
done_testing();
