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
from datetime import tzinfo
from functools import cached_property, partial
from typing import Any, NamedTuple

from lifecycle._activity import Id
from lifecycle._activity_columns import Array
from lifecycle._packages import needed
from lifecycle.metrics._funnel_attempts import Attempt, Ban, Plan
from lifecycle.metrics._funnel_logs import NEVER, EventRows, LogEnds, LogPaths, changes, instants
from lifecycle.metrics._funnel_walks import Walk

__all__ = ["AttemptColumns", "CustomerLevels", "walked_at_once"]


class CustomerLevels(Mapping[Id, int]):
    """How many steps customers filled, as arrays, which become a dict when they are first read.

    Args:
        customers: The customers.
        levels: Their levels.
    """

    def __init__(self, customers: Sequence[Id], levels: Array) -> None:
        self._columns = customers, levels

    def __len__(self) -> int:
        return len(self._columns[1])

    def __iter__(self) -> Iterator[Id]:
        return iter(self._levels)

    def __getitem__(self, customer: Id) -> int:
        return self._levels[customer]

    def __repr__(self) -> str:
        return repr(self._levels)

    def __reduce__(self) -> Any:
        return dict, (self._levels,)

    @cached_property
    def _levels(self) -> dict[Id, int]:
        customers, levels = self._columns
        return dict(zip(customers, levels.tolist(), strict=True))


class AttemptColumns(Sequence[Attempt]):
    """Attempts as arrays, which become tuples of instants when they are first read.

    Args:
        levels: How many steps each attempt filled.
        moments: What returns when each step was filled: an array for each step.
        zone: The zone of the instants: UTC, or None.
    """

    def __init__(
        self, levels: Array, moments: Callable[[], Sequence[Array]], zone: tzinfo | None
    ) -> None:
        self._columns = levels, moments, zone

    def __len__(self) -> int:
        return len(self._columns[0])

    def __getitem__(self, i: Any) -> Any:
        return self._attempts[i]

    def __eq__(self, other: object) -> bool:
        return self._attempts == (other._attempts if isinstance(other, AttemptColumns) else other)

    def __hash__(self) -> int:
        return hash(self._attempts)

    def __repr__(self) -> str:
        return repr(self._attempts)

    def __reduce__(self) -> Any:
        return tuple, (self._attempts,)

    @cached_property
    def _attempts(self) -> tuple[Attempt, ...]:
        levels, moments, zone = self._columns
        filled = [iter(instants(at[levels > k], zone)) for k, at in enumerate(moments())]
        return tuple(tuple(map(next, filled[:level])) for level in levels.tolist())


class _Rows:
    """Rows of events, and one more behind them, for steps that no row fills.

    Attributes:
        codes: Whose each row is; -1 of the one behind.
        moments: Its instant; later than `NEVER` of the one behind.
        behind: The number of the one behind.
    """

    def __init__(self, rows: EventRows) -> None:
        numpy = needed("numpy")
        self._rows, self.behind = rows, len(rows.codes)
        self.codes = numpy.append(rows.codes, -1)
        self.moments = numpy.append(rows.moments, NEVER + 1)
        self._of: dict[str, Array] = {}

    @cached_property
    def _begins(self) -> Array:
        """Whether each row is the first of its customer and its instant."""
        return changes(self.codes) | changes(self.moments)

    @cached_property
    def firsts(self) -> Array:
        """The first row of the same customer and instant."""
        numpy = needed("numpy")
        rows = numpy.arange(self.behind + 1) * self._begins
        return numpy.maximum.accumulate(rows, out=rows)

    @cached_property
    def nexts(self) -> Array:
        """The first row of the next instant, or customer."""
        (firsts,) = self._begins.nonzero()
        return needed("numpy").append(firsts[1:], self.behind)[self._begins.cumsum() - 1]

    def of(self, name: str) -> Array:
        """Return the rows of an event, and the one behind."""
        if name not in self._of:
            (found,) = (self._rows.events == self._rows.names.index(name)).nonzero()
            self._of[name] = needed("numpy").append(found, self.behind)
        return self._of[name]

    def next(self, name: str, thresholds: Array, codes: Array) -> Array:
        """Return the first row of an event from each threshold on, of the same customer."""
        numpy, rows = needed("numpy"), self.of(name)
        found = rows[numpy.searchsorted(rows[:-1], thresholds)]
        return numpy.where(self.codes[found] == codes, found, self.behind)


_Threshold = Callable[[_Rows, Array, Array | None], Array]


def _after(instant: Array, q: Array | None, behind: Callable[[Array], Array]) -> Array:
    return instant if q is None else needed("numpy").maximum(instant, behind(q))


