/*
 * test_auction.c
 *	  Call auctions and market orders that rest: the published examples of
 *	  Xetra, Euronext, CME, HKEX and others, fills, fees, leftovers, margin.
 *
 * After every command the invariants are checked and the state is restored
 * from the events and compared.
 */
#include "mirror.h"
#include "tap.h"

#define MARKET INT64_MIN		/* instead of a price */

static House h;
static Mirror m;
static uint32_t usd,
			base,
			traders[12],		/* A, B, C, … */
			ins;				/* instrument of the example */
static unsigned count;			/* of symbols and references */
static bool restored = true;

static void
same(void)
{
	restored = mirror_same(&m, &h) && restored;
}

static void
rule(uint16_t field, int64_t value)
{
	ClrCommand	c = fields_command(CLR_SCOPE_INSTRUMENT, ins, 0, 1, &field, &value);

	send(&h, &c);
	same();
}

static void
phase(uint8_t to)
{
	set_phase(&h, ins, to);
	same();
}

/* A future in an opening call whose reference price is `reference`. */
static void
example(int64_t rules, int64_t reference)
{
	char		symbol[16];
	ClrCommand	c;

	snprintf(symbol, sizeof(symbol), "F%u", ++count);
	c = future_command(symbol, usd);
	c.u.instrument.phase = CLR_PHASE_PRE_OPEN;
	c.u.instrument.reference_price = reference;
	send(&h, &c);
	same();
	ins = (uint32_t) h.out.id;
	rule(CLR_RULE_AUCTION_REFERENCE, rules);
	rule(CLR_RULE_MARKET_PROTECTION, 10000000);
	phase(CLR_PHASE_OPENING_CALL);
}

/* An order of trader 'A'.. ; returns the reason. */
static int
enter(char who, char side, int64_t qty, int64_t price)
{
	char		ref[16];
	ClrCommand	c;
	int			reason;

	snprintf(ref, sizeof(ref), "o%u", ++count);
	c = order_command(traders[who - 'A'], ref, ins, side, qty, price == MARKET ? 0 : price);
	if (price == MARKET)
		c.u.order.ord_type = CLR_ORD_MARKET;
	reason = send(&h, &c);
	same();
	return reason;
}

static void
indicative(const char *what, int64_t price, int64_t volume, int64_t surplus)
{
	ClrIndicative v;
	bool		found = clr_get_indicative(h.e, ins, &v);

	ok(found && v.has_price == (volume > 0) &&
	   v.price == price && v.volume == volume && v.surplus == surplus,
	   "%s: %lld lots at %lld, surplus %lld (got %lld at %lld, %lld)", what,
	   (long long) volume, (long long) price, (long long) surplus,
	   (long long) v.volume, (long long) v.price, (long long) v.surplus);
}

/* Trades of the last command: "A-D 40@1010", in order. */
static const char *
trades(void)
{
	static char text[1024];
	size_t		used = 0;

	text[0] = '\0';
	for (size_t at = 0; at < h.ev.len;)
	{
		size_t		len = clr_event_length(h.ev.data + at, h.ev.len - at, NULL);
		ClrTradeEvent t;

		if (clr_event_decode_trade(h.ev.data + at, len, &t))
			used += (size_t) snprintf(text + used, sizeof(text) - used, "%s%c-%c %lld@%lld",
									  used > 0 ? " " : "",
									  (char) ('A' + t.buy_account - traders[0]),
									  (char) ('A' + t.sell_account - traders[0]),
									  (long long) t.qty, (long long) t.price);
		at += len;
	}
	return text;
}

/* Working orders of the example: "B 20@1010 F 60@1015", by number; M = market. */
static const char *
book(void)
{
	static char text[1024];
	size_t		used = 0;
	ClrHouseView house;
	ClrOrderView v;

	text[0] = '\0';
	clr_get_house(h.e, &house);
	for (uint64_t id = 1; id < house.next_order; id++)
	{
		if (!clr_get_order(h.e, id, &v) || v.instrument != ins)
			continue;
		used += (size_t) snprintf(text + used, sizeof(text) - used, "%s%c %lld@",
								  used > 0 ? " " : "",
								  (char) ('A' + v.account - traders[0]),
								  (long long) v.leaves_qty);
		if (v.ord_type == CLR_ORD_MARKET)
			used += (size_t) snprintf(text + used, sizeof(text) - used, "M");
		else
			used += (size_t) snprintf(text + used, sizeof(text) - used, "%lld", (long long) v.price);
	}
	return text;
}

