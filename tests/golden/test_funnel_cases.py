"""Funnels as the tests of PostHog and Retentioneering have them.

Source: tests/cases/posthog_funnel.json and tests/cases/retentioneering_funnel.json, which name
the repositories, the commits and the tests; and, for bins and for exclusions in any order,
PostHog's test_funnel_time_to_convert.py and test_funnel_unordered.py (2022), as written here.
"""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from lifecycle.metrics import funnel

CASES = Path(__file__).parents[1] / "cases"
ORDERS = {"ordered": "ordered", "strict": "strict", "unordered": "any"}


def cases(name: str, kind: str = "cases") -> list[Any]:
    found = json.loads((CASES / f"{name}_funnel.json").read_text())[kind]
    return [pytest.param(case, id=case["id"]) for case in found]


def seconds(lengths: list[timedelta | None]) -> list[float | None]:
    return [None if length is None else length.total_seconds() for length in lengths]


def run(case: Any, **options: Any) -> funnel.FunnelTable:
    window = case.get("window_seconds")
    return funnel.funnel(
        {
            customer: [(datetime.fromtimestamp(at, UTC), event) for event, at in path]
            for customer, path in case.get("entities", {}).items()
        },
        steps=case["steps"],
        within=None if window is None else timedelta(seconds=window),
        order=ORDERS[case.get("order", "ordered")],
        exclusions=[
            funnel.Exclusion(ban["event"], after=ban["from_step"], before=ban["to_step"])
            for ban in case.get("exclusions", ())
        ],
        **options,
    )


def check(found: funnel.FunnelTable, expected: Any) -> None:
    assert [step.reached for step in found.rows] == expected["counts"]
    if "levels" in expected:
        assert found.levels == expected["levels"]
    times = found.time_to_convert
    legs = [times.between(k, k + 1) for k in range(len(found.rows) - 1)]
    for what in ("mean", "median"):
        if f"{what}_seconds_from_previous" in expected:
            shown = [None, *seconds([getattr(leg, what) for leg in legs])]
            wanted = expected[f"{what}_seconds_from_previous"]
            assert shown[: len(wanted)] == wanted


@pytest.mark.parametrize("case", cases("posthog"))
def test_funnels_have_the_counts_of_posthog(case: Any) -> None:
    check(run(case), case["expected"])


@pytest.mark.parametrize("case", cases("posthog", "error_cases"))
def test_exclusions_that_posthog_refuses_are_refused(case: Any) -> None:
    after, before = case["exclusion"]
    asked = {**case, "exclusions": [{"event": "x", "from_step": after, "to_step": before}]}
    with pytest.raises(ValueError, match=r"^(after|exclusions\[0\]) must "):
        run(asked)


@pytest.mark.parametrize("case", cases("retentioneering"))
def test_funnels_have_the_counts_of_retentioneering(case: Any) -> None:
    expected = case["expected"]
    found = run(case, same_time="forbid", unknown_steps="raise")
    check(found, expected)
    of_all = [step.conversion_of_all.value for step in found.rows]
    if "conversion_of_all" in expected:
        assert of_all == pytest.approx(expected["conversion_of_all"], abs=1e-12)
    from_previous = [step.conversion_from_previous.value for step in found.rows]
    # the first step is divided by everybody, and a step that nobody could reach has no rate
    shown = [of_all[0], *(0.0 if rate is None else rate for rate in from_previous[1:])]
    assert shown == pytest.approx(expected["step_conversion"], abs=1e-12)


@pytest.mark.parametrize("case", cases("retentioneering", "error_cases"))
def test_steps_that_retentioneering_refuses_can_be_refused(case: Any) -> None:
    known = [[event, 0] for event in case["steps"] if event != "xxxxxxxx"]
    asked = {**case, "entities": {"ann": known}}
    with pytest.raises(ValueError, match=r"^steps\[1\] must be one of 'add_to_cart', 'cart', got"):
        run(asked, unknown_steps="raise")
    assert run(asked).unknown_steps == ("xxxxxxxx",)


def clock(text: str) -> datetime:
    return datetime.fromisoformat(f"2021-{text}+00:00")


