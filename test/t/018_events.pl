# The event stream: numbers without gaps, the same after restarts, a rebuild and
# a takeover; a snapshot of the book and the events after its number are the
# next snapshot; a member sees what is its own.  While orders stream in, the
# primary dies and the standby takes over: a consumer that goes on there from
# the last number it has misses nothing and gets nothing twice.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);
use ClearingTest;

my $primary = clearing_node('primary', "pg_clearing.projection_delay = 5ms\n");
$primary->start;
make_house($primary);
trade_a_little($primary);
see($primary);

sub sql
{
	return $primary->safe_psql('postgres', $_[0]);
}

# Orders of all kinds, the same for the same numbers; settlements, phases and
# mass cancels in between.
sub flow
{
	my ($from, $to, $prefix) = @_;
	my @stream;

	for my $i ($from .. $to)
	{
		my $random = ($i * 7919 + 104729) % 99991;
		my ($account, $side) = $random % 2 ? ('a', 'sell') : ('b', 'buy');
		my $price = 97 + $random % 7;
		my $tif = (qw(gtc day ioc gtc fok))[ $random % 5 ];
		my $qty = 1 + $random % 4;
		my $old = $i - 2;
		push @stream, "SELECT cl_ord_id FROM clearing.submit_order('$account', 'FUT', '$side', $qty, $price, '$prefix$i', time_in_force => '$tif'" . ($i % 6 == 0 && $tif ne 'fok' ? ', display_qty => 1' : '') . ');';
		push @stream, "SELECT FROM clearing.replace_order('$account', '$prefix$old', 5, $price, 'r$prefix$i');" if $i % 4 == 0;
		push @stream, "SELECT FROM clearing.cancel_order('$account', '$prefix$old', 'c$prefix$i');" if $i % 7 == 0;
		push @stream, "SELECT FROM clearing.mass_cancel('a', 'FUT', 'm$prefix$i');" if $i % 97 == 0;
		push @stream, "SELECT FROM clearing.settle('FUT', $price, 't$prefix$i');" if $i % 60 == 0;
	}
	return join("\n", 'DISCARD PLANS;', @stream) . "\n";
}

# (number to go on from, {"side price" => "qty orders"}) of the book now
sub snapshot
{
	my ($node, $symbol) = @_;
	my ($seq, %book);

	for (split /\n/, $node->safe_psql('postgres', "SELECT seq, side, price, qty, orders FROM clearing.book_snapshot('$symbol')"))
	{
		my ($at, $side, $price, $qty, $orders) = split /\|/;
		$seq = $at;
		$book{"$side $price"} = "$qty $orders" if $side;
	}
	return ($seq, \%book);
}

# Brings a book up to a number by the events.
sub apply_levels
{
	my ($node, $symbol, $book, $after, $upto) = @_;

	for (split /\n/, $node->safe_psql('postgres',
			"SELECT side, price, qty, orders FROM clearing.events($after, NULL, '{$symbol}') WHERE event_type = 'level' AND seq <= $upto ORDER BY seq"))
	{
		my ($side, $price, $qty, $orders) = split /\|/;
		if   ($orders) { $book->{"$side $price"} = "$qty $orders" }
		else           { delete $book->{"$side $price"} }
	}
	return;
}

#
# Snapshot + increments = next snapshot, while orders stream in
#
my $job = start_sql($primary, 'postgres', flow(1, 1500, 'x'));
my ($seq, $book) = snapshot($primary, 'FUT');
my ($compared, $wrong) = (0, 0);
for (1 .. 15)
{
	my ($next, $expected) = snapshot($primary, 'FUT');
	apply_levels($primary, 'FUT', $book, $seq, $next);
	$compared++ if $next > $seq;
	$wrong++ unless eq_hash($book, $expected);
	($seq, $book) = ($next, $book);
}
finish_sql($job);
see($primary);
my ($next, $expected) = snapshot($primary, 'FUT');
apply_levels($primary, 'FUT', $book, $seq, $next);
is_deeply($book, $expected, 'snapshot + increments = snapshot at the end');
is($wrong, 0, 'and at every moment in between');
cmp_ok($compared, '>', 2, "of which there were $compared");
my %from_nothing;
apply_levels($primary, 'FUT', \%from_nothing, 0, $next);
is_deeply(\%from_nothing, $expected, 'all increments from the first on = snapshot');

