"""Lines of tracking show predicted and actual purchases."""

from datetime import date, timedelta
from typing import Any

import pytest

from lifecycle import models, plots
from lifecycle.errors import InvalidValueError
from samples import refusal


def test_purchases_on_an_axis_have_separators() -> None:
    write = plots.tracking(track(fitted=3, n=20_000)).yaxis.get_major_formatter()
    assert [write(count) for count in (0, 200_000, 1_250_000)] == ["0", "200,000", "1,250,000"]


def test_the_legend_of_tracking_lies_beside_the_lines() -> None:
    ax = plots.tracking(track(fitted=3), cumulative=False)
    ax.figure.draw_without_rendering()
    inside, legend = ax.get_window_extent(), ax.get_legend().get_window_extent()
    assert legend.x0 >= inside.x1


def track(*, fitted: int, n: int = 6) -> Any:
    """Give what models.tracking returns: 10 purchases a week, 9 expected."""
    rows = tuple(
        models.TrackingRow(
            period=k,
            until=date(1997, 1, 7) + timedelta(weeks=k - 1),
            actual=10 * k,
            expected=9.0 * k,
            calibration=k <= fitted,
        )
        for k in range(1, n + 1)
    )
    return models.TrackingTable(unit="week", rows=rows)


def test_what_came_is_drawn_beside_what_was_expected() -> None:
    ax = plots.tracking(track(fitted=3))
    actual, expected = ax.lines[:2]
    assert list(actual.get_xdata()) == [1, 2, 3, 4, 5, 6]
    assert list(actual.get_ydata()) == [10, 20, 30, 40, 50, 60]
    assert list(expected.get_ydata()) == [9, 18, 27, 36, 45, 54]
    assert (actual.get_linestyle(), expected.get_linestyle()) == ("-", "--")
    assert ax.get_xlabel() == "week of the log"
    assert ax.get_ylabel() == "repeat purchases so far"


def test_each_period_can_be_drawn_alone() -> None:
    ax = plots.tracking(track(fitted=3), cumulative=False)
    assert list(ax.lines[0].get_ydata()) == [10] * 6
    assert list(ax.lines[1].get_ydata()) == [9] * 6
    assert ax.get_ylabel() == "repeat purchases in the week"


def test_the_end_of_the_calibration_is_marked() -> None:
    ax = plots.tracking(track(fitted=3))
    assert list(ax.lines[2].get_xdata()) == [3, 3]
    assert ax.texts[0].get_text() == "last whole week\nof the calibration"


@pytest.mark.parametrize("fitted", [0, 6])
def test_where_all_or_nothing_is_calibration_no_end_is_marked(fitted: int) -> None:
    ax = plots.tracking(track(fitted=fitted))
    assert len(ax.lines) == 2
    assert len(ax.texts) == 0


def test_what_models_return_is_drawn() -> None:
    model = models.BetaGeoNBD(r=0.25, alpha=4.5, a=0.8, b=2.5, unit="week")
    orders = [("ann", date(2026, 1, day), 1) for day in (1, 9, 15, 23)]
    found = models.tracking(
        model, orders, until=date(2026, 1, 28), calibration_until=date(2026, 1, 16)
    )
    ax = plots.tracking(found)
    assert list(ax.lines[0].get_ydata()) == [row.actual for row in found.rows] == [0, 1, 2, 3]
    assert list(ax.lines[1].get_ydata()) == [row.expected for row in found.rows]
    assert list(ax.lines[2].get_xdata()) == [2, 2]


def test_one_period_is_drawn_and_none_is_refused() -> None:
    assert plots.tracking(track(fitted=0, n=1)).get_xlim() == (1, 2)
    assert refusal(InvalidValueError, lambda: plots.tracking(track(fitted=0, n=0))) == (
        "table must have at least one row, got 'no rows'"
    )
