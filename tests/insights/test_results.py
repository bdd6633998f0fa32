"""What holds of every result of insights."""

import inspect
import json
import pickle
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from lifecycle import Calendar, CustomerBase, Window, insights
from lifecycle._tables import Table
from lifecycle.errors import InvalidTypeError, InvalidValueError, UnknownNameError
from lifecycle.insights import GroupedBase, Target
from lifecycle.metrics.cohorts import CohortTable
from samples import SHOP, START, again, bought, day

JOURNEYS = (
    SHOP.replay(
        "ann", [bought(3, 10), bought(40)], since=START, until=day(200), attributes={"plan": "a"}
    ),
    SHOP.replay("bob", [bought(5, 7)], since=day(1), until=day(200), referred_by="ann"),
    SHOP.replay("cy", [bought(150)], since=START, until=day(200)),
)
MONTHS: Any = {"calendar": Calendar("month"), "window": Window(START, day(181))}
BASE = CustomerBase(JOURNEYS)
MONTHLY = BASE.over(**MONTHS)
GROUPS = {"ann": "x", "bob": "x", "cy": "x"}
ANSWERS = [("ann", day(3), 4), ("bob", day(9), 10)]
FIGURES: Any = {
    "values": {"buyer": 3},
    "answers": ANSWERS,
    "targets": [Target("buyer", "stock", at_least=1)],
}


def changed(chain: Any) -> Any:
    """Give what half as many who stay visitors would bring."""
    return insights.what_if(
        chain, {("visitor", "visitor"): 0.5}, rewards=chain.rewards({"buyer": 3}), periods=4
    )