#
# Numbers
#
is(sql('SELECT min(seq), max(seq) = count(*), count(DISTINCT seq) = count(*) FROM clearing.events(0, NULL)'),
	'1|t|t', 'numbers from 1, no gaps, none twice');
is(sql('SELECT first_seq, last_seq = (SELECT max(seq) FROM clearing.events(0, NULL)) FROM clearing.event_range()'),
	'1|t', 'event_range() says the same');
is(sql('SELECT bool_and(ok) FROM (SELECT height >= lag(height) OVER (ORDER BY seq) AS ok FROM clearing.events(0, NULL)) x'),
	't', 'heights go up');
is(sql(<<'END'), 't', 'read in small portions: the same');
WITH RECURSIVE portion AS (
  SELECT 0 AS n, 0::bigint AS last, ARRAY[]::bigint[] AS seqs
  UNION ALL
  SELECT n + 1, s[cardinality(s)], seqs || s
    FROM portion, LATERAL (SELECT array_agg(seq ORDER BY seq) AS s FROM clearing.events(last, 37)) e
   WHERE s IS NOT NULL AND n < 20)
SELECT bool_and(seqs[i] = i) AND count(*) = 740 FROM (SELECT seqs FROM portion ORDER BY n DESC LIMIT 1) p, generate_series(1, cardinality(seqs)) i
END
is(sql(q{SELECT count(*) FROM (
    SELECT trade_id, price, qty, buy_account, sell_account, buy_order_id, sell_order_id, height FROM clearing.events(0, NULL) WHERE event_type = 'trade'
    EXCEPT SELECT trade_id, price, qty, buy_account, sell_account, buy_order_id, sell_order_id, height FROM clearing.trade) x}),
	'0', 'trades are those of the tape');
is(sql(q{SELECT (SELECT count(*) FROM clearing.events(0, NULL) WHERE event_type = 'trade') = (SELECT count(*) FROM clearing.trade)}),
	't', 'all of them');
is(sql(q{SELECT count(*) FROM (
    SELECT DISTINCT ON (order_id) order_id, ord_status, cum_qty, avg_px FROM clearing.events(0, NULL) WHERE event_type = 'order' ORDER BY order_id, seq DESC) e
    FULL JOIN clearing.order_history h USING (order_id)
    WHERE (e.ord_status, e.cum_qty, e.avg_px) IS DISTINCT FROM (h.ord_status, h.cum_qty, h.avg_px)}),
	'0', 'the last event of every order says what became of it');
is(sql(q{SELECT count(*) > 0 AND bool_and(s.open_interest = i.open_interest AND s.price = i.last_price) FROM (
    SELECT DISTINCT ON (symbol) * FROM clearing.events(0, NULL) WHERE event_type = 'statistics' ORDER BY symbol, seq DESC) s
    JOIN clearing.instrument i USING (symbol) WHERE symbol = 'FUT'}),
	't', 'the last statistics are those of the instrument');
verified($primary, 'journal, tables and stream verify');

sub stream
{
	my ($node) = @_;

	return $node->safe_psql('postgres', "SELECT count(*), md5(string_agg(e::text, '|' ORDER BY first_seq)) FROM clearing_state.event_block e");
}

my $stream = stream($primary);
$primary->restart;
wait_until_serving($primary);
see($primary);
is(stream($primary), $stream, 'a restart changes nothing');
finish_sql(start_sql($primary, 'postgres', flow(2001, 2020, 'y')));
see($primary);
is(sql('SELECT max(seq) = count(*) FROM clearing.events(0, NULL)'), 't', 'after a restart: no gap');
$stream = stream($primary);
sql('SELECT clearing.rebuild_read_model()');
$primary->poll_query_until('postgres', 'SELECT projected_height = height FROM clearing.status()');
see($primary);
is(stream($primary), $stream, 'a rebuild gives the same numbers and bytes');

