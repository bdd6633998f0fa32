"""Growth bars are as long as the counts they show."""

from datetime import UTC, date, datetime
from typing import Any

from lifecycle import Calendar, Window, insights, plots, retention
from lifecycle.errors import InvalidValueError
from lifecycle.insights import status_growth
from lifecycle.metrics import growth
from lifecycle.plots import growth_bars
from samples import refusal

ORDERS = [
    ("ann", date(2026, 1, 2)),
    ("bob", date(2026, 1, 9)),
    ("ann", date(2026, 2, 1)),
    ("bob", date(2026, 3, 1)),
    ("cyd", date(2026, 3, 3)),
]


def table(end: date = date(2026, 3, 15)) -> retention.GrowthTable:
    return retention.growth(ORDERS, calendar=Calendar(), window=Window(date(2026, 1, 1), end))


def bars(ax: Any) -> dict[str, list[tuple[int, int]]]:
    """Give where each bar of a kind begins, and how high it is."""
    return {
        kind.get_label(): [(int(bar.get_y()), int(bar.get_height())) for bar in kind]
        for kind in ax.containers
    }


def test_those_won_stand_above_zero_and_those_lost_below() -> None:
    assert bars(plots.growth(table())) == {
        "new": [(0, 2), (0, 0), (0, 1)],
        "resurrected": [(2, 0), (0, 0), (1, 1)],
        "dormant": [(0, 0), (0, -1), (0, -1)],
    }


def test_those_who_stayed_stand_lowest_where_asked_for() -> None:
    shown = bars(plots.growth(table(), retained=True))
    assert shown["returning"] == [(0, 0), (0, 1), (0, 0)]
    assert shown["new"] == [(0, 2), (1, 0), (0, 1)]


def test_the_line_is_the_net_change() -> None:
    ax = plots.growth(table())
    assert list(ax.lines[0].get_ydata()) == [2, -1, 1]
    assert list(ax.lines[0].get_ydata()) == [
        after.active - before for before, after in zip([0, 2, 1], table().rows, strict=True)
    ]
    assert ax.lines[0].get_label() == "net change"


def test_an_open_period_is_hatched_and_said_to_be_open() -> None:
    ax = plots.growth(table())
    labels = [label.get_text() for label in ax.get_xticklabels()]
    assert labels == ["Jan 2026", "Feb 2026", "Mar 2026 (so far)"]
    assert [bool(bar.get_hatch()) for bar in ax.containers[0]] == [False, False, True]
    closed = plots.growth(table(date(2026, 4, 1)))
    assert not any(bar.get_hatch() for bar in closed.patches)


def statuses(*rows: insights.StatusGrowth) -> insights.StatusGrowthTable:
    window = Window(date(2026, 1, 1), date(2026, 3, 1))
    return insights.StatusGrowthTable(calendar=Calendar(), window=window, rows=rows)


def test_each_kind_of_growth_has_a_color_and_one_direction() -> None:
    """A kind without a color would be left out, and the bars would not add up."""
    drawn = [*growth_bars._KEPT, *growth_bars._WON, *growth_bars._LOST]
    assert len(drawn) == len({*drawn})
    assert {*drawn} == {*growth._KINDS, *status_growth._KINDS}


def test_growth_by_statuses_has_its_own_kinds() -> None:
    """A table of CustomerBase.growth: those lost have lapsed, churned, or stepped back."""
    row = insights.StatusGrowth(
        period=datetime(2026, 1, 1, tzinfo=UTC),
        new=5,
        retained=9,
        reactivated=2,
        won_back=4,
        lapsed=3,
        churned=1,
        stepped_back=1,
        open=False,
    )
    ax = plots.growth(statuses(row), retained=True)
    assert bars(ax) == {
        "retained": [(0, 9)],
        "new": [(9, 5)],
        "reactivated": [(14, 2)],
        "won back": [(16, 4)],
        "lapsed": [(0, -3)],
        "churned": [(-3, -1)],
        "stepped back": [(-4, -1)],
    }
    assert list(ax.lines[0].get_ydata()) == [5 + 2 + 4 - 3 - 1 - 1]
    colors = {bar.get_facecolor() for bar in ax.patches}
    assert len(colors) == 7


def test_a_kind_that_nobody_is_of_is_left_out_and_colors_stay() -> None:
    row = insights.StatusGrowth(
        period=datetime(2026, 1, 1, tzinfo=UTC),
        new=5,
        retained=0,
        reactivated=0,
        won_back=0,
        lapsed=0,
        churned=2,
        stepped_back=0,
        open=False,
    )
    ax = plots.growth(statuses(row), retained=True)
    assert bars(ax) == {"new": [(0, 5)], "churned": [(0, -2)]}
    for drawn in (plots.growth(table()), plots.growth(table(), retained=True)):
        (new,) = [kind for kind in drawn.containers if kind.get_label() == "new"]
        assert new[0].get_facecolor() == ax.containers[0][0].get_facecolor()


def test_counts_on_an_axis_have_separators() -> None:
    many = [(who, date(2026, 1, 2)) for who in range(12_000)]
    window = Window(date(2026, 1, 1), date(2026, 2, 1))
    ax = plots.growth(retention.growth(many, calendar=Calendar(), window=window))
    write = ax.yaxis.get_major_formatter()
    assert [write(count) for count in (-12_000, 0, 0.5, 250_000)] == [
        "-12,000",
        *("0", "0.5", "250,000"),
    ]


def test_a_table_without_periods_is_refused() -> None:
    assert refusal(InvalidValueError, lambda: plots.growth(statuses())) == (
        "table must have at least one row, got 'no rows'"
    )


def test_many_periods_are_not_all_named() -> None:
    window = Window(date(2026, 1, 1), date(2026, 3, 1))
    ax = plots.growth(retention.growth(ORDERS, calendar=Calendar("day"), window=window))
    assert len(ax.get_xticklabels()) == 20
