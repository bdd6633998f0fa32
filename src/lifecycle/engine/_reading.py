"""Reading data field by field, so that one error can name every mistake in it.

A reader takes the notes, the path in the data, and the data there. It returns the value,
or raises what is wrong with it as a whole; what is wrong inside has been noted by then.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any, TypeAlias

import attrs

from lifecycle import _checks
from lifecycle.engine._scalars import instant_from_text, plain_from_data, whole_number
from lifecycle.errors import (
    InvalidTypeError,
    InvalidValueError,
    LifecycleError,
    UnknownNameError,
)

__all__ = [
    "UNITS",
    "Data",
    "NotedError",
    "Notes",
    "Read",
    "attributes",
    "by_name",
    "each",
    "field_of",
    "fields",
    "flag",
    "identifier",
    "instant",
    "integer",
    "mapping",
    "number",
    "one_of",
    "or_none",
    "plain",
    "settled",
    "tally",
    "text",
    "whole",
    "without_defaults",
]

Data: TypeAlias = dict[str, Any]


class Notes:
    """The mistakes found so far, each with its path."""

    def __init__(self) -> None:
        self.found: list[str] = []

    @contextmanager
    def at(self, path: str) -> Iterator[None]:
        """Note an error instead of raising it, with the path that the data has."""
        try:
            yield
        except NotedError:
            pass
        except (InvalidValueError, InvalidTypeError, UnknownNameError) as error:
            placed = type(error)(_placed(path, error.argument), *error.args[1:])
            self.found.append(str(placed))
        except LifecycleError as error:
            self.found.append(f"{path}: {error}")


class NotedError(LifecycleError):
    """A value cannot be made, and why has been noted."""


class _Nothing:
    def __repr__(self) -> str:
        return "nothing"


Read: TypeAlias = Callable[[Notes, str, Any], Any]
"""(notes, path, data) -> the value; mistakes within are noted, one of the whole is raised."""

UNITS = ("weeks", "days", "hours", "minutes", "seconds", "months", "years")


_FIELD = re.compile(r"\w+\.(\w+)(?:\[\d+\])*")
"""An argument of a value's constructor, such as `transition.source[0]`."""

_PLACES = re.compile(r"(?:\[\d+\])+$")


def _placed(path: str, argument: str) -> str:
    """Put the path in the data where an error names an argument."""
    if path == "data" or argument.startswith(path):
        return argument
    if argument in UNITS:
        return f"{path}.{argument}"
    field, places = _FIELD.fullmatch(argument), _PLACES.search(argument)
    within = f".{field[1]}" if field and not path.endswith(field[1]) else ""
    return path + within + (places[0] if places else "")


def mapping(path: str, data: object) -> Mapping[str, Any]:
    """Return the data if it is an object."""
    if not isinstance(data, Mapping):
        is_json = isinstance(data, str) and data.lstrip().startswith("{")
        hint = "; read JSON text with json.loads first" if is_json else ""
        raise InvalidTypeError(path, data, f"be an object{hint}")
    return data


def fields(
    notes: Notes, path: str, data: object, readers: Mapping[str, Read], required: Iterable[str]
) -> Data:
    """Read every field that can be read, and note what is wrong with the others."""
    found: Data = {}
    given = mapping(path, data)
    for key in given:
        if key not in readers:
            with notes.at(f"a key of {path or 'the data'}"):
                raise UnknownNameError("key", text(notes, "key", key), readers)
    for name, read in readers.items():
        here = f"{path}.{name}" if path else name
        with notes.at(here):
            if name in given:
                found[name] = read(notes, here, given[name])
            elif name in required:
                raise InvalidValueError(here, _Nothing(), "be given")
    return found


def whole(
    notes: Notes, path: str, data: object, readers: Mapping[str, Read], required: Iterable[str]
) -> Data:
    """Read all fields, or none."""
    before = len(notes.found)
    found = fields(notes, path, data, readers, required)
    if len(notes.found) > before:
        raise NotedError
    return found


