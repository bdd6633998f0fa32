"""Bars are as long as the counts they stand for."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from matplotlib import pyplot as plt

from lifecycle import Calendar, Status, Window, funnel, insights, nps, plots, retention
from lifecycle.errors import InvalidTypeError, InvalidValueError
from lifecycle.metrics.nps import Score
from samples import refusal

# Growth

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


def test_growth_by_statuses_has_its_own_kinds() -> None:
    """A table of insights.growth: those lost have lapsed, churned, or stepped back."""
    row = insights.StatusGrowth(
        period=datetime(2026, 1, 1, tzinfo=UTC),
        new=5,
        retained=9,
        reactivated=2,
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
        "lapsed": [(0, -3)],
        "churned": [(-3, -1)],
        "stepped back": [(-4, -1)],
    }
    assert list(ax.lines[0].get_ydata()) == [2]
    colors = {bar.get_facecolor() for bar in ax.patches}
    assert len(colors) == 6


def test_a_kind_that_nobody_is_of_is_left_out_and_colors_stay() -> None:
    row = insights.StatusGrowth(
        period=datetime(2026, 1, 1, tzinfo=UTC),
        new=5,
        retained=0,
        reactivated=0,
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


# Net promoter score


def test_detractors_lie_left_of_zero_and_promoters_right() -> None:
    ax = plots.nps(Score(promoters=30, passives=50, detractors=20))
    assert [bar.get_width() for bar in ax.patches] == [-20, 30]
    assert [bar.get_label() for bar in ax.containers] == ["detractors", "promoters"]
    assert ax.get_xlim() == (-100, 100)
    (label,) = ax.get_yticklabels()
    assert label.get_text() == "all answers\n100 answers, 50 passive"


def test_the_score_stands_in_its_interval() -> None:
    score = Score(promoters=30, passives=50, detractors=20)
    ax = plots.nps(score, level=0.9)
    interval = score.interval(0.9)
    assert interval is not None
    around, within, point = ax.lines[:3]
    assert list(around.get_xdata()) == list(within.get_xdata())
    assert list(within.get_xdata()) == [100 * interval.low, 100 * interval.high]
    assert list(point.get_xdata()) == [score.points]
    assert ax.texts[0].get_text() == "10"
    assert "90%" in ax.get_xlabel()


def test_each_group_has_a_row_and_one_without_answers_no_bar() -> None:
    ax = plots.nps({"web": Score(3, 1, 1), "phone": Score(0, 0, 0), 7: Score(0, 0, 4)})
    assert [bar.get_width() for bar in ax.patches] == [-20, 60, -100, 0]
    assert [label.get_text().split("\n")[0] for label in ax.get_yticklabels()] == [
        "web",
        "phone",
        "7",
    ]
    assert [text.get_text() for text in ax.texts] == ["40", "-100"]


def test_scores_without_answers_have_no_legend() -> None:
    ax = plots.nps(Score(0, 0, 0))
    assert len(ax.patches) == 0
    assert ax.get_legend() is None


def test_scores_by_stage_are_read() -> None:
    row = insights.StageScore(stage="buyer", status=Status.ACTIVE, score=Score(1, 0, 0))
    ax = plots.nps(insights.NpsTable(rows=(row,)))
    assert ax.get_yticklabels()[0].get_text() == "buyer\n1 answers, 0 passive"


def test_a_weighted_score_stands_for_its_effective_answers() -> None:
    # Kish: (1 + 1 + 2)^2 / (1 + 1 + 4) = 8/3; shares by weight 1/4, 1/4 and 1/2
    weighted = nps.weighted([10, 7, 0], [1, 1, 2])
    ax = plots.nps({"panel": weighted, "all": Score(1, 1, 2)})
    assert [bar.get_width() for bar in ax.patches] == pytest.approx([-50, 25, -50, 25])
    assert [label.get_text() for label in ax.get_yticklabels()] == [
        "panel\n2.7 effective answers, 0.7 passive",
        "all\n4 answers, 1 passive",
    ]
    interval = weighted.interval()
    assert interval is not None
    assert list(ax.lines[1].get_xdata()) == [100 * interval.low, 100 * interval.high]


def test_a_weighted_score_is_drawn_by_itself() -> None:
    ax = plots.nps(nps.weighted([10, 9], [3, 0.5]))
    assert [bar.get_width() for bar in ax.patches] == pytest.approx([0, 100])
    assert ax.get_yticklabels()[0].get_text().startswith("all answers\n1.3 effective answers")


def test_a_level_and_a_mapping_of_other_things_are_refused() -> None:
    assert refusal(InvalidValueError, lambda: plots.nps(Score(1, 1, 1), level=95)).startswith(
        "level must lie strictly between 0 and 1"
    )
    assert refusal(InvalidTypeError, lambda: plots.nps({"web": 7})).startswith("scores must be a")


# Funnels


def log(**reached: int) -> list[tuple[int, date, str]]:
    """Give a log in which so many customers reach each step."""
    return [
        (customer, date(2026, 1, day), step)
        for day, (step, many) in enumerate(reached.items(), start=1)
        for customer in range(many)
    ]


def test_a_bar_is_as_long_as_those_who_reached_the_step_and_the_rest_is_pale() -> None:
    ax = plots.funnel(funnel.funnel(log(cart=8, checkout=4, paid=3), steps=STEPS))
    reached, lost = [bar.get_width() for bar in ax.patches[::2]], ax.patches[1::2]
    assert reached == [8, 4, 3]
    assert [(bar.get_x(), bar.get_width()) for bar in lost] == [(8, 0), (4, 4), (3, 1)]
    assert [text.get_text() for text in ax.texts] == [
        "8",
        "4   50.0% of cart",
        "3   75.0% of checkout",
    ]
    assert [label.get_text() for label in ax.get_yticklabels()] == list(STEPS)
    assert ax.get_ylim() == (2.4, -0.7)


STEPS = ("cart", "checkout", "paid")


def test_counts_in_a_funnel_have_separators() -> None:
    ax = plots.funnel(funnel.funnel(log(cart=12_000, checkout=1_000), steps=STEPS))
    assert [text.get_text() for text in ax.texts[:2]] == ["12,000", "1,000   8.3% of cart"]


def test_a_step_that_nobody_could_reach_has_no_share() -> None:
    ax = plots.funnel(funnel.funnel(log(cart=2), steps=STEPS))
    assert [text.get_text() for text in ax.texts] == [
        "2",
        "0   0.0% of cart",
        "0   none of checkout",
    ]


@pytest.mark.parametrize(
    ("until", "said"),
    [(date(2026, 1, 15), "3 open, in no bar"), (date(2026, 1, 20), ""), (None, "")],
)
def test_customers_whose_attempts_go_on_are_counted_below(until: date | None, said: str) -> None:
    starts = {"ann": 1, "bob": 2, "cyd": 10, "di": 10, "eve": 15}  # 3 begin in the last 7 days
    paths = {name: [(date(2026, 1, day), "cart")] for name, day in starts.items()}
    week = timedelta(days=7)
    if until == date(2026, 1, 20):
        del paths["eve"]
    ax = plots.funnel(funnel.funnel(paths, steps=STEPS, within=week, until=until))
    assert ax.get_xlabel() == said


def test_figures_of_a_funnel_stay_within_narrow_axes() -> None:
    figure, axes = plt.subplots(1, 3, figsize=(12, 4), layout="constrained")
    for ax in axes:
        plots.funnel(funnel.funnel(log(cart=8000, checkout=4000, paid=3000), steps=STEPS), ax=ax)
    figure.draw_without_rendering()
    for ax in axes:
        assert all(
            text.get_window_extent().x1 <= ax.get_window_extent().x1 + 1 for text in ax.texts
        )
        assert ax.title.get_window_extent().width <= ax.get_window_extent().width


@pytest.mark.filterwarnings("error")
def test_a_funnel_of_nobody_is_drawn() -> None:
    ax = plots.funnel(funnel.funnel([("ann", date(2026, 1, 1), "other")], steps=STEPS))
    assert {bar.get_width() for bar in ax.patches} == {0}
    assert ax.get_xlim() == (0, 1)
