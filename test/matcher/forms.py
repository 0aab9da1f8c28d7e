"""forms.py: what of an order does not fit together, after doc/orders.md,
doc/triggered-orders.md and doc/rules.md.

A part of House (matcher.py).
"""
from orders import *

MAY_REST = (DAY, GTC, GTD)

# Attributes that are for orders of some types only.
FOR_TYPES = {
    DISPLAY: (LIMIT, STOP_LIMIT),
    MIN_QTY: (LIMIT, MARKET, MARKET_TO_LIMIT),
    STOP_PX: (STOP, STOP_LIMIT), TRIGGER: (STOP, STOP_LIMIT), TRAIL: (STOP,),
    PEG: (PEGGED,), PEG_OFFSET: (PEGGED,),
    EXPIRES: (LIMIT, MARKET_TO_LIMIT, STOP, STOP_LIMIT, PEGGED),
}


class Forms:
    def check_form(self, o, replaces=False):
        has = o.attrs
        if o.kind in (STOP, STOP_LIMIT):
            if (STOP_PX in has) == (TRAIL in has):
                raise Refused("parameter_invalid")
            if o.kind == STOP and o.price:
                raise Refused("price_invalid")
            self.begin_stop(o, replaces)
        modes = [mode for mode in (POST_ONLY, POST_ONLY_CANCEL, POST_ONLY_REPRICE) if o.execution & mode]
        if len(modes) > 1 or modes and o.kind in (STOP, STOP_LIMIT, PEGGED):
            raise Refused("parameter_invalid")
        if o.kind == PEGGED and PEG not in has:
            raise Refused("parameter_invalid")
        if o.kind in (STOP, STOP_LIMIT, PEGGED) and o.tif not in MAY_REST:
            raise Refused("tif_invalid")
        if o.kind == MARKET and o.tif == GTD and EXPIRES not in o.record:
            raise Refused("tif_invalid")
        if modes and (o.kind != LIMIT or o.tif not in MAY_REST):
            raise Refused("tif_invalid")
        if o.tif in (AT_OPENING, AT_CLOSE) and o.execution & REDUCE_ONLY:
            raise Refused("tif_invalid")
        for number, value in sorted(has.items()):
            self.check_attribute(o, number, value)
        if o.tif == GTD and EXPIRES not in has:
            raise Refused("expire_time")

    def check_attribute(self, o, number, value):
        if o.kind not in FOR_TYPES.get(number, (o.kind,)) and number not in o.record:
            raise Refused("attribute_invalid")
        if number == LINK and o.execution & POST_ONLY_CANCEL:
            raise Refused("attribute_invalid")
        if number == DISPLAY:
            if o.tif not in MAY_REST:
                raise Refused("tif_invalid")
            if not 0 < value <= o.qty:
                raise Refused("display_qty_invalid")
        if number == MIN_QTY:
            if o.tif != IOC:
                raise Refused("tif_invalid")
            if not 0 < value <= o.qty:
                raise Refused("quantity_invalid")
        if number == EXPIRES:
            if o.tif != GTD:
                raise Refused("tif_invalid")
            if value <= self.now:
                raise Refused("expire_time")