_THRESHOLDS: Mapping[str, _Threshold] = {
    "different_events": lambda rows, p, q: _after(rows.firsts[p], q, lambda row: rows.nexts[row]),
    "allow": lambda rows, p, q: _after(rows.firsts[p], q, lambda row: row + 1),
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

    def instants_of(self, chosen: Array) -> Sequence[Array]:
        """Return when each step of some attempts was filled."""
        return [at[chosen] for at in self.moments]

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
    rows = _Rows(paths.ask(plan.events))
    starts = _starts(rows, plan)
    if ends is None and not plan.bans:
        return _without_limit(paths, rows, starts, plan)
    return _with_limits(paths, rows, _attempts(rows, starts, plan, ends), plan)


def _without_limit(paths: LogPaths, rows: _Rows, starts: Array, plan: Plan) -> Walk:
    """Follow the earliest attempt of each customer, which reaches the furthest.

    That which counts is one that begins as late as can be, and gets there as soon: it is looked
    for where its instants are asked for.
    """
    earliest = starts.compress(changes(rows.codes[starts]))
    found = _attempts(rows, earliest, plan)
    levels = found.levels[found.levels > 1]
    filled = AttemptColumns(levels, partial(_filled, rows, starts, plan), paths.zone)
    return _walk(paths, found.codes, found.levels, filled)


def _filled(rows: _Rows, starts: Array, plan: Plan) -> Sequence[Array]:
    found = _attempts(rows, starts, plan, is_thinned=True)
    chosen = _Customers(found.codes).best(found.levels > 0, found.levels, found.last())
    return found.instants_of(chosen[found.levels[chosen] > 1])


def _with_limits(paths: LogPaths, rows: _Rows, found: _Attempts, plan: Plan) -> Walk:
    """Choose among all attempts of each customer those that count: not open, and not void."""
    numpy = needed("numpy")
    closed = found.ends <= paths.ends_of_codes(found.codes) if plan.cut else found.levels > 0
    void = numpy.zeros(len(found.codes), dtype=bool)
    for ban in plan.bans:
        void |= found.is_struck(ban, rows)
    whose = _Customers(found.codes)
    chosen = whose.best(closed & ~void, found.levels, found.last())
    counts, is_closed = chosen >= 0, whose.most(closed)
    excluded, still_open = is_closed & ~counts, ~is_closed
    chosen, so_far = chosen[counts], whose.most(found.levels * ~void)[still_open]
    converted = chosen[found.levels[chosen] > 1]
    moments = partial(found.instants_of, converted)
    walk = _walk(
        paths,
        whose.codes[counts],
        found.levels[chosen],
        AttemptColumns(found.levels[converted], moments, paths.zone),
    )
    walk.excluded.update(paths.named(whose.codes[excluded]))
    walk.open.update(zip(paths.named(whose.codes[still_open]), so_far.tolist(), strict=True))
    return walk


def _walk(paths: LogPaths, codes: Array, levels: Array, filled: AttemptColumns) -> Walk:
    """Return how far customers came; those of other codes fill no step."""
    numpy = needed("numpy")
    level_of = numpy.zeros(len(paths.customers), dtype="int64")
    level_of[codes] = levels
    known = paths.is_known
    customers = paths.customers if known.all() else paths.named(known.nonzero()[0])
    counts = dict(enumerate(numpy.bincount(levels).tolist()))
    return Walk(CustomerLevels(customers, level_of[known]), counts, filled, set(), {})


def _attempts(
    rows: _Rows, starts: Array, plan: Plan, ends: LogEnds | None = None, *, is_thinned: bool = False
) -> _Attempts:
    """Follow the attempts from some starts; thinned, those that begin last of those alike."""
    numpy, threshold = needed("numpy"), _THRESHOLDS[plan.same_time]
    steps = [starts]
    for k, step in enumerate(plan.steps[1:], 1):
        earlier = [j for j in range(k) if plan.steps[j] == step]
        q = steps[earlier[-1]] if earlier else None
        steps.append(rows.next(step, threshold(rows, steps[-1], q), rows.codes[steps[0]]))
        if k == 1 and is_thinned:
            kept = _begins_last(rows, *steps)
            steps = [step.compress(kept) for step in steps]
    moments = [rows.moments[step] for step in steps]
    over = numpy.full(len(steps[0]), NEVER) if ends is None else ends(moments[0])
    levels = sum(at <= over for at in moments[1:]) + numpy.ones(len(steps[0]), dtype="int64")
    return _Attempts(rows.codes[steps[0]], steps, moments, over, levels)


def _starts(rows: _Rows, plan: Plan) -> Array:
    """Return the rows that begin an attempt: one of an instant, unless they stay apart."""
    starts = rows.of(plan.steps[0])[:-1]
    if plan.same_time == "as_given":
        return starts
    return starts.compress(changes(rows.firsts[starts]))


def _begins_last(rows: _Rows, starts: Array, seconds: Array) -> Array:
    """Say which attempts do not go on, from their second step, as one that begins later does.

    That one is as good where there is no limit to the time of an attempt.
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
        begins = changes(codes)
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
