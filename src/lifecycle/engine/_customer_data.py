"""Customers as data: what is known about them, and all that they remember."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import MAXYEAR, datetime, timedelta
from typing import Any, NamedTuple

from lifecycle import _checks
from lifecycle.engine import _reading
from lifecycle.engine._definition_data import FALL, WHERE
from lifecycle.engine._dwelling import Dwelling, Idling, Left, StayClock
from lifecycle.engine._enrollment_data import FIELDS, MIDLIFE
from lifecycle.engine._falls import Fallen, settled
from lifecycle.engine._forms import (
    ATTRIBUTES,
    COUNT,
    FLAG,
    INSTANT,
    MOMENT,
    NUMBER,
    TEXT,
    VERSION,
    Document,
    Field,
    Form,
    listed,
    maybe,
    or_left_out,
)
from lifecycle.engine._length_data import LENGTH
from lifecycle.engine._memory import MemoryLayout, Tally, Tie, tied
from lifecycle.engine._reading import Data, Notes
from lifecycle.engine._stage_data import STAGE
from lifecycle.engine._windows import Recent, recent
from lifecycle.engine.enrollments import Enrollment, beginning
from lifecycle.engine.falls import Fall
from lifecycle.engine.stages import Stage
from lifecycle.errors import InvalidTypeError, InvalidValueError

__all__ = ["CUSTOMER"]


_MICROSECOND = timedelta(microseconds=1)
_MOST_MICROSECONDS = 366 * MAXYEAR * 24 * 3600 * 10**6
"""More than lie between any two instants."""


# What a customer remembers

_ENTRY = (MOMENT, maybe(NUMBER))


def _write_entry(path: str, entry: Any) -> Any:
    return [field.write(path, item) for field, item in zip(_ENTRY, entry, strict=True)]


def _read_entry(notes: Notes, path: str, entry: Any) -> Any:
    if not isinstance(entry, list | tuple) or len(entry) != len(_ENTRY):
        raise InvalidTypeError(path, entry, "be an instant and a value")
    return tuple(field.read(notes, path, item) for field, item in zip(_ENTRY, entry, strict=True))


_ENTRIES = listed(Field(_write_entry, _read_entry))


def _read_window(notes: Notes, path: str, data: Any) -> Any:
    before = len(notes.found)
    found = _ENTRIES.read(notes, path, data)
    if len(notes.found) > before:
        raise _reading.NotedError
    for at, _ in found:
        _checks.same_kind(path, at, "the first of them", found[0][0])
    if list(found) != sorted(found, key=lambda entry: entry[0]):
        raise InvalidValueError(path, data, "be in the order of time")
    return _summed(path, found)


def _summed(path: str, entries: Any) -> Recent:
    """Return the entries of a window, the values of which have to add up."""
    try:
        found = recent(entries)
    except TypeError:
        found = None
    if found is None or not _checks.finite(found.total):
        expected = "have values that add up: floats or decimals, with a finite sum"
        raise InvalidValueError(path, entries, expected)
    return found


# A customer remembers one state for each tally of its definition, and the kind of the tally says
# what that is. There is a row for each kind that `_tallies.KINDS` knows. All states but windows
# are plain values; a window is written as its entries, and reading them adds them up again, so
# that the sums which the steps rely on never come from data.
class _Remembered(NamedTuple):
    """The state of a kind of tally.

    Attributes:
        field: How it is written and read.
        instants: Which instants it holds.
        settled: Returns it with all that follows from what has been read.
        required: Which field its tally has to have, besides the kind.
    """

    field: Field
    instants: Callable[[Any], Iterable[datetime]] = lambda _state: ()
    settled: Callable[[Tally, Any], Any] = lambda _tally, state: state
    required: tuple[str, ...] = ("names",)


_WINDOW = Field(_ENTRIES.write, _read_window)
_FALLEN = Form(
    {"entries": _WINDOW, "last": maybe(INSTANT), "fell": FLAG, "fresh": FLAG},
    required=("entries", "last", "fell", "fresh"),
)


def _read_stopped(notes: Notes, path: str, data: Any) -> timedelta:
    found = _reading.tally(notes, path, data)
    if found > _MOST_MICROSECONDS:
        raise InvalidValueError(path, found, f"be at most {_MOST_MICROSECONDS}")
    return timedelta(microseconds=found)


_STOPPED = Field(lambda _, length: length // _MICROSECOND, _read_stopped)
"""How long a clock has stood still, in microseconds."""

_STAY = Form(
    {
        "since": maybe(INSTANT),
        "stopped": _STOPPED,
        "length": maybe(LENGTH),
        "anchor": maybe(INSTANT),
        "steps": COUNT,
    },
    required=StayClock._fields,
)
_LEFT = Form({"stage": TEXT, "at": MOMENT, "stay": _STAY.field(StayClock)}, required=Left._fields)
_DWELLING = Form(
    {"stay": _STAY.field(StayClock), "left": listed(_LEFT.field(Left))}, required=Dwelling._fields
)
_IDLING = Form({"since": maybe(MOMENT), "stopped": _STOPPED}, required=Idling._fields)


def _of_stay(stay: StayClock) -> Iterator[datetime]:
    yield from (at for at in (stay.since, stay.anchor) if at is not None)


def _of_dwelling(state: Dwelling) -> Iterator[datetime]:
    yield from _of_stay(state.stay)
    for one in state.left:
        yield one.at
        yield from _of_stay(one.stay)


def _of_entries(entries: Recent) -> Iterator[datetime]:
    return (at for at, _ in entries)


def _of_falls(state: Fallen) -> Iterator[datetime]:
    yield from _of_entries(state.entries)
    yield from () if state.last is None else (state.last,)


_STATES: Mapping[str, _Remembered] = {
    "count": _Remembered(COUNT),
    "total": _Remembered(NUMBER),
    "valued": _Remembered(COUNT),
    "last": _Remembered(maybe(INSTANT), lambda at: () if at is None else (at,)),
    "window": _Remembered(_WINDOW, _of_entries),
    "entries": _Remembered(COUNT),
    "entry_window": _Remembered(_WINDOW, _of_entries),
    "previous": _Remembered(maybe(TEXT), required=()),
    "dwelling": _Remembered(_DWELLING.field(Dwelling), _of_dwelling, required=()),
    "idling": _Remembered(
        _IDLING.field(Idling),
        lambda state: () if state.since is None else (state.since,),
        required=(),
    ),
    "fall": _Remembered(
        _FALLEN.field(Fallen),
        _of_falls,
        lambda _tally, state: settled(state),
        required=("of",),
    ),
}
"""The state of each kind of tally."""

_TALLY = Form(
    {
        "kind": TEXT,
        "names": listed(TEXT),
        "since_entry": FLAG,
        "within": or_left_out(LENGTH),
        "where": or_left_out(WHERE),
        "of": or_left_out(FALL.field(Fall)),
    },
    required=("kind",),
    sparse=True,
)


def _write_tally(_: str, found: tuple[Tally, Any]) -> Data:
    tally, state = found
    path = f"{tally.kind} of {', '.join(map(repr, tally.names)) or tally.of}"
    return _TALLY.write(path, tally) | {"state": _STATES[tally.kind].field.write(path, state)}


def _read_tally(notes: Notes, path: str, data: Any) -> tuple[Tally, Any]:
    kind = _checks.choice(f"{path}.kind", _reading.mapping(path, data).get("kind", ""), _STATES)
    row = _STATES[kind]
    readers = _TALLY.readers | {"state": row.field.read}
    required = (*_TALLY.required, *row.required, "state")
    found = _reading.whole(notes, path, data, readers, required)
    state = found.pop("state")
    tally = Tally(**{"names": (), **found})
    return tally, row.settled(tally, state)


_TIE = Form(
    {"at": MOMENT, "sequence": maybe(COUNT), "rested": FLAG, "sets": listed(TEXT)},
    required=("at", "sequence", "rested", "sets"),
)


# Customers


class _Belonging(NamedTuple):
    """The definition that a customer belongs to."""

    name: str
    version: int


_BELONGING = Form({"name": TEXT, "version": VERSION}, required=("name", "version"))

_BEGINNING = Form({**FIELDS, "stage": TEXT}, required=("id", "at", "stage"), rare=MIDLIFE)
"""As an enrollment; the stage in which a customer began is known."""


class _Known(NamedTuple):
    """All that is stored of a customer."""

    enrollment: Any
    lifecycle: _Belonging
    stage: Stage
    entered: datetime
    last_activity: datetime | None
    seen: datetime
    attributes: Mapping[str, object]
    memory: Iterable[tuple[Tally, Any]]
    tie: Tie | None


_CUSTOMER = Form(
    {
        "enrollment": _BEGINNING.field(Enrollment),
        "lifecycle": _BELONGING.field(_Belonging),
        "stage": STAGE.field(Stage),
        "entered": INSTANT,
        "last_activity": maybe(INSTANT),
        "seen": MOMENT,
        "attributes": ATTRIBUTES,
        "memory": listed(Field(_write_tally, _read_tally)),
        "tie": maybe(_TIE.field(Tie)),
    },
    required=_Known._fields,
)


def _known(customer: Any) -> _Known:
    layout, *states = customer._memory
    tie = states.pop() if states[len(layout.tallies) :] else None
    return _Known(
        enrollment=customer.enrollment,
        lifecycle=_Belonging(layout.lifecycle, layout.version),
        stage=customer._stage,
        entered=customer.entered,
        last_activity=customer.last_activity,
        seen=customer.seen,
        attributes=customer.attributes,
        memory=zip(layout.tallies, states, strict=True),
        tie=tie,
    )


def _customer(build: Callable[..., Any], known: _Known) -> Any:
    begun, belongs, tie = known.enrollment, known.lifecycle, known.tie
    tallies = tuple(known.memory)
    instants = list(_instants(tallies, tie))
    for _, instant in instants:
        _checks.same_kind("customer", instant, "enrollment.at", begun.at)
    layout = MemoryLayout(belongs.name, belongs.version, tuple(tally for tally, _ in tallies))
    memory = (layout, *(state for _, state in tallies))
    customer = build(
        id=begun.id,
        stage=known.stage,
        enrolled=begun.at,
        entered=known.entered,
        last_activity=known.last_activity,
        seen=known.seen,
        attributes=known.attributes,
        origin=beginning(begun, begun.stage),
        memory=memory if tie is None else tied(memory, **tie._asdict()),
    )
    for path, instant in instants:
        if _checks.utc(instant) > known.seen:
            expected = f"not be after seen, {_checks.shown(known.seen)}"
            raise InvalidValueError(path, instant, expected)
    return customer


def _instants(
    tallies: Iterable[tuple[Tally, Any]], tie: Tie | None
) -> Iterator[tuple[str, datetime]]:
    """Yield every instant that a customer remembers, and where; it has to go with the others."""
    if tie is not None:
        yield "tie.at", tie.at
    for i, (tally, state) in enumerate(tallies):
        for instant in _STATES[tally.kind].instants(state):
            yield f"memory[{i}]", instant


def _field(build: Callable[..., Any]) -> Field:
    return Field(
        lambda path, customer: _CUSTOMER.write(path, _known(customer)),
        lambda notes, path, data: _customer(build, _Known(**_CUSTOMER.read(notes, path, data))),
    )


CUSTOMER = Document("customer", _field)
