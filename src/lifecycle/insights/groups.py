"""`by=`: one table for each group of customers, in every insight."""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from datetime import datetime
from html import escape
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

import attrs

from lifecycle import _checks, _inputs
from lifecycle._activity import Id
from lifecycle._tables import cut, in_words, plain
from lifecycle._values import call
from lifecycle.engine.customers import Customer
from lifecycle.engine.journeys import Journey
from lifecycle.errors import (
    InvalidTypeError,
    InvalidValueError,
    LifecycleError,
    UnknownNameError,
)
from lifecycle.insights._histories import History
from lifecycle.insights._population import Population
from lifecycle.periods import Calendar

__all__ = ["By", "Groups"]

By = str | Calendar | Mapping[Id, Hashable] | Callable[[Journey], Hashable]
"""What customers are split by.

The name of an attribute, as it is at the end of the journey; a `Calendar`, for cohorts by
the period of enrollment; a mapping from customers to their groups, such as tiers or segments;
or a function of the journey. Customers without the attribute, or missing from the mapping, are
in the group None.
"""


class _Result(Protocol):
    """A table, as far as groups need it."""

    @property
    def rows(self) -> Sequence[Any]: ...

    def to_rows(self) -> list[dict[str, Any]]: ...

    def to_dict(self) -> dict[str, Any]: ...

    def _repr_html_(self) -> str: ...


Part = TypeVar("Part")
Result = TypeVar("Result", bound=_Result)


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class Groups(Generic[Result]):
    """One table for each group of customers.

    `str` and a notebook show all of up to 60 groups, and of more the first and last ten.

    Attributes:
        tables: The groups with their tables, sorted by group, None last.

    Examples:
        >>> from lifecycle import insights, presets
        >>> shop, may = presets.retail(), datetime(2026, 5, 1, tzinfo=UTC)
        >>> journeys = [
        ...     shop.replay(name, [Event("purchase", may)], attributes={"plan": plan})
        ...     for name, plan in [("ann", "gold"), ("bob", "basic"), ("cy", "gold")]
        ... ]
        >>> found = insights.drop_off(journeys, by="plan")
        >>> [(plan, table.row("prospect").stays) for plan, table in found.tables]
        [('basic', 1), ('gold', 2)]
        >>> found["gold"].row("prospect").conversion
        Rate(2, 2)
    """

    tables: tuple[tuple[Any, Result], ...]

    def __repr__(self) -> str:
        return call(self)

    @property
    def groups(self) -> tuple[Any, ...]:
        """The groups, sorted, None last."""
        return tuple(group for group, _ in self.tables)

    @property
    def rows(self) -> tuple[tuple[Any, Any], ...]:
        """The rows of all tables, each with its group."""
        return tuple((group, row) for group, table in self.tables for row in table.rows)

    def __getitem__(self, group: Hashable) -> Result:
        for found, table in self.tables:
            if found == group:
                return table
        raise InvalidValueError("group", group, f"be one of {list(self.groups)}")

    def __iter__(self) -> Iterator[Any]:
        return iter(self.groups)

    def __len__(self) -> int:
        return len(self.tables)

    def to_rows(self) -> list[dict[str, Any]]:
        """Return the rows of all tables as plain dicts, each with its group."""
        return [{"group": group, **row} for group, table in self.tables for row in table.to_rows()]

    def to_dict(self) -> dict[str, Any]:
        """Return the tables as data that `json.dumps` takes.

        Returns:
            "groups": for each group its "group" and what `to_dict` of its table returns.
        """
        groups = [{"group": plain(group), **table.to_dict()} for group, table in self.tables]
        return {"groups": groups}

    def __str__(self) -> str:
        first, between, last = cut(self.tables, "groups")
        return "\n\n".join([*map(_text, first), *filter(None, [between]), *map(_text, last)])

    def _repr_html_(self) -> str:
        first, between, last = cut(self.tables, "groups")
        return f"{_html(first)}{between and f'<p>{between}</p>'}{_html(last)}"


class GroupMember(NamedTuple):
    """A customer who belongs to a group.

    Attributes:
        id: The id of the customer.
        enrolled: When the customer enrolled.
        customer: The customer; None in a change log.
        given: What a function `by` is called with: a journey or a customer, as it was given.
    """

    id: Id
    enrolled: datetime
    customer: Customer | None
    given: Any


def over(
    by: By | None, population: Population, make: Callable[[Sequence[History]], Result]
) -> Result | Groups[Result]:
    """Make one table of all customers, or one for each group."""
    if by is None:
        return make(population.histories)
    members = []
    for history in population.histories:
        journey = history.journey
        customer = None if journey is None else journey.customer
        member = GroupMember(history.id, history.enrolled, customer, journey)
        members.append((member, history))
    return split(by, members, make)


def split(
    by: Any, members: Sequence[tuple[GroupMember, Part]], make: Callable[[Sequence[Part]], Result]
) -> Groups[Result]:
    """Make a table for each group, from the parts of its members."""
    found: dict[Any, list[Part]] = {}
    keys = _keys(by, [member for member, _ in members])
    for (member, part), group in zip(members, keys, strict=True):
        checked = _inputs.group(f"the group of customer {member.id!r}", group)
        found.setdefault(checked, []).append(part)
    named = _inputs.in_order(group for group in found if group is not None)
    groups = [*named, None] if None in found else named
    return Groups(tables=tuple((group, _made(make, group, found[group])) for group in groups))


def _made(make: Callable[[Sequence[Part]], Result], group: object, parts: Sequence[Part]) -> Result:
    try:
        return make(parts)
    except LifecycleError as error:
        error.add_note(f"in the group {group!r}")
        raise


def _keys(by: Any, members: Sequence[GroupMember]) -> Sequence[Any]:
    """Return the group of each member."""
    if isinstance(by, Calendar):
        return [by.floor(member.enrolled) for member in members]
    if isinstance(by, Mapping):
        return [by.get(member.id) for member in members]
    expected = "be an attribute's name, a Calendar, a mapping or a function of the journey"
    if not isinstance(by, str) and not callable(by):
        raise InvalidTypeError("by", by, expected)
    if isinstance(by, str) and not by.strip():
        raise InvalidValueError("by", by, f"{expected}, and not blank")
    if not isinstance(by, str):
        _checks.function("by", by, "the journey")
    customers = [member.customer for member in members if member.customer is not None]
    if len(customers) < len(members):
        expected = "be a Calendar or a mapping, as a change log has no journeys"
        raise InvalidTypeError("by", by, expected)
    if isinstance(by, str):
        return _attributes(by, customers)
    return [_called(by, member) for member in members]


def _attributes(name: str, customers: Sequence[Customer]) -> Sequence[Any]:
    known = {key: None for customer in customers for key in customer.attributes}
    if customers and name not in known:
        raise UnknownNameError("by", name, known)
    return [customer.attributes.get(name) for customer in customers]


def _called(by: Callable[[Any], Any], member: GroupMember) -> Any:
    try:
        return _checks.answer("what `by` returns", by(member.given))
    except Exception as error:
        error.add_note(f"when `by` was asked for the group of customer {member.id!r}")
        raise


def _text(part: tuple[Any, _Result]) -> str:
    group, table = part
    return f"{_label(group)}\n{table}"


def _html(tables: Sequence[tuple[Any, _Result]]) -> str:
    return "".join(
        f"<h4>{escape(_label(group))}</h4>{table._repr_html_()}" for group, table in tables
    )


def _label(group: Any) -> str:
    return "(none)" if group is None else in_words(group)
