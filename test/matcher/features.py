"""features.py: what is compared: names of the functions that make random commands,
and what they must have made happen.
"""
import flows
import marketflows
import typeflows

FEATURES = {
    "plain": flows.plain, "self_match": flows.self_match, "allocation": flows.allocation,
    "auctions": flows.auctions, "stops": flows.stops,
    "icebergs": typeflows.icebergs, "conditions": typeflows.conditions, "reduce_only": typeflows.reduce_only,
    "pegs": typeflows.pegs, "replaces": typeflows.replaces, "mixed": typeflows.mixed,
    "spreads": marketflows.spreads, "controls": marketflows.controls, "breakers": marketflows.breakers,
    "phases": marketflows.phases, "quotes": marketflows.quotes,
}

# What the flows of a feature must have made happen; House.applied counts it.
RULES = {
    "icebergs": ("refill", "rest of peak at entry", "new peak at entry", "another round"),
    "conditions": ("market to limit", "minimum fillable", "minimum not fillable", "post-only refused",
                   "post-only cancelled", "post-only repriced", "stopped at its protection",
                   "rests at its protection"),
    "reduce_only": ("nothing to reduce", "cut at entry", "cut", "cancelled by the position",
                    "refused when triggered", "stop with protection"),
    "pegs": ("peg enters the book", "peg moves", "peg waits", "peg at its limit", "peg off the other side",
             "peg cancelled without a reference", "too many pegs", "market orders in the way of a peg",
             "peg with nothing to reduce"),
    "replaces": ("keeps with less", "keeps with another time in force", "keeps with another self-match id",
                 "loses by price", "loses by more", "loses by type", "loses by peak", "trades at once",
                 "works from now on", "expired"),
    "mixed": ("refill", "market to limit", "minimum fillable", "post-only refused", "post-only cancelled",
              "post-only repriced", "stopped at its protection", "cut", "refused when triggered", "peg moves",
              "stop with protection", "expired", "works from now on"),
    "spreads": ("legs traded", "implied in", "implied out", "sources share", "earlier expiry first", "leg not open",
                "uncrossed with implied"),
    "controls": ("price limit", "price band", "band around the indicative price", "dynamic range", "static range",
                 "extended range", "call prolonged", "random end", "phase ended", "stop waits again"),
    "breakers": ("circuit breaker", "several tiers", "group halted", "lookback", "once a day", "call after a halt",
                 "call without a halt"),
    "phases": ("schedule", "outage", "waited for its auction", "not executed in its auction", "auction over",
               "trade at close"),
    "quotes": ("quote replaced", "quote side", "quote refused"),
}
