"""Survival curves are steps, with a band around each."""

from typing import Any

import pytest

from lifecycle import insights, plots, survival
from lifecycle.errors import InvalidTypeError, InvalidValueError
from samples import refusal

CURVE = survival.kaplan_meier([2, 3, 3, 5, 8], [1, 1, 0, 1, 0])
OTHER = survival.kaplan_meier([1, 4, 6, 7], [1, 1, 1, 0])


def shown(line: Any) -> tuple[list[float], list[float]]:
    return list(map(float, line.get_xdata())), list(map(float, line.get_ydata()))


def test_a_curve_begins_with_all_and_steps_down_at_its_times() -> None:
    ax = plots.survival(CURVE)
    times, shares = shown(ax.lines[0])
    assert times == [0, *CURVE.times]
    assert shares == [1, *CURVE.survival]
    assert ax.lines[0].get_drawstyle() == "steps-post"
    assert (ax.get_xlim()[0], ax.get_ylim()) == (0, (0, 1.02))


def test_the_band_is_the_interval_of_the_level() -> None:
    band = plots.survival(CURVE, level=0.9).collections[0]
    points = band.get_paths()[0].vertices
    first = CURVE.interval(level=0.9)[0]
    assert first is not None
    at_two = {round(float(y), 12) for x, y in points if x == 2}
    assert {round(first.low, 12), round(first.high, 12)} <= at_two


def test_a_share_that_is_certain_has_no_band() -> None:
    all_gone = survival.kaplan_meier([1, 2], [1, 1])
    points = plots.survival(all_gone).collections[0].get_paths()[0].vertices
    assert {float(y) for x, y in points if x == 2} >= {0.0}


def test_ticks_stand_where_customers_were_lost_from_sight() -> None:
    ticks = plots.survival(CURVE).lines[1]
    assert shown(ticks) == ([3, 8], [CURVE.at(3), CURVE.at(8)])
    assert ticks.get_marker() == "|"


def test_several_curves_differ_by_line_as_well_as_color() -> None:
    ax = plots.survival({"monthly": CURVE, 12: OTHER}, unit="months")
    first, second = ax.lines[0], ax.lines[2]
    assert [first.get_label(), second.get_label()] == ["monthly", "12"]
    assert first.get_linestyle() != second.get_linestyle()
    assert first.get_color() != second.get_color()
    legend = ax.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == ["monthly", "12"]
    assert ax.get_xlabel() == "months"


def test_one_curve_needs_no_legend() -> None:
    ax = plots.survival(CURVE)
    assert ax.get_legend() is None
    assert ax.get_title() == "Survival, with 95% intervals"
    assert ax.get_ylabel() == "share still there"


def test_shares_are_written_in_percent() -> None:
    ax = plots.survival(CURVE)
    assert ax.yaxis.get_major_formatter()(0.25, None) == "25%"


def test_competing_causes_rise_from_none() -> None:
    found = survival.cumulative_incidence([1, 2, 3, 4], ["moved", "broke", None, "moved"])
    ax = plots.survival(found)
    labels = [line.get_label() for line in ax.lines]
    assert labels == ["broke", "moved"]
    for line, curve in zip(ax.lines, found.curves, strict=True):
        assert shown(line) == ([0, *found.times], [0, *curve.incidence])
    assert ax.get_ylabel() == "share that has left"
    assert ax.get_title().startswith("Incidence by cause")


def test_a_level_and_a_unit_are_checked() -> None:
    assert refusal(InvalidValueError, lambda: plots.survival(CURVE, level=2)).startswith("level")
    wrong: Any = 30
    assert refusal(InvalidTypeError, lambda: plots.survival(CURVE, unit=wrong)).startswith(
        "unit must be text, or None"
    )


def test_more_curves_than_colors_are_told_apart() -> None:
    """49 pairs of a color and a line; the eighth curve has the first color, and other dashes."""
    ax = plots.survival({f"g{i}": CURVE for i in range(49)})
    looks = [(line.get_color(), str(line._dash_pattern)) for line in ax.lines if len(line._x) > 2]
    assert len(looks) == len(set(looks)) == 49
    assert looks[7][0] == looks[0][0]


@pytest.mark.parametrize(("many", "marks"), [(100, 1), (101, 0)])
def test_marks_that_would_hide_the_line_are_left_out(many: int, marks: int) -> None:
    curve = survival.kaplan_meier([*range(1, many + 1), many], [*[0] * many, 1])
    assert len(plots.survival(curve).lines) == 1 + marks


def test_the_unit_of_time_in_stage_is_on_the_axis_by_default() -> None:
    found = insights.TimeInStageTable(stage="buyer", unit="hour", curve=CURVE, exits=None)
    daily = insights.TimeInStageTable(stage="loyal", unit="day", curve=CURVE, exits=None)
    assert plots.survival(found).get_xlabel() == "hours"
    assert plots.survival({"a": found, "b": found}).get_xlabel() == "hours"
    assert plots.survival({"a": daily, "b": CURVE}).get_xlabel() == "days"
    assert plots.survival(found, unit="days").get_xlabel() == "days"
    assert plots.survival(CURVE).get_xlabel() == "time"


@pytest.mark.parametrize("units", [("hour", "day"), ("day", "day", "week"), ("month", "week")])
@pytest.mark.parametrize("unit", [None, "days"])
def test_curves_of_several_units_are_not_drawn_on_one_axis(
    units: tuple[Any, ...], unit: str | None
) -> None:
    found = {
        str(i): insights.TimeInStageTable(stage="buyer", unit=each, curve=CURVE, exits=None)
        for i, each in enumerate(units)
    }
    message = refusal(InvalidValueError, lambda: plots.survival(found, unit=unit))
    shown = sorted({f"{each}s" for each in units})
    assert message == f"curves must be of one unit of time, got {shown}"
