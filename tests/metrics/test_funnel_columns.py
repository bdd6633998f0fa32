"""Funnels and carts of logs with many rows, from dataframes, and what is only seen in few."""

import pickle
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from lifecycle import EventLog, Groups, Period, funnel
from lifecycle.errors import InvalidTypeError, InvalidValueError, MixedInstantsError

np = pytest.importorskip("numpy")
pa = pytest.importorskip("pyarrow")

N = 40_000
START = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
NAMES = ("view", "cart", "checkout", "paid")
FIELDS = ("customer", "at", "event")
DRAW = np.random.default_rng(5)
WHO = DRAW.integers(0, 3_000, N) ** 2 // 3_000  # a few have many
HOURS = DRAW.integers(0, 24 * 60, N)
KINDS = DRAW.choice(4, N, p=[0.5, 0.25, 0.15, 0.1])
ROWS = [
    (int(who), START + int(hour) * HOUR, NAMES[kind])
    for who, hour, kind in zip(WHO, HOURS, KINDS, strict=True)
]


def of_arrow() -> EventLog:
    """Read the rows from a table of several chunks, with a dictionary of the events."""
    events = pa.array([NAMES[kind] for kind in KINDS]).dictionary_encode()
    instants = pa.array([at for _, at, _ in ROWS], pa.timestamp("us", "UTC"))
    table = pa.table({"who": WHO, "at": instants, "what": events})
    parts = [table[:17], table[17:33_000], table[33_000:]]
    return EventLog.from_frame(pa.concat_tables(parts), customer="who", at="at", event="what")


LOG = of_arrow()
CARTS: dict[str, Any] = {
    "until": date(2026, 2, 25),
    "abandoned_after": 30 * HOUR,
    "recovery_within": timedelta(days=7),
    "order_event": "paid",
}


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"within": timedelta(days=3), "until": date(2026, 2, 25)},
        {"within": Period(months=1)},
        {"same_time": "forbid", "exclusions": [funnel.Exclusion("view", after=1, before=2)]},
        {"order": "any"},
        {"order": "strict", "same_time": "as_given"},
    ],
)
def test_a_funnel_of_many_rows(options: dict[str, Any]) -> None:
    found = funnel.funnel(LOG, steps=NAMES[1:], **options)
    assert found == funnel.funnel(ROWS, steps=NAMES[1:], **options)
    assert pickle.loads(pickle.dumps(found)) == found  # noqa: S301


def test_carts_of_many_rows() -> None:
    found = funnel.cart_recovery(LOG, **CARTS)
    assert found == funnel.cart_recovery(ROWS, **CARTS)
    assert found.row("recovered").carts > len(found.row("recovered").customers) > 64


def test_carts_of_one_customer_follow_each_other() -> None:
    rows = [("ann", START + n * HOUR, ("cart", "paid")[n % 2]) for n in range(1_000)]
    log = EventLog.from_rows(rows, fields=FIELDS)
    assert funnel.cart_recovery(log, **CARTS).row("ordered").carts == 500