def each(read: Read) -> Read:
    """Read a list, one item after the other; items with mistakes are left out."""

    def read_each(notes: Notes, path: str, data: Any) -> tuple[Any, ...]:
        if not isinstance(data, list | tuple):
            raise InvalidTypeError(path, data, "be a list")
        found = []
        for i, item in enumerate(data):
            with notes.at(f"{path}[{i}]"):
                found.append(read(notes, f"{path}[{i}]", item))
        return tuple(found)

    return read_each


def by_name(read: Read) -> Read:
    """Read an object of any names, one value after the other; those with mistakes are left out."""

    def read_all(notes: Notes, path: str, data: Any) -> Data:
        found = {}
        for name, item in mapping(path, data).items():
            here = f"{path}[{name!r}]"
            with notes.at(here):
                found[text(notes, f"{path} key", name)] = read(notes, here, item)
        return found

    return read_all


def or_none(read: Read) -> Read:
    """Read null as None, and anything else with the given reader."""
    return lambda notes, path, data: None if data is None else read(notes, path, data)


def field_of(kind: type[Any], name: str) -> Read:
    """Read a field of text as the constructor would check it."""
    converter: Any = getattr(attrs.fields(kind), name).converter
    return lambda _notes, path, data: converter(_no_truth(path, plain_from_data(path, data)))


def text(_: Notes, path: str, data: Any) -> str:
    """Read text that is not blank."""
    return _checks.name(path, _no_truth(path, data))


_YAML = {True: "on as true", False: "off as false"}


def _no_truth(path: str, data: Any) -> Any:
    """Return data where text is expected; if it is true or false, say where that comes from."""
    if isinstance(data, bool):
        expected = f"be text (YAML 1.1 reads an unquoted {_YAML[data]}; quote it)"
        raise InvalidTypeError(path, data, expected)
    return data


def identifier(_: Notes, path: str, data: Any) -> _checks.Id:
    """Read an id, which may be a tagged `UUID`."""
    return _checks.identifier(path, plain_from_data(path, data))


def instant(_: Notes, path: str, data: Any) -> datetime:
    """Read an instant in the zone that it was written with."""
    return instant_from_text(path, data)


def settled(_: Notes, path: str, data: Any) -> datetime:
    """Read an instant in UTC, or naive."""
    return _checks.utc(instant_from_text(path, data))


def flag(_: Notes, path: str, data: Any) -> bool:
    """Read a truth value."""
    if not isinstance(data, bool):
        raise InvalidTypeError(path, data, "be true or false")
    return data


def integer(_: Notes, path: str, data: Any) -> int:
    """Read a whole number, which JSON may write as 1.0."""
    return _checks.whole(path, whole_number(data))


def tally(_: Notes, path: str, data: Any) -> int:
    """Read a whole number of at least 0."""
    return _checks.whole(path, whole_number(data), least=0)


def number(_: Notes, path: str, data: Any) -> _checks.Number:
    """Read a number, which may be a tagged `Decimal`."""
    return _checks.number(path, plain_from_data(path, data))


def plain(_: Notes, path: str, data: Any) -> object:
    """Read a plain value; whoever keeps it checks it."""
    return plain_from_data(path, data)


def attributes(_: Notes, path: str, data: Any) -> _checks.Attributes:
    """Read a mapping from names to plain values."""
    read = {
        key: plain_from_data(f"{path}[{key!r}]", item) for key, item in mapping(path, data).items()
    }
    return _checks.attributes(path, read)


def one_of(known: Iterable[str]) -> Read:
    """Make the reader of one of some names."""
    names = tuple(known)
    return lambda _notes, path, data: _checks.choice(path, data, names)


def without_defaults(fields: Data) -> Data:
    """Leave out the fields that need not be written."""
    return {name: item for name, item in fields.items() if item not in (None, "", False, (), {})}