/* Xetra Market Model Equities R14, chapter 13.1.2, examples 1 to 6. */
static void
xetra_auctions(void)
{
	example(CLR_AUCTION_XETRA_R14, 200);
	enter('A', 'B', 200, 202);
	enter('B', 'B', 200, 201);
	enter('C', 'B', 300, 200);
	enter('D', 'S', 100, 200);
	enter('E', 'S', 200, 198);
	enter('F', 'S', 400, 197);
	indicative("Xetra 1", 200, 700, 0);
	phase(CLR_PHASE_CONTINUOUS);
	is_text(trades(), "A-F 200@200 B-F 200@200 C-E 200@200 C-D 100@200",
			"Xetra 1: better limits first, all at one price");
	is_text(book(), "", "Xetra 1: nothing is left");

	example(CLR_AUCTION_XETRA_R14, 200);
	enter('A', 'B', 400, 202);
	enter('B', 'B', 200, 201);
	enter('C', 'S', 300, 199);
	enter('D', 'S', 200, 198);
	indicative("Xetra 2: surplus on the bid, highest limit", 201, 500, 100);
	phase(CLR_PHASE_CONTINUOUS);
	is_text(trades(), "A-D 200@201 A-C 200@201 B-C 100@201", "Xetra 2: trades");
	is_text(book(), "B 100@201", "Xetra 2: only the last order of the long side is filled in part");

	example(CLR_AUCTION_XETRA_R14, 200);
	enter('A', 'B', 300, 202);
	enter('B', 'B', 200, 201);
	enter('C', 'S', 400, 199);
	enter('D', 'S', 200, 198);
	indicative("Xetra 3: surplus on the ask, lowest limit", 199, 500, -100);

	for (int i = 0; i < 2; i++)
	{
		example(CLR_AUCTION_XETRA_R14, i == 0 ? 199 : 200);
		enter('A', 'B', 100, MARKET);
		enter('B', 'B', 100, 199);
		enter('C', 'S', 100, MARKET);
		enter('D', 'S', 100, 202);
		indicative(i == 0 ? "Xetra 4a: surplus on both sides, reference is the lower limit" :
				   "Xetra 4b: reference between, the nearer limit", 199, 100, 100);
	}
	phase(CLR_PHASE_CONTINUOUS);
	is_text(trades(), "A-C 100@199", "Xetra 4b: market orders before limits");

	for (int i = 0; i < 3; i++)
	{
		static const int64_t reference[] = {200, 202, 198};
		static const int64_t price[] = {201, 201, 199};

		example(CLR_AUCTION_XETRA_R14, reference[i]);
		enter('A', 'B', 300, 202);
		enter('B', 'B', 200, 201);
		enter('C', 'S', 200, 198);
		enter('D', 'S', 300, 199);
		indicative("Xetra 5: no surplus, nearest limit, midway the higher", price[i], 500, 0);
	}
	for (int i = 0; i < 2; i++)
	{
		example(CLR_AUCTION_XETRA_R14, i == 0 ? 250 : 99);
		enter('A', 'B', 900, MARKET);
		enter('B', 'S', 800, MARKET);
		indicative("Xetra 6: only market orders, reference price", i == 0 ? 250 : 99, 800, 100);
	}
	example(CLR_AUCTION_XETRA_R14, 200);
	enter('A', 'B', 100, 199);
	enter('B', 'S', 100, 201);
	indicative("Xetra: not crossed, no price", 0, 0, 0);
	phase(CLR_PHASE_CONTINUOUS);
	is_text(book(), "A 100@199 B 100@201", "and everything stays");
}

/* Euronext pure market order notice, call phase; prices in cents. */
static void
euronext_auctions(void)
{
	example(CLR_AUCTION_CLAMP, 1000);
	enter('A', 'B', 80, MARKET);
	enter('G', 'S', 40, 1002);
	enter('H', 'S', 40, 1004);
	indicative("Euronext: the price that clears most, several sell limits", 1004, 80, 0);

	example(CLR_AUCTION_CLAMP, 1000);
	enter('A', 'B', 40, 998);
	enter('B', 'B', 40, 996);
	enter('G', 'S', 80, MARKET);
	indicative("Euronext: the price that clears most, several buy limits", 996, 80, 0);

	example(CLR_AUCTION_CLAMP, 1000);
	enter('A', 'B', 50, MARKET);
	enter('B', 'B', 90, 1010);
	enter('C', 'B', 10, 990);
	enter('D', 'S', 40, MARKET);
	enter('E', 'S', 100, 1008);
	enter('F', 'S', 60, 1015);
	indicative("Euronext 1, before the last order", 1008, 140, 0);
	enter('G', 'B', 20, MARKET);
	indicative("Euronext 1", 1010, 140, 20);
	phase(CLR_PHASE_CONTINUOUS);
	is_text(trades(), "A-D 40@1010 A-E 10@1010 G-E 20@1010 B-E 70@1010", "Euronext 1: trades");
	is_text(book(), "B 20@1010 C 10@990 F 60@1015", "Euronext 1: book");

	example(CLR_AUCTION_CLAMP, 1000);
	rule(CLR_RULE_AUCTION_MARKET_ORDERS, CLR_LEFTOVER_REST);
	enter('A', 'B', 40, MARKET);
	enter('D', 'S', 45, MARKET);
	indicative("Euronext 2, first", 1000, 40, -5);
	enter('G', 'B', 20, MARKET);
	indicative("Euronext 2", 1000, 45, 15);
	phase(CLR_PHASE_CONTINUOUS);
	is_text(trades(), "A-D 40@1000 G-D 5@1000", "Euronext 2: trades");
	is_text(book(), "G 15@M", "Euronext 2: the rest stays a market order");

	example(CLR_AUCTION_CLAMP, 1000);
	enter('A', 'B', 40, MARKET);
	enter('G', 'S', 40, 998);
	indicative("Euronext 3: above the best limit, at the reference", 1000, 40, 0);
	example(CLR_AUCTION_CLAMP, 1000);
	enter('A', 'B', 40, MARKET);
	enter('G', 'S', 41, 998);
	indicative("Euronext 4: surplus on the ask", 998, 40, -1);
	example(CLR_AUCTION_CLAMP, 1000);
	enter('A', 'B', 40, MARKET);
	enter('G', 'S', 40, 1002);
	indicative("Euronext 5: the limit closest to the reference", 1002, 40, 0);

	/* market-to-limit notice, example 3, with the rest as limit orders */
	example(CLR_AUCTION_CLAMP, 1000);
	rule(CLR_RULE_AUCTION_MARKET_ORDERS, CLR_LEFTOVER_LIMIT);
	enter('A', 'B', 10, MARKET);
	enter('B', 'B', 10, MARKET);
	enter('D', 'S', 5, 1000);
	indicative("Euronext market-to-limit 3", 1000, 5, 15);
	phase(CLR_PHASE_CONTINUOUS);
	is_text(trades(), "A-D 5@1000", "Euronext market-to-limit 3: trades");
	is_text(book(), "A 5@1000 B 10@1000", "Euronext market-to-limit 3: limits at the auction price");
}

