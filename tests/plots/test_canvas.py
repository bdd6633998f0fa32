"""All plots draw into the axes given, and refuse results that they do not show."""

import sys
from collections.abc import Callable
from datetime import date
from itertools import pairwise
from typing import Any

import pytest
from matplotlib import pyplot as plt

from lifecycle import (
    Calendar,
    Lifecycle,
    Stage,
    Status,
    Transition,
    Window,
    funnel,
    models,
    plots,
    retention,
    survival,
)
from lifecycle.errors import InvalidTypeError, InvalidValueError, MissingExtraError
from lifecycle.metrics.nps import Score
from lifecycle.plots._canvas import period_label
from samples import SHOP, refusal

SPRING = Window(date(2026, 3, 1), date(2026, 5, 1))
ORDERS = [("ann", date(2026, 3, 2)), ("bob", date(2026, 3, 9)), ("ann", date(2026, 4, 1))]
LOG = [("ann", date(2026, 1, 1), "cart"), ("ann", date(2026, 1, 2), "paid")]

TRACKING = models.tracking(
    models.BetaGeoNBD(r=0.25, alpha=4.5, a=0.8, b=2.5, unit="week"),
    [("ann", date(2026, 1, day), 1) for day in (1, 9, 15, 23)],
    until=date(2026, 1, 28),
)

PICTURES: dict[str, Callable[..., Any]] = {
    "diagram": lambda **options: plots.diagram(SHOP, **options),
    "cohorts": lambda **options: plots.cohorts(
        retention.cohorts(ORDERS, calendar=Calendar(), window=SPRING), **options
    ),
    "growth": lambda **options: plots.growth(
        retention.growth(ORDERS, calendar=Calendar(), window=SPRING), **options
    ),
    "nps": lambda **options: plots.nps(Score(7, 2, 1), **options),
    "funnel": lambda **options: plots.funnel(funnel.funnel(LOG, steps=("cart", "paid")), **options),
    "survival": lambda **options: plots.survival(
        survival.kaplan_meier([2, 3, 3, 5], [1, 1, 0, 1]), **options
    ),
    "flows": lambda **options: plots.flows({("lead", "buyer"): 3}, **options),
    "tracking": lambda **options: plots.tracking(TRACKING, **options),
}
each_picture = pytest.mark.parametrize("name", PICTURES)


def test_every_plot_is_looked_at() -> None:
    assert {*PICTURES} == {*plots.__all__}


@each_picture
def test_a_picture_has_a_new_figure_by_default(name: str) -> None:
    ax = PICTURES[name]()
    assert len(ax.figure.axes) == 1
    assert ax.get_title()


@each_picture
def test_a_picture_is_drawn_into_the_axes_given(name: str) -> None:
    _, (left, right) = plt.subplots(1, 2, figsize=(12, 5))
    assert PICTURES[name](ax=right) is right
    assert not left.has_data()
    assert right.has_data() or right.patches
    assert plt.get_fignums() == [1]


@each_picture
def test_a_title_set_afterwards_takes_the_place_of_ours(name: str) -> None:
    ax = PICTURES[name]()
    ax.set_title("Churn by plan")
    shown = [ax.get_title(loc=where) for where in ("left", "center", "right")]
    assert shown == ["", "Churn by plan", ""]


@pytest.mark.parametrize(
    "calendar", [Calendar("day"), Calendar("month")], ids=lambda one: one.grain
)
def test_a_figure_has_a_largest_size(calendar: Calendar) -> None:
    long = {"calendar": calendar, "window": Window(date(2025, 1, 1), date(2026, 5, 1))}
    for ax in (
        plots.growth(retention.growth(ORDERS, **long)),
        plots.cohorts(retention.cohorts(ORDERS, **long)),
    ):
        width, height = ax.figure.get_size_inches()
        assert width <= 16
        assert height <= 12


LONG = [f"s{i}" for i in range(90)]
WIDE: dict[str, Callable[[], Any]] = {
    "nps": lambda: plots.nps({step: Score(3, 2, 1) for step in LONG}),
    "funnel": lambda: plots.funnel(funnel.funnel(LOG, steps=LONG)),
    "flows": lambda: plots.flows({(step, f"{step}, later"): 3 for step in LONG}),
    "diagram": lambda: plots.diagram(
        Lifecycle(
            name="long",
            initial="s0",
            stages=[Stage(step, Status.ACTIVE) for step in LONG],
            transitions=[Transition(a, b, on="next") for a, b in pairwise(LONG)],
        )
    ),
    "survival": lambda: plots.survival(
        {step: survival.kaplan_meier([2, 3], [1, 0]) for step in LONG}
    ),
}


