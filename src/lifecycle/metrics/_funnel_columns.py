"""Attempts at a funnel in order, of all customers of a log at once.

An attempt goes on from row to row: each next step is filled by the first row of its event from a
threshold on, which says how far earlier rows are used up. Where rows come by customer, instant and
as they were given, p is the row of the step before, and q that of the last step with the same
event, the thresholds are:

    different_events   the first row of p's instant, and after q's instant
    allow              the first row of p's instant, and after q
    forbid             after p's instant
    as_given           after p

`_funnel_attempts` takes the rows of an instant together, and lets them fill as many steps as they
can: those that these thresholds find one by one, as a step can be filled at p's instant if and only
if a row of its event is left there. So both have the same attempt from each start.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, tzinfo
from functools import cached_property
from typing import Any, NamedTuple

from lifecycle._activity_columns import Array
from lifecycle.logs._packages import needed
from lifecycle.metrics._funnel_attempts import Attempt, Ban, Plan
from lifecycle.metrics._funnel_logs import NEVER, EventRows, LogEnds, LogPaths, instants
from lifecycle.metrics._funnel_walks import Walk

__all__ = ["AttemptColumns", "walked_at_once"]


class AttemptColumns(Sequence[Attempt]):
    """Attempts as arrays, which become tuples of instants when they are first read.

    Args:
        moments: When each step was filled: an array for each step.
        levels: How many steps each attempt filled.
        zone: The zone of the instants: UTC, or None.
    """

    def __init__(self, moments: Sequence[Array], levels: Array, zone: tzinfo | None) -> None:
        self._moments, self._levels, self._zone = moments, levels, zone

    def __len__(self) -> int:
        return len(self._levels)

    def __getitem__(self, i: Any) -> Any:
        return self._attempts[i]

    def __repr__(self) -> str:
        return repr(self._attempts)

    @cached_property
    def _attempts(self) -> tuple[Attempt, ...]:
        filled = [iter(instants(at[self._levels > k], self._zone)) for k, at in self._steps()]
        return tuple(tuple(map(next, filled[:level])) for level in self._levels.tolist())

    def _steps(self) -> Iterator[tuple[int, Array]]:
        return enumerate(self._moments)


class _Rows:
    """Rows of events, and one more behind them, for steps that no row fills.

    Attributes:
        codes: Whose each row is; -1 of the one behind.
        moments: Its instant; later than `NEVER` of the one behind.
        firsts: The first row of its customer and instant.
        nexts: The first row of the next instant, or customer.
    """

    def __init__(self, rows: EventRows) -> None:
        numpy = needed("numpy")
        self._events, self._names, self.behind = rows.events, rows.names, len(rows.codes)
        self.codes = numpy.append(rows.codes, -1)
        self.moments = numpy.append(rows.moments, NEVER + 1)
        begins = numpy.append(rows.begins(), True)  # noqa: FBT003  (the row behind)
        (firsts,) = begins.nonzero()
        instant = begins.cumsum() - 1
        self.firsts = firsts[instant]
        self.nexts = numpy.append(firsts[1:], self.behind)[instant]
        self._of: dict[str, Array] = {}

    def of(self, name: str) -> Array:
        """Return the rows of an event, and the one behind."""
        if name not in self._of:
            (found,) = (self._events == self._names.index(name)).nonzero()
            self._of[name] = needed("numpy").append(found, self.behind)
        return self._of[name]

    def next(self, name: str, thresholds: Array, codes: Array) -> Array:
        """Return the first row of an event from each threshold on, of the same customer."""
        numpy, rows = needed("numpy"), self.of(name)
        found = rows[numpy.searchsorted(rows[:-1], thresholds)]
        return numpy.where(self.codes[found] == codes, found, self.behind)


_Threshold = Callable[[_Rows, Array, Array | None], Array]


def _latest(one: Array, other: Array | None) -> Array:
    return one if other is None else needed("numpy").maximum(one, other)


_THRESHOLDS: Mapping[str, _Threshold] = {
    "different_events": lambda rows, p, q: _latest(rows.firsts[p], q if q is None else rows.nexts[q]),
    "allow": lambda rows, p, q: _latest(rows.firsts[p], q if q is None else q + 1),
    "forbid": lambda rows, p, _: rows.nexts[p],
    "as_given": lambda _, p, __: p + 1,
}
"""From which row on the next step can be filled, as above."""


class _Attempts(NamedTuple):
    """The attempts from all starts: the row that fills each step, and the instant of it.

    Attributes:
        codes: Whose each attempt is.
        steps: The rows that fill each step.
        moments: Their instants.
        ends: When the time of each attempt ends.
        levels: How many steps it fills by then.
    """

    codes: Array
    steps: Sequence[Array]
    moments: Sequence[Array]
    ends: Array
    levels: Array

    def last(self) -> Array:
        """Return the instant of the last step that each attempt fills."""
        numpy, found = needed("numpy"), self.moments[0]
        for k, at in enumerate(self.moments[1:], 1):
            found = numpy.where(self.levels > k, at, found)
        return found

    def is_struck(self, ban: Ban, rows: _Rows) -> Array:
        """Say of each attempt whether a banned event is strictly between its two steps."""
        numpy = needed("numpy")
        at = rows.moments[rows.next(ban.event, rows.nexts[self.steps[ban.after]], self.codes)]
        end = numpy.where(self.levels > ban.before, self.moments[ban.before], self.ends)
        return at < end  # which one after an unfilled step is not


def walked_at_once(paths: LogPaths, plan: Plan, ends: LogEnds | None) -> Walk:
    """Follow all customers of a log; steps are filled in order.

    Args:
        paths: The log.
        plan: What is asked.
        ends: When the time of an attempt is over; None where it has no limit.
    """
    numpy = needed("numpy")
    rows = _Rows(paths.ask(plan.events))
    found = _attempts(rows, plan, ends)
    closed = found.ends <= paths.ends_of_codes(found.codes) if plan.cut else found.levels > 0
    void = numpy.zeros(len(found.codes), dtype=bool)
    for ban in plan.bans:
        void |= found.is_struck(ban, rows)
    whose = _Customers(found.codes)
    chosen = whose.best(closed & ~void, found.levels, found.last())
    is_closed, so_far = whose.most(closed), whose.most(found.levels * ~void)
    counts, excluded, still_open = chosen >= 0, is_closed & (chosen < 0), ~is_closed
    level_of = numpy.zeros(len(paths.customers), dtype="int64")
    level_of[whose.codes[counts]] = found.levels[chosen[counts]]
    levels = dict(zip(paths.customers, level_of.tolist(), strict=True))
    for customer in paths.later:
        del levels[customer]
    converted = chosen[counts][found.levels[chosen[counts]] > 1]
    moments = [at[converted] for at in found.moments]
    names = paths.named(whose.codes[still_open])
    return Walk(
        levels,
        AttemptColumns(moments, found.levels[converted], paths.zone),
        set(paths.named(whose.codes[excluded])),
        dict(zip(names, so_far[still_open].tolist(), strict=True)),
    )


def _attempts(rows: _Rows, plan: Plan, ends: LogEnds | None) -> _Attempts:
    """Follow the attempts from all starts that may count."""
    numpy, threshold = needed("numpy"), _THRESHOLDS[plan.same_time]
    steps = [_starts(rows, plan)]
    for k, step in enumerate(plan.steps[1:], 1):
        earlier = [j for j in range(k) if plan.steps[j] == step]
        q = steps[earlier[-1]] if earlier else None
        steps.append(rows.next(step, threshold(rows, steps[-1], q), rows.codes[steps[0]]))
        if k == 1 and not plan.every:
            kept = _begins_last(rows, *steps)
            steps = [step[kept] for step in steps]
    moments = [rows.moments[step] for step in steps]
    over = numpy.full(len(moments[0]), NEVER) if ends is None else ends(moments[0])
    levels = sum(at <= over for at in moments).astype("int64")
    return _Attempts(rows.codes[steps[0]], steps, moments, over, levels)


def _starts(rows: _Rows, plan: Plan) -> Array:
    """Return the rows that begin an attempt: one of an instant, unless they stay apart."""
    starts = rows.of(plan.steps[0])[:-1]
    if plan.same_time == "as_given":
        return starts
    return starts[needed("numpy").diff(rows.firsts[starts], prepend=-1) != 0]


def _begins_last(rows: _Rows, starts: Array, seconds: Array) -> Array:
    """Say which attempts do not go on, from their second step, as one that begins later does.

    That one is as good: its time is over later, and it reaches the same.
    """
    numpy, codes = needed("numpy"), rows.codes[starts]
    found = numpy.ones(len(starts), dtype=bool)
    goes_on = (seconds[:-1] == seconds[1:]) & (codes[:-1] == codes[1:])
    found[:-1] = ~(goes_on & (seconds[1:] >= rows.nexts[starts[1:]]))
    return found


class _Customers:
    """The customers of attempts, which come customer by customer, the earliest start first.

    Attributes:
        codes: The code of each customer.
    """

    def __init__(self, codes: Array) -> None:
        begins = needed("numpy").diff(codes, prepend=-1) != 0
        (self._firsts,) = begins.nonzero()
        self._numbers = begins.cumsum() - 1
        self.codes = codes[self._firsts]

    def most(self, values: Array) -> Array:
        """Return the greatest value of each customer."""
        numpy = needed("numpy")
        return numpy.maximum.reduceat(values, self._firsts) if len(values) else values

    def best(self, counts: Array, levels: Array, last: Array) -> Array:
        """Return which attempt of each customer counts, -1 for none.

        The furthest, of these the first to get there, and of these the one that began last.
        """
        numpy = needed("numpy")
        levels = numpy.where(counts, levels, 0)
        counts = counts & (levels == self.most(levels)[self._numbers])
        since = numpy.where(counts, -last, -NEVER)
        counts &= since == self.most(since)[self._numbers]
        return self.most(numpy.where(counts, numpy.arange(len(counts)), -1))
