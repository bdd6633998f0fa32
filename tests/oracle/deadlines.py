"""When time-outs are due (3, 4, 6, 10), each read from the whole life."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from lifecycle import Event, Lifecycle, Milestone
from oracle.lives import Examined, Happened, Migrated, State, parts_of, paused, stopped
from oracle.readings import last_of, meets, named, read, reads, terms
from oracle.times import earliest, instant, later, latest, leaves, stepped
from oracle.ways import Timer, activity_names, running

Timeout = Any


class Due(NamedTuple):
    """A time-out, when it is due, and when it was due if a migration has come since."""

    at: datetime
    deadline: datetime
    timer: Timer


def restarts(lifecycle: Lifecycle, timeout: Timeout, event: Event) -> bool:
    """Say whether an event restarts a clock."""
    match timeout.clock:
        case "dwell":
            return False
        case "falls":
            return any(weighs(term, event) for term in terms(timeout.measure))
        case "at":
            return attribute_of(timeout) in (event.sets or {})
        case _:
            names = named(timeout.event) or activity_names(lifecycle)
            return event.name in names and meets(timeout.where, event)


def attribute_of(timeout: Timeout) -> str:
    """Name the attribute that holds the date of an `at`."""
    return timeout.measure.name


def watches(timer: Timer, event: Event) -> bool:
    """Say whether an event sets an attribute that a time-out's condition reads.

    The condition of a milestone is examined once.
    """
    if isinstance(timer.way, Milestone):
        return False
    read_too = {each.name for each in reads(timer.way.when) if each.kind == "attribute"}
    return not read_too.isdisjoint(event.sets or {})


# Deadlines


def deadlines(lifecycle: Lifecycle, state: State, timeout: Timeout) -> list[datetime]:
    """Give when a clock comes to its length; only a measure can fall several times."""
    if timeout.clock == "falls":
        return [at for at in falls(timeout, state) if instant(at) >= instant(state.entered)]
    found = DEADLINE[timeout.clock](lifecycle, state, timeout)
    return [] if found is None else [found]


def idle_end(lifecycle: Lifecycle, state: State, timeout: Timeout) -> datetime | None:
    """Count from the last activity, less the time for which the clock stood still (4, 6)."""
    last = last_activity(lifecycle, state, timeout)
    end = later(stepped(last, timeout.length), stopped(state, "idle", last))
    return end and latest(state.entered, end)


def last_activity(lifecycle: Lifecycle, state: State, timeout: Timeout) -> datetime:
    """Give when a clock was last restarted, told before the enrollment or seen since."""
    events = [event.at for event in state.past if restarts(lifecycle, timeout, event)]
    if events:
        return events[-1]
    told = last_told(lifecycle, state, timeout)
    known = [at for at in told if at is not None]
    return max(known, key=instant) if known else state.enrolled


def last_told(lifecycle: Lifecycle, state: State, timeout: Timeout) -> list[datetime | None]:
    """List what was told at enrollment of when an idle clock was last restarted."""
    begun = state.begun
    if timeout.event is None and begun.last_activity is not None:
        return [begun.last_activity]
    names = named(timeout.event) or activity_names(lifecycle)
    so_far = [begun.so_far[name] for name in names if name in begun.so_far]
    recent = [event.at for event in state.recent if restarts(lifecycle, timeout, event)]
    return recent if timeout.where is not None else [last_of(told) for told in so_far]


def dwell_end(_: Lifecycle, state: State, timeout: Timeout) -> datetime | None:
    """Count from the entry or the anchor; a stay after a pause goes on with what was left."""
    number = len(state.stays) - 1
    first = parts_of(state, number)[-1]
    start, entered = anchor(state, timeout, first), state.stays[first].entered
    return later(first_step(start, timeout.length, entered), paused(state, number))


def first_step(start: datetime, length: Any, entered: datetime) -> datetime | None:
    """Give the first instant a whole number of lengths after another that is after an entry."""
    times, end = 1, stepped(start, length)
    while end is not None and instant(end) <= instant(entered):
        times += 1
        end = stepped(start, length, times)
    return end


def anchor(state: State, timeout: Timeout, number: int) -> datetime:
    """Give the instant from which the steps of a stay are counted."""
    kind = getattr(timeout, "anchor", None)
    if kind == "enrolled":
        return state.enrolled
    is_run = kind == "run" and getattr(timeout.length, "months", 0) > 0
    while is_run and renews(state, timeout, number):
        number = parts_of(state, number - 1)[-1]
    return state.stays[number].entered


def renews(state: State, timeout: Timeout, number: int) -> bool:
    """Say whether a stay goes on with a run: by a dwell of that length, at its own date."""
    stay = state.stays[number]
    if stay.cause != "timeout" or stay.stage != state.stays[number - 1].stage:
        return False
    way = stay.way.after
    is_same = way.clock == "dwell" and way.length == timeout.length and way.anchor == "run"
    return is_same and not paused(state, number - 1)


def at_end(_: Lifecycle, state: State, timeout: Timeout) -> datetime | None:
    """Read the date that the customer carries; it is never due before it was told."""
    name = attribute_of(timeout)
    date = state.attributes.get(name)
    if date is None:
        return None
    zone = state.begun.zone
    date = date if zone is None else date.astimezone(zone)
    told = [event.at for event in state.present if name in (event.sets or {})]
    if timeout.length is None:
        end: datetime | None = date
    elif timeout.before:
        end = stepped(date, timeout.length, -1) or state.entered  # before all dates
    else:
        end = stepped(date, timeout.length)
    return end and latest(state.entered, *told[-1:], end)


DEADLINE = {"idle": idle_end, "dwell": dwell_end, "at": at_end}


# Measures that fall


def weighs(measure: Any, event: Event) -> bool:
    """Say whether an event makes a difference to a measure."""
    valued = measure.kind == "count" or event.value is not None
    return valued and event.name in named(measure.name) and meets(measure.where, event)


def falls(fall: Any, state: State) -> Iterator[datetime]:
    """Give when a measure falls, in the order of time: with its last event, then as they leave.

    It is read before and after each instant at which it can change.
    """
    parts = terms(fall.measure)
    events = [*state.recent, *state.past]
    start = len(events) - len(state.present) if parts[0].since_entry else 0
    numbers = [
        number
        for number, event in enumerate(events)
        if number >= start and any(weighs(part, event) for part in parts)
    ]
    if not numbers:
        return
    last = events[numbers[-1]].at

    def above(life: State, now: datetime) -> bool:
        found = read(fall.measure, life, None, now)
        return found is not None and found >= fall.below

    held = above(state.before(numbers[-1] + 1), last)
    if above(state.before(numbers[-1]), last) and not held:
        yield last
    ends = {leaves(parts[0].within, events[number].at, last) for number in numbers}
    for end in sorted((end for end in ends if end is not None), key=instant):
        if instant(end) > instant(last):
            before, held = held, above(state, end)
            if before and not held:
                yield end


# What is due


def due_of(lifecycle: Lifecycle, state: State, timer: Timer) -> Due | None:
    """Say when a time-out is due next; what was examined rests, unless it is examined again."""
    ends = deadlines(lifecycle, state, timer.after)
    examined = [
        (place, fact)
        for place, fact in state.of(Examined)
        if fact.timer == timer.key and place > state.stays[-1].place
    ]
    if examined:
        place, fact = examined[-1]
        events = [each.event for number, each in state.of(Happened) if number > place]
        if not any(restarts(lifecycle, timer.after, event) for event in events):
            again = [event.at for event in events if watches(timer, event)]
            ends = [end for end in ends if instant(end) > instant(fact.at)]
            ends = [*again[:1], *ends] if timer.after.clock == "falls" else again[:1]
    end = earliest(ends)
    if end is None or was_reached(state, timer, end):
        return None
    own = latest(end, state.entered, state.known)
    return Due(latest(own, *state.migrated), own, timer)


def was_reached(state: State, timer: Timer, end: datetime) -> bool:
    """Say whether a milestone was due before the pause after which the stay goes on.

    One that came with a migration after the pause was not.
    """
    parts = parts_of(state, len(state.stays) - 1)
    places = [place for place, fact in state.of(Examined) if fact.timer == timer.key]
    is_new = any(place > state.stays[-1].place for place, _ in state.of(Migrated)) and not any(
        state.stay_of(place) in parts for place in places
    )
    is_over = len(parts) > 1 and instant(end) <= instant(state.entered) and not is_new
    return isinstance(timer.way, Milestone) and timer.after.clock == "dwell" and is_over


def next_due(lifecycle: Lifecycle, state: State, to: datetime | None) -> Due | None:
    """Give the earliest time-out that is due, at the same instant the first in order (8).

    What was due before a migration is taken at it, in the order in which it was due.
    """
    found = [due_of(lifecycle, state, timer) for timer in running(lifecycle, state.stage)]
    ahead = [due for due in found if due and (to is None or instant(due.at) <= instant(to))]
    return min(ahead, key=lambda due: (instant(due.at), instant(due.deadline)), default=None)