/* Binance DEX, "Match steps and examples": the same steps. */
static void
bnb_auctions(void)
{
	example(CLR_AUCTION_CLAMP, 98);
	enter('A', 'B', 150, 100);
	enter('B', 'B', 150, 98);
	enter('C', 'S', 250, 98);
	enter('D', 'S', 50, 97);
	indicative("steps 1: largest volume", 98, 300, 0);

	example(CLR_AUCTION_CLAMP, 98);
	enter('A', 'B', 150, 100);
	enter('B', 'B', 50, 99);
	enter('C', 'B', 300, 97);
	enter('D', 'S', 200, 97);
	enter('E', 'S', 100, 96);
	indicative("steps 2: largest volume", 97, 300, 200);

	example(CLR_AUCTION_CLAMP, 98);
	enter('A', 'B', 300, 102);
	enter('B', 'B', 100, 100);
	enter('C', 'B', 200, 99);
	enter('D', 'B', 300, 98);
	enter('E', 'S', 250, 98);
	enter('F', 'S', 250, 97);
	enter('G', 'S', 1000, 96);
	indicative("steps 3: smallest surplus", 96, 900, -100);

	example(CLR_AUCTION_CLAMP, 98);
	enter('A', 'B', 30, 102);
	enter('B', 'B', 10, 101);
	enter('C', 'B', 50, 99);
	enter('D', 'B', 15, 96);
	enter('E', 'S', 10, 98);
	enter('F', 'S', 50, 97);
	enter('G', 'S', 50, 95);
	indicative("steps 4: smallest surplus", 97, 90, -10);

	example(CLR_AUCTION_CLAMP, 80);
	enter('A', 'B', 10, 102);
	enter('B', 'B', 10, 97);
	enter('C', 'S', 50, 95);
	indicative("steps 5.1: all surplus on the ask, lowest", 95, 20, -30);

	for (int i = 0; i < 2; i++)
	{
		example(CLR_AUCTION_CLAMP, i == 0 ? 99 : 97);
		enter('A', 'B', 25, 100);
		enter('B', 'B', 25, 97);
		enter('C', 'S', 25, 98);
		enter('D', 'S', 25, 95);
		indicative("steps 6: surplus on both sides, closest to the reference",
				   i == 0 ? 99 : 97, 25, i == 0 ? -25 : 25);
	}
}

/* CME wiki, "Application of the Indicative Opening Price Rules". */
static void
cme_auctions(void)
{
	static const int64_t bids[][2] = {{10, 51}, {20, 50}, {30, 49}, {40, 48}, {50, 47},
	{70, 46}, {100, 45}, {1, 44}, {30, 43}};
	static const int64_t asks[][2] = {{30, 51}, {100, 50}, {1, 49}, {25, 48}, {1, 47},
	{100, 46}, {90, 45}, {4, 44}, {6, 43}};

	example(CLR_AUCTION_CME_IOP, 50);
	for (int i = 0; i < 9; i++)
	{
		enter('A', 'B', bids[i][0], bids[i][1]);
		enter('B', 'S', asks[i][0], asks[i][1]);
	}
	indicative("CME rule 1: largest volume", 46, 200, 20);

	example(CLR_AUCTION_CME_IOP, 50);
	for (int i = 0; i < 9; i++)
	{
		int64_t		bid = bids[i][1] == 46 ? 30 : bids[i][0];
		int64_t		ask = asks[i][1] == 46 ? 50 : asks[i][0];

		enter('A', 'B', bid, bids[i][1]);
		if (asks[i][1] != 47)
			enter('B', 'S', ask, asks[i][1]);
	}
	indicative("CME rule 2: smallest surplus", 47, 150, 0);

	/* where nothing is left over, closest to the settlement price, not the last */
	example(CLR_AUCTION_CME_IOP, 50);
	at_price(&h, CLR_CMD_SETTLE, ins, 52);
	same();
	enter('A', 'B', 10, 55);
	enter('B', 'S', 10, 45);
	indicative("CME rule 5: closest to the settlement price", 52, 10, 0);
}

