# The engine keeps no trades: a bust takes back what its command says of the
# trade.  clearing.bust_trade() reads that from the tables; an operator who sends
# bytes of his own can say anything that is possible.  clearing.verify() holds
# every bust against the trade that it names and finds the one that does not
# tell the truth.
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

sub sql
{
	return $node->safe_psql('postgres', $_[0]);
}

# A BUST_TRADE as doc/protocol.md has it, of a row of clearing_state.trade.
sub bust_of
{
	my ($ref, %trade) = @_;
	my $body = pack('Q< V V V C x3 q< q< q< q< q< q< Q< Q<',
		@trade{qw(trade_id instrument_id buy_account_id sell_account_id aggressor
			  price qty buy_fee sell_fee buy_cost sell_cost buy_order_id sell_order_id)});

	return unpack('H*', pack('v C C V V C C C C', 16 + length($body) + length($ref), 30, 1, 0, 0,
			length($ref), 0, 0, 0) . $body . $ref);
}

sub trade
{
	my ($symbol) = @_;
	my @columns = qw(trade_id instrument_id buy_account_id sell_account_id aggressor
	  price qty buy_fee sell_fee buy_cost sell_cost buy_order_id sell_order_id);
	my %trade;

	@trade{@columns} = split /\|/, sql('SELECT ' . join(', ', map { "t.$_" } @columns)
		  . " FROM clearing_state.trade t JOIN clearing_state.instrument USING (instrument_id) WHERE symbol = '$symbol'");
	return %trade;
}

sub send_bytes
{
	my ($hex) = @_;

	return sql("SELECT coalesce(reason, 'accepted') FROM clearing.decode_reply(clearing.submit_packed('\\x$hex'))");
}

# true to the last byte
my %future = trade('FUT');
is(send_bytes(bust_of('honest', %future)), 'accepted', 'a bust that says what was traded');
see($node);
verified($node, 'verifies');

# what can't be is refused by the engine itself
my %spot = trade('SPOT');
is(send_bytes(bust_of('impossible', %spot, buy_fee => 1_000_000_000)), 'trade_differs', 'no fee was ever so high');
is(send_bytes(bust_of('unknown', %spot, trade_id => 99)), 'unknown_trade', 'no such trade');

# what could be is not
my $before = sql(q{SELECT balance FROM clearing.balance WHERE account = 'b' AND asset = 'USD'});
is(send_bytes(bust_of('forged', %spot, price => $spot{price} + 100, sell_fee => 0)), 'accepted', 'a bust that does not');
see($node);
isnt(sql(q{SELECT balance FROM clearing.balance WHERE account = 'b' AND asset = 'USD'}) - $before,
	$spot{price} * 0.5 * 0.7, 'pays back what was never paid');
my $height = sql(q{SELECT height FROM clearing.request WHERE reference = 'forged'});
is(sql('SELECT ok, bad_height, fault, detail FROM clearing.verify()'),
	"f|$height|bust differs from its trade|The command that takes trade $spot{trade_id} back does not say what was traded: price, sell fee.",
	'and is found');
is(sql("SELECT ok FROM clearing.verify($height + 1)"), 't', 'what follows can be verified by itself');

$node->stop;
done_testing();
