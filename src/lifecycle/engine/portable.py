"""What values that can be stored have in common: `to_dict` and `from_dict`."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, Self

__all__: list[str] = []


class Portable:
    """A value that can be stored as JSON-safe data.

    The codec knows every value, so it stands above them all. It is called from here by
    name, when it is used, so that importing the engine does not load it.
    """

    __slots__ = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the value as data that `json.dumps` takes, exact and versioned.

        Raises:
            InvalidValueError: The value holds something that data cannot express, such as
                a condition that is code, or a time zone without a name.
        """
        found: dict[str, Any] = codec().to_dict(self)
        return found

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Return the value that `to_dict` wrote; nothing in the data is run.

        Args:
            data: What `to_dict` returned, or the same written by hand.

        Raises:
            DefinitionError: The data of a lifecycle has mistakes; all of them are listed.
            DataError: The data of another value has mistakes; all of them are listed.
        """
        found: Self = codec().from_dict(data, of=cls)
        return found


def codec() -> Any:
    """Return the module that knows every value, and so stands above them all."""
    return import_module("lifecycle.engine.codec")
