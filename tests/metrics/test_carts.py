"""Carts."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from lifecycle import EventLog
from lifecycle.errors import InvalidTypeError, InvalidValueError, MixedInstantsError
from lifecycle.metrics.funnel import CartTable, cart_recovery
from lifecycle.periods import Period
from lifecycle.rates import Rate

START = datetime(2026, 5, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def run(*texts: str, until: Any = 1000, **options: Any) -> CartTable:
    """Count carts, of rows and of a log: c is a cart event, o an order, with the hour."""
    names = {"c": "cart", "o": "order", "x": "view"}
    paths = {
        i: [(START + float(word[1:]) * HOUR, names[word[0]]) for word in text.split()]
        for i, text in enumerate(texts)
    }
    asked = {"abandoned_after": 4 * HOUR, "recovery_within": 48 * HOUR}
    end = START + until * HOUR if isinstance(until, int | float) else until
    found = cart_recovery(paths, until=end, **{**asked, **options})
    if all(paths.values()):  # a log has no customer without a row
        rows = [(who, *row) for who, own in paths.items() for row in own]
        log = EventLog.from_rows(rows, fields=("customer", "at", "event"))
        assert cart_recovery(log, until=end, **{**asked, **options}) == found
    return found


def outcomes(*texts: str, **options: Any) -> list[str]:
    return [row.outcome for row in run(*texts, **options).rows for _ in range(row.carts)]


def test_an_order_in_time_includes_the_end() -> None:
    assert outcomes("c0 o4") == ["ordered"]
    assert outcomes("c0 o4.1") == ["recovered"]
    assert outcomes("c0 o52") == ["recovered"]
    assert outcomes("c0 o52.1") == ["lost"]
    assert outcomes("c0") == ["lost"]


def test_months_are_counted_from_the_cart_and_then_from_its_end() -> None:
    """Abandoned on 28 February, a month after 31 January; closed a month after that, 28 March."""
    month = Period(months=1)
    asked: Any = {"abandoned_after": month, "recovery_within": month}
    touched = datetime(2026, 1, 31, 9, tzinfo=UTC)

    def became(ordered: datetime | None, until: datetime) -> list[str]:
        rows = [(touched, "cart"), *([(ordered, "order")] if ordered else [])]
        found = cart_recovery({"ann": rows}, until=until, **asked)
        return [row.outcome for row in found.rows if row.carts]

    far, tick = datetime(2027, 1, 1, tzinfo=UTC), timedelta.resolution
    abandoned, closed = touched.replace(month=2, day=28), touched.replace(month=3, day=28)
    assert became(abandoned, far) == ["ordered"]
    assert became(abandoned + tick, far) == ["recovered"]
    assert became(closed, far) == ["recovered"]
    assert became(closed + tick, far) == ["lost"]
    assert became(None, abandoned - tick) == ["open"]
    assert became(None, closed - tick) == ["pending"]
    assert became(None, closed) == ["lost"]


def test_months_of_a_cart_are_those_of_the_zone() -> None:
    """1 April 1:30 in Berlin; 30 days of it later it is 1 May 1:30 there, 30 April in UTC."""
    rows = {"ann": [(datetime(2026, 3, 31, 23, 30, tzinfo=UTC), "cart")]}
    rows["ann"].append((datetime(2026, 4, 30, 23, 30, tzinfo=UTC), "order"))
    asked: Any = {"abandoned_after": Period(months=1), "recovery_within": timedelta(days=1)}
    found = cart_recovery(rows, until=date(2026, 12, 31), zone="Europe/Berlin", **asked)
    assert found.row("ordered").carts == 1


def test_a_cart_whose_time_goes_past_all_dates_stays_open_or_pending() -> None:
    ages = Period(years=9000)
    assert outcomes("c0 c1 o2", abandoned_after=ages) == ["open"]
    assert outcomes("c0 o9", recovery_within=ages) == ["pending"]
    assert outcomes("c0 c1", abandoned_after=timedelta.max) == ["open"]


@pytest.mark.parametrize("wrong", [timedelta(days=-1), 4, "4 hours", None, True])
def test_lengths_of_carts_are_checked(wrong: Any) -> None:
    for argument in ("abandoned_after", "recovery_within"):
        with pytest.raises((InvalidTypeError, InvalidValueError), match=rf"^{argument} must be "):
            run("c0", **{argument: wrong})


def test_each_cart_event_starts_the_time_anew() -> None:
    assert outcomes("c0 c3 c6 o10") == ["ordered"]
    assert outcomes("c0 c3 o7.1") == ["recovered"]


def test_a_return_to_an_abandoned_cart_is_no_new_cart() -> None:
    found = run("c0 c30 o31")
    assert [row.carts for row in found.rows] == [0, 0, 0, 1, 0]
    assert found.time_to_recover.lengths == (27 * HOUR,)
    assert outcomes("c0 c30 o53") == ["lost"]


def test_a_cart_after_that_is_a_new_one() -> None:
    assert outcomes("c0 c53 o54") == ["ordered", "lost"]
    assert outcomes("c0 o1 c2 o20") == ["ordered", "recovered"]


def test_one_order_buys_one_cart() -> None:
    assert outcomes("c0 o1 o2") == ["ordered"]
    assert outcomes("o0") == []
    assert outcomes("o0 c0") == ["ordered"]


def test_a_cart_whose_time_is_not_over_is_open_even_where_it_was_ordered() -> None:
    assert outcomes("c0 o1", until=3) == ["open"]
    assert outcomes("c0 o1", until=4) == ["ordered"]
    assert outcomes("c0", until=4) == ["pending"]
    assert outcomes("c0 o6", until=51) == ["pending"]
    assert outcomes("c0 o6", until=52) == ["recovered"]


def test_events_after_the_end_are_not_read() -> None:
    assert outcomes("c0 o52", until=52) == ["recovered"]
    assert outcomes("c0 o52", until=51) == ["pending"]
    assert outcomes("c5", until=4) == []


def test_rates_leave_out_what_is_open() -> None:
    found = run("c0 o1", "c0 o9", "c0", "c60", "c99", until=100)
    assert [row.carts for row in found.rows] == [1, 1, 1, 1, 1]
    assert (found.carts, found.abandoned) == (5, 3)
    assert found.abandonment_rate == Rate(3, 4)
    assert found.recovery_rate == Rate(1, 2)
    assert found.row("recovered").customers == {1}
    assert run().recovery_rate.value is None
    assert run("x0").carts == 0


def test_customers_of_several_carts_are_named_once() -> None:
    lost = run("c0 c100").row("lost")
    assert (lost.carts, lost.customers) == (2, {0})


def test_of_many_customers_of_carts_some_are_shown() -> None:
    lost = run(*["c0"] * 1_003).row("lost")
    assert len(lost.customers) == 1_003
    assert repr(lost).endswith(", ... 1,000 more}))")
    assert len(repr(lost)) < 100


def test_paths_may_be_rows_and_dates() -> None:
    rows = [("ann", date(2026, 5, 1), "put"), ("ann", date(2026, 5, 3), "paid")]
    found = cart_recovery(
        reversed(rows),
        until=date(2026, 6, 1),
        abandoned_after=24 * HOUR,
        recovery_within=24 * HOUR,
        cart_event="put",
        order_event="paid",
    )
    assert found.recovery_rate == Rate(1, 1)


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"abandoned_after": 4}, r"^abandoned_after must be a timedelta"),
        ({"abandoned_after": -HOUR}, r"^abandoned_after must be at least 0"),
        ({"recovery_within": None}, r"^recovery_within must be a timedelta"),
        ({"recovery_within": -HOUR}, r"^recovery_within must be at least 0"),
        ({"cart_event": " "}, r"^cart_event must be text that is not blank"),
        ({"order_event": 3}, r"^order_event must be text"),
        (
            {"order_event": "cart"},
            r"^order_event must be another event than cart_event, got 'cart'",
        ),
        ({"until": None}, r"^until must be a datetime or a date"),
    ],
)
def test_bad_options_are_refused(options: Any, match: str) -> None:
    with pytest.raises((InvalidTypeError, InvalidValueError), match=match):
        run("c0", **options)


def test_the_end_is_an_instant_of_the_kind_of_the_paths() -> None:
    with pytest.raises(MixedInstantsError, match=r"^until and paths\[0\]\[0\]\.at must both have"):
        run("c0", until=START.replace(tzinfo=None))


def test_a_date_as_the_end_is_its_whole_day() -> None:
    """A cart and an order at 10:00 on the day; four hours after the cart are over by its end."""
    for zone in (None, UTC):
        at = datetime(2026, 3, 31, 10, tzinfo=zone)
        paths = {"ann": [(at, "cart"), (at, "order")], "bob": [(at + 11 * HOUR, "cart")]}
        lengths: Any = {"abandoned_after": 4 * HOUR, "recovery_within": 48 * HOUR}
        found = cart_recovery(paths, until=date(2026, 3, 31), **lengths)
        assert [row.customers for row in found.rows[:2]] == [{"bob"}, {"ann"}]
        last = datetime(2026, 4, 1, tzinfo=zone) - timedelta.resolution
        assert cart_recovery(paths, until=last, **lengths).rows == found.rows
        assert cart_recovery(paths, until=date(2026, 3, 30), **lengths).carts == 0
    assert (
        cart_recovery(paths, until=date(2026, 3, 30), **lengths, zone="Pacific/Honolulu").carts == 0
    )
    honolulu = {"ann": [(datetime(2026, 3, 31, 9, tzinfo=UTC), "cart")]}  # 23:00 on the 30th
    assert cart_recovery(
        honolulu, until=date(2026, 3, 30), **lengths, zone="Pacific/Honolulu"
    ).carts


def test_lengths_of_time_may_be_as_long_as_there_are() -> None:
    options: Any = {"abandoned_after": timedelta.max, "recovery_within": timedelta.max}
    assert outcomes("c0 o1", **options) == ["open"]
    options = {"abandoned_after": Period(hours=4), "recovery_within": Period(days=2)}
    assert outcomes("c0 o52", **options) == ["recovered"]


def test_carts_are_data_that_json_takes() -> None:
    for found in (run("c0 o1", "c0", "c999"), run()):
        data = json.loads(json.dumps(found.to_dict()))
        assert [row["outcome"] for row in data["rows"]] == [row.outcome for row in found]


def test_an_event_that_no_row_has_is_named() -> None:
    assert run("c0 o1").unknown_events == ()
    assert run("c0", "x1").unknown_events == ("order",)
    assert run("c0 o1", cart_event="basket").unknown_events == ("basket",)
    assert run().unknown_events == ("cart", "order")
    assert str(run()).splitlines()[0] == "Carts, abandoned after 4:00:00, recovered within 2 days"
    assert (
        str(run("c0 o1", cart_event="basket")).splitlines()[-1] == "no row has the event 'basket'"
    )
    misspelled = run("c0 o1", order_event="ordr")
    assert misspelled.similar_events == ("order",)
    assert str(misspelled).splitlines()[-1] == "no row has the event 'ordr'; did you mean 'order'?"
    assert "<tfoot>" not in run("c0 o1")._repr_html_()
    assert run("c0 o9", until=8).unknown_events == ("order",)


def test_carts_are_a_table() -> None:
    found = run("c0 o1", "c0")
    assert str(found).splitlines() == [
        "Carts, 50.0% abandoned after 4:00:00, 0.0% recovered within 2 days",
        "outcome    carts  customers",
        "open           0          0",
        "ordered        1          1",
        "pending        0          0",
        "recovered      0          0",
        "lost           1          1",
    ]
    assert found.to_rows()[4] == {"outcome": "lost", "carts": 1, "customers": 1}
    assert "<table>" in found._repr_html_()
    assert repr(found).startswith("CartTable(rows=(CartOutcome(outcome='open', carts=0, cust")
    with pytest.raises(ValueError, match=r"^outcome must be one of 'open', 'ordered'"):
        found.row("sold")
