"""Funnel bars are as long as the counts they show."""

from datetime import date, timedelta

import pytest
from matplotlib import pyplot as plt

from lifecycle import funnel, plots
from lifecycle.errors import InvalidTypeError, InvalidValueError


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


def test_groups_are_compared_by_the_share_of_those_who_began() -> None:
    rows = log(cart=8, checkout=4, paid=3)
    groups = funnel.funnel(rows, steps=STEPS, by=dict.fromkeys(range(4), "pro"))
    tables = {str(name): table for name, table in groups.results}
    for given in (groups, tables):
        ax = plots.funnel(given)
        assert [bar.get_width() for bar in ax.patches] == [1, 1, 0.75, 1, 0, 0]
        assert [text.get_text() for text in ax.texts[:3]] == [" 100.0%", " 100.0%", " 75.0%"]
        assert [text.get_text() for text in ax.get_legend().get_texts()] == ["pro (4)", "None (4)"]
        assert [label.get_text() for label in ax.get_yticklabels()] == list(STEPS)
        centers = [bar.get_y() + bar.get_height() / 2 for bar in ax.patches]
        assert centers == pytest.approx([-0.2, 0.8, 1.8, 0.2, 1.2, 2.2])


def test_a_group_that_nobody_began_has_no_share() -> None:
    tables = {"a": funnel.funnel(log(cart=2), steps=STEPS), "b": funnel.funnel([], steps=STEPS)}
    ax = plots.funnel(tables)
    assert [text.get_text() for text in ax.texts][3:] == [" none"] * 3


def test_funnels_that_are_compared_have_the_same_steps() -> None:
    rows = log(cart=2)
    tables = {step: funnel.funnel(rows, steps=(step,)) for step in ("cart", "paid")}
    with pytest.raises(InvalidValueError, match=r"^table must be of the same steps"):
        plots.funnel(tables)
    for wrong in ({"a": 3}, 3):
        with pytest.raises(InvalidTypeError, match=r"^table must be a FunnelTable"):
            plots.funnel(wrong)  # type: ignore[arg-type]
