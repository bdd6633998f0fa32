"""Strategies for what happens to customers of a lifecycle: events, logs, journeys.

What is drawn is what the definition tells apart: values about its thresholds, instants
about its deadlines. A log that is drawn blindly almost never meets a deadline, and a
mistake of one instant hides there.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from lifecycle import _checks
from lifecycle.engine.customers import Customer
from lifecycle.engine.definition import Lifecycle
from lifecycle.engine.events import Event
from lifecycle.engine.journeys import Journey
from lifecycle.errors import InvalidTypeError, InvalidValueError
from lifecycle.testing._hypothesis import st
from lifecycle.testing._vocabulary import (
    START,
    TICK,
    Fact,
    Vocabulary,
    dated,
    nominal,
    shifted,
    soon,
    vocabulary,
)

__all__ = ["events", "journeys", "logs"]

Values = Mapping[str, st.SearchStrategy[Any]]
"""What values the events of a name have."""


def events(
    lifecycle: Lifecycle,
    *,
    at: st.SearchStrategy[datetime] | None = None,
    values: Values | None = None,
    examples: Iterable[Event] = (),
) -> st.SearchStrategy[Event]:
    """Draw an event that a lifecycle knows.

    Args:
        lifecycle: The definition.
        at: When it can happen; the start of 2026 in UTC by default.
        values: By event name, which values it can have. By default, an event has a value
            only where a condition reads it, and then mostly one at or about a threshold.
        examples: Events that are drawn too, each at an instant of `at` instead of its own.

    Returns:
        A strategy for events without an id.

    Raises:
        InvalidTypeError: An argument is of another type.
        UnknownNameError: `values` or an example names an event that the lifecycle does
            not know.

    Examples:
        >>> from hypothesis import find
        >>> shop = presets.retail()
        >>> find(events(shop), lambda event: event.name == "purchase").name
        'purchase'
    """
    instants = st.just(START) if at is None else _strategy("at", at)
    words = vocabulary(lifecycle, examples)
    if not words.facts:
        raise InvalidValueError("lifecycle", lifecycle.name, "know an event")
    return st.builds(Fact.at, _facts(words, _values(lifecycle, values)), instants)


def logs(  # noqa: PLR0913  (keywords, each with its default)
    lifecycle: Lifecycle,
    *,
    start: datetime = START,
    max_size: int = 12,
    attributes: Mapping[str, object] | None = None,
    values: Values | None = None,
    examples: Iterable[Event] = (),
) -> st.SearchStrategy[list[Event]]:
    """Draw the log of one customer, whose events like to meet deadlines.

    Args:
        lifecycle: The definition.
        start: When the customer enrolls, with a time zone or without; no event lies before.
        max_size: How many events there are at most; at least 0.
        attributes: What is known of the customer then.
        values: As in `events`.
        examples: As in `events`.

    Returns:
        A strategy for lists of events in the order in which they happened, each with an id
        of its own, and in some logs with a `sequence`. The next event comes at once, soon,
        1 microsecond before, at or after the next deadline, after one of the definition's
        lengths of time, or at random.

    Raises:
        InvalidTypeError: An argument is of another type.
        InvalidValueError: `max_size` is negative.
        UnknownNameError: As `events`.

    Examples:
        >>> from hypothesis import find
        >>> shop = presets.retail()
        >>> [event.name for event in find(logs(shop), lambda log: len(log) == 2)]
        ['purchase', 'purchase']
    """
    words = vocabulary(lifecycle, examples)
    told = _checks.attributes("attributes", attributes)
    histories = _histories(_Setting(lifecycle, words, start, (told,)), max_size, values)
    return histories.map(lambda history: list(history.journey.events))


def journeys(  # noqa: PLR0913  (as logs)
    lifecycle: Lifecycle,
    *,
    start: datetime = START,
    max_size: int = 12,
    attributes: Mapping[str, object] | None = None,
    values: Values | None = None,
    examples: Iterable[Event] = (),
) -> st.SearchStrategy[Journey]:
    """Draw the journey of one customer, up to an instant that likes to meet a deadline.

    Args:
        lifecycle: The definition.
        start: When the customer enrolls.
        max_size: How many events there are at most; at least 0.
        attributes: What is known of the customer then. By default, it is drawn from what
            conditions ask of attributes.
        values: As in `events`.
        examples: As in `events`.

    Returns:
        A strategy for journeys, each known until its last event or later.

    Raises:
        LifecycleError: As `logs`.

    Examples:
        >>> from hypothesis import find
        >>> shop = presets.retail()
        >>> find(journeys(shop), lambda ann: ann.customer.stage == "loyal").customer.id
        'ann'
    """
    words = vocabulary(lifecycle, examples)
    told = _checks.attributes("attributes", attributes)
    beginnings = words.beginnings if attributes is None else (told,)
    histories = _histories(_Setting(lifecycle, words, start, beginnings), max_size, values)
    return histories.flatmap(
        lambda history: history.instants.map(
            lambda until: history.setting.replay(history.journey.events, history.told, until)
        )
    )


class _Setting(NamedTuple):
    """Whose events are drawn."""

    lifecycle: Lifecycle
    words: Vocabulary
    start: datetime
    beginnings: tuple[Mapping[str, object], ...]

    def replay(
        self, events: Iterable[Event], told: Mapping[str, object], until: datetime | None = None
    ) -> Journey:
        return self.lifecycle.replay("ann", events, since=self.start, until=until, attributes=told)


class _History(NamedTuple):
    """What was drawn of one customer: what was known of it at first, and what happened."""

    setting: _Setting
    told: Mapping[str, object]
    journey: Journey

    @property
    def instants(self) -> st.SearchStrategy[datetime]:
        """When more can be known."""
        events = self.journey.events
        last = events[-1].at if events else self.setting.start
        return _instants(self.setting, self.journey.customer, last)


def _histories(
    setting: _Setting, max_size: int, values: Values | None
) -> st.SearchStrategy[_History]:
    start = _checks.instant("start", setting.start)
    most, given = _checks.whole("max_size", max_size, least=0), _values(setting.lifecycle, values)
    facts = _facts(setting.words, given) if setting.words.facts else st.nothing()
    rows = st.lists(facts, max_size=most if setting.words.facts else 0)
    return _drawn(setting._replace(start=start), rows)


@st.composite
def _drawn(draw: st.DrawFn, setting: _Setting, rows: st.SearchStrategy[list[Fact]]) -> _History:
    told = dated(draw(st.sampled_from(setting.beginnings)), setting.start)
    numbered = draw(st.booleans())
    customer = setting.lifecycle.enroll("ann", at=setting.start, attributes=told)
    last = setting.start
    log = []
    for number, fact in enumerate(draw(rows), start=1):
        last = draw(_instants(setting, customer, last))
        log.append(fact.at(last, number, number if numbered and draw(st.booleans()) else None))
        customer = setting.lifecycle.apply(customer, log[-1]).customer
    return _History(setting, told, setting.replay(log, told))


def _instants(setting: _Setting, customer: Customer, last: datetime) -> st.SearchStrategy[datetime]:
    """Draw an instant at or after the last one: one that means something, or any."""
    lengths = setting.words.lengths
    deadline = setting.lifecycle.due(customer)
    soon_after = [soon(lengths).after(last), None if deadline is None else deadline.at]
    marks = [mark for mark in (*soon_after, *(each.after(last) for each in lengths)) if mark]
    near = [shifted(mark, offset) for mark in marks for offset in (timedelta(0), -TICK, TICK)]
    least = _checks.utc(last)
    meant = [at for at in near if at is not None and _checks.utc(at) >= least]
    longest = max(map(nominal, lengths), default=timedelta(days=1))
    return st.sampled_from([*meant, last]) | st.timedeltas(timedelta(0), 2 * longest).map(
        lambda later: shifted(last, later) or last
    )


def _facts(words: Vocabulary, values: Values) -> st.SearchStrategy[Fact]:
    """Draw what happens, each event as often as the others."""
    by_name: dict[str, list[Fact]] = {}
    for fact in words.facts:
        by_name.setdefault(fact.name, []).append(fact)
    return st.one_of(
        *(
            _valued(st.sampled_from(facts), values.get(name), words.thresholds.get(name, ()))
            for name, facts in by_name.items()
        )
    )


def _valued(
    facts: st.SearchStrategy[Fact],
    values: st.SearchStrategy[Any] | None,
    thresholds: tuple[Any, ...],
) -> st.SearchStrategy[Fact]:
    """Give facts other values: those asked for, or any between the thresholds."""
    if values is None and not thresholds:
        return facts
    others = _between(thresholds) if values is None else values
    valued = st.builds(lambda fact, value: fact._replace(value=value), facts, others)
    return facts | valued if values is None else valued


def _between(thresholds: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    least, most = min(0, thresholds[0]), 2 * thresholds[-1]
    least, most = min(least, most), max(least, most)
    if isinstance(most, Decimal):
        return st.decimals(least, most, places=2)
    return st.floats(least, most) if isinstance(most, float) else st.integers(least, most)


def _values(lifecycle: Lifecycle, values: Values | None) -> Values:
    if values is None:
        return {}
    if not isinstance(values, Mapping):
        raise InvalidTypeError("values", values, "be a mapping from event names to strategies")
    for name, strategy in values.items():
        _checks.choice("a key of values", name, lifecycle._tables.reactions)
        _strategy(f"values[{name!r}]", strategy)
    return values


def _strategy(argument: str, given: Any) -> st.SearchStrategy[Any]:
    if not isinstance(given, st.SearchStrategy):
        raise InvalidTypeError(argument, given, "be a strategy of Hypothesis")
    return given
