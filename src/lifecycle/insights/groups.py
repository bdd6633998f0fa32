"""`by=`: one table for each group of customers, in every insight."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from lifecycle import _checks, _inputs
from lifecycle._activity import Id
from lifecycle._groups import Groups, made
from lifecycle.engine.customers import Customer
from lifecycle.engine.journeys import Journey
from lifecycle.errors import (
    InvalidTypeError,
    InvalidValueError,
    UnknownNameError,
)
from lifecycle.insights._histories import History
from lifecycle.insights._population import Population
from lifecycle.periods import Calendar

__all__ = ["By"]

By = str | Calendar | Mapping[Any, Hashable] | Callable[[Journey], Hashable]
"""What customers are split by.

The name of an attribute, as it is at the end of the journey; a `Calendar`, for cohorts by
the period of enrollment; a mapping from customers to their groups, such as tiers or segments;
or a function of the journey. Customers without the attribute, or missing from the mapping, are
in the group None.
"""


Part = TypeVar("Part")
Result = TypeVar("Result")


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
    return made(found, make)


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
