"""EventLog: dated rows of customers, from rows, columns or a dataframe."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import tzinfo
from functools import cached_property
from typing import Any, Literal, Self, cast

import attrs

from lifecycle import _checks, _inputs
from lifecycle._checks import Id, Instant
from lifecycle._tables import many
from lifecycle.errors import InvalidTypeError, InvalidValueError, LifecycleError
from lifecycle.logs import _arrays, _arrow, _columns, _containers, _frames, _lists, _local
from lifecycle.logs._columns import CodedColumn, InstantColumn, InstantForm, LogColumn, PlainColumn
from lifecycle.logs._given import Given, whole
from lifecycle.logs._grouping import Grouped, grouped
from lifecycle.periods import Calendar

__all__ = ["EventLog"]

_Readers = tuple[Callable[[Given], LogColumn | None], Callable[[Given], LogColumn]]

_READERS: Mapping[str, _Readers] = {
    "customer": (_arrow.identifiers, _lists.identifiers),
    "at": (_arrow.instants, _lists.instants),
    "value": (_arrow.amounts, _lists.amounts),
    "event": (_arrow.names, _lists.names),
    "id": (_arrow.ids, _lists.ids),
}
"""How each column is read: from an array of pyarrow at once if possible, else value by value."""

_ATTRIBUTE: _Readers = (_arrow.attributes, _lists.attributes)


@attrs.frozen(init=False, eq=False, repr=False, weakref_slot=False)
class EventLog(_inputs.Columnar):
    """Dated rows of customers: orders, visits, payments, events; read and checked once.

    Every calculator that reads rows reads a log: `retention.cohorts(log, ...)`. This takes
    columns; `from_rows` takes rows, and `from_frame` a dataframe.

    A column is a list, a tuple, an array of numpy, a Series of pandas or Polars, or an array of
    PyArrow. Where numpy is installed the log keeps its columns as arrays, else as tuples, with
    the same results.

    Args:
        customer: The customer of each row: text, a whole number or a UUID.
        at: The instant of each row: datetimes, all naive or all aware, and dates. A naive
            instant and a date are local times of the calendar that reads them.
        value: The number of each row, such as the amount of an order or an NPS rating: `int`,
            `float` or `Decimal`. None is accepted only where there is a column of events.
        event: The name of each event.
        id: The id of each event.
        attributes: Further columns by name: plain values, or None.

    Attributes:
        customers: All customers, in the order in which they first appear.
        events: The names of all events, likewise; () without a column of them.
        grouped: The numbers of the rows, customer by customer and in order of time.
        dropped: How many rows of the dataframe were left out, as they had a missing value.

    Raises:
        InvalidTypeError: An argument is no column, or a value is of another type.
        InvalidValueError: Columns differ in length, an id or a name is blank, a number is not
            finite, or an instant has nanoseconds below a microsecond.
        MissingValuesError: A value is missing (None, NaN and NaT of pandas, NULL).
        MixedInstantsError: Some instants have a time zone, and others have none.

    Examples:
        >>> orders = EventLog(
        ...     customer=["ann", "bob", "ann"],
        ...     at=[date(2026, 1, 3), date(2026, 1, 9), date(2026, 2, 2)],
        ...     value=[20, 15, 30],
        ... )
        >>> orders
        <EventLog: 3 rows of 2 customers, 2026-01-03 to 2026-02-02, with value>
        >>> next(iter(orders))
        ('ann', datetime.date(2026, 1, 3), 20)
    """

    _columns: Mapping[str, LogColumn]
    dropped: int = 0
    _kind: str = "pandas"

    def __init__(  # noqa: PLR0913  (the columns)
        self,
        *,
        customer: Iterable[Any],
        at: Iterable[Any],
        value: Iterable[Any] | None = None,
        event: Iterable[Any] | None = None,
        id: Iterable[Any] | None = None,  # noqa: A002  (as an event has it)
        attributes: Mapping[str, Iterable[Any]] | None = None,
    ) -> None:
        columns = {"customer": customer, "at": at, "value": value, "event": event, "id": id}
        given = {
            name: Given(name, _containers.taken(name, column))
            for name, column in _present(columns).items()
        }
        for name, column in _mapping(attributes).items():
            place = f"attributes[{name!r}]"
            given[_attribute(name)] = Given(place, _containers.taken(place, column))
        self.__attrs_init__(*_checked(given))

    @classmethod
    def from_rows(
        cls, rows: Iterable[Sequence[Any]], *, fields: Sequence[str] | None = None
    ) -> Self:
        """Read a log from rows.

        Args:
            rows: (customer, at) or (customer, at, value) tuples, or rows of `fields`.
            fields: What rows have, in this order: "customer", "at", "value", "event", "id", and
                the names of attributes.

        Raises:
            InvalidTypeError: A row, or a value in it, is of another type.
            InvalidValueError: As for the columns; or rows differ in length, or the fields lack
                "customer" or "at".
            MissingValuesError: A value is missing.
            MixedInstantsError: Some instants have a time zone, and others have none.

        Examples:
            >>> visits = [("ann", date(2026, 1, 3), "visit"), ("ann", date(2026, 1, 4), "order")]
            >>> log = EventLog.from_rows(visits, fields=("customer", "at", "event"))
            >>> log.events
            ('visit', 'order')
        """
        if fields is None:
            names: Sequence[str] = ("customer", "at", "value")
            columns: Sequence[Any] = _inputs.columns_and("rows", rows, names[:2], names[2])
            columns = columns if columns[2] else columns[:2]
        else:
            names = _fields(fields)
            columns = _inputs.columns("rows", rows, names)
        given = {
            name: Given("rows", _containers.taken("rows", column), f".{name}")
            for name, column in zip(names, columns, strict=False)
        }
        return cls._made(*_checked(given))

    @classmethod
    def from_frame(  # noqa: PLR0913  (the columns, and how they are read)
        cls,
        frame: Any,
        *,
        customer: str,
        at: str,
        value: str | None = None,
        event: str | None = None,
        id: str | None = None,  # noqa: A002  (as an event has it)
        attributes: Sequence[str] = (),
        missing: Literal["raise", "drop"] = "raise",
        floor: bool = False,
        zone: str | tzinfo | None = None,
    ) -> Self:
        """Read a log from a dataframe.

        Categories, dictionaries, nullable and decimal columns, dates, and timestamps of any
        unit are read; a whole float is the whole number in a column of ids. Extra `frames`.

        Args:
            frame: A dataframe of pandas, Polars (also lazy), PyArrow, DuckDB, Ibis or any other
                that narwhals reads, or anything with `__arrow_c_stream__`. One that is not
                computed yet computes the columns that are named here, once; a stream such as a
                `RecordBatchReader` is read to its end, and has no rows when it is read again.
            customer: The name of the column of customers.
            at: The name of the column of instants or dates.
            value: The name of the column of numbers: amounts, or NPS ratings.
            event: The name of the column of event names.
            id: The name of the column of event ids.
            attributes: The names of further columns.
            missing: What to do with rows in which a value is missing: "raise", or "drop" them
                and count them in `dropped`. A missing attribute is None, and so is a missing
                value where there are events, of which some have none.
            floor: Whether to cut nanoseconds below a microsecond; by default they raise.
            zone: The time zone of naive instants and dates, by name or as a `tzinfo`. None
                leaves them naive: local times of the calendar that reads the log.

        Raises:
            InvalidTypeError: `frame` is no dataframe, or a value is of another type.
            InvalidValueError: As for the columns; `zone` is given for instants that have one; two
                columns have one name; or a column is the index of pandas.
            MissingExtraError: narwhals or pyarrow is not installed.
            MissingValuesError: A value is missing, and `missing` is "raise".
            UnknownNameError: The frame has no such column.

        Examples:
            >>> import pandas as pd
            >>> frame = pd.DataFrame({"who": [7, 8], "day": pd.to_datetime(["2026-01-03"] * 2)})
            >>> EventLog.from_frame(frame, customer="who", at="day")
            <EventLog: 2 rows of 2 customers, 2026-01-03 to 2026-01-03>
        """
        drop = _checks.choice("missing", missing, ("raise", "drop")) == "drop"
        floor = _checks.truth("floor", floor)
        calendar = None if zone is None else Calendar(zone=zone)
        names = {"customer": customer, "at": at, "value": value, "event": event, "id": id}
        named = {role: _checks.name(role, name) for role, name in _present(names).items()}
        others = _checks.names("attributes", attributes)
        sought = [*named.items(), *(("attributes", name) for name in others)]
        columns, kind = _frames.columns_of(frame, sought)
        given = {}
        for role, name in {**named, **{_attribute(name): name for name in others}}.items():
            place = f"frame[{name!r}]"
            given[role] = Given(place, _containers.taken(place, columns[name]), floor=floor)
        return cls._made(*_checked(given, drop=drop, calendar=calendar), kind)

    @classmethod
    def _made(cls, columns: Mapping[str, LogColumn], dropped: int, kind: str = "pandas") -> Self:
        log = cls.__new__(cls)
        log.__attrs_init__(columns, dropped, kind)
        return log

    @property
    def customers(self) -> tuple[Id, ...]:
        """All customers, in the order in which they first appear."""
        return self._customer.values

    @property
    def events(self) -> tuple[str, ...]:
        """The names of all events, in the order in which they first appear; () without events."""
        return getattr(self._columns.get("event"), "values", ())

    @cached_property
    def grouped(self) -> Grouped:
        """The rows, customer by customer and in order of time; found once, when first read."""
        return grouped(self._customer.codes, self._at.micros, len(self.customers))

    @cached_property
    def _instants(self) -> InstantColumn:
        """The instants in the order of `grouped`, which most questions are asked of."""
        return self._at.take(self.grouped.rows)

    @cached_property
    def _by_id(self) -> tuple[Sequence[int], Sequence[Id]]:
        """The codes of the customers sorted by id, and the ids themselves."""
        return _arrays.in_order(self.customers, _checks.id_order)

    @property
    def _first_at(self) -> Instant:
        """The instant of the first row, as it was given."""
        return cast("Instant", self._at.take([0]).items()[0])

    @cached_property
    def _events(self) -> _arrays.Array:
        """The codes of the events in the order of `grouped`, in as few bytes as hold them."""
        codes = _arrays.small(cast("CodedColumn", self._columns["event"]).codes, len(self.events))
        return _arrays.take(codes, self.grouped.rows)

    @property
    def _is_of_arrays(self) -> bool:
        """Whether columns are arrays of numpy."""
        return not isinstance(self._at.micros, tuple)

    def split(self, by: str | Mapping[Any, Hashable]) -> dict[Any, Self]:
        """Return the log of each group of rows, or of customers.

        Args:
            by: The name of an attribute, or "event": each row is in the group of its value,
                None where it is missing, so that a customer can be in several. Or a mapping
                from customers to their groups; those missing from it are in the group None.

        Raises:
            InvalidTypeError: `by` is neither, or a group cannot be hashed.
            UnknownNameError: The log has no such attribute.

        Examples:
            >>> rows = [("ann", date(2026, 1, 3), "app"), ("bob", date(2026, 1, 4), "web")]
            >>> log = EventLog.from_rows(rows, fields=("customer", "at", "channel"))
            >>> log.split("channel")["web"].customers
            ('bob',)
        """
        groups = self._groups(by)
        return self._split(groups.codes, groups.values)

    def _groups(self, by: str | Mapping[Id, Hashable]) -> CodedColumn:
        """Return the group of each row."""
        if isinstance(by, str):
            return self._groups_by_column(by)
        if not isinstance(by, Mapping):
            raise InvalidTypeError("by", by, f"{_inputs.BY}{_inputs.as_mapping(by)}")
        _inputs.match_ids("by", by, "the log", self.customers)
        groups = [_inputs.group(f"by[{id_!r}]", by.get(id_)) for id_ in self.customers]
        column = _columns.coded(groups)
        return CodedColumn(_arrays.take(column.codes, self._customer.codes), column.values)

    def _groups_by_column(self, by: str) -> CodedColumn:
        named = [name for name in self._columns if name == "event" or name not in _READERS]
        column = self._columns[_checks.choice("by", by, named)]
        return column if isinstance(column, CodedColumn) else _columns.coded(column.items())

    def _split(self, codes: Sequence[int], values: Sequence[Any]) -> dict[Any, Self]:
        parts = _arrays.parts(codes, len(values))
        return {value: self._rows(part) for value, part in zip(values, parts, strict=True)}

    def where(self, *, event: str | Sequence[str]) -> Self:
        """Return the log of some events.

        Args:
            event: The name of an event, or several.

        Raises:
            InvalidValueError: The log has no column of events.
            UnknownNameError: No row has such an event.

        Examples:
            >>> rows = [("ann", date(2026, 1, 3), "visit"), ("bob", date(2026, 1, 4), "order")]
            >>> log = EventLog.from_rows(rows, fields=("customer", "at", "event"))
            >>> log.where(event="order").customers
            ('bob',)
        """
        names = (event,) if isinstance(event, str) else _checks.names("event", event)
        self._need("log", ("event",))
        column = cast("CodedColumn", self._columns["event"])
        for name in names:
            _checks.choice("event", name, column.values)
        rows = _arrays.rows_with(column.codes, [column.values.index(name) for name in names])
        return self._rows(rows)

    def _rows(self, rows: Sequence[int]) -> Self:
        """Return the log of some rows."""
        kept = {name: each.take(rows) for name, each in self._columns.items()}
        return self._made(kept, self.dropped, self._kind)

    def to_frame(self, kind: Literal["pandas", "polars", "pyarrow"] | None = None) -> Any:
        """Return the log as a dataframe with the columns customer, at, and those it has.

        Args:
            kind: "pandas", "polars" or "pyarrow"; None for the kind that the log was read from,
                pandas where it was none.

        Returns:
            Instants are in their zone, those of several zones in UTC.

        Raises:
            InvalidTypeError: A column has values of several types, which only pandas can hold.
            MissingExtraError: pyarrow, or the package of the dataframe, is not installed.
            UnknownNameError: There is no such kind.
        """
        return _frames.to_frame(self._columns, self._kind if kind is None else kind)

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return _frames.table_of(self._columns).__arrow_c_stream__(requested_schema)

    def __len__(self) -> int:
        return len(self._at)

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        """Iterate over (customer, at) rows, or (customer, at, value) where there are values."""
        names = [name for name in ("customer", "at", "value") if name in self._columns]
        return zip(*(self._columns[name].items() for name in names), strict=True)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, EventLog):
            return NotImplemented
        own, others = self._columns, other._columns
        return own.keys() == others.keys() and all(own[name].is_same(others[name]) for name in own)

    def __hash__(self) -> int:
        return hash((len(self), self.customers, frozenset(self._columns)))

    def __repr__(self) -> str:
        rows, customers = many(len(self), "row"), many(len(self.customers), "customer")
        more = [name for name in self._columns if name not in ("customer", "at")]
        has = f", with {', '.join(more)}" if more else ""
        out = f", {self.dropped:,} dropped" if self.dropped else ""
        return f"<EventLog: {rows} of {customers}{self._span()}{has}{out}>"

    def _span(self) -> str:
        if not len(self):
            return ""
        first, last = self._at.take(_arrays.ends(self._at.micros)).items()
        return f", {str(first)[:10]} to {str(last)[:10]}"

    @property
    def _customer(self) -> CodedColumn:
        return cast("CodedColumn", self._columns["customer"])

    @property
    def _at(self) -> InstantColumn:
        return cast("InstantColumn", self._columns["at"])

    def _has(self, field: str) -> bool:
        return self._named(field) in self._columns

    def _values(self, field: str) -> Any:
        """Return the array of a field's values, row by row."""
        column = self._columns[self._named(field)]
        return column.values if isinstance(column, PlainColumn) else _arrays.of(column.items())

    def _distinct(self, field: str) -> Sequence[Any]:
        """Return what a field has: each text once, of other columns what each row has."""
        column = self._columns[self._named(field)]
        return column.values if isinstance(column, CodedColumn) else column.items()

    def _named(self, field: str) -> str:
        """Return the column of a field: the one of its name, or an option that stands for it."""
        return field if field in self._columns else _inputs.OPTIONS.get(field, field)

    def _read(self, argument: str, fields: Sequence[str]) -> list[list[Any]]:
        self._need(argument, fields)
        return [self._columns[self._named(field)].items() for field in fields]

    def _need(self, argument: str, fields: Sequence[str]) -> None:
        for field in fields:
            if not self._has(field):
                expected = (
                    f"have a column for {field}: {_inputs.option(field)} of EventLog.from_frame"
                )
                raise InvalidValueError(argument, self, expected)


