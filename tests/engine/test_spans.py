"""Spans of a series, by which one finds the blocks that pass a bound."""

from math import inf
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle.engine import _spans
from lifecycle.engine._spans import Span
from samples import day


def blocks(numbers: Any) -> tuple[Span, ...]:
    """Give spans of blocks of one number each."""
    found: tuple[Span, ...] = ()
    for number in numbers:
        found = _spans.joined(found, Span(1, number, number, number))
    return found


def trees(spans: Any) -> int:
    return sum(1 + trees(span.parts) for span in spans)


@given(
    st.lists(st.tuples(st.integers(-9, 9), st.integers(0, 3)), max_size=60),
    st.integers(-9, 9),
    st.integers(0, 9),
)
def test_a_search_finds_what_a_list_would(rows: Any, bound: int, first: int) -> None:
    """Numbers come at the end and leave at the front; some are greater than a bound."""
    spans: tuple[Span, ...] = ()
    plain: list[int] = []
    for number, leave in rows:
        spans = _spans.joined(_spans.without(spans, leave), Span(1, number, number, number))
        plain = [*plain[leave:], number]
        assert _spans.size(spans) == len(plain)
        above = list(_spans.among(spans, first, lambda span: span.high > bound))
        assert [(place, span.end) for place, span in above] == [
            (place, each) for place, each in enumerate(plain) if each > bound and place >= first
        ]
        below = _spans.among(spans, first, lambda span: span.low <= bound)
        assert [place for place, _ in below] == [
            place for place, each in enumerate(plain) if each <= bound and place >= first
        ]


def test_spans_are_few_and_keep_nothing_that_has_left() -> None:
    spans = blocks(range(5000))
    assert len(spans) == (5000).bit_count()
    for left in range(4999):
        spans = _spans.without(spans, 1)
        assert len(spans) <= 2 * 13
        assert trees(spans) < 2 * (5000 - left)
    assert [span.low for span in spans] == [4999]
    assert _spans.without(spans, 7) == ()


def test_a_step_shares_the_other_spans() -> None:
    before = blocks(range(1000))
    after = _spans.joined(before, Span(1, 0, 0, 0))
    assert len({id(span) for span in after} - {id(span) for span in before}) == 1


def test_a_search_looks_at_few_spans() -> None:
    looked: list[Span] = []

    def is_last(span: Span) -> bool:
        looked.append(span)
        return span.high >= 4095

    assert [place for place, _ in _spans.among(blocks(range(4096)), 0, is_last)] == [4095]
    assert len(looked) == 1 + 2 * 12


@pytest.mark.parametrize(
    ("days", "steps", "following", "expected"),
    [
        ((), (), 9, []),
        ((1, 2, 3), (5, -2, 4), 9, [(1, 15), (2, 13), (3, 17)]),
        ((1, 1, 3), (5, -2, 4), 9, [(2, 13), (3, 17)]),
        ((1, 2, 2), (5, -2, 4), 2, [(1, 15)]),  # the last instant goes on in the next block
        ((2, 2, 2), (5, -2, 4), 2, []),
    ],
)
def test_running_sums_are_those_with_which_an_instant_is_over(
    days: Any, steps: Any, following: Any, expected: Any
) -> None:
    """The sum before is 10."""
    instants = [day(number) for number in days]
    end = 10 + sum(steps)
    found = _spans.sums(instants, steps, day(following), end)
    assert found == expected
    low, high = (extreme([each for _, each in found] or [None]) for extreme in (min, max))
    wanted = Span(1, inf, -inf, end) if low is None else Span(1, low, high, end)
    assert _spans.span(found, end) == wanted