#
# A consumer that reads only when it is notified: it is woken for everything,
# but not for every block
#
my $listener = $primary->background_psql('postgres');
$listener->query_safe('LISTEN clearing');
my $known = sql('SELECT last_seq FROM clearing.event_range()');
my $blocks = sql('SELECT height FROM clearing.event_range()');

sub notifications
{
	my $said = $listener->query_safe(q{SELECT 'heard'});

	return scalar(() = $said =~ /Asynchronous notification "clearing"/g);
}

notifications();
sleep 1;
is(notifications(), 0, 'nothing happens, nobody is woken');
# many blocks come together, whatever the speed of the machine
my $projector = status_of($primary, 'projector_pid');
kill 'STOP', $projector;
finish_sql(start_sql($primary, 'postgres',
	join("\n", map { "SELECT FROM clearing.submit_order('a', 'FUT', 'sell', 1, 200, 'n$_');" } 1 .. 100) . "\n"));
kill 'CONT', $projector;
see($primary);
my $woken = 0;
for (1 .. 100)
{
	my $n = notifications();

	$woken += $n;
	$known = sql("SELECT coalesce(max(seq), $known) FROM clearing.events($known, NULL)") if $n > 0;
	last if $known == sql('SELECT last_seq FROM clearing.event_range()');
	usleep(50_000);
}
is($known, sql('SELECT last_seq FROM clearing.event_range()'), 'who reads when notified has everything');
$blocks = sql('SELECT height FROM clearing.event_range()') - $blocks;
cmp_ok($woken, '>', 0, "woken $woken times");
cmp_ok($woken, '<', $blocks / 2, "for $blocks blocks");
$listener->quit;

#
# Who sees what
#
sql('CREATE ROLE bravo LOGIN');
sql("SELECT clearing.set_member_role('BRAVO', 'bravo')");

sub as_bravo
{
	return sql("SET ROLE bravo; $_[0]");
}

is(as_bravo(q{SELECT string_agg(DISTINCT account, ',') FROM clearing.events(0, NULL) WHERE event_type = 'order'}),
	'b', 'a member sees its own orders');
is(as_bravo(q{SELECT count(*) FILTER (WHERE sell_account IS NOT NULL OR sell_order_id IS NOT NULL), bool_and(buy_account = 'b') FROM clearing.events(0, NULL) WHERE event_type = 'trade'}),
	'0|t', 'and its own side of trades');
is(as_bravo(q{SELECT count(*) FILTER (WHERE event_type = 'level') FROM clearing.events(0, NULL)}),
	sql(q{SELECT count(*) FILTER (WHERE event_type = 'level') FROM clearing.events(0, NULL)}), 'and all levels');
sql(q{SELECT clearing.submit_order('a', 'SPOT', 'buy', 1, 10, 'hidden')});
see($primary);
is(as_bravo(q{SELECT count(*), min(event_type), min(seq) = (SELECT last_seq FROM clearing.event_range()) FROM clearing.events((SELECT last_seq FROM clearing.event_range()) - 1, NULL, '{FUT}')}),
	'1|gap_fill|t', 'what is left out at the end is told as one row');
is(as_bravo(q{SELECT count(*) FROM clearing.events((SELECT last_seq FROM clearing.event_range()))}), '0', 'and nothing is nothing');
sql('CREATE ROLE nobody_here LOGIN');
is(sqlstate($primary, 'postgres', 'SET ROLE nobody_here; SELECT clearing.events(0)'), '42501', 'others see nothing');

#
# The primary dies, the standby takes over
#
my $standby = standby_of($primary, 'standby', "wal_retrieve_retry_interval = 200ms\n");
$primary->append_conf('postgresql.conf', <<'END');
synchronous_standby_names = 'standby'
pg_clearing.durability = 'replicated'
END
$primary->reload;
ok($primary->poll_query_until('postgres', 'SELECT serving AND synchronous_standbys = 1 FROM clearing.status()'),
	'the standby is synchronous');

# What the consumer has: numbers and what they say.
my @consumed;
my $last = 0;

