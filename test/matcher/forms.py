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
}


class Forms:
    def check_form(self, o):
        has = o.attrs
        modes = [mode for mode in (POST_ONLY, POST_ONLY_CANCEL, POST_ONLY_REPRICE) if o.execution & mode]
        if len(modes) > 1 or modes and o.kind in (STOP, STOP_LIMIT, PEGGED):
            raise Refused("parameter_invalid")
        if o.kind == PEGGED and o.execution & REDUCE_ONLY:
            raise Refused("parameter_invalid")
        if o.kind in (STOP, STOP_LIMIT) and (STOP_PX in has) == (TRAIL in has):
            raise Refused("parameter_invalid")
        if o.kind in (STOP, STOP_LIMIT, PEGGED) and o.tif not in MAY_REST:
            raise Refused("tif_invalid")
        for number, types in FOR_TYPES.items():
            if number in has and o.kind not in types and number not in o.record:
                raise Refused("attribute_invalid")
        if modes and (o.kind != LIMIT or o.tif not in MAY_REST):
            raise Refused("tif_invalid")
        if o.tif in (AT_OPENING, AT_CLOSE) and o.execution & REDUCE_ONLY:
            raise Refused("tif_invalid")
        if DISPLAY in has and o.tif not in MAY_REST:
            raise Refused("tif_invalid")
        if MIN_QTY in has and o.tif != IOC:
            raise Refused("tif_invalid")
        if EXPIRES in has and o.tif != GTD:
            raise Refused("tif_invalid")
        if o.tif == GTD and has.get(EXPIRES, 0) <= self.now:
            raise Refused("expire_time")
        if MIN_QTY in has and not 0 < has[MIN_QTY] <= o.qty:
            raise Refused("quantity_invalid")
        if DISPLAY in has and not 0 < has[DISPLAY] <= o.qty:
            raise Refused("display_qty_invalid")
