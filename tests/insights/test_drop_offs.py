import pytest

from lifecycle import CustomerBase, Rate, Window
from lifecycle.errors import UnknownNameError
from samples import SHOP, START, bought, day

LOG = {"ann": [bought(3), bought(40), bought(50)], "bob": [bought(20)], "cy": [bought(35)]}
JOURNEYS = [SHOP.replay(name, events, since=START, until=day(90)) for name, events in LOG.items()]
QUARTER = Window(START, day(90))


def test_drop_off_by_stage() -> None:
    table = CustomerBase(JOURNEYS).drop_off()
    buyer = table.row("buyer")
    assert (buyer.conversion, buyer.drop_off, buyer.other) == (Rate(1, 3), Rate(0, 3), Rate(0, 3))
    assert buyer.still_there == Rate(2, 3)
    late = CustomerBase(JOURNEYS).over(window=Window(day(30), day(45))).drop_off().row("buyer")
    assert (late.stays, late.conversion.numerator) == (3, 0)
    assert repr(table).startswith("DropOffTable(rows=(StageDropOff(stage='visitor'")
    with pytest.raises(UnknownNameError, match="did you mean 'buyer'"):
        table.row("byer")
