"""The columns of a log: values with a code for each, instants, and plain values."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from operator import attrgetter
from typing import Any, NamedTuple

import attrs

from lifecycle import _inputs
from lifecycle.logs import _arrays, _coding
from lifecycle.logs._arrays import Array

__all__ = [
    "CodedColumn",
    "InstantColumn",
    "InstantForm",
    "LogColumn",
    "PlainColumn",
    "coded",
    "local_time",
    "micros",
    "of",
]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LOCAL_EPOCH = _EPOCH.replace(tzinfo=None)


@attrs.frozen(eq=False)
class PlainColumn:
    """Values, one for each row."""

    values: Array

    def items(self) -> list[Any]:
        """Return a value of Python for each row."""
        return _arrays.items(self.values)

    def take(self, rows: Sequence[int]) -> "PlainColumn":
        """Return the column of some rows."""
        return PlainColumn(_arrays.take(self.values, rows))

    def is_same(self, other: Any) -> bool:
        """Say whether two columns have equal values."""
        if not isinstance(other, PlainColumn):
            return self.items() == list(other.items())
        return _arrays.is_same(self.values, other.values)


@attrs.frozen(eq=False)
class CodedColumn:
    """Values that recur: a code for each row, and the values by code, as they first appear."""

    codes: Array
    values: tuple[Any, ...]

    def items(self) -> list[Any]:
        """Return a value of Python for each row."""
        return list(map(self.values.__getitem__, _arrays.items(self.codes)))

    def take(self, rows: Sequence[int]) -> "CodedColumn":
        """Return the column of some rows, with the values that occur in them."""
        return CodedColumn(_arrays.take(self.codes, rows), self.values).recoded()

    def recoded(self) -> "CodedColumn":
        """Return the column with the values that occur, each once, as they first appear."""
        if isinstance(self.codes, tuple) or len({*self.values}) < len(self.values):
            return coded(self.items())
        codes, found = _coding.coded(self.codes, 0, len(self.values))
        return CodedColumn(codes, tuple(map(self.values.__getitem__, found.tolist())))

    def is_same(self, other: Any) -> bool:
        """Say whether two columns have equal values."""
        if not isinstance(other, CodedColumn):
            return self.items() == list(other.items())
        return self.values == other.values and _arrays.is_same(self.codes, other.codes)


def coded(values: Iterable[Any]) -> CodedColumn:
    """Give each value a code, in the order in which they first appear."""
    values = list(values)
    index = {value: code for code, value in enumerate(dict.fromkeys(values))}
    codes = list(map(index.__getitem__, values))
    return CodedColumn(_arrays.integers(codes), tuple(index))


class InstantForm(NamedTuple):
    """How instants are shown: in a zone, as local times, or as dates."""

    zone: tzinfo | None = None
    is_date: bool = False
    fold: int = 0

    def show(self, at: datetime) -> datetime | date:
        """Return an instant as it was given, of what it is in UTC or by the local clock."""
        if self.is_date:
            return at.date()
        if self.zone is None:
            return at.replace(fold=self.fold) if self.fold else at
        aware = at.replace(tzinfo=UTC)
        return aware if self.zone is UTC else aware.astimezone(self.zone)

    @property
    def kind(self) -> tuple[bool, bool, int]:
        """What instants must share to be equal."""
        return self.zone is None, self.is_date, self.fold


@attrs.frozen(eq=False)
class InstantColumn:
    """Instants as whole microseconds since 1970, in UTC, or by the local clock if naive.

    Attributes:
        micros: The microseconds of each row.
        forms: How instants are shown.
        codes: Which of the forms each row has; None where there is only one.
    """

    micros: Array
    forms: tuple[InstantForm, ...]
    codes: Array | None = None

    def __len__(self) -> int:
        return len(self.micros)

    def items(self) -> list[Any]:
        """Return each row's instant as it was given."""
        found: list[Any] = _datetimes(self.micros)
        if self.forms == (InstantForm(),):  # as most are
            return found
        if self.codes is None:
            return list(map(self.forms[0].show, found)) if self.forms else []
        codes = _arrays.items(self.codes)
        return [self.forms[code].show(at) for code, at in zip(codes, found, strict=True)]

    def take(self, rows: Sequence[int]) -> "InstantColumn":
        """Return the column of some rows."""
        codes = None if self.codes is None else _arrays.take(self.codes, rows)
        return InstantColumn(_arrays.take(self.micros, rows), self.forms, codes)

    def is_same(self, other: Any) -> bool:
        """Say whether the instants are equal, and of one kind; their zones may differ."""
        return _arrays.is_same(self.micros, other.micros) and self._kinds() == other._kinds()

    def _kinds(self) -> Sequence[tuple[bool, bool, int]]:
        kinds = [form.kind for form in self.forms]
        codes = [0] * bool(len(self)) if self.codes is None else set(_arrays.items(self.codes))
        if len({kinds[code] for code in codes}) < 2:  # noqa: PLR2004
            return [kinds[code] for code in codes][:1]
        return [kinds[code] for code in _arrays.items(self.codes)]