/* A stop order; limit 0 = market; trigger of the mark price if `mark`. */
static int
stop(char who, char side, int64_t qty, int64_t stop_px, int64_t limit, bool mark)
{
	char		ref[16];
	ClrCommand	c;
	uint8_t		pairs[2 * CLR_ATTR_BYTES];
	uint8_t    *p = pairs;
	int			reason;

	snprintf(ref, sizeof(ref), "o%u", ++count);
	c = order_command(traders[who - 'A'], ref, ins, side, qty, limit);
	c.u.order.ord_type = limit == 0 ? CLR_ORD_STOP : CLR_ORD_STOP_LIMIT;
	p = clr_put_attr(p, CLR_ATTR_STOP_PX, stop_px);
	if (mark)
		p = clr_put_attr(p, CLR_ATTR_TRIGGER, CLR_TRIGGER_MARK);
	c.pairs = (ClrPairs) {pairs, (uint8_t) (mark ? 2 : 1)};
	(void) p;
	reason = send(&h, &c);
	same();
	return reason;
}

/*
 * CME, "Rules to Determine the Indicative Opening Price": stops that it elects
 * are included at their limits, until it elects no other.
 */
static void
cme_stops(void)
{
	static const int64_t bids[][2] = {{10, 51}, {20, 50}, {30, 49}, {40, 48}, {50, 47},
	{70, 46}, {100, 45}};
	static const int64_t asks[][2] = {{30, 51}, {100, 50}, {1, 49}, {25, 48}, {1, 47},
	{100, 46}, {90, 45}, {4, 44}, {6, 43}};

	for (int on = 0; on < 2; on++)
	{
		example(CLR_AUCTION_CME_IOP, 50);
		rule(CLR_RULE_AUCTION_STOPS, on);
		for (int i = 0; i < 7; i++)
			enter('A', 'B', bids[i][0], bids[i][1]);
		for (int i = 0; i < 9; i++)
			enter('B', 'S', asks[i][0], asks[i][1]);
		stop('C', 'S', 20, 46, 45, false);
		stop('C', 'S', 20, 45, 44, false);
		indicative(on ? "CME rule 1 with a sell stop at 46, limit 45" : "without the rule",
				   46, on ? 220 : 200, on ? 0 : 20);
	}

	for (int on = 0; on < 2; on++)
	{
		example(CLR_AUCTION_CME_IOP, 100);
		at_price(&h, CLR_CMD_SETTLE, ins, 103);
		same();
		rule(CLR_RULE_AUCTION_STOPS, on);
		enter('A', 'B', 10, 105);
		enter('B', 'S', 10, 100);
		indicative("closest to the settlement price", 103, 10, 0);
		stop('D', 'B', 5, 103, 110, false);
		indicative("103 elects a buy stop: all surplus on the bid, highest price",
				   on ? 105 : 103, 10, on ? 5 : 0);
		stop('E', 'B', 7, 105, 112, false);
		indicative("105 elects another", on ? 110 : 103, 10, on ? 2 : 0);
		stop('F', 'B', 1, 111, 115, false);
		stop('F', 'B', 1, 103, 115, true);
		indicative("one at 111 and one for the mark price stay", on ? 110 : 103, 10, on ? 2 : 0);
		phase(CLR_PHASE_CONTINUOUS);
		is_text(trades(), on ? "E-B 7@110 D-B 3@110" : "A-B 10@103",
				on ? "those elected trade by their limits" : "off: the book trades alone");
		is_text(book(), on ? "A 10@105 D 2@110 F 1@115 F 1@115" :
				"D 5@110 E 7@112 F 1@115 F 1@115",
				on ? "the rest of one stays in the book" : "and its trades trigger afterwards");
	}

	/* a market order once elected, and one that its account can't pay for then */
	example(CLR_AUCTION_CME_IOP, 100);
	rule(CLR_RULE_AUCTION_STOPS, 1);
	rule(CLR_RULE_MARKET_PROTECTION, 100000);
	rule(CLR_RULE_AUCTION_MARKET_ORDERS, CLR_LEFTOVER_REST);
	enter('A', 'B', 10, 100);
	enter('B', 'S', 8, 100);
	stop('C', 'S', 5, 100, 0, false);
	indicative("a sell stop counts as a market order", 100, 10, -3);
	enter('D', 'S', 1, 100);
	deposit(&h, traders[11], usd, 100);
	same();
	is(stop('L', 'B', 10, 100, 0, false), CLR_OK, "a buy stop reserves for its stop price");
	indicative("it counts up to 110", 100, 14, 6);
	phase(CLR_PHASE_CONTINUOUS);
	is_text(trades(), "A-C 5@100 A-B 5@100",
			"but it can't pay for 110 and is cancelled; market orders come first");
	is_text(book(), "B 3@100 D 1@100", "the others wait");
	is(position(&h, traders[11], ins).qty, 0, "it has nothing");
	is(withdraw(&h, traders[11], usd, 100), CLR_OK, "and reserves nothing");
	same();

	/* no auction, no election: from a call to a halt */
	example(CLR_AUCTION_CME_IOP, 100);
	rule(CLR_RULE_AUCTION_STOPS, 1);
	enter('A', 'B', 10, 100);
	enter('B', 'S', 10, 100);
	stop('C', 'S', 5, 100, 99, false);
	phase(CLR_PHASE_HALTED);
	phase(CLR_PHASE_OPENING_CALL);
	indicative("a halt elects nothing", 100, 10, -5);
}

