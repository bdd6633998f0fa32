"""Ribbons are as wide as the flows, and the blocks as high as what begins or ends there."""

from typing import Any

import pytest
from matplotlib.patches import PathPatch, Rectangle

from lifecycle import insights, markov, plots
from lifecycle.errors import InvalidTypeError, InvalidValueError
from samples import SHOP, bought, refusal, replayed

MOVES = {("lead", "buyer"): 30, ("lead", "lost"): 70, ("buyer", "lost"): 10}


def words(ax: Any) -> list[str]:
    return [text.get_text() for text in ax.texts]


def ribbons(ax: Any) -> list[tuple[float, float]]:
    """Give how wide each ribbon is where it begins and where it ends."""
    return [
        (path[7][1] - path[0][1], path[4][1] - path[3][1])
        for patch in ax.patches
        if isinstance(patch, PathPatch)
        for path in [patch.get_path().vertices]
    ]


def test_a_ribbon_is_as_wide_as_its_flow_on_both_sides() -> None:
    found = [(round(a, 9), round(b, 9)) for a, b in ribbons(plots.flows(MOVES))]
    assert found == [(30, 30), (70, 70), (10, 10)]


def test_stages_stand_in_the_order_of_the_sources_on_both_sides() -> None:
    moves = {("new", "at_risk"): 4, ("new", "loyal"): 3, ("loyal", "at_risk"): 2}
    left_on = {("at_risk", "loyal"): 1, ("at_risk", "lapsed"): 5}
    assert words(plots.flows(moves | left_on)) == [
        *("new  7", "loyal  2", "at_risk  6"),
        *("4  loyal", "6  at_risk", "5  lapsed"),
    ]


def test_blocks_hold_what_begins_and_ends_there() -> None:
    ax = plots.flows(MOVES)
    blocks = [patch for patch in ax.patches if isinstance(patch, Rectangle)]
    assert [block.get_height() for block in blocks] == [100, 10, 30, 80]
    assert words(ax) == ["lead  100", "buyer  10", "30  buyer", "80  lost"]


def test_ribbons_do_not_overlap_in_their_blocks() -> None:
    ax = plots.flows(MOVES)
    starts = [p.get_path().vertices[0][1] for p in ax.patches if isinstance(p, PathPatch)]
    assert starts[1] == starts[0] + 30
    ends = [p.get_path().vertices[3][1] for p in ax.patches if isinstance(p, PathPatch)]
    assert ends[2] == ends[1] + 70


def test_all_blocks_lie_in_the_picture() -> None:
    ax = plots.flows(MOVES)
    bottom, top = ax.get_ylim()
    for block in ax.patches:
        if isinstance(block, Rectangle):
            assert top < block.get_y() < block.get_y() + block.get_height() < bottom


def test_stage_changes_are_counted() -> None:
    journey = replayed(SHOP, bought(1), bought(2), bought(3))
    assert words(plots.flows(journey.changes)) == [
        *("visitor  1", "buyer  1"),
        *("1  buyer", "1  loyal"),
    ]


def test_a_chain_is_drawn_in_the_order_of_its_states() -> None:
    chain = markov.Chain(["a", "b", "c"], [[0.5, 0.25, 0.25], [0, 0, 1], [0, 0, 1]])
    assert words(plots.flows(chain)) == ["a  1", "b  1", "c  1", "0.5  a", "0.25  b", "2.25  c"]
    moved = plots.flows(chain, stayed=False)
    assert words(moved) == ["a  0.5", "b  1", "0.25  b", "1.25  c"]


def test_transition_counts_add_up_over_periods() -> None:
    """No target means that they were still there."""
    rows = tuple(
        insights.TransitionCount(
            period=None, source=source, target=target, count=count, stays=13, open=False
        )
        for source, target, count in (
            *(("lead", "buyer", 3), ("lead", None, 5)),
            *(("lead", "buyer", 4), ("lead", None, 1)),
        )
    )
    given = insights.TransitionTable(calendar=None, rows=rows)
    assert words(plots.flows(given)) == ["lead  13", "6  lead", "7  buyer"]
    assert words(plots.flows(given, stayed=False)) == ["lead  7", "7  buyer"]


def test_counts_of_a_chain_come_before_its_probabilities() -> None:
    class Counted(markov.Chain):
        counts = ((3, 1), (0, 4))

    chain = Counted(["a", "b"], [[0.75, 0.25], [0, 1]])
    assert words(plots.flows(chain)) == ["a  4", "b  4", "3  a", "5  b"]


@pytest.mark.parametrize(
    ("moves", "kind", "message"),
    [
        ({"lead": 3}, InvalidTypeError, "a key of moves must be a pair (source, target)"),
        ({("a", "b"): -1}, InvalidValueError, "moves[('a', 'b')] must be at least 0"),
        ({("a", "b"): float("nan")}, InvalidValueError, "moves[('a', 'b')] must be finite"),
        ({("a", 7): 1}, InvalidTypeError, "target must be text"),
        ([("a", "b")], InvalidTypeError, "moves[0] must be a StageChange"),
        ({("a", "b"): 0}, InvalidValueError, "moves must hold a move"),
        ([], InvalidValueError, "moves must hold a move"),
    ],
)
def test_what_is_no_move_is_named(moves: Any, kind: type[Exception], message: str) -> None:
    assert refusal(kind, lambda: plots.flows(moves)).startswith(message)
