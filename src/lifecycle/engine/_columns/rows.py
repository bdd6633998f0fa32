"""The events of many customers in columns, in the order in which they count."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

import attrs
import numpy as np

from lifecycle import _checks
from lifecycle._checks import Id
from lifecycle.engine._columns.amounts import EventValues, Units, amounts, units
from lifecycle.engine._columns.clocks import LAST
from lifecycle.engine._columns.edges import NONE, Array
from lifecycle.engine._compiled import Tables
from lifecycle.engine._evaluation import test
from lifecycle.engine.conditions import Criterion
from lifecycle.engine.enrollments import UNDATED
from lifecycle.engine.events import Event
from lifecycle.errors import UnknownNameError
from lifecycle.logs import EventLog
from lifecycle.logs._columns import local_time

__all__ = ["Rows"]


@attrs.frozen(eq=False, slots=False)
class Rows:
    """The rows of a log by customer, instant, sequence, name and id, each id once.

    Attributes:
        log: The log.
        starts: Where the rows of each customer begin, and, last, how many there are.
        numbers: The number of each row in the log.
        micros: When each event happened, in microseconds since 1970.
        events: Which event each row is, by its rank in the definition.
        sequences: The place of each row of the log in the order of its source, -1 for none;
            None where no row has one.
        doubtful: The customers who have two events of one id and different content.
    """

    log: EventLog
    starts: Array
    numbers: Array
    micros: Array
    events: Array
    sequences: Array | None
    doubtful: Array

    @classmethod
    def of(cls, tables: Tables, log: EventLog, sequences: Array | None = None) -> "Rows":
        """Put the rows of a log in the order in which their events count.

        Raises:
            InvalidValueError: The log has no column of events.
            UnknownNameError: The definition does not know an event.
        """
        if not log._has("event"):
            log._read("log", ("event",))  # which says so
        grouped, columns = log.grouped, log._columns
        starts, numbers = grouped.starts, grouped.rows
        events = _ranks(tables, log.events)[columns["event"].codes]  # type: ignore[union-attr]
        numbers = _settled(log, starts, numbers, events, sequences)
        starts, numbers, doubtful = _distinct(log, starts, numbers, sequences)
        micros = columns["at"].micros  # type: ignore[union-attr]
        if len(numbers) < len(log) or (numbers[1:] < numbers[:-1]).any():
            micros, events = micros[numbers], events[numbers]
        return cls(log, starts, numbers, micros, events, sequences, doubtful)

    @property
    def first(self) -> datetime:
        """The instant of a row, as the log shows it."""
        return local_time(self.log._at.take([0]).items()[0])

    @cached_property
    def last(self) -> int:
        """The last instant that there is in the zones of the log, in microseconds."""
        zones = [form.zone for form in self.log._at.forms if form.zone is not None]
        ahead = [zone.utcoffset(datetime.max.replace(tzinfo=zone)) for zone in zones]
        return LAST - max([0, *(by // by.resolution for by in ahead if by is not None)])

    @cached_property
    def amounts(self) -> EventValues | None:
        """The values of the rows; None where they are no numbers of arrays."""
        column = self.log._columns.get("value")
        values = None if column is None else column.values[self.numbers]  # type: ignore[union-attr]
        return amounts(values, len(self.numbers))

    @cached_property
    def units(self) -> Units | None:
        """The values in whole units; None where there is no unit of which all are multiples."""
        return None if self.amounts is None else units(self.amounts)

    def told(self, criterion: Criterion) -> Array:
        """Say of each row whether an attribute of its event meets a criterion."""
        (name,) = criterion.measure.names  # type: ignore[union-attr]  # attributes are not added
        column = None if name in _OWN else self.log._columns.get(name)
        if column is None:
            return np.zeros(len(self.numbers), dtype=bool)
        codes, values = _coded(column)
        holds = test(criterion, {})
        events = [Event("told", UNDATED, attributes={name: value}) for value in values]
        return np.array([holds(None, event, UNDATED) for event in events])[codes[self.numbers]]

    def given(self, code: int) -> tuple[list[Event], list[int]]:
        """Return the events of a customer as they were given, and the number of each in the log."""
        numbers = np.sort(self.numbers[self.starts[code] : self.starts[code + 1]])
        return _events(self.log, numbers, self.sequences), numbers.tolist()


def _coded(column: Any) -> tuple[Array, Sequence[Any]]:
    """Return a code for each value of a column, and what the codes mean; True is not 1."""
    index: dict[Any, int] = {}
    codes = [index.setdefault((type(one), one), len(index)) for one in column.items()]
    return np.array(codes, dtype="int64"), [one for _, one in index]


def _ranks(tables: Tables, names: Sequence[str]) -> Array:
    """Return the ranks of events by their codes in a log."""
    ranks = []
    for name in names:
        reaction = tables.reactions.get(name)
        if reaction is None:
            raise UnknownNameError("event.name", name, tables.reactions)
        ranks.append(reaction.rank)
    return np.array(ranks, dtype="int16")


def _settled(
    log: EventLog, starts: Array, numbers: Array, events: Array, sequences: Array | None
) -> Array:
    """Sort rows of one customer and instant by sequence, rank and id; none of these last."""
    micros = log._columns["at"].micros[numbers]  # type: ignore[union-attr]
    same = micros[1:] == micros[:-1]
    same[starts[1:-1] - 1] = False
    if not same.any():
        return numbers
    (tied,) = (np.append(same, False) | np.append(False, same)).nonzero()
    group = np.append(True, ~same).cumsum()[tied]
    rows = numbers[tied]
    keys = [*_id_keys(log, rows), events[rows], *_sequence_keys(sequences, rows), group]
    found = numbers.copy()
    found[tied] = rows[np.lexsort(keys)]
    return found


def _sequence_keys(sequences: Array | None, rows: Array) -> list[Array]:
    if sequences is None:
        return []
    return [sequences[rows], sequences[rows] == NONE]


def _id_keys(log: EventLog, rows: Array) -> list[Array]:
    """Return what ids are sorted by: their places among those of some rows."""
    if "id" not in log._columns:
        return []
    ids = log._columns["id"].values[rows]  # type: ignore[union-attr]
    known = () if ids.dtype == "int64" else sorted({*ids.tolist()}, key=_checks.id_order)
    return [_coded_ids(ids, known)]


def _coded_ids(ids: Array, known: Iterable[Id]) -> Array:
    """Return whole numbers that are equal where ids are, and in the order of those known."""
    if ids.dtype == "int64":
        return ids
    places = {one: place for place, one in enumerate(known)}
    return np.array([places.setdefault(one, len(places)) for one in ids.tolist()], dtype="int64")


def _distinct(
    log: EventLog, starts: Array, numbers: Array, sequences: Array | None
) -> tuple[Array, Array, Array]:
    """Drop rows whose id their customer had before, and say who had one with other content."""
    nobody = np.array([], dtype="int64")
    if "id" not in log._columns:
        return starts, numbers, nobody
    ids = _coded_ids(log._columns["id"].values[numbers], ())  # type: ignore[union-attr]
    in_order = np.sort(ids)
    if (in_order[1:] != in_order[:-1]).all():
        return starts, numbers, nobody
    whose = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    first, later = _again(ids, whose, numbers)
    differ = _differ(log, numbers[first], numbers[later], sequences)
    kept = np.ones(len(numbers), dtype=bool)
    kept[later] = False
    doubtful = np.unique(whose[later[differ]])
    kept |= np.isin(whose, doubtful)
    counts = np.bincount(whose[kept], minlength=len(starts) - 1)
    return np.append(0, counts.cumsum()), numbers[kept], doubtful


def _again(ids: Array, whose: Array, numbers: Array) -> tuple[Array, Array]:
    """Return where ids are that their customer has had, each after where it was first."""
    order = np.lexsort([numbers, ids, whose])
    ids, whose = ids[order], whose[order]
    is_first = np.ones(len(order), dtype=bool)
    is_first[1:] = (ids[1:] != ids[:-1]) | (whose[1:] != whose[:-1])
    first = np.maximum.accumulate(np.where(is_first, np.arange(len(order)), 0))
    return order[first[~is_first]], order[~is_first]


def _differ(log: EventLog, rows: Array, others: Array, sequences: Array | None) -> Array:
    """Say of each two rows whether their events differ."""
    pairs = zip(_events(log, rows, sequences), _events(log, others, sequences), strict=True)
    return np.array([one != other for one, other in pairs], dtype=bool)


def _events(log: EventLog, rows: Array, sequences: Array | None) -> list[Event]:
    """Return some rows of a log as events."""
    own = {name: each.take(rows) for name, each in log._columns.items() if name != "customer"}
    blank = [None] * len(rows)
    ats: list[datetime] = [local_time(at) for at in own["at"].items()]
    values, ids = (own[name].items() if name in own else blank for name in ("value", "id"))
    names = [name for name in own if name not in _OWN]
    attributes = zip(*(own[name].items() for name in names), strict=True) if names else blank
    places = blank if sequences is None else sequences[rows].tolist()
    return [
        Event(
            name,
            at,
            value=value,
            id=id_,
            attributes=_present(names, told),
            sequence=None if place is None or place < 0 else place,
        )
        for name, at, value, id_, told, place in zip(
            own["event"].items(), ats, values, ids, attributes, places, strict=True
        )
    ]


_OWN = ("customer", "at", "value", "event", "id")
"""The columns of a log that are no attributes."""


def _present(names: Sequence[str], told: Sequence[Any] | None) -> dict[str, Any] | None:
    if told is None:
        return None
    return {name: one for name, one in zip(names, told, strict=True) if one is not None}
