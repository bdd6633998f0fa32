"""What holds of every result of insights."""

import inspect
import pickle
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from lifecycle import Calendar, Window, insights
from lifecycle.insights import ChangeLog, Target
from samples import SHOP, START, again, bought, day

JOURNEYS = (
    SHOP.replay(
        "ann", [bought(3, 10), bought(40)], since=START, until=day(200), attributes={"plan": "a"}
    ),
    SHOP.replay("bob", [bought(5, 7)], since=day(1), until=day(200), referred_by="ann"),
    SHOP.replay("cy", [bought(150)], since=START, until=day(200)),
)
MONTHS: Any = {"calendar": Calendar("month"), "window": Window(START, day(181))}
ANSWERS = [("ann", day(3), 4), ("bob", day(9), 10)]
FIGURES: Any = {
    "values": {"buyer": 3},
    "answers": ANSWERS,
    "targets": [Target("buyer", "stock", at_least=1)],
}


def changed(chain: Any) -> Any:
    """Give what half as many who stay visitors would bring."""
    return insights.what_if(
        chain, {("visitor", "visitor"): 0.5}, rewards=chain.rewards({"buyer": 3}), horizon=4
    )


MAKE: dict[str, Callable[[], Any]] = {
    "chain": lambda: insights.chain(JOURNEYS, **MONTHS),
    "cohorts": lambda: insights.cohorts(JOURNEYS, **MONTHS),
    "drop_off": lambda: insights.drop_off(JOURNEYS),
    "drop_off by plan": lambda: insights.drop_off(JOURNEYS, by="plan"),
    "due_between": lambda: insights.due_between(JOURNEYS, day(200), day(600)),
    "funnel": lambda: insights.funnel(JOURNEYS),
    "funnel within": lambda: insights.funnel(JOURNEYS, within=timedelta(days=60), until=day(170)),
    "growth": lambda: insights.growth(JOURNEYS, **MONTHS),
    "homogeneity": lambda: insights.chain(JOURNEYS, **MONTHS).homogeneity(),
    "kpis": lambda: insights.kpis(JOURNEYS, **MONTHS, **FIGURES),
    "log": lambda: ChangeLog(SHOP, JOURNEYS[0].changes, enrolled={"ann": START}, mapping={}),
    "loops": lambda: insights.loops(JOURNEYS),
    "nps_by_stage": lambda: insights.nps_by_stage(JOURNEYS, ANSWERS),
    "referrals": lambda: insights.referrals(JOURNEYS),
    "time_in_stage": lambda: insights.time_in_stage(JOURNEYS, "buyer"),
    "time nobody spent": lambda: insights.time_in_stage(JOURNEYS, "loyal"),
    "transition_counts": lambda: insights.transition_counts(JOURNEYS, **MONTHS),
    "value": lambda: insights.value(JOURNEYS, **MONTHS, margins={"buyer": 3}, discount=0.1),
    "what_if": lambda: changed(insights.chain(JOURNEYS, **MONTHS)),
}


def parts(result: Any) -> Iterator[Any]:
    """Give a result, its rows, and what a row has of its own."""
    yield result
    for row in getattr(result, "rows", ()):
        yield row
        yield from getattr(row, "targets", ())
    yield from getattr(result, "steps", ())


@pytest.mark.parametrize("make", MAKE.values(), ids=MAKE)
def test_equal_results_have_one_hash(make: Callable[[], Any]) -> None:
    one, other = list(parts(make())), list(parts(make()))
    assert one == other
    assert list(map(hash, one)) == list(map(hash, other))
    assert again(make()) == make()


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_result_survives_every_protocol(protocol: int) -> None:
    for name, make in MAKE.items():
        result = make()
        found = pickle.loads(pickle.dumps(result, protocol))  # noqa: S301  (its own bytes)
        assert (type(found), found) == (type(result), result), name
        assert repr(found) == repr(result), name


def test_every_kind_of_result_is_looked_at() -> None:
    seen = {type(part) for make in MAKE.values() for part in parts(make())} | {Target}
    named = {getattr(insights, name) for name in insights.__all__}
    assert {each for each in named if inspect.isclass(each)} <= seen
    made = {name.split()[0] for name in MAKE}
    assert {each.__name__ for each in named if inspect.isfunction(each)} <= made
