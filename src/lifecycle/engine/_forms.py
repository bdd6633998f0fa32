"""Values as data: a table of fields for each value, and what all of them share.

A field is written and read by one row of its table, so what is written can be read again.
The forms are below the values: a value hands itself over to be written, and its class to be
built. Each value loads its form when it is first stored, so that importing the engine is quick.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, NamedTuple, TypeAlias, TypeVar

import attrs

from lifecycle import _checks
from lifecycle.engine import _reading
from lifecycle.engine._reading import Data, Notes, Read
from lifecycle.engine._scalars import instant_to_text, plain_to_data, whole_number
from lifecycle.errors import (
    DataError,
    DefinitionError,
    InvalidTypeError,
    InvalidValueError,
    LifecycleError,
)

__all__ = [
    "ATTRIBUTES",
    "COUNT",
    "FLAG",
    "FORMAT",
    "ID",
    "INSTANT",
    "MOMENT",
    "NUMBER",
    "TEXT",
    "VERSION",
    "Document",
    "Field",
    "Form",
    "kind_in",
    "listed",
    "maybe",
    "named",
    "one_of",
    "or_left_out",
]

Built = TypeVar("Built")

FORMAT = 1
"""The version of the data that is written; data of another version is refused."""

Write: TypeAlias = Callable[[str, Any], Any]
"""(path, value) -> the data; what data cannot express is refused by its path."""


class Field(NamedTuple):
    """How one field is written, and how it is read."""

    write: Write
    read: Read


def _as_it_is(_: str, value: Any) -> Any:
    return value


def _attributes(path: str, attributes: Mapping[str, object]) -> Data:
    if not attributes:
        return {}
    return {key: plain_to_data(f"{path}[{key!r}]", item) for key, item in attributes.items()}


def _version(_: Notes, path: str, data: Any) -> int:
    return _checks.whole(path, whole_number(data), least=1)


TEXT = Field(_as_it_is, _reading.text)
FLAG = Field(_as_it_is, _reading.flag)
COUNT = Field(_as_it_is, _reading.tally)
ID = Field(plain_to_data, _reading.identifier)
NUMBER = Field(plain_to_data, _reading.number)
INSTANT = Field(instant_to_text, _reading.instant)
MOMENT = Field(instant_to_text, _reading.settled)
"""An instant that is kept in UTC, or naive."""
VERSION = Field(_as_it_is, _version)
ATTRIBUTES = Field(_attributes, _reading.attributes)


def one_of(names: Iterable[str]) -> Field:
    """Return the field of one of some names."""
    return Field(_as_it_is, _reading.one_of(names))


def maybe(field: Field) -> Field:
    """Return the field of what may be None."""
    return Field(
        lambda path, value: None if value is None else field.write(path, value),
        _reading.or_none(field.read),
    )


def or_left_out(field: Field) -> Field:
    """Return the field of what may be None, and is then left out by a sparse form."""
    return field._replace(write=maybe(field).write)


def listed(field: Field) -> Field:
    """Return the field of a list, each item of which is written and read alike."""
    return Field(
        lambda path, values: [field.write(f"{path}[{i}]", each) for i, each in enumerate(values)],
        _reading.each(field.read),
    )


def named(field: Field) -> Field:
    """Return the field of an object that has a value by each of any names."""
    return Field(
        lambda path, values: {
            name: field.write(f"{path}[{name!r}]", each) for name, each in values.items()
        },
        _reading.by_name(field.read),
    )


@attrs.frozen
class Form:
    """The fields of a value.

    Attributes:
        fields: Each field, in the order in which it is written.
        required: Those that data has to have; the others have a default.
        sparse: Whether fields at None, False or empty are not written.
        rare: Those that are not written so where others are.
    """

    fields: Mapping[str, Field]
    required: Collection[str]
    sparse: bool = False
    rare: Collection[str] = ()

    @property
    def readers(self) -> dict[str, Read]:
        """The reader of each field."""
        return {name: field.read for name, field in self.fields.items()}

    def write(self, path: str, value: object) -> Data:
        """Write what the value has under the name of each field."""
        found = {
            name: field.write(f"{path}.{name}", getattr(value, name))
            for name, field in self.fields.items()
        }
        if self.sparse:
            return _reading.without_defaults(found)
        return {name: item for name, item in found.items() if item or name not in self.rare}

    def read(self, notes: Notes, path: str, data: Any) -> Data:
        """Read the fields that are given, and refuse all where one has a mistake."""
        return _reading.whole(notes, path, data, self.readers, self.required)

    def sketch(self, notes: Notes, path: str, data: Any) -> Data:
        """Read the fields that can be read."""
        return _reading.fields(notes, path, data, self.readers, self.required)

    def field(self, build: Callable[..., Any]) -> Field:
        """Return the field of such a value, which is built from its fields."""
        return Field(self.write, lambda notes, path, data: build(**self.read(notes, path, data)))


@attrs.frozen
class Document:
    """A value that is stored by itself: its data says of which type and format it is.

    Attributes:
        kind: The name of the type.
        field: What returns the field of such a value, given what builds one.
    """

    kind: str
    field: Callable[[Callable[..., Any]], Field]

    def write(self, value: object) -> Data:
        """Return the value as data that `json.dumps` takes."""
        return {
            "type": self.kind,
            "format": FORMAT,
            **self.field(type(value)).write(self.kind, value),
        }

    def read(self, data: Mapping[str, Any], build: Callable[..., Built]) -> Built:
        """Return the value that data describes, or refuse it by all of its mistakes."""
        notes = Notes()
        with notes.at("data"):
            return self._built(notes, self._body(data), build)
        raise self._refusal(data, notes.found)

    def _built(self, notes: Notes, body: Data, build: Callable[..., Built]) -> Built:
        try:
            found: Built = self.field(build).read(notes, "", body)
        except RecursionError:
            raise InvalidValueError("data", "a deep one", "be nested less deeply") from None
        return found

    def _body(self, data: object) -> Data:
        body = dict(_reading.mapping("data", data))
        if not isinstance(schema := body.pop("$schema", ""), str):  # for editors
            raise InvalidTypeError("$schema", schema, "be text")
        _checks.choice("type", body.pop("type", self.kind), [self.kind])
        version = whole_number(body.pop("format", FORMAT))
        if type(version) is not int or version != FORMAT:
            raise InvalidValueError("format", version, f"be {FORMAT}")
        return body

    def _refusal(self, data: object, problems: list[str]) -> LifecycleError:
        if self.kind != "lifecycle":
            return DataError(self.kind, problems)
        name = data.get("name") if isinstance(data, Mapping) else None
        return DefinitionError(name if isinstance(name, str) else "?", problems)


def kind_in(data: object, known: Collection[str]) -> str:
    """Return of which type data says it is."""
    notes = Notes()
    with notes.at("data"):
        return _checks.choice("type", _reading.mapping("data", data).get("type"), known)
    raise DataError("value", notes.found)
