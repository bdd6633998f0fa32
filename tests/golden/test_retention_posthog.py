"""Retention, growth and stickiness as PostHog's own tests have them.

Source: tests/cases/posthog_*.json, which name the repository, the commit and the tests; and
the published examples about churn and elapsed days.
"""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from lifecycle.metrics import retention
from lifecycle.periods import Calendar, Window

CASES = Path(__file__).parents[1] / "cases"


def cases(name: str) -> list[Any]:
    found = json.loads((CASES / name).read_text())["cases"]
    return [pytest.param(case, id=case["id"]) for case in found]


def published(name: str) -> Any:
    found = json.loads((CASES / "published_examples.json").read_text())["cases"]
    return next(case for case in found if case["id"] == name)


def instant(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def calendar_of(case: Any) -> Calendar:
    return Calendar(case["period"], zone=case["timezone"], week_start=case["week_start"])


def window_of(calendar: Calendar, first: str, periods: int) -> Window:
    start = instant(first)
    return Window(start, calendar.step(start, periods))


@pytest.mark.parametrize("case", cases("posthog_retention.json"))
def test_cohorts_have_the_counts_of_posthog(case: Any) -> None:
    calendar, expected = calendar_of(case), case["expected_counts"]
    starts, returns = (
        [(customer, instant(at)) for customer, event, at in case["events"] if event == wanted]
        for wanted in (case["start_event"], case["return_event"])
    )
    table = retention.cohorts(
        returns,
        enrolled=starts,
        calendar=calendar,
        window=window_of(calendar, case["cohort_periods"][0], len(expected[0])),
        retained=case["retained"],
        cohorting={"recurring": "every", "first_time": "first"}[case["cohorting"]],
        min_occurrences=case["min_occurrences"],
        mode={"calendar": "calendar", "elapsed_24h": "elapsed"}[case["window"]],
    )
    rows = table.rows[: len(expected)]
    assert [[cell.retained for cell in row.cells] for row in rows] == expected
    assert [row.cohort for row in rows] == [instant(at) for at in case["cohort_periods"]]


@pytest.mark.parametrize("case", cases("posthog_lifecycle.json"))
def test_growth_has_the_counts_of_posthog(case: Any) -> None:
    calendar, expected = calendar_of(case), case["expected"]
    table = retention.growth(
        [
            (customer, instant(at))
            for customer, entity in case["entities"].items()
            for at in entity["activity"]
        ],
        calendar=calendar,
        window=window_of(calendar, case["periods"][0], len(case["periods"])),
        enrolled={
            customer: instant(entity["first_seen"]) for customer, entity in case["entities"].items()
        },
    )
    assert [row.period for row in table.rows] == [instant(at) for at in case["periods"]]
    names = {"resurrected": "resurrecting"}
    for kind in ("new", "returning", "resurrected", "dormant"):
        assert [getattr(row, kind) for row in table.rows] == expected[names.get(kind, kind)]


@pytest.mark.parametrize("case", cases("posthog_stickiness.json"))
def test_stickiness_has_the_counts_of_posthog(case: Any) -> None:
    calendar, start = Calendar(case["period"]), date(2020, 1, 6)
    found = retention.stickiness(
        [
            (customer, calendar.step(start, offset) + timedelta(hours=5))
            for customer, offsets in case["active_period_offsets"].items()
            for offset in offsets
        ],
        calendar=calendar,
        window=Window(start, calendar.step(start, len(case["expected"])).replace(tzinfo=None)),
    )
    assert list(found.counts) == case["expected"]


def test_churn_by_start_is_that_of_recurly() -> None:
    case = published("recurly_july")
    given, expected = case["inputs"], case["expected"]
    counts = {
        "start": given["start"],
        "new": given["new"],
        "lost": given["churned_of_start"] + given["churned_of_new"],
        "lost_of_start": given["churned_of_start"],
    }
    churn = retention.churn_rate(**counts, method="start")
    assert churn.value == pytest.approx(expected["start_denominator"], abs=1e-12)
    midpoint = retention.churn_rate(**counts, method="midpoint")
    assert 2 * midpoint.denominator - given["start"] == expected["end"]
    cohort = retention.churn_rate(**counts, method="cohort")
    assert (cohort.numerator, cohort.denominator) == (given["churned_of_start"], given["start"])


def test_an_hour_floored_first_gives_the_day_of_amplitude() -> None:
    case = published("amplitude_hour_rounding")
    start, back = (instant(case["inputs"][name]) for name in ("start", "back"))
    daily, hourly = Calendar("day"), Calendar("hour")

    def day_of(mode: Any, *ats: datetime) -> int:
        table = retention.cohorts(
            [("ann", at) for at in ats],
            calendar=daily,
            window=Window(daily.floor(start), daily.floor(start) + timedelta(days=5)),
            mode=mode,
        )
        return max(cell.k for cell in table.rows[0].cells if cell.retained)

    assert day_of("elapsed", start, back) == case["expected"]["exact_24h_day"]
    floored = (hourly.floor(start), hourly.floor(back))
    assert day_of("elapsed", *floored) == case["expected"]["amplitude_day"]
    assert day_of("calendar", start, back) == case["expected"]["calendar_day"]
