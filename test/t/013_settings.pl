# A projector that always has more to do must notice changed settings too.  It
# once looked for them only when it had nothing left: a delay set too long
# stayed in force until the backlog was gone, a delay at a time.
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

sub set_delay
{
	my ($delay) = @_;

	$node->safe_psql('postgres', "ALTER SYSTEM SET pg_clearing.projection_delay = '$delay'");
	$node->safe_psql('postgres', 'SELECT pg_reload_conf()');
}

sub is_behind
{
	return $node->safe_psql('postgres',
		'SELECT confirmed_height > projected_height FROM clearing.status()') eq 't';
}

set_delay('10s');
sleep 1;
# the first block after a pause is shown at once, the next one gathers
for my $n (1 .. 2)
{
	$node->safe_psql('postgres', "SELECT * FROM clearing.deposit('a', 'USD', 1, 'settings-$n')");
	sleep 1 if $n == 1;
}
ok(is_behind(), 'gathering for ten seconds');

set_delay('1ms');
my $patience = 50;
while ($patience-- > 0 && is_behind())
{
	select(undef, undef, undef, 0.1);
}
ok(!is_behind(), 'a shorter delay takes effect in the middle of a long one');

done_testing();
