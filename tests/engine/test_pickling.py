"""Every public value of the engine and every error survive every protocol of pickle."""

import pickle
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from lifecycle import (
    ANY,
    Calendar,
    CustomerBase,
    Event,
    Period,
    Stage,
    Status,
    Transition,
    Window,
    attribute,
    count,
    dwell,
    idle,
    total,
    value,
)
from lifecycle._checks import Attributes
from lifecycle.errors import DuplicateEventError, NotPermittedError, OutOfOrderError
from lifecycle.periods import Until
from samples import SHOP, START, bought, day

SETS = {"plan": "gold", "born": date(2000, 1, 2), "seen": [1, (Decimal("0.1"), None)]}
ENTRY = Event("signup", START, id=UUID(int=1), value=Decimal(3), attributes={"a": 1}, sets=SETS)
JOURNEY = SHOP.replay(
    UUID(int=2), [ENTRY, bought(3, id=4)], since=START, until=day(200), attributes={"b": True}
)
ANN = JOURNEY.customer
MONTHS, YEAR = Calendar("month"), Window(date(2026, 1, 1), date(2026, 7, 1))

VALUES: dict[str, Any] = {
    "any": ANY,
    "attributes": Attributes(SETS),
    "calendar": Calendar("year", zone="Europe/Berlin", year_start=4),
    "change": JOURNEY.changes[0],
    "comparison": attribute("plan").is_in(["gold", "free"]),
    "condition": (count("purchase") >= 3) & ~((total("purchase") > 5) | (value() < 1)),
    "correction": JOURNEY.amend(bought(1, id=9))[1],
    "customer": ANN,
    "deadline": SHOP.due(ANN),
    "decision": SHOP.explain(ANN, Event("signup", day(200))),
    "definition": SHOP,
    "duplicate": DuplicateEventError(ENTRY, bought(1, id=UUID(int=1))),
    "event": ENTRY,
    "finding": SHOP.findings(),
    "growth": CustomerBase([JOURNEY]).over(MONTHS, YEAR).growth(),
    "journey": JOURNEY,
    "kpis": CustomerBase([JOURNEY]).over(MONTHS, YEAR).kpis(),
    "late": OutOfOrderError("ann", ENTRY, day(1)),
    "measure": count("purchase", within=Period(days=365)),
    "not permitted": NotPermittedError(
        "ann", "signup", "buyer", SHOP.explain(ANN, Event("signup", day(200)))
    ),
    "outcome": SHOP.apply(ANN, bought(201)),
    "period": Period(months=3),
    "stage": Stage("loyal", Status.ACTIVE, label="Loyal"),
    "stay": JOURNEY.stays[0],
    "time-out": dwell(until="year"),
    "transition": Transition(("a", Status.ACTIVE), "b", after=idle("x", days=3)),
    "until": Until("quarter"),
    "window": YEAR,
}


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("name", VALUES)
def test_a_value_survives_every_protocol(name: str, protocol: int) -> None:
    given = VALUES[name]
    found = pickle.loads(pickle.dumps(given, protocol))  # noqa: S301  (its own bytes)
    assert type(found) is type(given)
    if isinstance(given, Exception):
        assert (vars(found), str(found)) == (vars(given), str(given))
    else:
        assert found == given
        assert repr(found) == repr(given)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_what_comes_out_of_a_pickle_goes_on_as_before(protocol: int) -> None:
    shop, ann, journey = pickle.loads(pickle.dumps((SHOP, ANN, JOURNEY), protocol))  # noqa: S301
    later = day(200) + timedelta(days=999)
    assert shop.advance(ann, to=later) == SHOP.advance(ANN, to=later)
    assert journey.amend(bought(9, id=9)) == JOURNEY.amend(bought(9, id=9))
    assert journey.stays == JOURNEY.stays