def _present(columns: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the columns that are given, and those that must be."""
    return {
        name: column
        for name, column in columns.items()
        if column is not None or name in {"customer", "at"}
    }


def _mapping(attributes: object) -> Mapping[str, Any]:
    if attributes is None:
        return {}
    if not isinstance(attributes, Mapping):
        raise InvalidTypeError("attributes", attributes, "be a mapping from names to columns")
    return attributes


def _fields(fields: Sequence[str]) -> Sequence[str]:
    found = _checks.names("fields", fields)
    if not {"customer", "at"} <= {*found}:
        raise InvalidValueError("fields", found, "have 'customer' and 'at'")
    return found


def _attribute(name: str) -> str:
    """Return the name of an attribute, which is none of the log's own columns."""
    if _checks.name("attributes key", name) in _READERS:
        expected = f"not be one of the columns {', '.join(_READERS)}"
        raise InvalidValueError("attributes key", name, expected)
    return name


def _checked(
    given: Mapping[str, Given], *, drop: bool = False, calendar: Calendar | None = None
) -> tuple[dict[str, LogColumn], int]:
    """Return the columns of a log, checked, and how many rows were dropped."""
    rows = len(given["customer"].values)
    for column in given.values():
        if len(column.values) != rows:
            expected = f"have as many rows as {given['customer'].name}, {rows:,}"
            raise InvalidValueError(column.name, len(column.values), expected)
    optional = {"value"} if "event" in given else set()
    needed = [given[name] for name in _READERS if name in given and name not in optional]
    kept = dict(zip(given, whole([*given.values()], needed, drop=drop), strict=True))
    columns = {name: _column(name, column) for name, column in kept.items()}
    if calendar is not None:
        columns["at"] = _placed(kept["at"], cast("InstantColumn", columns["at"]), calendar)
    return columns, rows - len(kept["customer"].values)


def _column(name: str, given: Given) -> LogColumn:
    at_once, one_by_one = _READERS.get(name, _ATTRIBUTE)
    found = None if isinstance(given.values, list) else at_once(given)
    return one_by_one(given) if found is None else found


def _placed(given: Given, column: InstantColumn, calendar: Calendar) -> LogColumn:
    """Return naive instants as those of a zone."""
    if any(form.zone is not None for form in column.forms):
        raise InvalidValueError("zone", calendar.zone, f"be left out, as {given.name} has one")
    if not isinstance(column.micros, tuple):
        try:
            return InstantColumn(_local.in_utc(column, calendar), (InstantForm(calendar.tz),))
        except LifecycleError:  # an instant that the calendar lacks: say which one
            pass
    read = calendar._moment  # noqa: SLF001  (how it reads an instant)
    moments = (read(given.place(i), at) for i, at in enumerate(column.items()))
    return _columns.of([moment.astimezone(calendar.tz) for moment in moments])
