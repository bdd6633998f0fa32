"""A definition in which some time-outs are longer or shorter."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, TypeAlias, TypeVar

import attrs

from lifecycle._lengths import Period
from lifecycle.engine.dates import At
from lifecycle.engine.falls import Fall
from lifecycle.engine.milestones import Milestone
from lifecycle.engine.transitions import Timeout, Transition
from lifecycle.errors import InvalidTypeError, InvalidValueError, closest, one_of
from lifecycle.periods import Until

__all__ = ["Lengths", "check", "with_lengths"]

Length: TypeAlias = Period | timedelta | Until
Way = TypeVar("Way", Transition, Milestone)

Lengths: TypeAlias = (
    Mapping[Timeout, Length]
    | Mapping[At, Length]
    | Mapping[Transition, Length]
    | Mapping[Milestone, Length]
    | Mapping[Timeout | At | Transition | Milestone, Length]
)
"""The new length of a time-out wherever it stands, or of that of one transition or milestone."""


def check(lengths: Lengths, ways: Sequence[Transition | Milestone]) -> None:
    """Check that the keys are time-outs of a definition, or what has them."""
    if not isinstance(lengths, Mapping):
        expected = "be a mapping, such as {idle(days=90): Period(days=117)}"
        raise InvalidTypeError("lengths", lengths, expected)
    timed = [way for way in ways if isinstance(way.after, Timeout | At)]
    for key in lengths:
        _check_key(key, timed)


def _check_key(key: object, timed: Sequence[Transition | Milestone]) -> None:
    if not isinstance(key, Timeout | At | Fall | Transition | Milestone):
        expected = "be a time-out, such as idle(days=90), a Transition or a Milestone"
        raise InvalidTypeError("a key of lengths", key, expected)
    kind = next((kind for kind in (Transition, Milestone) if isinstance(key, kind)), None)
    known: list[Any] = [
        way.after if kind is None else way for way in timed if kind is None or isinstance(way, kind)
    ]
    if key not in known:
        texts = [*map(repr, known)]
        listed = one_of(dict.fromkeys([*closest(repr(key), texts), *texts]), str)
        what = "time-out" if kind is None else kind.__name__.lower()
        expected = f"be a {what} of the definition with a length, {listed}"
        raise InvalidValueError("a key of lengths", key, expected)


def with_lengths(ways: Sequence[Way], lengths: Mapping[Any, Any]) -> tuple[Way, ...]:
    """Return transitions or milestones with other lengths for their time-outs."""
    return tuple(_changed(way, lengths) for way in ways)


def _changed(way: Way, lengths: Mapping[Any, Any]) -> Way:
    found = [lengths[key] for key in (way, way.after) if key in lengths]
    if not found:
        return way
    after = attrs.evolve(way.after, length=found[0])  # type: ignore[misc]  # a key has one
    return attrs.evolve(way, after=after)
