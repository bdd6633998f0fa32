"""Customers who move next if nothing happens, to contact them before they lapse."""

from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo
from operator import attrgetter

import attrs

from lifecycle import _checks
from lifecycle._inputs import instances
from lifecycle._tables import Column, Table, many
from lifecycle._values import call
from lifecycle.engine import _step
from lifecycle.engine._compiled import Tables
from lifecycle.engine.customers import Customer
from lifecycle.engine.definition import Lifecycle
from lifecycle.engine.transitions import Transition
from lifecycle.insights._table_parts import when
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


def due_between(customers: Iterable[Customer], *, lifecycle: Lifecycle, window: Window) -> DueTable:
    """List the stored customers who take a time-out in a window if nothing happens until then.

    For customers that are loaded without their events, such as in a nightly job.
    `CustomerBase.due` lists those of a base.

    Args:
        customers: Customers of one definition.
        lifecycle: The definition.
        window: The time to read, its end excluded; with a time zone where the customers have
            one.

    Returns:
        A row for each customer whose next time-out is in the window, the earliest first.
        Later time-outs of the same customer are not listed.

    Raises:
        InvalidTypeError: An argument is of another type.
        MixedInstantsError: Some instants have a time zone, and others have none.
        WrongDefinitionError: A customer belongs to another definition.

    Examples:
        >>> from lifecycle import presets
        >>> shop, start = presets.retail(), datetime(2026, 1, 1, tzinfo=UTC)
        >>> bob = shop.replay("bob", [Event("purchase", start + timedelta(days=5))]).customer
        >>> week = Window(start + timedelta(days=62), start + timedelta(days=69))
        >>> print(due_between([bob], lifecycle=shop, window=week))
        Due 2026-03-04 to 2026-03-11: 1 customer
        at          customer  source  target   kind
        2026-03-07  bob       new     at_risk  progress
    """
    tables = _checks.instance("lifecycle", lifecycle, Lifecycle)._tables
    found = instances("customers", customers, Customer, expected="be an iterable of Customer")
    return due([(tables, customer) for customer in found], window)


def due(customers: Iterable[tuple[Tables, Customer]], window: Window) -> DueTable:
    """List the customers who take a time-out in a window, each with its definition."""
    _checks.instance("window", window, Window)
    start, end = _checks.utc(window.start), _checks.utc(window.end)
    rows = (_row(*each, f"customers[{i}].enrolled", window) for i, each in enumerate(customers))
    inside = (row for row in rows if row and start <= _instant(row) < end)
    return DueTable(window=window, rows=tuple(sorted(inside, key=_instant)))


def _row(tables: Tables, customer: Customer, enrolled: str, window: Window) -> DueRow | None:
    """Return the next time-out of a customer, None where none will be taken."""
    found = _step.due(tables, customer, milestones=False)
    if found is None:
        return None
    _checks.same_kind("window.start", window.start, enrolled, customer.enrolled)
    at, edge = found
    assert edge.transition is not None  # noqa: S101  (it is no milestone)
    return DueRow(customer=customer, at=at, transition=edge.transition, kind=edge.kind)


def _instant(row: DueRow) -> datetime:
    return _checks.utc(row.at)