@pytest.mark.parametrize("name", WIDE)
def test_a_figure_of_many_rows_has_the_same_largest_size(name: str) -> None:
    width, height = WIDE[name]().figure.get_size_inches()
    assert 0 < width <= 16
    assert 0 < height <= 12


@pytest.mark.parametrize(
    ("calendar", "start", "label"),
    [
        (Calendar("day"), (2025, 7, 3), "2025-07-03"),
        (Calendar("week"), (2025, 7, 7), "2025-07-07"),
        (Calendar("month"), (2025, 7, 1), "Jul 2025"),
        (Calendar("month", year_start=4), (2025, 7, 1), "Jul 2025"),
        (Calendar("quarter"), (2025, 7, 1), "Q3 2025"),
        (Calendar("quarter", year_start=2), (2025, 8, 1), "Aug 2025"),
        (Calendar("year"), (2025, 1, 1), "2025"),
        (Calendar("year", year_start=4), (2025, 4, 1), "Apr 2025"),
    ],
)
def test_a_period_is_labeled_as_people_write_it(
    calendar: Calendar, start: tuple[int, int, int], label: str
) -> None:
    assert period_label(calendar, calendar.floor(date(*start))) == label


@each_picture
def test_what_is_no_axes_is_refused(name: str) -> None:
    assert refusal(InvalidTypeError, lambda: PICTURES[name](ax=plt)).startswith(
        "ax must be Axes of matplotlib, or None, got <module"
    )


@each_picture
def test_without_matplotlib_the_extra_is_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in [one for one in sys.modules if one.startswith("matplotlib")]:
        monkeypatch.setitem(sys.modules, module, None)
    assert refusal(MissingExtraError, PICTURES[name]) == (
        "matplotlib must be installed: pip install 'customer-lifecycle[plots]'"
    )


@pytest.mark.parametrize(
    ("picture", "accepted"),
    [
        (plots.diagram, "lifecycle must be a Lifecycle"),
        (plots.cohorts, "table must be a CohortTable, as retention.cohorts returns it"),
        (plots.growth, "table must be a table of retention.growth or CustomerBase.growth"),
        (
            plots.nps,
            (
                "scores must be a Score, a mapping from labels to Score, "
                "or a table of CustomerBase.nps"
            ),
        ),
        (plots.funnel, "table must be a FunnelTable, as funnel.funnel returns it, or several"),
        (
            plots.survival,
            (
                "curves must be a SurvivalCurve, a CumulativeIncidence, a result of "
                "CustomerBase.time_in_stage, or a mapping from labels to curves"
            ),
        ),
        (plots.tracking, "table must be a TrackingTable, as models.tracking returns it"),
        (
            plots.flows,
            (
                "moves must be a Chain, a table of CustomerBase.transition_counts, "
                "a mapping from (source, target) to a number, or stage changes"
            ),
        ),
    ],
    ids=lambda one: getattr(one, "__name__", ""),
)
@pytest.mark.parametrize("given", [7, "shop", None, PICTURES], ids=["7", "text", "None", "dict"])
def test_what_a_picture_does_not_show_is_refused(
    picture: Callable[[Any], Any], accepted: str, given: Any
) -> None:
    said = refusal(InvalidTypeError, lambda: picture(given))
    if picture is plots.flows and given is PICTURES:  # a mapping is read
        assert said.startswith("a key of moves must be a pair (source, target)")
    else:
        assert said.startswith(f"{accepted}, got ")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda flag: plots.growth(None, retained=flag), "retained must be True or False"),
        (lambda flag: plots.tracking(None, cumulative=flag), "cumulative must be True or False"),
        (lambda flag: plots.flows({}, stayed=flag), "stayed must be True or False"),
    ],
)
def test_a_flag_is_true_or_false(call: Callable[[Any], object], message: str) -> None:
    assert refusal(InvalidTypeError, lambda: call(1)).startswith(message)


@pytest.mark.parametrize("picture", [plots.nps, plots.survival, plots.flows])
def test_an_empty_mapping_is_refused(picture: Callable[[Any], Any]) -> None:
    assert "must hold" in refusal(InvalidValueError, lambda: picture({}))
