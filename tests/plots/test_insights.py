"""What insights return is drawn as it is."""

from datetime import UTC, date, datetime
from typing import Any

from lifecycle import Calendar, CustomerBase, Event, Journey, Window, plots
from lifecycle.errors import InvalidValueError
from samples import SHOP, bought, day, refusal

SPRING: dict[str, Any] = {
    "calendar": Calendar(),
    "window": Window(date(2026, 1, 1), date(2026, 7, 1)),
}
END = datetime(2026, 7, 1, tzinfo=UTC)


def follow(name: str, *events: Event) -> Journey:
    return SHOP.replay(name, events, since=day(0), until=END)


JOURNEYS = [
    follow("ann", bought(1), bought(2), bought(3)),
    follow("bob", bought(10)),
    follow("cyd", Event("signup", day(5))),
]


def words(ax: Any) -> list[str]:
    return [text.get_text() for text in ax.texts]


def test_moves_between_stages_are_ribbons() -> None:
    assert words(plots.flows(CustomerBase(JOURNEYS).transition_counts(), stayed=False)) == [
        *("visitor  3", "buyer  2"),
        *("1  lead", "2  buyer", "1  loyal", "1  lapsed"),
    ]


def test_a_chain_of_journeys_is_drawn_by_its_counts() -> None:
    chain = CustomerBase(JOURNEYS).over(**SPRING).chain()
    assert f"visitor  {sum(chain.counts[chain.states.index('visitor')])}" in words(
        plots.flows(chain)
    )


def test_moves_between_stages_are_the_counts_of_a_diagram() -> None:
    moves = CustomerBase(JOURNEYS).transition_counts()
    changes = [change for journey in JOURNEYS for change in journey.changes]
    assert words(plots.diagram(SHOP, counts=moves)) == words(plots.diagram(SHOP, counts=changes))


def test_growth_by_status_is_drawn_in_its_own_kinds() -> None:
    table = CustomerBase(JOURNEYS).over(**SPRING).growth()
    ax = plots.growth(table)
    heights = {kind.get_label(): [int(bar.get_height()) for bar in kind] for kind in ax.containers}
    assert heights["new"] == [row.new for row in table.rows]
    assert heights["lapsed"] == [-row.lapsed for row in table.rows]
    assert sum(heights["lapsed"]) == -1


def test_cohorts_by_status_are_a_heat_map() -> None:
    assert words(plots.cohorts(CustomerBase(JOURNEYS).over(**SPRING).cohorts()))[0] == "100%"


def test_time_in_a_stage_is_a_curve() -> None:
    ax = plots.survival(CustomerBase(JOURNEYS).time_in_stage("buyer"), unit="days")
    assert ax.lines[0].get_label() == "buyer"


def test_time_in_a_stage_by_group_has_a_line_for_each_group_with_stays() -> None:
    found = CustomerBase(JOURNEYS).by({"ann": "x", "bob": "y", "cyd": "z"}).time_in_stage("buyer")
    ax = plots.survival(found)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["x", "y"]
    given = {"first": found["x"], "second": found["y"].curve}
    labels = [text.get_text() for text in plots.survival(given).get_legend().get_texts()]
    assert labels == list(given)
    message = refusal(InvalidValueError, lambda: plots.survival(found["z"]))
    assert message == "curves must have at least one row, got 'no rows'"


def test_a_funnel_over_stages_has_a_bar_for_each() -> None:
    ax = plots.funnel(CustomerBase(JOURNEYS).funnel(stages=("visitor", "buyer", "loyal")))
    assert [bar.get_width() for bar in ax.patches[::2]] == [3, 2, 1]


def test_scores_by_stage_have_a_row_for_each() -> None:
    answers = [("ann", day(20), 10), ("bob", day(20), 3)]
    ax = plots.nps(CustomerBase(JOURNEYS).nps(answers))
    assert len(ax.get_yticklabels()) == len(SHOP.stages)
    assert words(ax) == ["-100", "100"]
    assert ax.get_legend() is not None