MAKE: dict[str, Callable[[], Any]] = {
    "chain": MONTHLY.chain,
    "cohorts": MONTHLY.cohorts,
    "drop_off": BASE.drop_off,
    "drop_off by plan": lambda: BASE.by("plan").drop_off(),
    "due": lambda: BASE.due(window=Window(day(200), day(600))),
    "due_between": lambda: insights.due_between(
        [journey.customer for journey in JOURNEYS],
        window=Window(day(200), day(600)),
        lifecycle=SHOP,
    ),
    "funnel": BASE.funnel,
    "funnel within": lambda: BASE.funnel(within=timedelta(days=60), until=day(170)),
    "growth": MONTHLY.growth,
    "steps": lambda: MONTHLY.chain().steps,
    "homogeneity": lambda: MONTHLY.chain().homogeneity(),
    "kpis": lambda: MONTHLY.kpis(**FIGURES),
    "base": lambda: CustomerBase(JOURNEYS).over(**MONTHS),
    "base of changes": lambda: CustomerBase.from_changes(
        SHOP, JOURNEYS[0].changes, enrolled={"ann": START}, mapping={}
    ),
    "customers": lambda: BASE.customers,
    "stays": lambda: BASE.stays,
    "changes": lambda: BASE.changes,
    "reactivations": BASE.reactivations,
    "nps": lambda: BASE.nps(ANSWERS),
    "referrals": BASE.referrals,
    "time_in_stage": lambda: BASE.time_in_stage("buyer"),
    "time nobody spent": lambda: BASE.time_in_stage("loyal"),
    "transition_counts": MONTHLY.transition_counts,
    "value": lambda: MONTHLY.value(margins={"buyer": 3}, discount=0.1),
    "what_if": lambda: changed(MONTHLY.chain()),
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


TABLES = {name: make for name, make in MAKE.items() if isinstance(make(), Table)}
"""What returns a table."""

BY: dict[str, Callable[[], Any]] = {
    "chain": lambda: MONTHLY.by(GROUPS).chain(),
    "cohorts": lambda: MONTHLY.by(GROUPS).cohorts(),
    "drop_off": lambda: BASE.by("plan").drop_off(),
    "drop_off by month": lambda: BASE.by(Calendar("month")).drop_off(),
    "due": lambda: BASE.by(GROUPS).due(window=Window(day(200), day(600))),
    "funnel": lambda: BASE.by(GROUPS).funnel(),
    "growth": lambda: MONTHLY.by(GROUPS).growth(),
    "kpis": lambda: MONTHLY.by(GROUPS).kpis(**FIGURES),
    "nps": lambda: BASE.by(GROUPS).nps(ANSWERS),
    "reactivations": lambda: BASE.by(GROUPS).reactivations(),
    "referrals": lambda: BASE.by(GROUPS).referrals(),
    "time_in_stage": lambda: BASE.by(GROUPS).time_in_stage("buyer"),
    "transition_counts": lambda: MONTHLY.by(GROUPS).transition_counts(),
    "value": lambda: (
        BASE.over(**MONTHS).by(GROUPS).value(margins={"buyer": Decimal(3)}, discount=0.1)
    ),
}


@pytest.mark.parametrize("make", TABLES.values(), ids=TABLES)
def test_a_table_is_as_long_as_its_rows_and_is_data_for_json(make: Callable[[], Any]) -> None:
    table = make()
    rows = table.to_rows()
    assert len(table) == len(table.rows) == len(list(table))
    assert len(rows) == len(table) or isinstance(table, CohortTable)  # whose rows have cells
    data = table.to_dict()
    assert json.loads(json.dumps(data, allow_nan=False)) == data
    assert data["title"] == str(table).splitlines()[0]
    assert [list(row) for row in data["rows"]] == [list(row) for row in rows]
    for row in rows:
        assert all(name.isidentifier() for name in row), row


@pytest.mark.parametrize("make", [TABLES[name] for name in TABLES if name != "cohorts"])
def test_each_row_is_picked_by_what_names_it(make: Callable[[], Any]) -> None:
    table = make()
    for row, shown in zip(table, table.to_rows(), strict=True):
        key = {name: shown[name] for name in table._named_by if name in shown}
        assert table.row(**key) == row
        assert table.row(*key.values()) == row
    with pytest.raises((InvalidValueError, UnknownNameError, InvalidTypeError)):
        table.row("nobody")


@pytest.mark.parametrize("make", BY.values(), ids=BY)
def test_groups_are_data_for_json(make: Callable[[], Any]) -> None:
    groups = make()
    data = json.loads(json.dumps(groups.to_dict(), allow_nan=False))
    assert len(data["groups"]) == len(groups)
    for (group, table), entry in zip(groups.results, data["groups"], strict=True):
        assert entry["group"] == (group.isoformat() if isinstance(group, datetime) else group)
        assert {key: entry[key] for key in ("title", "notes", "rows")} == table.to_dict()


def questions(kind: type) -> set[str]:
    """Give the methods that return a result."""
    return {
        name
        for name, each in inspect.getmembers(kind, inspect.isfunction)
        if not name.startswith("_") and name not in {"over", "by", "orders"}
    }


def test_every_question_is_asked_of_a_base_and_of_its_groups() -> None:
    assert questions(CustomerBase) == questions(GroupedBase) == {name.split()[0] for name in BY}
    assert questions(CustomerBase) <= {name.split()[0] for name in MAKE}


def test_options_are_keywords() -> None:
    """What has a default is given by its name: in functions, methods and constructors."""
    for place in [insights, *(getattr(insights, name) for name in insights.__all__)]:
        for name, each in inspect.getmembers(place, inspect.isfunction):
            if name in {"__attrs_init__", "over"} or "lifecycle.insights" not in each.__module__:
                continue
            for option in inspect.signature(each).parameters.values():
                by_name = option.kind is inspect.Parameter.KEYWORD_ONLY
                assert option.default is option.empty or by_name, (name, option)


def test_every_kind_of_result_is_looked_at() -> None:
    seen = {type(part) for make in MAKE.values() for part in parts(make())}
    seen |= {Target, GroupedBase}
    named = {getattr(insights, name) for name in insights.__all__}
    assert {each for each in named if inspect.isclass(each)} <= seen
    made = {name.split()[0] for name in MAKE}
    assert {each.__name__ for each in named if inspect.isfunction(each)} <= made
