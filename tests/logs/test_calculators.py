"""Every calculator that reads rows reads a log, whatever the log was read from, with one result."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from libraries import FRAMES, read
from lifecycle import (
    Calendar,
    CustomerBase,
    EventLog,
    Period,
    Window,
    clv,
    funnel,
    nps,
    presets,
    retention,
    revenue,
    rfm,
)
from lifecycle.errors import InvalidTypeError, InvalidValueError
from lifecycle.models import BetaGeoNBD, tracking

N = 40
DAYS = [date(2026, 1, 1) + timedelta(days=(i * i * 7) % 120) for i in range(N)]
CUSTOMERS = [f"c{(i * 5) % 9}" for i in range(N)]
RATINGS = [(i * 3) % 11 for i in range(N)]
EVENTS = [("cart", "checkout", "order")[(i * i) % 3] for i in range(N)]
GROUPS = [("pro", "free")[i % 2] for i in range(N)]
END = date(2026, 5, 1)

KINDS: Mapping[str, Sequence[Any]] = {
    "dates": DAYS,
    "naive": [datetime(d.year, d.month, d.day, i % 24, 30) for i, d in enumerate(DAYS)],  # noqa: DTZ001
    "utc": [datetime(d.year, d.month, d.day, i % 24, 30, tzinfo=UTC) for i, d in enumerate(DAYS)],
    "berlin": [
        datetime(d.year, d.month, d.day, i % 24, 30, tzinfo=ZoneInfo("Europe/Berlin"))
        for i, d in enumerate(DAYS)
    ],
}
"""Instants of each kind; the clocks of Berlin change on 29 March."""

QUARTER: dict[str, Any] = {
    "calendar": Calendar("month", zone="Europe/Berlin"),
    "window": Window(date(2026, 2, 1), END),
}
VISITS, ORDERS, PATHS = (
    ("customer", "at"),
    ("customer", "at", "amount"),
    ("customer", "at", "event"),
)


def spring(rows: Any) -> Window:
    """Return a window without a calendar, of the kind of the instants."""
    zone = getattr(next(iter(rows))[1], "tzinfo", None)
    return Window(datetime(2026, 2, 1, tzinfo=zone), datetime(2026, 5, 1, tzinfo=zone))


TIERS = {f"c{i}": ("gold", "basic")[i % 2] for i in range(7)}
"""The groups of some of the customers."""

MODEL = BetaGeoNBD(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="week")

TIERS = {f"c{i}": ("gold", "basic")[i % 2] for i in range(7)}
"""The groups of some of the customers."""

QUESTIONS: dict[str, tuple[Callable[[Any], Any], Sequence[str]]] = {
    "cohorts": (lambda rows: retention.cohorts(rows, **QUARTER), VISITS),
    "enrolled": (
        lambda rows: retention.cohorts(rows, enrolled=rows, cohorting="every", **QUARTER),
        VISITS,
    ),
    "elapsed": (
        lambda rows: retention.cohorts(rows, mode="elapsed", retained="on_or_after", **QUARTER),
        VISITS,
    ),
    "cohorts by tier": (
        lambda rows: retention.cohorts(rows, enrolled=rows, by=TIERS, **QUARTER),
        VISITS,
    ),
    "growth": (lambda rows: retention.growth(rows, **QUARTER), VISITS),
    "growth by tier": (lambda rows: retention.growth(rows, by=TIERS, **QUARTER), VISITS),
    "stickiness": (lambda rows: retention.stickiness(rows, **QUARTER), VISITS),
    "active_ratio": (lambda rows: retention.active_ratio(rows, until=date(2026, 4, 2)), VISITS),
    "repeat_purchase_rate": (
        lambda rows: retention.repeat_purchase_rate(rows, window=spring(rows)),
        VISITS,
    ),
    "resurrection_rate": (
        lambda rows: retention.resurrection_rate(rows, window=spring(rows), idle=Period(days=20)),
        VISITS,
    ),
    "purchase_intervals": (retention.purchase_intervals, VISITS),
    "purchase_intervals by tier": (
        lambda rows: retention.purchase_intervals(rows, by=TIERS),
        VISITS,
    ),
    "cohort_revenue": (lambda rows: retention.cohort_revenue(rows, **QUARTER), ORDERS),
    "cohort_revenue by tier": (
        lambda rows: retention.cohort_revenue(rows, by=TIERS, **QUARTER),
        ORDERS,
    ),
    "movements": (lambda rows: revenue.movements(rows, floats=True, **QUARTER), ORDERS),
    "movements in euros": (
        lambda rows: revenue.movements(rows, floats=True, **QUARTER),
        (*ORDERS, "currency"),
    ),
    "movements by tier": (
        lambda rows: revenue.movements(rows, floats=True, periods=2, by=TIERS, **QUARTER),
        ORDERS,
    ),
    "mrr_cohorts by tier": (
        lambda rows: revenue.cohorts(rows, floats=True, by=TIERS, **QUARTER),
        ORDERS,
    ),
    "net_retention by tier": (
        lambda rows: revenue.net_retention(rows, floats=True, by=TIERS, **QUARTER),
        ORDERS,
    ),
    "mrr_cohorts": (lambda rows: revenue.cohorts(rows, floats=True, **QUARTER), ORDERS),
    "net_retention": (lambda rows: revenue.net_retention(rows, floats=True, **QUARTER), ORDERS),
    "gross_retention": (lambda rows: revenue.gross_retention(rows, floats=True, **QUARTER), ORDERS),
    "logo_churn": (lambda rows: revenue.logo_churn(rows, floats=True, **QUARTER), ORDERS),
    "quick_ratio": (lambda rows: revenue.quick_ratio(rows, floats=True, **QUARTER), ORDERS),
    "summary": (
        lambda rows: rfm.summary(rows, until=END, calibration_until=date(2026, 3, 1)),
        ORDERS,
    ),
    "scores": (lambda rows: rfm.scores(rows, until=END), ORDERS),
    "summary by tier": (lambda rows: rfm.summary(rows, until=END, by=TIERS), ORDERS),
    "scores by tier": (lambda rows: rfm.scores(rows, until=END, by=TIERS), ORDERS),
    "segments by tier": (
        lambda rows: rfm.segments(
            rfm.scores(rows, until=END), rules=[rfm.SegmentRule("all")], by=TIERS
        ),
        ORDERS,
    ),
    "tracking": (lambda rows: tracking(MODEL, rows, until=END), ORDERS),
    "historic": (
        lambda rows: clv.historic(rows, until=END, discount=0.1),
        ("at", "amount"),
    ),
    "rolling": (
        lambda rows: nps.rolling(rows, window=Period(days=60), calendar=Calendar("month")),
        ("at", "rating"),
    ),
    "funnel": (
        lambda rows: funnel.funnel(rows, steps=("cart", "checkout", "order"), until=END),
        PATHS,
    ),
    "funnel by groups of customers": (
        lambda rows: funnel.funnel(rows, steps=("cart", "order"), by={"c1": "x", "c2": "y"}),
        PATHS,
    ),
    "cart_recovery": (
        lambda rows: funnel.cart_recovery(
            rows,
            abandoned_after=timedelta(days=2),
            recovery_within=timedelta(days=20),
            until=END,
        ),
        PATHS,
    ),
}
every_question = pytest.mark.parametrize(("ask", "fields"), QUESTIONS.values(), ids=QUESTIONS)


def columns(kind: str, fields: Sequence[str]) -> dict[str, Sequence[Any]]:
    """Return the columns of a log, with no more than a calculator needs."""
    value = RATINGS if "rating" in fields else [Decimal(rating) for rating in RATINGS]
    every = {"value": value, "event": EVENTS, "group": GROUPS, "currency": ["EUR"] * N}
    names = {"amount": "value", "rating": "value"}
    needed = [names.get(field, field) for field in fields if field not in ("customer", "at")]
    return {"customer": CUSTOMERS, "at": KINDS[kind], **{name: every[name] for name in needed}}


def rows(given: Mapping[str, Sequence[Any]], fields: Sequence[str]) -> list[tuple[Any, ...]]:
    names = {"amount": "value", "rating": "value"}
    return list(zip(*(given[names.get(field, field)] for field in fields), strict=True))


@every_question
@pytest.mark.parametrize("kind", KINDS)
def test_a_log_gives_the_same_results_as_rows(
    ask: Callable[[Any], Any], fields: Sequence[str], kind: str
) -> None:
    given = columns(kind, fields)
    expected = ask(rows(given, fields))
    attributes = {name: given[name] for name in ("group", "currency") if name in given}
    own = {name: column for name, column in given.items() if name not in attributes}
    log = EventLog(**own, attributes=attributes)
    assert repr(ask(log)) == repr(expected)
    taken_apart = [tuple(row) for row in zip(*given.values(), strict=True)]
    assert repr(ask(EventLog.from_rows(taken_apart, fields=[*given]))) == repr(expected)


@every_question
@pytest.mark.parametrize("library", FRAMES)
def test_a_log_of_a_dataframe_gives_the_same_results_as_rows(
    ask: Callable[[Any], Any], fields: Sequence[str], library: str
) -> None:
    for kind in ("naive", "berlin"):
        given = columns(kind, fields)
        assert repr(ask(read(library, given))) == repr(ask(rows(given, fields)))


@every_question
def test_what_a_log_lacks_is_named_with_the_option_that_reads_it(
    ask: Callable[[Any], Any], fields: Sequence[str]
) -> None:
    needed = [field for field in fields if field not in ("customer", "at", "currency")]
    option = {
        "amount": "value=...",
        "rating": "value=...",
        "event": "event=...",
        "group": "attributes=('group',)",
    }
    bare = EventLog(customer=CUSTOMERS, at=DAYS)
    if not needed:
        assert repr(ask(bare)) == repr(ask(list(bare)))
        return
    with pytest.raises(InvalidValueError) as refused:
        ask(bare)
    expected = (
        f"must have a column for {needed[0]}: {option[needed[0]]} of EventLog.from_frame, got "
    )
    assert expected in str(refused.value)


def test_insights_take_the_answers_of_a_log_and_when_customers_began() -> None:
    shop = presets.retail()
    ats = KINDS["utc"][:5]
    end = datetime(2026, 5, 1, tzinfo=UTC)
    journeys = [shop.replay(f"c{i}", [], since=at, until=end) for i, at in enumerate(ats)]
    answers = [(f"c{i}", at, 2 * i) for i, at in enumerate(ats)]
    log = EventLog.from_rows(answers)
    assert CustomerBase(journeys).nps(log) == CustomerBase(journeys).nps(answers)
    rows = [(customer, at) for customer, at, _ in answers]
    of_log = CustomerBase.from_changes(shop, [], enrolled=EventLog.from_rows(rows), until=end)
    assert of_log == CustomerBase.from_changes(shop, [], enrolled=rows, until=end)


def test_an_attribute_stands_for_the_attribute_of_its_name_before_the_value() -> None:
    """An order log may have an NPS rating beside the amount."""
    log = EventLog(customer=["a"], at=[END], value=[3], attributes={"rating": [10], "group": ["x"]})
    found = nps.score(log, by="group")
    assert found.results == (("x", nps.Score(promoters=1, passives=0, detractors=0)),)


def test_a_currency_is_read_from_the_attribute_and_checked() -> None:
    log = EventLog(
        customer=["a", "b"],
        at=[END, END],
        value=[3, 4],
        attributes={"currency": ["EUR", "USD"]},
    )
    with pytest.raises(InvalidValueError, match=r"^mrr\[1\]\.currency must be 'EUR'"):
        revenue.movements(log, **QUARTER)


def test_an_order_without_an_amount_is_named_by_the_calculator() -> None:
    log = EventLog(customer=["a", "b"], at=[END, END], value=[3, None], event=["order", "visit"])
    with pytest.raises(InvalidTypeError, match=r"^orders\[1\]\.amount must be a number"):
        rfm.scores(log, until=END)
    assert len(rfm.scores(log.where(event="order"), until=END)) == 1