# On the first line, how to read on: psql drops it if the server dies.
sub consume
{
	my ($node) = @_;
	my $out = '';

	$node->psql('postgres', "SELECT seq, event_type, coalesce(trade_id, order_id), coalesce(cl_ord_id, ''), e::text FROM clearing.events($last, 500) e ORDER BY seq",
		stdout => \$out);
	for (split /\n/, $out)
	{
		my ($number) = /^(\d+)\|/ or next;
		push @consumed, $_;
		$last = $number;
	}
	return;
}

$job = start_sql($primary, 'postgres', flow(5001, 9000, 'z'));
$primary->poll_query_until('postgres', "SELECT count(*) > 200 FROM clearing.order_history WHERE cl_ord_id LIKE 'z%'");
consume($primary) for 1 .. 25;
cmp_ok(scalar(@consumed), '>', 1000, 'consumed from the primary: ' . scalar(@consumed));
my $at_primary = $last;
$primary->stop('immediate');
my (undef, $out) = finish_sql($job);
my @done = grep { /^z/ } split /\n/, $out;
$standby->promote;
ok(wait_until_serving($standby), 'the standby takes over');
$standby->safe_psql('postgres', "SELECT clearing.submit_order('a', 'FUT', 'sell', 1, 150, 'after')");
see($standby);
my $upto = $standby->safe_psql('postgres', 'SELECT last_seq FROM clearing.event_range()');
consume($standby) while $last < $upto;
cmp_ok($last, '>', $at_primary, "consumed on at the new primary: $at_primary .. $last");
my $i = 0;
my @bad = grep { $i++; !/^$i\|/ } @consumed;
is(scalar(@bad), 0, 'every number once, in order');
my %new;
my %twice;
for (@consumed)
{
	my (undef, $type, $id, $ref) = split /\|/;
	$new{$ref} = 1 if $type eq 'order' && $ref ne '';
	$twice{$id}++  if $type eq 'trade';
}
my %refused = map { $_ => 1 } split /\n/,
  $standby->safe_psql('postgres', "SELECT reference FROM clearing.request WHERE command = 'new_order' AND reason IS NOT NULL");
my @missing = grep { !$new{$_} && !$refused{$_} } @done;
is(scalar(@missing), 0, 'every acknowledged order is among the events: ' . scalar(@done));
is(scalar(grep { $_ > 1 } values %twice), 0, 'no trade twice');
is(scalar(keys %twice), $standby->safe_psql('postgres', 'SELECT count(*) FROM clearing.trade'), 'every trade once');
is($standby->safe_psql('postgres', "SELECT md5(string_agg(e::text, '' ORDER BY seq)) FROM clearing.events(0, NULL) e"),
	$standby->safe_psql('postgres', "SELECT md5('" . join('', map { my $line = $_; $line =~ s/^(?:[^|]*\|){4}//; $line =~ s/'/''/g; $line } @consumed) . "')"),
	'what the consumer has from both is what the new primary says');
verified($standby, 'journal, tables and stream verify at the new primary');

#
# Dropping old events
#
my $height = $standby->safe_psql('postgres', "SELECT height FROM clearing.events(0, NULL) WHERE seq = 1000");
cmp_ok($standby->safe_psql('postgres', "SELECT clearing.prune_events($height)"), '>', 0, 'old events are dropped');
my $first = $standby->safe_psql('postgres', 'SELECT first_seq FROM clearing.event_range()');
my ($state, undef, $messages) = result_of($standby, 'postgres', 'SELECT seq FROM clearing.events(0)');
is($state, 'CH012', 'a consumer that comes too late is told');
like($messages, qr/first event still there is $first\b/, 'and from where on it can read');
is($standby->safe_psql('postgres', "SELECT min(seq) FROM clearing.events($first - 1)"), $first, 'from there on they are all there');
verified($standby, 'what is left verifies');
$standby->safe_psql('postgres', "SELECT clearing.prune_events(1000000000)");
is($standby->safe_psql('postgres', 'SELECT last_seq FROM clearing.event_range()'), $upto, 'the counter outlives everything');
$standby->safe_psql('postgres', "UPDATE clearing_state.event_block SET data = '\\x0301'::bytea || data");
is($standby->safe_psql('postgres', "SELECT detail LIKE '%event_block differs%' FROM clearing.verify()"), 't', 'verify() notices a change');

$standby->stop;
done_testing();