CONVERSIONS = {
    "a": [
        (clock("06-08 18:00"), "step one"),
        (clock("06-08 19:00"), "step two"),
        (clock("06-08 21:00"), "step three"),
    ],
    "b": [(clock("06-09 13:00"), "step one"), (clock("06-09 13:37"), "step two")],
    "c": [(clock("06-11 07:00"), "step one"), (clock("06-12 06:00"), "step two")],
}
THREE = ("step one", "step two", "step three")


def test_bins_are_those_of_posthog() -> None:
    found = funnel.funnel(CONVERSIONS, steps=THREE, within=timedelta(days=7)).time_to_convert
    first = found.between(0, 1)

    def bins(times: funnel.ConversionTimes, number: int | None = None) -> list[Any]:
        return [(row.start.total_seconds(), row.count) for row in times.histogram(bins=number).rows]

    assert bins(first) == [(2220, 2), (29080, 0), (55940, 0), (82800, 1)]
    starts = (2220, 13732, 25244, 36756, 48268, 59780, 71292, 82804)
    assert bins(first, 7) == list(zip(starts, (2, 0, 0, 0, 0, 0, 1, 0), strict=True))
    assert bins(found.total) == [(10800, 1), (10860, 0), (10920, 0), (10980, 0)]
    assert first.mean == timedelta(seconds=29540)


def test_bins_in_any_order_are_those_of_posthog() -> None:
    swapped = {
        "a": [
            (clock("06-08 18:00"), "step three"),
            (clock("06-08 19:00"), "step one"),
            (clock("06-08 21:00"), "step two"),
        ],
        "b": CONVERSIONS["b"],
        "c": [(clock("06-11 07:00"), "step two"), (clock("06-12 06:00"), "step one")],
    }
    found = funnel.funnel(swapped, steps=THREE, within=timedelta(days=7), order="any")
    times = found.time_to_convert.between(0, 1)
    assert [row.count for row in times.histogram().rows] == [2, 0, 0, 1]
    assert times.mean == timedelta(seconds=29540)


def test_incomplete_tries_after_a_complete_one_are_disregarded() -> None:
    path = [
        *((clock(f"05-01 0{h}:00"), event) for h, event in ((1, "in"), (2, "view"), (3, "else"))),
        (clock("05-03 04:00"), "in"),
        (clock("05-03 05:00"), "view"),
        (clock("05-04 07:00"), "in"),
        (clock("05-04 10:00"), "view"),
    ]
    found = funnel.funnel({"a": path}, steps=("in", "view", "else"), within=timedelta(days=1))
    assert found.time_to_convert.between(0, 1).lengths == (timedelta(hours=1),)


EXCLUDED = {  # the hours of 2021-05-01, in test_advanced_funnel_multiple_exclusions_between_steps
    1: "1 in, 2 x, 3 view, 4 insight, 4.5 y, 5 invite, 6 view2",
    2: "1 in, 1.5 y, 2 view, 4 insight, 4.5 y, 5 invite, 5.5 x, 6 view2",
    3: "1 in, 1.5 x, 2 view, 4 insight, 5 invite, 5.5 x, 6 view2",
    4: "1 in, 2 view, 4 insight, 5 invite, 6 view2",
    5: "1 in, 1.5 x, 2 view, 2.5 x, 4 insight, 4.5 y, 5 invite, 5.5 x, 6 view2",
}


def test_exclusions_in_any_order_are_those_of_posthog() -> None:
    paths = {
        customer: [
            (clock("05-01 00:00") + timedelta(hours=float(hour)), event)
            for hour, event in (row.split() for row in text.split(", "))
        ]
        for customer, text in EXCLUDED.items()
    }
    found = funnel.funnel(
        paths,
        steps=("in", "view", "insight", "invite", "view2"),
        within=timedelta(days=14),
        order="any",
        exclusions=[funnel.Exclusion(event, after=0, before=4) for event in "xy"],
    )
    assert found.levels == {1: 2, 2: 1, 3: 1, 4: 5, 5: 1}
    assert [step.reached for step in found.rows] == [5, 2, 1, 1, 1]