LogColumn = PlainColumn | CodedColumn | InstantColumn


def _datetimes(micros: Array) -> list[datetime]:
    if isinstance(micros, tuple):
        return [_LOCAL_EPOCH + timedelta(microseconds=each) for each in micros]
    found: list[datetime] = micros.view("datetime64[us]").tolist()
    return found


def of(ats: Sequence[datetime | date]) -> InstantColumn:
    """Return a column of instants: datetimes, naive or aware, and dates."""
    form = _form_of_all(ats)
    if form is None:
        return _of_several_forms(ats)
    return InstantColumn(_arrays.integers(_counts(ats, form)), (form,))


def _form_of_all(ats: Sequence[Any]) -> InstantForm | None:
    """Return how all of some instants are shown; None where they have several forms."""
    kinds = set(map(type, ats))
    if kinds == {date}:
        return InstantForm(is_date=True)
    zones = _inputs.zones(ats) if kinds == {datetime} else ()
    if len(zones) != 1 or (zones[0] is None and any(map(attrgetter("fold"), ats))):
        return None
    return InstantForm(zones[0])


def _counts(ats: Sequence[Any], form: InstantForm) -> list[int]:
    """Return the microseconds of instants of one form; days are far fewer than rows."""
    if form.is_date:
        days = {day: micros(local_time(day)) for day in set(ats)}
        return [days[day] for day in ats]
    epoch = _LOCAL_EPOCH if form.zone is None else _EPOCH
    return [(at - epoch) // timedelta.resolution for at in ats]


def _of_several_forms(ats: Sequence[datetime | date]) -> InstantColumn:
    numbers: dict[tuple[Any, ...], int] = {}
    forms: list[InstantForm] = []
    codes, counts = [], []
    for at in ats:
        local = local_time(at)
        is_date = local is not at
        zone, fold = local.tzinfo, 0 if local.tzinfo else local.fold
        has_hash = getattr(type(zone), "__hash__", None)  # those of dateutil have none
        own = zone if has_hash else id(zone)
        code = numbers.setdefault((own, is_date, fold), len(numbers))
        if code == len(forms):
            forms.append(InstantForm(zone, is_date, fold))
        codes.append(code)
        counts.append(micros(local))
    several = _arrays.integers(codes) if len(forms) > 1 else None
    return InstantColumn(_arrays.integers(counts), tuple(forms), several)


def local_time(at: datetime | date) -> datetime:
    """Return an instant as it is; of a date its midnight."""
    return at if isinstance(at, datetime) else datetime.combine(at, time())


def micros(at: datetime) -> int:
    """Return the microseconds since 1970: in UTC, or by the local clock if naive."""
    return (at - (_LOCAL_EPOCH if at.tzinfo is None else _EPOCH)) // timedelta.resolution