/* HKEX closing auction session, example 1; prices in cents. */
static void
hkex_auctions(void)
{
	example(CLR_AUCTION_HKEX, 2400);
	enter('A', 'B', 200, 2405);
	enter('B', 'B', 1000, 2400);
	enter('C', 'B', 400, 2395);
	enter('D', 'S', 400, 2395);
	enter('E', 'S', 600, 2400);
	enter('F', 'S', 400, 2405);
	enter('G', 'S', 400, 2405);
	indicative("HKEX 1: largest volume", 2400, 1000, 200);
	enter('H', 'S', 1000, MARKET);
	indicative("HKEX 1: with an at-auction order", 2395, 1400, 200);
	phase(CLR_PHASE_CONTINUOUS);
	is_text(trades(), "A-H 200@2395 B-H 800@2395 B-D 200@2395 C-D 200@2395",
			"HKEX 1: the at-auction order first");
	is_text(book(), "C 200@2395 E 600@2400 F 400@2405 G 400@2405", "HKEX 1: book");

	for (int i = 0; i < 2; i++)
	{
		example(CLR_AUCTION_HKEX, i == 0 ? 99 : 96);
		enter('A', 'B', 25, 100);
		enter('B', 'B', 25, 97);
		enter('C', 'S', 25, 98);
		enter('D', 'S', 25, 95);
		indicative("HKEX: of all limits the nearest, the higher of two",
				   i == 0 ? 100 : 97, 25, i == 0 ? -25 : 25);
	}
}

static void
middle_auctions(void)
{
	example(CLR_AUCTION_VEGA_MID, 90);
	enter('A', 'B', 100, 105);
	enter('B', 'S', 100, 96);
	indicative("Vega: middle of the range, rounded down", 100, 100, 0);
	enter('C', 'B', 10, 100);
	indicative("Vega: whatever the surplus", 100, 100, 10);

	example(CLR_AUCTION_XETRA_CA, 90);
	enter('A', 'B', 100, 201);
	enter('B', 'S', 100, 200);
	indicative("Xetra specialist: 200.5 is 201", 201, 100, 0);
}

/*
 * Xetra R14 13.2.2, an incoming market order, examples 1 to 8: reference 200.
 */
static void
xetra_continuous(void)
{
	struct
	{
		char		side;		/* of the resting orders */
		int64_t		limit;		/* of a second one, 0 = none */
		bool		market;		/* a market order rests too */
		const char *trades;
	}			cases[] = {
		{'B', 0, true, "A-D 6000@200"},
		{'B', 201, false, "B-D 6000@201"},
		{'S', 199, false, "D-B 6000@199"},
		{'B', 195, true, "A-D 6000@200"},
		{'B', 202, true, "A-D 6000@202"},
		{'S', 202, true, "D-A 6000@200"},
		{'S', 195, true, "D-A 6000@195"},
	};

	for (int i = 0; i < 7; i++)
	{
		example(CLR_AUCTION_XETRA_R14, 200);
		rule(CLR_RULE_MARKET_ORDERS_REST, 1);
		phase(CLR_PHASE_CONTINUOUS);
		if (cases[i].market)
			enter('A', cases[i].side, 6000, MARKET);
		if (cases[i].limit != 0)
			enter('B', cases[i].side, cases[i].market ? 1000 : 6000, cases[i].limit);
		enter('D', cases[i].side == 'B' ? 'S' : 'B', 6000, MARKET);
		is_text(trades(), cases[i].trades, "Xetra continuous example");
	}
	example(CLR_AUCTION_XETRA_R14, 200);
	rule(CLR_RULE_MARKET_ORDERS_REST, 1);
	phase(CLR_PHASE_CONTINUOUS);
	is(enter('A', 'B', 6000, MARKET), CLR_OK, "Xetra continuous 8: nothing on the other side");
	is_text(book(), "A 6000@M", "Xetra continuous 8: it rests");
	/* an incoming limit order: the highest of reference, best bid and own limit */
	enter('B', 'S', 1000, 190);
	is_text(trades(), "A-B 1000@200", "an incoming sell limit below the reference trades at it");
	enter('B', 'S', 1000, 203);
	is_text(trades(), "A-B 1000@203", "one above it trades at its own limit");
	enter('C', 'B', 10, 202);
	enter('B', 'S', 1000, 190);
	is_text(trades(), "A-B 1000@203", "the reference price is now the last one");
	enter('D', 'B', 500, 204);
	enter('B', 'S', 3500, 190);
	is_text(trades(), "A-B 3000@204 D-B 500@204", "and below the best bid the best bid");
	is_text(book(), "C 10@202", "the rest waits");
}

static int
enter_type(char who, char side, int64_t qty, uint8_t type)
{
	char		ref[16];
	ClrCommand	c;
	int			reason;

	snprintf(ref, sizeof(ref), "o%u", ++count);
	c = order_command(traders[who - 'A'], ref, ins, side, qty, 0);
	c.u.order.ord_type = type;
	reason = send(&h, &c);
	same();
	return reason;
}

