"""Customers who move next if nothing happens, to contact them before they lapse."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from datetime import datetime, tzinfo
from operator import attrgetter
from typing import Any, overload

import attrs

from lifecycle import _checks
from lifecycle._groups import Groups
from lifecycle._tables import Column, Table, many
from lifecycle._values import call
from lifecycle.engine import _step
from lifecycle.engine.customers import Customer
from lifecycle.engine.definition import Lifecycle
from lifecycle.engine.journeys import Journey
from lifecycle.engine.transitions import Transition
from lifecycle.errors import InvalidTypeError
from lifecycle.insights._table_parts import when
from lifecycle.insights.groups import By, GroupMember, split
from lifecycle.periods import Window

__all__ = ["DueRow", "DueTable", "due_between"]


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class DueRow:
    """The next time-out of one customer.

    Attributes:
        customer: The customer as it is now.
        at: When it will be taken if nothing happens.
        transition: The transition.
        kind: What the move means, such as "lapse".
    """

    customer: Customer
    at: datetime
    transition: Transition
    kind: str

    def __repr__(self) -> str:
        return call(self)

    @property
    def source(self) -> str:
        """The stage in which the customer is."""
        return self.customer.stage

    @property
    def target(self) -> str:
        """The stage that will be entered."""
        return self.transition.target


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class DueTable(Table[DueRow]):
    """Which customers take a time-out in a window, in order of time.

    Attributes:
        window: The window.
        rows: The customers, by instant and then as given.
    """

    _named_by = ("customer",)

    window: Window
    rows: tuple[DueRow, ...]

    def _columns(self) -> Sequence[Column]:
        return (
            Column("at", datetime, attrgetter("at")),
            Column("customer", object, attrgetter("customer.id"), str),
            *(Column(name, str, attrgetter(name)) for name in ("source", "target", "kind")),
        )

    def _zone(self) -> tzinfo | None:
        return self.window.start.tzinfo

    def _title(self) -> str:
        return f"Due {when(self.window)}: {many(len(self.rows), 'customer')}"


@overload
def due_between(
    customers: Iterable[Customer | Journey],
    *,
    window: Window,
    lifecycle: Lifecycle | None = None,
    by: None = None,
) -> DueTable: ...
@overload
def due_between(
    customers: Iterable[Customer | Journey],
    *,
    window: Window,
    lifecycle: Lifecycle | None = None,
    by: By | Callable[[Customer], Hashable],
) -> Groups[DueTable]: ...
def due_between(
    customers: Iterable[Customer | Journey],
    *,
    window: Window,
    lifecycle: Lifecycle | None = None,
    by: By | Callable[[Customer], Hashable] | None = None,
) -> DueTable | Groups[DueTable]:
    """List the customers who take a time-out in a window if nothing happens until then.

    Args:
        customers: Customers of one definition; or journeys, which know theirs.
        window: The time to read, its end excluded; with a time zone where the customers have
            one.
        lifecycle: The definition of the customers; not needed for journeys.
        by: What to split customers by: the name of an attribute, a `Calendar` (by period of
            enrollment), a mapping from customers to groups, or a function of what is given,
            a customer or a journey.

    Returns:
        A row for each customer whose next time-out is in the window, the earliest first.
        Later time-outs of the same customer are not listed. With `by`, such a table for each
        group.

    Raises:
        InvalidTypeError: An argument is of another type, or there are customers and no
            definition.
        MixedInstantsError: Some instants have a time zone, and others have none.
        UnknownNameError: `by` names an attribute that no customer has.
        WrongDefinitionError: A customer belongs to another definition.

    Examples:
        >>> from lifecycle import presets
        >>> shop, start = presets.retail(), datetime(2026, 1, 1, tzinfo=UTC)
        >>> dates = {"ann": (3, 60), "bob": (5,), "cy": (8, 9, 40)}
        >>> journeys = [
        ...     shop.replay(
        ...         name,
        ...         [Event("purchase", start + timedelta(days=day)) for day in days],
        ...         until=start + timedelta(days=62),
        ...     )
        ...     for name, days in dates.items()
        ... ]
        >>> week = Window(start + timedelta(days=62), start + timedelta(days=69))
        >>> print(due_between(journeys, window=week))
        Due 2026-03-04 to 2026-03-11: 1 customer
        at          customer  source  target   kind
        2026-03-07  bob       new     at_risk  progress
    """
    _checks.instance("window", window, Window)
    start, end = _checks.utc(window.start), _checks.utc(window.end)
    if lifecycle is not None:
        _checks.instance("lifecycle", lifecycle, Lifecycle)
    if isinstance(customers, Customer | Journey | Mapping | str) or not isinstance(
        customers, Iterable
    ):
        raise InvalidTypeError("customers", customers, "be an iterable of Customer or Journey")
    found = [_asked(i, given, lifecycle, window) for i, given in enumerate(customers)]

    def make(rows: Iterable[DueRow | None]) -> DueTable:
        inside = (row for row in rows if row and start <= _instant(row) < end)
        return DueTable(window=window, rows=tuple(sorted(inside, key=_instant)))

    return make(row for _, row in found) if by is None else split(by, found, make)


def _asked(
    i: int, given: Any, lifecycle: Lifecycle | None, window: Window
) -> tuple[GroupMember, DueRow | None]:
    """Return a customer with the next time-out, None where none will be taken."""
    tables, customer = None if lifecycle is None else lifecycle._tables, given
    if isinstance(given, Journey):
        tables, customer = tables or given._tables, given.customer
    elif not isinstance(given, Customer):
        raise InvalidTypeError(f"customers[{i}]", given, "be a Customer or a Journey")
    if tables is None:
        raise InvalidTypeError("lifecycle", None, "be the definition of the customers")
    member = GroupMember(customer.id, customer.enrolled, customer, given)
    found = _step.due(tables, customer, milestones=False)
    if found is None:
        return member, None
    _checks.same_kind("window.start", window.start, f"customers[{i}].enrolled", customer.enrolled)
    at, edge = found
    assert edge.transition is not None  # noqa: S101  (it is no milestone)
    return member, DueRow(customer=customer, at=at, transition=edge.transition, kind=edge.kind)


def _instant(row: DueRow) -> datetime:
    return _checks.utc(row.at)
