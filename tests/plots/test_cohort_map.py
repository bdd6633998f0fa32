"""The heat map shows the share of each closed cell, and marks each open one."""

from datetime import date, timedelta
from typing import Any

from matplotlib.colors import to_hex

from lifecycle import Calendar, Window, plots, retention

ORDERS = [
    ("ann", date(2026, 1, 2)),
    ("bob", date(2026, 1, 9)),
    ("cyd", date(2026, 2, 3)),
    ("ann", date(2026, 2, 1)),
    ("bob", date(2026, 3, 1)),
    ("ann", date(2026, 3, 1)),
]


def table(end: date = date(2026, 3, 15), **told: Any) -> retention.CohortTable:
    window = Window(date(2026, 1, 1), end)
    return retention.cohorts(ORDERS, calendar=Calendar(), window=window, **told)


def words(ax: Any) -> list[str]:
    return [text.get_text() for text in ax.texts]


def daily(days: int) -> retention.CohortTable:
    """Return a table in which one customer begins on each day, and comes back on the next."""
    first = date(2026, 1, 1)
    visits = [(k, first + timedelta(days=k + later)) for k in range(days) for later in (0, 1)]
    window = Window(first, first + timedelta(days=days))
    return retention.cohorts(visits, calendar=Calendar("day"), window=window)


def test_a_cell_shows_its_share_and_an_open_one_its_count() -> None:
    ax = plots.cohorts(table())
    assert words(ax) == ["100%", "50%", "2", "100%", "0"]
    assert [text.get_style() for text in ax.texts] == [
        *("normal", "normal", "italic"),
        *("normal", "italic"),
    ]


def test_open_cells_are_hatched_and_said_to_be() -> None:
    ax = plots.cohorts(table())
    assert [bool(patch.get_hatch()) for patch in ax.patches] == [
        False,
        False,
        True,
        *(False, True),
    ]
    assert ax.get_title() == "Retention by month; hatched: so far"
    closed = plots.cohorts(table(date(2026, 4, 1)))
    assert not any(patch.get_hatch() for patch in closed.patches)
    assert closed.get_title() == "Retention by month"


def test_rows_are_cohorts_from_the_top_and_columns_periods() -> None:
    ax = plots.cohorts(table())
    assert [label.get_text() for label in ax.get_yticklabels()] == [
        "Jan 2026  (n = 2)",
        "Feb 2026  (n = 1)",
    ]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["0", "1", "2"]
    assert ax.get_xlabel() == "months since the start"
    assert ax.get_ylim() == (1.5, -0.5)
    assert [(patch.get_x(), patch.get_y()) for patch in ax.patches[:4]] == [
        (-0.5, -0.5),
        (0.5, -0.5),
        (1.5, -0.5),
        (-0.5, 0.5),
    ]


def test_the_highest_share_after_the_start_is_darkest_and_written_in_white() -> None:
    ax = plots.cohorts(table())
    start, half = ax.patches[:2]
    assert to_hex(start.get_facecolor()) == to_hex(half.get_facecolor()) == "#08306b"
    assert ax.texts[1].get_color() == "white"
    assert ax.texts[2].get_color() == "#24292f"


def test_cohorts_without_customers_are_left_out() -> None:
    ax = plots.cohorts(table(date(2026, 4, 1)))
    assert [label.get_text()[:3] for label in ax.get_yticklabels()] == ["Jan", "Feb"]
    assert len(ax.patches) == 3 + 2


def test_without_any_customer_all_cohorts_are_gray() -> None:
    window = Window(date(2026, 5, 1), date(2026, 7, 1))
    ax = plots.cohorts(retention.cohorts([], calendar=Calendar(), window=window))
    assert words(ax) == ["", "", ""]
    assert {to_hex(cell.get_facecolor()) for cell in ax.patches} == {"#f2f2f2"}


def test_nobody_retained_is_the_lightest() -> None:
    window = Window(date(2026, 1, 1), date(2026, 3, 1))
    alone = retention.cohorts(ORDERS[:1], calendar=Calendar(), window=window)
    assert words(plots.cohorts(alone)) == ["100%", "0%"]


def test_brackets_are_written_as_ranges() -> None:
    ax = plots.cohorts(table(brackets=[range(1, 3)]))
    assert [label.get_text() for label in ax.get_xticklabels()] == ["0", "1-2"]


def test_many_cells_are_colors_alone_and_few_are_named() -> None:
    ax = plots.cohorts(daily(59))
    assert words(ax) == []
    assert len(ax.patches) == 59 * 60 / 2
    assert [label.get_text() for label in ax.get_xticklabels()][:3] == ["0", "3", "6"]
    assert len(ax.get_yticklabels()) == 30


def test_cells_without_figures_have_a_scale() -> None:
    """A triangle of 28 rows has 406 cells; 400 are the most that are read."""
    many = plots.cohorts(daily(28))
    scale = [ax for ax in many.figure.axes if ax is not many]
    assert [ax.get_ylabel() for ax in scale] == ["share retained"]
    assert scale[0].get_ylim() == (0, 1)  # each comes back on the next day
    assert scale[0].yaxis.get_major_formatter()(0.25, None) == "25.0%"
    few = plots.cohorts(daily(27))
    assert few.figure.axes == [few]
    assert len(words(few)) == 27 * 28 / 2