/* Xetra R14 13.2.2, an incoming market-to-limit order, examples 9 to 13. */
static void
xetra_market_to_limit(void)
{
	struct
	{
		char		side;		/* of the resting orders, 0 = none */
		int64_t		limit;		/* 0 = none */
		bool		market;
		const char *trades;		/* NULL = refused */
	}			cases[] = {
		{'B', 0, true, NULL},
		{'B', 200, false, "B-D 6000@200"},
		{'S', 200, false, "D-B 6000@200"},
		{'B', 199, true, NULL},
		{0, 0, false, NULL},
	};

	for (int i = 0; i < 5; i++)
	{
		int			reason;

		example(CLR_AUCTION_XETRA_R14, 200);
		rule(CLR_RULE_MARKET_ORDERS_REST, 1);
		phase(CLR_PHASE_CONTINUOUS);
		if (cases[i].market)
			enter('A', cases[i].side, 6000, MARKET);
		if (cases[i].limit != 0)
			enter('B', cases[i].side, 6000, cases[i].limit);
		reason = enter_type('D', cases[i].side == 'S' ? 'B' : 'S', 6000, CLR_ORD_MARKET_TO_LIMIT);
		is(reason, cases[i].trades == NULL ? CLR_R_NO_LIQUIDITY : CLR_OK, "Xetra continuous 9 to 13");
		is_text(trades(), cases[i].trades == NULL ? "" : cases[i].trades, "trades");
	}
	/* further examples: partial execution; the rest at the price of the part */
	example(CLR_AUCTION_XETRA_R14, 200);
	phase(CLR_PHASE_CONTINUOUS);
	enter('A', 'B', 1000, 203);
	enter('B', 'B', 1000, 202);
	enter_type('D', 'S', 3000, CLR_ORD_MARKET_TO_LIMIT);
	is_text(trades(), "A-D 1000@203", "Xetra, further examples: against the best limit only");
	is_text(book(), "B 1000@202 D 2000@203", "the rest waits at its price");
	/* volatility interruption: 2 % around 200, market order and bid of 202, sell of 1000 at 220 */
	example(CLR_AUCTION_XETRA_R14, 200);
	rule(CLR_RULE_MARKET_ORDERS_REST, 1);
	rule(CLR_RULE_DYNAMIC_RANGE, 4);
	phase(CLR_PHASE_CONTINUOUS);
	enter('A', 'B', 6000, MARKET);
	enter('B', 'B', 1000, 202);
	is(enter('D', 'S', 1000, 220), CLR_OK, "Xetra, further examples: 220 is out of the range");
	is_text(trades(), "", "no execution");
	is_text(book(), "A 6000@M B 1000@202 D 1000@220", "the order is in the book");
	indicative("and an auction has begun", 220, 1000, 5000);
}

/* Euronext pure market order notice, trading session phase, examples 1 to 5. */
static void
euronext_continuous(void)
{
	for (int i = 1; i <= 2; i++)
	{
		example(CLR_AUCTION_CLAMP, 1000);
		rule(CLR_RULE_MARKET_ORDERS_REST, 1);
		phase(CLR_PHASE_CONTINUOUS);
		enter('A', 'S', 100, 1020);
		enter('B', 'S', 60, 1030);
		enter('C', 'B', i == 1 ? 110 : 200, MARKET);
		is_text(trades(), i == 1 ? "C-A 100@1020 C-B 10@1030" : "C-A 100@1020 C-B 60@1030",
				"Euronext session: trades");
		is_text(book(), i == 1 ? "B 50@1030" : "C 40@M", "Euronext session: book");
	}
	example(CLR_AUCTION_CLAMP, 1000);
	rule(CLR_RULE_MARKET_ORDERS_REST, 1);
	phase(CLR_PHASE_CONTINUOUS);
	enter('A', 'B', 90, MARKET);
	enter('B', 'B', 10, MARKET);
	enter('C', 'S', 170, MARKET);
	is_text(trades(), "A-C 90@1000 B-C 10@1000", "Euronext session 3: first come, first served");
	is_text(book(), "C 70@M", "Euronext session 3: the rest stays");
	for (int i = 4; i <= 5; i++)
	{
		example(CLR_AUCTION_CLAMP, i == 4 ? 1000 : 1030);
		rule(CLR_RULE_MARKET_ORDERS_REST, 1);
		phase(CLR_PHASE_CONTINUOUS);
		enter('A', 'B', 90, MARKET);
		enter('B', 'B', 10, 1010);
		enter('C', 'B', 20, 1008);
		enter('D', 'S', 120, 1000);
		is_text(trades(), i == 4 ? "A-D 90@1010 B-D 10@1010 C-D 20@1008" :
				"A-D 90@1030 B-D 10@1010 C-D 20@1008", "Euronext session, resting market orders against a limit order");
	}
}

