# Logical replication of the read model: a publication of the tables behind the
# views, and a subscription in a cluster that knows nothing of the extension.
# Rows arrive and go as they do here; nothing arrives that has not been
# acknowledged.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use ClearingTest;

my $primary = clearing_node('primary', "wal_level = logical\n", "wal_sender_timeout = 0\n");
$primary->start;
make_house($primary);
my $standby = standby_of($primary, 'standby', "wal_retrieve_retry_interval = 200ms\n",
	"wal_receiver_timeout = 0\n");
$primary->append_conf('postgresql.conf', <<'END');
synchronous_standby_names = 'standby'
pg_clearing.durability = 'replicated'
END
$primary->reload;
ok($primary->poll_query_until('postgres', 'SELECT serving AND synchronous_standbys = 1 FROM clearing.status()'),
	'serving with a synchronous standby');

my $subscriber = PostgreSQL::Test::Cluster->new('subscriber');
$subscriber->init(extra => [ '--no-locale', '-E', 'UTF8' ]);
$subscriber->start;

my @tables = qw(asset member account instrument balance position open_order
  order_history trade ledger_entry settlement request event_block);

#
# Every table has a key that updates and deletes can be named by
#
is($primary->safe_psql('postgres', <<'END'), '', 'every table of the read model has a replica identity');
SELECT string_agg(c.relname, ' ') FROM pg_class c
 WHERE c.relnamespace = 'clearing_state'::regnamespace AND c.relkind = 'r' AND c.relname <> 'identity'
   AND (c.relreplident <> 'd' OR NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary))
END

# The same columns and key, without the rest.
$subscriber->safe_psql('postgres', 'CREATE SCHEMA clearing_state');
for my $table (@tables)
{
	$subscriber->safe_psql('postgres', $primary->safe_psql('postgres', <<"END"));
SELECT format('CREATE TABLE clearing_state.$table (%s, %s)',
              string_agg(format('%I %s', attname, format_type(atttypid, atttypmod)), ', ' ORDER BY attnum),
              (SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = a.attrelid AND contype = 'p'))
  FROM pg_attribute a WHERE attrelid = 'clearing_state.$table'::regclass AND attnum > 0 AND NOT attisdropped
 GROUP BY attrelid
END
}
$_->safe_psql('postgres', 'CREATE TABLE marker (id int PRIMARY KEY)') for $primary, $subscriber;
$primary->safe_psql('postgres', 'CREATE PUBLICATION clearing_tables FOR TABLE '
	  . join(', ', (map { "clearing_state.$_" } @tables), 'marker'));
$subscriber->safe_psql('postgres', q{CREATE SUBSCRIPTION house CONNECTION $$}
	  . $primary->connstr('postgres') . q{$$ PUBLICATION clearing_tables});
$subscriber->wait_for_subscription_sync($primary, 'house');

sub contents
{
	my ($node) = @_;
	my $sql = join(' UNION ALL ', map {
		"SELECT '$_', count(*), md5(string_agg(t::text, '|' ORDER BY t::text COLLATE \"C\")) FROM clearing_state.$_ t"
	} @tables);

	return $node->safe_psql('postgres', "SET timezone = 'UTC'; $sql");
}

is(contents($subscriber), contents($primary), 'the first copy is the tables');

#
# What happens arrives
#
trade_a_little($primary);
$primary->safe_psql('postgres', "SELECT clearing.submit_order('a', 'FUT', 'sell', 1, 110 + i, 'many' || i, time_in_force => 'gtc') FROM generate_series(1, 50) i");
$primary->safe_psql('postgres', q{SELECT clearing.mass_cancel('a', 'FUT')});
see($primary);
$primary->wait_for_catchup('house');
is(contents($subscriber), contents($primary), 'inserts, updates and deletes arrive');
cmp_ok($subscriber->safe_psql('postgres', 'SELECT count(*) FROM clearing_state.trade'), '>', 0, 'trades among them');

#
# Not before it is acknowledged
#
my $receiver = $standby->safe_psql('postgres', 'SELECT pid FROM pg_stat_wal_receiver');
kill 'STOP', $receiver;
my $job = start_sql($primary, 'postgres',
	"SELECT ord_status FROM clearing.submit_order('a', 'FUT', 'sell', 1, 120, 'unconfirmed', time_in_force => 'gtc');");
ok(wait_for_wait_event($primary, status_of($primary, 'engine_pid'), 'SyncRep'), 'an order waits for the standby');
$primary->safe_psql('postgres', 'SET synchronous_commit = local; INSERT INTO marker VALUES (1)');
ok($subscriber->poll_query_until('postgres', 'SELECT count(*) = 1 FROM marker'), 'rows of others arrive meanwhile');
my $unconfirmed = q{SELECT (SELECT count(*) FROM clearing_state.open_order WHERE cl_ord_id = 'unconfirmed')
  + (SELECT count(*) FROM clearing_state.request WHERE ref = 'unconfirmed')};
is($subscriber->safe_psql('postgres', $unconfirmed), '0', 'the order does not');
is($primary->safe_psql('postgres', $unconfirmed), '0', 'nor do the tables have it');
kill 'CONT', $receiver;
is((finish_sql($job))[0], '00000', 'the order is acknowledged');
see($primary);
$primary->wait_for_catchup('house');
is($subscriber->safe_psql('postgres', $unconfirmed), '2', 'then it arrives');
is(contents($subscriber), contents($primary), 'and both have the same');

$subscriber->safe_psql('postgres', 'DROP SUBSCRIPTION house');
$subscriber->stop;
$standby->stop;
$primary->stop;
done_testing();
