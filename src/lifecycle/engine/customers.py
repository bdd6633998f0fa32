"""Customers: frozen snapshots of whom we follow."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

import attrs

from lifecycle import _checks
from lifecycle.engine.portable import Portable
from lifecycle.engine.stages import Stage, Status

__all__ = ["Customer"]


class Tally(NamedTuple):
    """One thing a customer must remember for a definition's conditions and clocks.

    `kind` is a key of `lifecycle.engine.tallies.KINDS`; `within` is a window's length.
    """

    kind: str
    event: str
    since_entry: bool = False
    within: Any = None


class Layout(NamedTuple):
    """Which definition a customer belongs to, and what its memory holds, in order."""

    lifecycle: str
    version: int
    tallies: tuple[Tally, ...]


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class Customer(Portable):
    """A customer as far as known: a snapshot that every step replaces by a new one.

    Customers are made by `Lifecycle.enroll` and `Lifecycle.replay`, not by hand: they
    carry what their definition's conditions and clocks need to remember.

    Attributes:
        id: Who it is.
        stage: The name of the stage in which the customer stands.
        status: What that stage means.
        enrolled: When the customer entered the lifecycle.
        entered: When the customer entered the stage.
        last_activity: The last event that counts as activity; None before the first.
        seen: The instant up to which the customer is known, in UTC where instants
            have a time zone: the latest of enrollment, last event, last stage change.
        attributes: What is known of the customer; events change it through `sets`.
        referred_by: The id of the customer who brought this one.
    """

    id: str | int
    _stage: Stage
    enrolled: datetime = attrs.field(eq=_checks.moment)
    entered: datetime = attrs.field(eq=_checks.moment)
    last_activity: datetime | None = attrs.field(eq=_checks.moment)
    seen: datetime
    attributes: Mapping[str, object]
    referred_by: str | int | None
    _memory: tuple[Any, ...]
    """The `Layout`, then the state of each of its tallies."""
    _due: datetime | None = attrs.field(eq=False)
    """When the next time-out will be taken if nothing happens, in UTC or naive."""

    @property
    def stage(self) -> str:
        """The name of the stage in which the customer stands."""
        return self._stage.name

    @property
    def status(self) -> Status:
        """What the stage means for the business."""
        return self._stage.status

    def __repr__(self) -> str:
        return (
            f"<Customer {self.id!r} in {self.stage!r} ({self.status}) "
            f"since {_checks.shown(self.entered)}>"
        )
