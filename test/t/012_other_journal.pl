# DROP EXTENSION and CREATE EXTENSION in one transaction put an empty journal
# into the place of the old one.  A follower that went on with the old house's
# engine would append to the new journal after promotion, leaving a gap; and what
# is in shared memory about the old house must not be taken for the new one's.
use strict;
use warnings;

use ClearingTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $primary = clearing_node('primary');
$primary->start;
make_house($primary);
my $standby = standby_of($primary, 'standby');
$standby->poll_query_until('postgres',
	q{SELECT role = 'following' FROM clearing.status()}) or die;

#
# Another house in the same place
#
$primary->safe_psql('postgres',
	'BEGIN; DROP EXTENSION pg_clearing; CREATE EXTENSION pg_clearing; COMMIT');
wait_until_serving($primary);
is(status_of($primary, 'confirmed_height'), '0', 'nothing of the new house is confirmed');
$primary->safe_psql('postgres', q{SELECT clearing.open('second')});
$primary->safe_psql('postgres', q{SELECT clearing.create_asset('EUR', 2)});
unlike(slurp_file($primary->logfile), qr/is missing in the journal/,
	'the projector looks for no block of the old house');
my $height = status_of($primary, 'height');
ok($standby->poll_query_until('postgres',
		"SELECT role = 'following' AND height = $height FROM clearing.status()"),
	'the standby follows the new house');
$primary->wait_for_catchup($standby);
$primary->stop;
$standby->promote;
wait_until_serving($standby);
is($standby->safe_psql('postgres',
		'SELECT max(height) = count(*) FROM clearing_state.journal'),
	't', 'the promoted standby continues the new journal');
$standby->safe_psql('postgres', q{SELECT clearing.create_asset('CHF', 2)});
see($standby);
verified($standby, 'and all is proven');

#
# Grammar that the utility hook looks at
#
$standby->safe_psql('postgres', 'CREATE DATABASE plain TEMPLATE DEFAULT');
pass('TEMPLATE DEFAULT is no template');

$standby->stop;
done_testing();