def run(text: str, steps: str, **options: Any) -> Any:
    """Run a funnel of one customer; "a0 b1" is a at the start, and b an hour later."""
    rows = [("ann", START + int(word[1:]) * HOUR, word[0]) for word in text.split()]
    found = funnel.funnel(EventLog.from_rows(rows, fields=FIELDS), steps=list(steps), **options)
    assert found == funnel.funnel(rows, steps=list(steps), **options)
    return [tuple((at - START) // HOUR for at in ats) for ats in found.time_to_convert.filled]


def test_an_earlier_start_can_reach_further_than_one_at_the_instant_of_its_second_step() -> None:
    """From 0 on a, b, a are at 0, 1, 1; the a at 1 cannot be both the first and the third."""
    assert run("a0 b1 a1", "aba") == [(0, 1, 1)]
    assert run("a0 b1 a1 a2", "aba", same_time="as_given") == [(0, 1, 1)]


def test_events_of_one_instant_fill_as_many_steps_as_they_can() -> None:
    assert run("a0 a0 b1 a1", "aab", same_time="allow") == [(0, 0, 1)]
    assert run("a0 a0 b1 a1", "aab") == [(0, 1, 1)]
    assert run("b0 a0", "ab") == [(0, 0)]
    assert run("b0 a0", "ab", same_time="forbid") == []
    assert run("b0 a0", "ab", same_time="as_given") == []


def test_an_open_attempt_that_is_void_has_no_steps_so_far() -> None:
    rows = [("ann", START + n * HOUR, name) for n, name in enumerate(["cart", "view", "paid"])]
    asked: dict[str, Any] = {
        "steps": ("cart", "paid"),
        "within": timedelta(days=30),
        "until": date(2026, 1, 5),
    }
    log = EventLog.from_rows(rows, fields=FIELDS)
    assert funnel.funnel(log, **asked).open == {"ann": 2}
    asked["exclusions"] = [funnel.Exclusion("view")]
    assert funnel.funnel(log, **asked).open == funnel.funnel(rows, **asked).open == {"ann": 0}


def test_customers_whose_rows_are_all_later_are_not_there() -> None:
    rows = [("ann", date(2026, 1, 1), "cart"), ("bob", date(2026, 1, 9), "cart")]
    for paths in (rows, EventLog.from_rows(rows, fields=FIELDS)):
        found = funnel.funnel(paths, steps=("cart",), until=date(2026, 1, 2))
        assert found.levels == {"ann": 1}
        assert repr(found.levels) == "{'ann': 1}"
        assert list(found.levels) == ["ann"]
        own = funnel.funnel(
            paths, steps=("cart",), until={"ann": date(2026, 1, 1), "bob": date(2026, 1, 9)}
        )
        assert own.levels == {"ann": 1, "bob": 1}
        loose = funnel.funnel(
            paths,
            steps=("cart",),
            order="any",
            until={"ann": date(2026, 1, 1), "bob": date(2026, 1, 3)},
        )
        assert loose.levels == {"ann": 1}


def test_attempts_are_read_like_a_tuple() -> None:
    rows = [("ann", date(2026, 1, 1), "cart"), ("ann", date(2026, 1, 2), "paid")]
    found = funnel.funnel(EventLog.from_rows(rows, fields=FIELDS), steps=("cart", "paid"))
    filled = found.time_to_convert.filled
    day = datetime(2026, 1, 1)  # noqa: DTZ001
    assert (len(filled), filled[0], filled[:1]) == (
        1,
        (day, day + 24 * HOUR),
        ((day, day + 24 * HOUR),),
    )
    assert repr(filled).startswith("((datetime.datetime(2026, 1, 1, 0, 0)")


def test_what_a_log_lacks_or_does_not_fit_is_refused_as_of_rows() -> None:
    log = EventLog.from_rows(ROWS[:9], fields=FIELDS)
    naive = datetime(2026, 1, 1)  # noqa: DTZ001
    for paths in (ROWS[:9], log):
        with pytest.raises(MixedInstantsError):
            funnel.funnel(paths, steps=("cart",), until=naive)
        with pytest.raises(InvalidValueError, match=r"^until\[\d+\] must be given for each"):
            funnel.funnel(paths, steps=("cart",), until={-1: START})
    with pytest.raises(InvalidValueError, match=r"^paths must have a column for event: event="):
        funnel.funnel(EventLog.from_rows([row[:2] for row in ROWS[:9]]), steps=("cart",))


# Groups


def test_a_funnel_is_split_by_what_a_log_has_or_by_groups_of_customers() -> None:
    rows = [
        ("ann", date(2026, 1, 1), "cart", "web"),
        ("ann", date(2026, 1, 2), "paid", "app"),
        ("bob", date(2026, 1, 1), "cart", None),
    ]
    log = EventLog.from_rows(rows, fields=(*FIELDS, "channel"))
    found = funnel.funnel(log, steps=("cart", "paid"), by="channel")
    assert isinstance(found, Groups)
    reached = {name: [row.reached for row in table.rows] for name, table in found.results}
    assert reached == {"app": [0, 0], "web": [1, 0], None: [1, 0]}
    plain = [row[:3] for row in rows]
    paths = {"ann": [row[1:3] for row in rows[:2]], "bob": [rows[2][1:3]]}
    for each in (log, plain, paths):
        plans = funnel.funnel(each, steps=("cart", "paid"), by={"ann": "pro"})
        assert [row.reached for row in plans["pro"].rows] == [1, 1]
        assert plans[None].levels == {"bob": 1}
    carts = funnel.cart_recovery(log, by="channel", **CARTS)
    assert {name: table.carts for name, table in carts.results} == {"app": 0, "web": 1, None: 1}
    with pytest.raises(InvalidTypeError, match=r"^paths must be an EventLog with the attribute"):
        funnel.funnel(plain, steps=("cart",), by="channel")