static void
what_is_accepted(void)
{
	ClrCommand	c;

	example(CLR_AUCTION_XETRA_R14, 100);
	is(limit_tif(&h, traders[0], "ioc1", ins, 'B', 1, 100, CLR_TIF_IOC), CLR_R_PHASE,
	   "no ioc order in a call");
	same();
	is(limit_tif(&h, traders[0], "fok1", ins, 'B', 1, 100, CLR_TIF_FOK), CLR_R_PHASE, "no fok order");
	same();
	is(market(&h, traders[0], "m1", ins, 'B', 1), CLR_R_PHASE, "nor a market order that is ioc");
	same();
	is(enter('A', 'B', 10, 100), CLR_OK, "a limit order is collected");
	is(enter('B', 'S', 10, 90), CLR_OK, "also one that crosses");
	is_text(trades(), "", "and nothing trades");
	is(replace(&h, traders[1], "r1", "o999", 5, 95), CLR_R_UNKNOWN_ORDER, "an unknown one is not replaced");
	same();
	c = (ClrCommand) {.type = CLR_CMD_REPLACE_ORDER, .account = traders[1], .ref = T("r2")};
	c.u.replace.order_id = h.out.id;
	is(enter('C', 'S', 8, MARKET), CLR_OK, "a market order");
	c.account = traders[2];
	c.u.replace.order_id = h.out.id;
	c.u.replace.qty = 7;
	c.u.replace.price = 100;
	is(send(&h, &c), CLR_R_PRICE_INVALID, "a market order gets no price by a replace");
	same();
	c.ref = T("r3");
	c.u.replace.price = 0;
	is(send(&h, &c), CLR_OK, "but another quantity");
	same();
	indicative("and counts with it", 90, 10, -7);
	is(cancel_id(&h, traders[2], "c1", h.out.id), CLR_OK, "and can be cancelled");
	same();
	indicative("and is gone", 100, 10, 0);
	phase(CLR_PHASE_HALTED);
	is_text(trades(), "", "from a call to a halt there is no auction");
	phase(CLR_PHASE_OPENING_CALL);
	phase(CLR_PHASE_CLOSED);
	is_text(trades(), "A-B 10@100", "from a call to the close there is");
}

/* Fees of a trade of 100 lots at 100: maker 0.1 %, taker 0.3 % of 10000. */
static void
fees(void)
{
	static const int64_t buyer[] = {10, 30, 10, 20};
	static const int64_t seller[] = {30, 30, 10, 20};

	for (int i = 0; i < 4; i++)
	{
		char		symbol[16];
		ClrCommand	c;
		int64_t		before[2];

		snprintf(symbol, sizeof(symbol), "X%u", ++count);
		c = future_command(symbol, usd);
		c.u.instrument.phase = CLR_PHASE_CLOSING_CALL;
		c.u.instrument.maker_fee = 1000;
		c.u.instrument.taker_fee = 3000;
		is(send(&h, &c), CLR_OK, "an instrument may be listed in a call");
		same();
		ins = (uint32_t) h.out.id;
		rule(CLR_RULE_AUCTION_FEES, i);
		enter('A', 'B', 100, 100);
		enter('B', 'S', 100, 100);
		before[0] = balance(&h, traders[0], usd);
		before[1] = balance(&h, traders[1], usd);
		phase(CLR_PHASE_CONTINUOUS);
		is(before[0] - balance(&h, traders[0], usd), buyer[i], "fee of the older order");
		is(before[1] - balance(&h, traders[1], usd), seller[i], "fee of the newer order");
	}
}

static void
self_matches(void)
{
	for (int i = 0; i < 2; i++)
	{
		example(CLR_AUCTION_XETRA_R14, 100);
		rule(CLR_RULE_AUCTION_SELF_MATCH, i);
		enter('A', 'B', 10, 101);
		enter('B', 'B', 10, 100);
		enter('A', 'S', 10, 99);
		enter('C', 'S', 4, 100);
		phase(CLR_PHASE_CONTINUOUS);
		is_text(trades(), i == 0 ? "A-A 10@100 B-C 4@100" : "B-A 10@100",
				i == 0 ? "an auction may trade an account with itself" : "unless the rule prevents it");
		is_text(book(), i == 0 ? "B 6@100" : "C 4@100", "what is left");
	}
}

