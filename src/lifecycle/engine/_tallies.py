"""What a customer remembers: tallies, kept up to date event by event.

A definition's conditions and named clocks decide which tallies its customers carry.
Each kind of tally is one row of `KINDS`: what it is before the first event, and what
an event makes of it.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from itertools import chain
from typing import Any, NamedTuple, TypeAlias

from lifecycle import _checks, _money
from lifecycle._lengths import Period
from lifecycle.engine._dwelling import (
    AS_ENTERED,
    RUNNING,
    dwelling,
    dwelling_on,
    idling,
    idling_on,
    renamed,
    restarted,
)
from lifecycle.engine._evaluation import test
from lifecycle.engine._falls import NEVER, Fallen, Follower, followed, settled
from lifecycle.engine._memory import StageEntry, Tally
from lifecycle.engine._windows import EMPTY, SLACK, Recent, held
from lifecycle.engine.conditions import Measure, Sum
from lifecycle.engine.events import Event
from lifecycle.engine.so_far import SoFar, in_time
from lifecycle.engine.stages import Stage
from lifecycle.errors import InvalidValueError, MixedNumbersError

__all__ = ["KINDS", "Entering", "Told", "Update", "begun", "update_of"]

Update: TypeAlias = Callable[[Any, Event], Any]
"""(state, event) -> the state with the event counted."""

Entering: TypeAlias = Callable[[Any, StageEntry], Any]
"""(state, entry) -> the state with the entry counted."""

Told: TypeAlias = Mapping[str, SoFar]
"""What had happened before a customer was enrolled, by the name of the event."""


def _counter(_: Tally) -> Update:
    return lambda state, _event: state + 1


def _adder(tally: Tally) -> Update:
    def update(state: Any, event: Event) -> Any:
        return state if event.value is None else _sum(tally, state, event.value)

    return update


def _valued_counter(_: Tally) -> Update:
    return lambda state, event: state + (event.value is not None)


def _clock(_: Tally) -> Update:
    return lambda _state, event: event.at


def _window(tally: Tally) -> Update:
    held_for = held(tally.within, SLACK)
    is_exact = isinstance(tally.within, Period) and tally.within.length is not None

    def update(state: Recent, event: Event) -> Recent:
        kept, value = held_for(state, event.at), event.value
        try:
            found = kept.joined(event._instant, value, event.at if is_exact else None)
        except TypeError:
            raise _mixed(tally, value, kept.total) from None
        if value is not None and not _checks.finite(found.total):
            raise _infinite(tally, value)
        return found

    return update


def _entered(tally: Tally, stage: Stage) -> Entering | None:
    return (lambda state, _entry: state + 1) if stage.name in tally.names else None


def _entered_when(tally: Tally, stage: Stage) -> Entering | None:
    if stage.name not in tally.names:
        return None
    held_for = held(tally.within, SLACK)
    return lambda state, entry: held_for(state, entry.at).joined(_checks.utc(entry.at), None)


def _left(_tally: Tally, _stage: Stage) -> Entering:
    return lambda _state, entry: entry.source


def _restarted(_: Tally) -> Update:
    return lambda state, event: state if state is RUNNING else restarted(state, event.at)


def _of_stages(tally: Tally, state: Any, stages: Mapping[str, str]) -> tuple[Tally, Any]:
    names = sorted({stages.get(name, name) for name in tally.names})
    return tally._replace(names=tuple(names)), state


def _a_stage(tally: Tally, state: Any, stages: Mapping[str, str]) -> tuple[Tally, Any]:
    return tally, stages.get(state, state)


def _of_stays(tally: Tally, state: Any, stages: Mapping[str, str]) -> tuple[Tally, Any]:
    return tally, renamed(state, stages)


def _as_they_are(tally: Tally, state: Any, _stages: Mapping[str, str]) -> tuple[Tally, Any]:
    return tally, state


def _same(tally: Tally, known: Mapping[Tally, Any]) -> Any:
    return known.get(tally, KINDS[tally.kind].blank)


def _same_measure(tally: Tally, known: Mapping[Tally, Any]) -> Any:
    """Take over a window that falls below another number; what fell, fell below that one."""
    if tally in known:
        return known[tally]
    others = (known[one] for one in known if one.of and one.of.measure == tally.of.measure)
    return settled(next(others, NEVER)._replace(fell=False, fresh=False))


def _falling(tally: Tally) -> Update:
    """Return what follows a measure from event to event."""
    weigh, follow = _weigher(tally.of.measure), Follower(tally.of)

    def update(state: Fallen, event: Event) -> Fallen:
        weight = weigh(event)
        if weight is None:
            return state._replace(fresh=False) if state.fresh else state
        return follow.joined(state, event, weight)

    return update


def _weigher(measure: Measure | Sum) -> Callable[[Event], Any]:
    """Return what an event adds to a measure; None where it is none of its events."""
    weigh = followed(measure).weigh
    plus, minus = (measure.plus, measure.minus) if isinstance(measure, Sum) else ((measure,), ())
    terms = [(_money.plus, *_asked(term)) for term in plus]
    terms += [(_money.minus, *_asked(term)) for term in minus]

    def weight(event: Event) -> Any:
        found = None
        for combine, names, counts in terms:
            if event.name in names and (counts is None or counts(None, event, event.at)):
                own = weigh(event)
                found = found if own is None else combine(found or 0, own)
        return found

    return weight


def _asked(term: Measure) -> tuple[frozenset[str], Any]:
    return frozenset(term.names), None if term.where is None else test(term.where, {})


def _left_alone(state: Any, _stage: Stage, _instant: datetime) -> Any:
    """Return the state: a migration in which the stay goes on does not move it."""
    return state


def _unmoved(_tally: Tally, _stage: Stage) -> None:
    """Return nothing: no entry moves it."""


def _counts_so_far(_: Tally, told: Told) -> int:
    return sum(each.count for each in told.values())


def _valued_so_far(_: Tally, told: Told) -> int:
    return sum(each.valued for each in told.values())


def _totals_so_far(tally: Tally, told: Told) -> Any:
    found = 0
    for name, each in told.items():
        if each.total is not None:
            found = _sum(tally, found, each.total, f"so_far[{name!r}].total")
    return found


def _last_so_far(_: Tally, told: Told) -> datetime | None:
    return max((each.last for each in told.values() if each.last), key=_checks.utc, default=None)


def _recent_so_far(tally: Tally, told: Told) -> Any:
    """Count the recent events, each as if it happened now."""
    state, update = KINDS[tally.kind].blank, update_of(tally)
    assert update is not None  # noqa: S101  (events move it)
    for event in sorted(chain.from_iterable(each.recent for each in told.values()), key=in_time):
        state = update(state, event)
    return state


class TallyKind(NamedTuple):
    """A kind of tally.

    Attributes:
        blank: Its state before anything has happened.
        on_event: Makes its update by an event of its names, or by any event where it has
            none; None where stages move it.
        on_entry: Makes its update by the entry into a stage; None where that is none.
        is_clock: Whether it says from where a clock counts: any event of a clock without
            names is one of activity, and a migration into a stage is an entry.
        on_stay: Returns its state where a stay goes on in a stage of another definition.
        renamed: Returns a tally and its state under the new names of stages.
        carried: Returns its state given what a customer of another definition remembers.
        so_far: Returns its state given the `SoFar` of its events in the enrollment of a
            customer in mid-life; None where nothing of it can be told.
    """

    blank: Any
    on_event: Callable[[Tally], Update] | None = None
    on_entry: Callable[[Tally, Stage], Entering | None] = _unmoved
    is_clock: bool = False
    on_stay: Callable[[Any, Stage, datetime], Any] = _left_alone
    renamed: Callable[[Tally, Any, Mapping[str, str]], tuple[Tally, Any]] = _as_they_are
    carried: Callable[[Tally, Mapping[Tally, Any]], Any] = _same
    so_far: Callable[[Tally, Told], Any] | None = None


KINDS: Mapping[str, TallyKind] = {
    "count": TallyKind(0, _counter, so_far=_counts_so_far),
    "total": TallyKind(0, _adder, so_far=_totals_so_far),
    "valued": TallyKind(0, _valued_counter, so_far=_valued_so_far),
    "last": TallyKind(None, _clock, so_far=_last_so_far),
    "window": TallyKind(EMPTY, _window, so_far=_recent_so_far),
    "fall": TallyKind(NEVER, _falling, carried=_same_measure, so_far=_recent_so_far),
    "entries": TallyKind(0, on_entry=_entered, renamed=_of_stages),
    "entry_window": TallyKind(EMPTY, on_entry=_entered_when, renamed=_of_stages),
    "previous": TallyKind(None, on_entry=_left, renamed=_a_stage),
    "dwelling": TallyKind(
        AS_ENTERED,
        on_entry=lambda _tally, stage: dwelling(stage),
        is_clock=True,
        on_stay=dwelling_on,
        renamed=_of_stays,
    ),
    "idling": TallyKind(
        RUNNING,
        _restarted,
        on_entry=lambda _tally, stage: idling(stage),
        is_clock=True,
        on_stay=idling_on,
    ),
}
"""Each kind of tally."""


def update_of(tally: Tally) -> Update | None:
    """Return how events move a tally: those for which its condition holds; None if none do."""
    make = KINDS[tally.kind].on_event
    if make is None or tally.where is None:
        return make and make(tally)
    update, counts = make(tally), test(tally.where, {})
    return lambda state, event: update(state, event) if counts(None, event, event.at) else state


def begun(tally: Tally, told: Told) -> Any:
    """Return the state with which a customer enrolled in mid-life begins.

    A `SoFar` does not say what belongs to the current stay, nor for which events a condition
    holds: the former begins blank, the latter with the events in `recent`.
    """
    row = KINDS[tally.kind]
    if row.so_far is None or tally.since_entry:
        return row.blank
    so_far = row.so_far if tally.where is None else _recent_so_far
    names = tally.names or told
    return so_far(tally, {name: told[name] for name in names if name in told})


def _sum(tally: Tally, state: Any, value: Any, path: str = "event.value") -> Any:
    try:
        found = _money.plus(state, value)
    except TypeError:
        raise _mixed(tally, value, state, path) from None
    if not _checks.finite(found):
        raise _infinite(tally, value, path)
    return found


def _mixed(tally: Tally, value: Any, so_far: Any, path: str = "event.value") -> MixedNumbersError:
    return MixedNumbersError(path, value, f"what {_said(tally)} has so far", so_far)


def _infinite(tally: Tally, value: Any, path: str = "event.value") -> InvalidValueError:
    return InvalidValueError(path, value, f"leave {_said(tally)} finite")


def _said(tally: Tally) -> str:
    names = tally.names if len(tally.names) > 1 else tally.names[0]
    return f"total({names!r})"
