"""How values show themselves, and how they are made quickly."""

import sys
from typing import Any

import attrs
import pytest

from lifecycle import Customer, StageChange
from lifecycle._values import call, twin
from samples import SHOP, START, again, bought


@attrs.frozen(repr=False)
class Point:
    """A value with all kinds of fields."""

    x: int
    y: int = 0
    _label: str = attrs.field(default="", kw_only=True)
    secret: int = attrs.field(default=1, kw_only=True, repr=False)

    def __repr__(self) -> str:
        return call(self, "x", "y")


def test_of_a_long_sequence_the_first_items_are_shown_and_how_many_follow() -> None:
    many: Any = tuple(range(1_003))
    assert repr(Point(many)) == "Point((0, 1, 2, ... 1,000 more))"
    assert repr(Point(dict.fromkeys(many))) == "Point({0: None, 1: None, 2: None, ... 1,000 more})"


def test_of_a_large_set_some_items_are_shown_and_how_many_follow() -> None:
    many: Any = frozenset(range(1_003))
    assert repr(Point(many)) == "Point(frozenset({0, 1, 2, ... 1,000 more}))"
    few: Any = frozenset(range(60))
    assert repr(Point(few)) == f"Point({few!r})"
    pairs: Any = frozenset((k, k) for k in range(61))
    assert repr(Point(pairs)).endswith("), ... 58 more}))")


def test_up_to_sixty_items_are_shown_whole() -> None:
    whole: Any = tuple(range(60))
    assert repr(Point(whole)) == f"Point({whole!r})"
    assert repr(Point((*whole, 60))) == "Point((0, 1, 2, ... 58 more))"


@attrs.frozen(weakref_slot=False)
class Plain:
    """A value whose memory a twin lays out alike."""

    a: int
    _b: tuple[int, ...]


class Base:
    """A class with a field of its own."""

    __slots__ = ("c",)


@attrs.frozen(weakref_slot=False)
class Based(Base):
    """A value with a base, which its twin must share."""

    a: int
    _b: tuple[int, ...]


class Guarded:
    """A base whose instances refuse to become something else."""

    __slots__ = ()

    def __setattr__(self, name: str, value: object) -> None:
        if name == "__class__":
            raise TypeError(name)
        object.__setattr__(self, name, value)


@attrs.frozen(weakref_slot=False)
class Rigid(Guarded):
    """A value into which a twin cannot be moved."""

    a: int
    _b: tuple[int, ...]


@pytest.mark.parametrize(
    ("point", "text"),
    [
        (Point(1), "Point(1)"),
        (Point(1, 2), "Point(1, 2)"),
        (Point(1, label="here"), "Point(1, label='here')"),
        (Point(0, 0, secret=5), "Point(0)"),
    ],
)
def test_a_value_shows_what_is_not_at_its_default(point: Point, text: str) -> None:
    assert repr(point) == text


def test_a_function_is_shown_by_its_name() -> None:
    assert repr(Point(str, again)) == "Point(<class 'str'>, again)"  # type: ignore[arg-type]
    assert repr(Point(1, label=again)) == "Point(1, label=again)"  # type: ignore[arg-type]
    assert repr(Point(lambda: 1)) == "Point(<lambda>)"  # type: ignore[arg-type]


def test_a_field_that_is_not_positional_is_named() -> None:
    assert call(Point(1, 2)) == "Point(x=1, y=2)"


@pytest.mark.parametrize("kind", [Plain, Based, Rigid])
def test_a_twin_is_filled_and_frozen_into_the_value(kind: type[Any]) -> None:
    draft, freeze = twin(kind)
    filled = draft()
    filled.a = 1
    filled._b = (2,)
    value = freeze(filled)
    assert type(value) is kind
    assert value == kind(1, (2,))
    assert hash(value) == hash(kind(1, (2,)))
    assert repr(value) == repr(kind(1, (2,)))
    assert again(value) == value
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        value.a = 3


def test_a_twin_is_the_value_itself_where_the_interpreter_allows_it() -> None:
    draft, freeze = twin(Plain)
    filled = draft()
    filled.a, filled._b = 1, ()
    assert (freeze(filled) is filled) == (sys.implementation.name == "cpython")


def test_a_twin_is_a_new_value_where_the_layouts_differ() -> None:
    draft, freeze = twin(Rigid)
    filled = draft()
    filled.a, filled._b = 1, ()
    assert freeze(filled) is not filled
    assert type(filled) is draft


def test_a_twin_has_the_fields_of_the_value_and_no_others() -> None:
    draft, _ = twin(Plain)
    with pytest.raises(AttributeError):
        draft().c = 1


@pytest.mark.parametrize("kind", [Customer, StageChange])
def test_the_values_of_a_step_are_made_by_twins(kind: type[Any]) -> None:
    outcome = SHOP.apply(SHOP.enroll("ann", at=START), bought(1))
    value = outcome.customer if kind is Customer else outcome.changes[0]
    assert type(value) is kind
    fields = {f.alias: getattr(value, f.name) for f in attrs.fields(kind) if f.init}
    assert kind(**fields) == value
