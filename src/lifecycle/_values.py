"""How frozen values show themselves, and how the engine builds them quickly."""

from collections.abc import Callable
from itertools import islice
from types import FunctionType
from typing import Any, TypeVar

import attrs

__all__ = ["MOST", "call", "shortened", "shown", "twin"]

Value = TypeVar("Value")

MOST = 60
"""How many items of a sequence are shown; of a longer one, the ends."""


def call(value: Any, *positional: str, **defaults: object) -> str:
    """Show a value as the call that makes it, leaving out what is at its default.

    A function is shown by its name, so that the text does not change from run to run. Of a
    collection of more than `MOST` items three are shown, and how many follow.

    Args:
        value: The value.
        positional: The fields that are shown without their names.
        defaults: What fields are by default where other fields decide that.
    """
    parts = []
    for field in attrs.fields(type(value)):
        item = getattr(value, field.name)
        default = defaults.get(field.name, field.default)
        if field.repr and (default is attrs.NOTHING or item != default):
            text = item.__name__ if isinstance(item, FunctionType) else shown(item)
            parts.append(text if field.name in positional else f"{field.alias}={text}")
    return f"{type(value).__name__}({', '.join(parts)})"


def shown(item: Any) -> str:
    """Show an item of a value: of a collection of more than `MOST`, three and how many follow."""
    if not isinstance(item, tuple | list | dict | frozenset) or len(item) <= MOST:
        return repr(item)
    first = type(item)(islice(item.items() if isinstance(item, dict) else item, 3))
    return shortened(repr(first), len(item), end=-2 if isinstance(item, frozenset) else -1)


def shortened(text: str, size: int, end: int = -1) -> str:
    """Return the text of the first three items of a collection, and how many follow.

    Args:
        text: The text of a collection of the three.
        size: How many there are.
        end: Where what closes the collection begins in the text.
    """
    return f"{text[:end]}, ... {size - 3:,} more{text[end:]}"


def twin(cls: type[Value]) -> tuple[type[Any], Callable[[Any], Value]]:
    """Return a mutable class with the slots of a frozen one, and what freezes its instances.

    A frozen value sets each field through `object.__setattr__`, which takes five
    times as long as plain assignment, and the engine makes two values a step.
    So it fills an instance of the twin, which has the same slots and no guard,
    and then freezes it: the class of the instance is set to the frozen one.
    CPython allows that where both classes lay out their memory alike, and refuses
    it with a `TypeError` otherwise; an interpreter that refuses gets the fields
    set one by one instead, with the same result.
    """
    frozen: Any = cls
    slots = frozen.__slots__
    draft: type[Any] = type(f"{cls.__name__}Draft", cls.__bases__, {"__slots__": slots})

    def freeze(filled: Any) -> Value:
        filled.__class__ = cls
        value: Value = filled
        return value

    def construct(filled: Any) -> Value:
        value = cls.__new__(cls)
        for slot in slots:
            object.__setattr__(value, slot, getattr(filled, slot))
        return value

    try:
        freeze(draft())
    except TypeError:
        return draft, construct
    return draft, freeze
