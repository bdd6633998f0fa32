"""Funnels: how many customers come how far through a series of steps, and how long it takes."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta, tzinfo
from operator import attrgetter
from typing import ClassVar, Literal, NamedTuple, overload

import attrs

from lifecycle import _checks, _inputs
from lifecycle._activity import Id
from lifecycle._groups import Groups
from lifecycle._lengths import Length, Period, length
from lifecycle._splits import By, by_group
from lifecycle._tables import Column, Table, in_words, percent
from lifecycle._values import call
from lifecycle.errors import InvalidValueError, UnknownNameError
from lifecycle.metrics._durations import Durations
from lifecycle.metrics._funnel_attempts import ORDERS, SAME_TIME, Attempt, Ban, Plan
from lifecycle.metrics._funnel_clocks import UntilLike
from lifecycle.metrics._funnel_columns import walked_at_once
from lifecycle.metrics._funnel_logs import LogPaths, paths_of
from lifecycle.metrics._funnel_paths import PathsLike, similar, unknown
from lifecycle.metrics._funnel_walks import Walk, walked
from lifecycle.rates import Rate

__all__ = [
    "Bin",
    "ConversionTimes",
    "Exclusion",
    "FunnelStep",
    "FunnelTable",
    "HistogramTable",
    "TimeToConvertRow",
    "TimeToConvertTable",
    "funnel",
]

_UNKNOWN_STEPS = ("report", "raise")
_OUTCOMES = ("reached", "dropped")


def _event(value: str) -> str:
    return _checks.name("event", value)


def _after(value: int) -> int:
    return _checks.whole("after", value, least=0)


def _before(value: int) -> int:
    return _checks.whole("before", value, least=0)


@attrs.frozen(repr=False, weakref_slot=False)
class Exclusion:
    """An event that must not happen between two steps of an attempt.

    Args:
        event: The name of the event.
        after: The position of the first of the two steps, from 0.
        before: The position of the second one, later than `after`.

    Raises:
        InvalidTypeError: `event` is not text, or a position is not whole.
        InvalidValueError: `event` is blank, a position is negative, or `after` is not less
            than `before`.

    Examples:
        >>> Exclusion("refund", after=1, before=2)
        Exclusion('refund', after=1, before=2)
    """

    event: str = attrs.field(converter=_event)
    after: int = attrs.field(default=0, converter=_after, kw_only=True)
    before: int = attrs.field(default=1, converter=_before, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if self.after >= self.before:
            raise InvalidValueError("after", self.after, f"be less than before, {self.before}")

    def __repr__(self) -> str:
        return call(self, "event")


@attrs.frozen(repr=False, weakref_slot=False)
class Bin:
    """One bar of a histogram.

    Attributes:
        start: The shortest time that is in it; the next bin's start is not.
        count: How many times are in it.
    """

    start: timedelta
    count: int

    def __repr__(self) -> str:
        return call(self, "start", "count")


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class HistogramTable(Table[Bin]):
    """A histogram of times, in bins of equal width.

    Attributes:
        rows: The bins, ascending.
        width: How long each of them is.
    """

    _named_by = ("start",)

    rows: tuple[Bin, ...]
    width: timedelta

    def _columns(self) -> Sequence[Column]:
        most = max((row.count for row in self.rows), default=0) or 1
        shade = lambda row: row.count / most  # noqa: E731  (as long as the column it shades)
        return (
            Column("start", timedelta, attrgetter("start")),
            Column("count", int, attrgetter("count"), shade=shade),
        )

    def _title(self) -> str:
        return f"Times in bins of {self.width}"


@attrs.frozen(repr=False, weakref_slot=False)
class ConversionTimes(Durations):
    """How long customers took from one step to a later one, each in the attempt that counts.

    As a table it has a row for each, and is shown in one line.

    Attributes:
        lengths: The times, 0 or more, which are kept in ascending order.

    Raises:
        InvalidTypeError: A length is no `timedelta`.
        InvalidValueError: A length is negative.

    Examples:
        >>> times = ConversionTimes(timedelta(hours=n) for n in (1, 2, 2, 7))
        >>> print(times)
        Times to convert: 4, median 2:00:00, mean 3:00:00
        >>> str(times.quantile(0.9)), times.within(timedelta(hours=2))
        ('5:30:00', Rate(3, 4))
    """

    _what: ClassVar = "Times to convert"

    def histogram(self, *, bins: int | None = None) -> HistogramTable:
        """Count the times in bins of one width, from the shortest time on.

        Args:
            bins: Into how many bins the times are spread, 1 or more. Without it, the cube
                root of their number, rounded up, 3 at least and 60 at most.

        Returns:
            One bin more than that, since a time at the end of the last one begins another;
            no bins where there are no times.

        Raises:
            InvalidTypeError: `bins` is not whole.
            InvalidValueError: `bins` is less than 1.

        Convention:
            These are the bins of PostHog: starts and widths are whole seconds, the width
            (longest - shortest) / bins rounded up, and 60 seconds where all times are the
            same. PostHog takes 90 bins at most.

        Examples:
            >>> times = ConversionTimes(timedelta(minutes=n) for n in (37, 60, 1380))
            >>> print(times.histogram())
            Times in bins of 7:27:40
            start     count
            0:37:00       2
            8:04:40       0
            15:32:20      0
            23:00:00      1
        """
        number = max(3, min(60, _cube_root(self.n)))
        if bins is not None:
            number = _checks.whole("bins", bins, least=1)
        if not self.lengths:
            return HistogramTable(rows=(), width=timedelta())
        second = timedelta(seconds=1)
        first, last = self.lengths[0] // second, -(-self.lengths[-1] // second)
        width = -(-(last - first) // number) or 60
        counts = Counter((length // second - first) // width for length in self.lengths)
        rows = (Bin(timedelta(seconds=first + k * width), counts[k]) for k in range(number + 1))
        return HistogramTable(rows=tuple(rows), width=timedelta(seconds=width))


def _cube_root(n: int) -> int:
    """Return the smallest whole number whose cube is at least n."""
    return bisect_left(range(60), n, key=lambda root: root**3)


def _in_order(attempts: Iterable[Attempt]) -> tuple[Attempt, ...]:
    """Return attempts as they compare: which customer comes first is no matter."""
    return tuple(sorted(attempts))


class TimeToConvertRow(NamedTuple):
    """The times from one step to a later one.

    Attributes:
        start: The step that they are counted from.
        end: The later step.
        times: The times of all customers who reached it.
    """

    start: str
    end: str
    times: ConversionTimes


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class TimeToConvertTable(Table[TimeToConvertRow]):
    """How long customers took, from each step to the next, and in all.

    Attributes:
        labels: The labels of the steps.
        filled: When each customer who reached two steps or more did so, in the attempt that
            counts.
    """

    _named_by = ("from", "to")

    labels: tuple[str, ...]
    filled: Sequence[Attempt] = attrs.field(eq=_in_order)

    @property
    def total(self) -> ConversionTimes:
        """The times from the first step to the last one, of those who reached it."""
        return self._between(0, len(self.labels) - 1)

    def between(self, first: int, last: int) -> ConversionTimes:
        """Return the times from one step to a later one.

        Args:
            first: The position of the step to count from, from 0.
            last: The position of the later one.

        Returns:
            The times of all customers who reached the later one.

        Raises:
            InvalidTypeError: A position is not whole.
            InvalidValueError: A position is out of range, or `last` is not after `first`.
        """
        start = _checks.whole("first", first, least=0)
        end = _checks.whole("last", last, least=0)
        if not start < end < len(self.labels):
            expected = f"be more than first, {start}, and at most {len(self.labels) - 1}"
            raise InvalidValueError("last", last, expected)
        return self._between(start, end)

    def _between(self, first: int, last: int) -> ConversionTimes:
        return ConversionTimes(ats[last] - ats[first] for ats in self.filled if len(ats) > last)

    @property
    def rows(self) -> Sequence[TimeToConvertRow]:
        """The rows, in the order in which they are shown."""
        ends = [(k, k + 1) for k in range(len(self.labels) - 1)]
        if len(ends) > 1:
            ends.append((0, len(ends)))
        return [
            TimeToConvertRow(self.labels[a], self.labels[b], self._between(a, b)) for a, b in ends
        ]

    def _columns(self) -> Sequence[Column]:
        return (
            Column("from", str, attrgetter("start")),
            Column("to", str, attrgetter("end")),
            Column("customers", int, attrgetter("times.n")),
            Column("mean", timedelta, attrgetter("times.mean"), _length),
            Column("median", timedelta, attrgetter("times.median"), _length),
        )

    def _title(self) -> str:
        return "Time to convert"


def _length(value: timedelta | None) -> str:
    """Show a length of time in whole seconds."""
    return in_words(value and timedelta(seconds=round(value.total_seconds())))


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class FunnelStep:
    """One step of a funnel.

    Attributes:
        position: The position of the step, from 0.
        event: The event that fills it; in any order, how many steps were filled.
        reached: The customers whose attempt came this far, or further.
        conversion_from_first: Those of the customers who reached the first step.
        conversion_from_previous: Those of the customers who reached the step before; at the
            first step, which has none, of those who reached it.
        conversion_of_all: Those of all customers of the log, but for those excluded or open.
        drop_off: How many reached the step before, and not this one; 0 at the first step.
        open: How many customers are in none of these counts, since their time to convert is
            not over by `until`; None where `until` is not given. It is the same at each step.
    """

    position: int
    event: str
    reached: int
    conversion_from_first: Rate
    conversion_from_previous: Rate
    conversion_of_all: Rate
    drop_off: int
    open: int | None = None

    def __repr__(self) -> str:
        return call(self)


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class FunnelTable(Table[FunnelStep]):
    """A funnel: how many customers reached each step.

    Attributes:
        rows: The steps, in their order.
        levels: How many steps each customer of the log reached, 0 to all.
        excluded: The customers whose every attempt was void. Their level is 0, and they are
            in no count.
        open: The customers all of whose attempts may still go on after `until`, each with the
            number of steps reached so far, 0 where exclusions void them. Their level is 0,
            and they are in no count.
        unknown_steps: The steps that no event of the log has, up to `until`.
        similar_events: For each of these the event that is most like it, None where none is.
        time_to_convert: How long it took from step to step, and in all.
        until: Up to when the log is known; None where it was not given, and attempts that
            may still go on count as they are at the end of the log.
        within: How long an attempt may last, or None.
        order: "ordered", "strict" or "any".
        same_time: "different_events", "allow", "forbid" or "as_given".
        exclusions: What voids an attempt.
    """

    _named_by = ("step", "position")

    rows: tuple[FunnelStep, ...]
    levels: Mapping[Id, int] = attrs.field(hash=False)
    excluded: frozenset[Id]
    open: Mapping[Id, int] = attrs.field(hash=False)
    unknown_steps: tuple[str, ...]
    similar_events: tuple[str | None, ...]
    time_to_convert: TimeToConvertTable
    until: UntilLike | None = attrs.field(hash=False)
    within: Length | None
    order: str
    same_time: str
    exclusions: tuple[Exclusion, ...]

    def __repr__(self) -> str:
        customers = f"<{len(self.levels)} customers>"
        until = "<by customer>" if isinstance(self.until, Mapping) else repr(self.until)
        shown = f"levels={customers}, until={until}, order={self.order!r}"
        return f"FunnelTable(rows={self.rows!r}, {shown})"

    def customers(
        self, step: int | str, *, outcome: Literal["reached", "dropped"] = "reached"
    ) -> frozenset[Id]:
        """Return who reached a step, or was lost on the way to it.

        Args:
            step: The position of the step, from 0, or its event where only one step has it.
            outcome: "reached" for those who came this far, or further; "dropped" for those
                who reached the step before, and not this one.

        Returns:
            The customers: as many as the step's `reached`, or its `drop_off`.

        Raises:
            InvalidTypeError: `step` is neither a whole number nor text.
            InvalidValueError: `step` is out of range, or an event that several steps have.
            UnknownNameError: No step has this event, or `outcome` is neither.

        Convention:
            PostHog counts steps from 1, and Amplitude lists those lost with the step they
            had reached.
        """
        _checks.choice("outcome", outcome, _OUTCOMES)
        position = self._position(step)
        if outcome == "reached":
            return frozenset(who for who, level in self.levels.items() if level > position)
        return frozenset(who for who, level in self.levels.items() if 0 < level == position)

    def _position(self, step: int | str) -> int:
        if isinstance(step, str):
            places = [row.position for row in self.rows if row.event == step]
            if not places:
                raise UnknownNameError("step", step, [row.event for row in self.rows])
            if len(places) > 1:
                expected = f"be the position of one of its steps, {places}"
                raise InvalidValueError("step", step, expected)
            return places[0]
        position = _checks.whole("step", step, least=0)
        if position >= len(self.rows):
            raise InvalidValueError("step", step, f"be at most {len(self.rows) - 1}")
        return position

    def _columns(self) -> Sequence[Column]:
        return (
            Column("step", str, attrgetter("event")),
            Column("position", int, attrgetter("position"), aside=True),
            Column("reached", int, attrgetter("reached")),
            *(
                Column(name, float, attrgetter(f"conversion_{name}.value"), percent, shade)
                for name, shade in (
                    ("from_first", attrgetter("conversion_from_first.value")),
                    ("from_previous", None),
                    ("of_all", None),
                )
            ),
            Column("drop_off", int, attrgetter("drop_off")),
            Column("open", int, attrgetter("open"), aside=self.until is None),
        )

    def _title(self) -> str:
        window = "without a limit" if self.within is None else f"within {in_words(self.within)}"
        return f"Funnel, {_TITLES[self.order]}, {window}{self._known_until()}"

    def _known_until(self) -> str:
        if self.until is None:
            return "" if self.within is None else ", until not given"
        return ", until by customer" if isinstance(self.until, Mapping) else f", until {self.until}"

    def _notes(self) -> Sequence[str]:
        return unknown("step", self.unknown_steps, self.similar_events)


_TITLES = {"ordered": "in order", "strict": "in strict order", "any": "in any order"}


@overload
def funnel(
    paths: PathsLike,
    *,
    steps: Iterable[str],
    within: Length | None = None,
    until: UntilLike | None = None,
    order: Literal["ordered", "strict", "any"] = "ordered",
    same_time: Literal["different_events", "allow", "forbid", "as_given"] = "different_events",
    exclusions: Iterable[Exclusion] = (),
    unknown_steps: Literal["report", "raise"] = "report",
    zone: str | tzinfo = "UTC",
    by: None = None,
) -> FunnelTable: ...
@overload
def funnel(
    paths: PathsLike,
    *,
    steps: Iterable[str],
    within: Length | None = None,
    until: UntilLike | None = None,
    order: Literal["ordered", "strict", "any"] = "ordered",
    same_time: Literal["different_events", "allow", "forbid", "as_given"] = "different_events",
    exclusions: Iterable[Exclusion] = (),
    unknown_steps: Literal["report", "raise"] = "report",
    zone: str | tzinfo = "UTC",
    by: By,
) -> Groups[FunnelTable]: ...
@by_group("paths")
def funnel(  # noqa: PLR0913  (each is a choice that funnels make differently)
    paths: PathsLike,
    *,
    steps: Iterable[str],
    within: Length | None = None,
    until: UntilLike | None = None,
    order: Literal["ordered", "strict", "any"] = "ordered",
    same_time: Literal["different_events", "allow", "forbid", "as_given"] = "different_events",
    exclusions: Iterable[Exclusion] = (),
    unknown_steps: Literal["report", "raise"] = "report",
    zone: str | tzinfo = "UTC",
) -> FunnelTable:
    """Count the customers who reached each of a series of steps.

    An attempt begins with an event of the first step. Each next step is filled by the
    earliest event that can fill it, and one event fills one step. Of a customer's attempts
    that which reaches furthest counts; among equals the first to get there, and of those
    the one that began last.

    Args:
        paths: What each customer did: a mapping from customers to (at, event) pairs, or
            (customer, at, event) rows, in any order, such as a log. Customers are text or whole
            numbers; instants are datetimes with a time zone, or dates and datetimes without one.
        steps: The events of the steps, one or more; an event may be there repeatedly.
        within: How long an attempt may last from its first step, both ends included: a
            `timedelta` or a `Period`, of months too, which are counted on the calendar of
            `zone` (on that of the instants themselves where they have no time zone); None for
            no limit.
        until: Up to and including when the log is known: an instant, or a date for its whole
            day; or a mapping from customers to theirs. Later rows are ignored, and with
            `within` an attempt counts once its time is over. Without it, every attempt
            counts as it is at the end of the log.
        order: "ordered" lets other events happen in between; "strict" does not: any other
            event, or a repeat, ends the attempt; in "any" an attempt begins with the event
            of any step, and level k means that k steps were filled.
        same_time: Which events of one instant may fill steps of one attempt, in whichever
            order helps it. "different_events": one of each name, so that a repeated step
            must be later; "allow": all; "forbid": one, so that each step is later than the
            one before. "as_given": all, in the order of the rows, where that is known.
        exclusions: What voids an attempt: an event strictly between two of its steps, or up
            to the end of the window where the second of them is not reached.
        unknown_steps: What to do with steps that no event of the log has: "report" lists
            them in the result, "raise" refuses them.
        zone: In which zone a day of `until` ends, and months are counted, where the paths
            have a time zone.
        by: What to split the rows by: the name of an attribute of the log, or a mapping of
            customers to groups. None for one table of all.

    Returns:
        The customers at each step, with rates; the level of each; and the times they took. With
        `by`, such a table for each group.

    Raises:
        InvalidTypeError: An argument, or a row, is of another type.
        InvalidValueError: There are no steps, `within` is negative, or an exclusion is out
            of range, or partial in any order.
        MixedInstantsError: Some instants have a time zone, and others have none.
        UnknownNameError: An option is not one of those listed, or a step is unknown where that
            is refused.

    Convention:
        The best attempt counts, as in PostHog. Amplitude and Mixpanel count the first
        attempt, or every one. "different_events" is the rule of PostHog; ClickHouse's
        `strict_increase` and Retentioneering are "forbid". Rates are of the customers at the
        first step; Retentioneering divides by all customers of the log, which is
        `conversion_of_all`.
        An attempt is open while `until` is before its start + `within`. Open attempts do not
        count, even those that have converted: counting the quick ones without the slow ones
        would make the rates too high. A customer with open attempts only is in `open`.
        PostHog and most other tools count those who have not converted as lost, and so does
        this function without `until`: the rates are then too low if the log ends less than
        `within` after the last start.

    Examples:
        >>> day = timedelta(days=1)
        >>> start = datetime(2026, 5, 1)
        >>> found = funnel(
        ...     {
        ...         "ann": [(start, "cart"), (start + day, "paid")],
        ...         "bob": [(start, "cart"), (start + 20 * day, "paid")],
        ...         "cy": [(start, "view")],
        ...         "di": [(start + 29 * day, "cart")],
        ...     },
        ...     steps=("cart", "paid"),
        ...     within=14 * day,
        ...     until=date(2026, 5, 31),
        ... )
        >>> print(found)
        Funnel, in order, within 14 days, until 2026-05-31
        step  reached  from_first  from_previous  of_all  drop_off  open
        cart        2      100.0%         100.0%   66.7%         0     1
        paid        1       50.0%          50.0%   33.3%         1     1
        >>> found.row("paid").conversion_from_first
        Rate(1, 2)
        >>> found.customers("paid", outcome="dropped")
        frozenset({'bob'})
        >>> found.open
        {'di': 1}
    """
    _checks.choice("order", order, ORDERS)
    _checks.choice("same_time", same_time, SAME_TIME)
    _checks.choice("unknown_steps", unknown_steps, _UNKNOWN_STEPS)
    names = _steps(steps)
    banned = _exclusions(exclusions, order, len(names))
    limit = None if within is None else length("within", within, zero=True)
    read = paths_of("paths", paths, until, zone)
    plan = Plan(
        names,
        ends=None if limit is None else read.ends(limit),
        is_elapsed=not isinstance(limit, Period),
        same_time=same_time,
        bans=tuple(Ban(ban.event, ban.after, ban.before) for ban in banned),
        cut=until is not None and limit is not None,
    )
    if isinstance(read, LogPaths) and order == "ordered":
        walk = walked_at_once(read, plan, None if limit is None else read.log_ends(limit))
    else:
        walk = walked(read, order, plan)
    missing = read.missing(dict.fromkeys(names))
    if missing and unknown_steps == "raise":
        known = sorted({*read.events} - {*missing})
        raise UnknownNameError(f"steps[{names.index(missing[0])}]", missing[0], known)
    any_step = (f"{k} of {len(names)}" for k in range(1, len(names) + 1))
    labels = tuple(any_step) if order == "any" else names
    return FunnelTable(
        rows=_counted(labels, walk, None if until is None else len(walk.open)),
        levels=walk.levels,
        excluded=frozenset(walk.excluded),
        open=walk.open,
        unknown_steps=missing,
        similar_events=similar(missing, read.events),
        time_to_convert=TimeToConvertTable(labels=labels, filled=walk.filled),
        until=until,
        within=limit,
        order=order,
        same_time=same_time,
        exclusions=banned,
    )


def _steps(steps: Iterable[str]) -> tuple[str, ...]:
    given = tuple(_inputs.series("steps", steps))
    if not given:
        raise InvalidValueError("steps", given, "name at least one event")
    return tuple(_checks.name(f"steps[{k}]", step) for k, step in enumerate(given))


def _exclusions(given: Iterable[Exclusion], order: str, number: int) -> tuple[Exclusion, ...]:
    exclusions = tuple(_inputs.series("exclusions", given))
    for i, exclusion in enumerate(exclusions):
        _checks.instance(f"exclusions[{i}]", exclusion, Exclusion)
        if exclusion.before >= number:
            expected = f"be at most {number - 1}, the last step"
            raise InvalidValueError(f"exclusions[{i}].before", exclusion.before, expected)
        if order == "any" and (exclusion.after, exclusion.before) != (0, number - 1):
            expected = f"go from step 0 to step {number - 1} where steps come in any order"
            raise InvalidValueError(f"exclusions[{i}]", exclusion, expected)
    return exclusions


def _counted(labels: Sequence[str], walk: Walk, still_open: int | None) -> tuple[FunnelStep, ...]:
    everyone = len(walk.levels) - len(walk.excluded) - len(walk.open)
    counts = walk.counts.items()
    reached = [sum(n for level, n in counts if level > k) for k in range(len(labels))]
    before = [reached[0], *reached]
    return tuple(
        FunnelStep(
            position=k,
            event=label,
            reached=reached[k],
            conversion_from_first=Rate(reached[k], reached[0]),
            conversion_from_previous=Rate(reached[k], before[k]),
            conversion_of_all=Rate(reached[k], everyone),
            drop_off=before[k] - reached[k],
            open=still_open,
        )
        for k, label in enumerate(labels)
    )
