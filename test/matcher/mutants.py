"""mutants.py: mistakes in the engine that the comparison must find.

Each is a name, the feature whose flow finds it, a file of src/engine, a piece of
its text and what that becomes.  A text that is no longer there is a failure:
make it match again.
"""
MUTANTS = [
    ("a larger order keeps its priority", "plain", "replace.c",
     "r->price == o->price && r->qty <= o->order_qty;", "r->price == o->price;"),
    ("the newer order gives the price at the opening", "plain", "match.c",
     "priority < order_at(e, ask->head)->priority", "priority > order_at(e, ask->head)->priority"),
    ("decrementing ends an order that is larger by one lot", "self_match", "selfmatch.c",
     "\tif (other > mine)\n", "\tif (other > mine + 1)\n"),
    ("what must not trade is met only where it stands", "self_match", "match.c",
     "\t\t\t\tif (!walk_barred(e, level, smp, &qty, how, walk))\n\t\t\t\t\tbreak;\n"
     "\t\t\t\thow = CLR_SMP_CANCEL_RESTING;", "\t\t\t\thow = self_match;"),
    ("shares are rounded up", "allocation", "allocate.c",
     "(int64_t) ((clr_int128) quantity * rest / sum);", "(int64_t) (((clr_int128) quantity * rest + sum - 1) / sum);"),
    ("the oldest is levelled first", "allocation", "allocate.c",
     "\tqsort(r->shares, r->n, sizeof(ClrShare), by_size);\n\tfor", "\tfor"),
    ("a market order ignores its protection", "auctions", "match.c",
     "o->ord_type != CLR_ORD_MARKET) ||\n\t\tclr_market_rests(in, o->time_in_force);",
     "o->ord_type != CLR_ORD_MARKET);"),
    ("implied sources come before real orders", "spreads", "special.c",
     "if (clr_pro_rata_min(in) == 0)", "if (clr_pro_rata_min(in) < 0)"),
    ("the later expiry comes first", "spreads", "implied.c",
     "x->expiry < y->expiry ? -1 : 1", "x->expiry < y->expiry ? 1 : -1"),
    ("what opens crossed stays so", "spreads", "implied.c",
     "level->price >= s->price :", "level->price > s->price :"),
    ("a stop is met a tick too late at entry", "stops", "stop.c",
     "price >= stop : price <= stop", "price > stop : price < stop"),
]