/* Protections: what market orders reserve is what they can lose. */
static void
protections(void)
{
	example(CLR_AUCTION_XETRA_R14, 100);
	rule(CLR_RULE_MARKET_PROTECTION, 100000);
	enter('A', 'B', 10, MARKET);
	is(position(&h, traders[0], ins).buy_reserve, 100,
	   "a market buy reserves the loss up to 110, ten lots");
	enter('B', 'S', 10, 120);
	indicative("beyond its protection it does not take part", 0, 0, 0);
	enter('C', 'S', 4, 109);
	indicative("within it does", 109, 4, 6);
	phase(CLR_PHASE_CONTINUOUS);
	is_text(trades(), "A-C 4@109", "and trades");
	is_text(book(), "B 10@120", "what is left of it is cancelled");
	is(position(&h, traders[0], ins).buy_reserve, 0, "and reserves nothing");

	/* market orders alone trade at the reference price or not at all */
	example(CLR_AUCTION_XETRA_R14, 100);
	rule(CLR_RULE_MARKET_PROTECTION, 100000);
	enter('A', 'B', 10, MARKET);
	at_price(&h, CLR_CMD_SET_MARK_PRICE, ins, 122);
	same();
	enter('B', 'S', 10, MARKET);
	indicative("one buys up to 110, one sells down to 109, the reference is 122", 0, 0, 0);
	at_price(&h, CLR_CMD_SET_MARK_PRICE, ins, 110);
	same();
	indicative("at a reference of 110 both may trade", 110, 10, 0);

	/* protected at 110 and at 220 */
	example(CLR_AUCTION_XETRA_R14, 100);
	rule(CLR_RULE_MARKET_PROTECTION, 100000);
	rule(CLR_RULE_AUCTION_MARKET_ORDERS, CLR_LEFTOVER_REST);
	enter('A', 'B', 10, MARKET);
	at_price(&h, CLR_CMD_SET_MARK_PRICE, ins, 200);
	same();
	enter('B', 'B', 10, MARKET);
	enter('C', 'S', 10, 105);
	enter('D', 'S', 10, 150);
	indicative("the limit nearest to 200; at 150 the first order counts no more",
			   150, 10, -10);
	phase(CLR_PHASE_CONTINUOUS);
	is_text(trades(), "B-C 10@150", "so it stays out");
	is_text(book(), "A 10@M D 10@150", "and rests");

	/* in continuous trading it takes nothing beyond, whoever else rests */
	example(CLR_AUCTION_XETRA_R14, 100);
	rule(CLR_RULE_MARKET_PROTECTION, 100000);
	rule(CLR_RULE_MARKET_ORDERS_REST, 1);
	phase(CLR_PHASE_CONTINUOUS);
	enter('B', 'S', 5, 110);
	enter('B', 'S', 5, 111);
	enter('A', 'B', 10, MARKET);
	is_text(trades(), "A-B 5@110", "up to its protection");
	is_text(book(), "B 5@111 A 5@M", "and what is left rests");

	/* spot: a market buy needs cash up to its protection */
	{
		ClrCommand	c = spot_command("BASE/USD", base, usd);

		c.u.instrument.phase = CLR_PHASE_CONTINUOUS;
		send(&h, &c);
		same();
		ins = (uint32_t) h.out.id;
	}
	rule(CLR_RULE_MARKET_ORDERS_REST, 1);
	is(enter('A', 'B', 10, MARKET), CLR_R_NO_REFERENCE_PRICE, "no price at all, no market order");
	enter('A', 'B', 1, 100);
	enter('B', 'S', 1, 100);
	deposit(&h, traders[11], usd, 1099);
	same();
	is(enter('L', 'B', 10, MARKET), CLR_R_INSUFFICIENT_FUNDS, "1099 do not buy ten lots up to 110");
	is(h.out.needed, 1100, "1100 are needed");
	deposit(&h, traders[11], usd, 1);
	same();
	is(enter('L', 'B', 10, MARKET), CLR_OK, "1100 do");
	enter('B', 'S', 5, 111);
	is_text(trades(), "", "at 111 it may not trade");
	enter('B', 'S', 5, 110);
	is_text(trades(), "L-B 5@110", "at 110 it may");
	is(balance(&h, traders[11], usd), 550, "and has paid for it");
	is_text(book(), "L 5@M B 5@111", "the book");
}

static void
opening(void)
{
	for (int i = 0; i < 2; i++)
	{
		example(CLR_AUCTION_XETRA_R14, 100);
		phase(CLR_PHASE_PRE_OPEN);
		rule(CLR_RULE_OPENING_UNCROSS, i);
		enter('A', 'B', 10, 105);
		enter('B', 'B', 10, 103);
		enter('C', 'S', 15, 100);
		is(enter('D', 'S', 5, MARKET), i == 0 ? CLR_R_PHASE : CLR_OK,
		   i == 0 ? "pre_open takes no market order" : "unless there will be an auction");
		phase(CLR_PHASE_CONTINUOUS);
		is_text(trades(), i == 0 ? "A-C 10@105 B-C 5@103" : "A-D 5@100 A-C 5@100 B-C 10@100",
				i == 0 ? "in pairs, at the older order's price" : "at one price");
	}
	/* a book that crosses after a halt */
	example(CLR_AUCTION_XETRA_R14, 100);
	enter('A', 'B', 10, MARKET);
	enter('B', 'S', 10, 101);
	phase(CLR_PHASE_HALTED);
	phase(CLR_PHASE_CONTINUOUS);
	is_text(trades(), "A-B 10@101", "market orders that waited are executed in an auction");
}

int
main(void)
{
	uint32_t	member;

	house_init(&h);
	open_house(&h, INT64_C(86400000000));
	usd = add_asset(&h, "USD", 2);
	base = add_asset(&h, "BASE", 0);
	same();
	member = add_member(&h, "M");
	same();
	for (int i = 0; i < 12; i++)
	{
		char		name[2] = {(char) ('A' + i), 0};

		traders[i] = add_account(&h, name, member);
		same();
		if (i < 11)
		{
			deposit(&h, traders[i], usd, INT64_C(1000000000));
			same();
			deposit(&h, traders[i], base, 1000000);
			same();
		}
	}
	xetra_auctions();
	euronext_auctions();
	bnb_auctions();
	cme_auctions();
	cme_stops();
	hkex_auctions();
	middle_auctions();
	xetra_continuous();
	xetra_market_to_limit();
	euronext_continuous();
	what_is_accepted();
	fees();
	self_matches();
	protections();
	opening();
	ok(h.broken == NULL, "all invariants held");
	ok(restored, "every state was restored from its events alone");
	mirror_free(&m);
	house_free(&h);
	return done_testing();
}
