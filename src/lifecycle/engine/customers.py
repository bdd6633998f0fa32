"""Customers: frozen snapshots."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self

import attrs

from lifecycle import _checks
from lifecycle._values import twin
from lifecycle.engine._memory import Memory, Origin, unbound
from lifecycle.engine.enrollments import Enrollment
from lifecycle.engine.stages import Stage, Status
from lifecycle.errors import InvalidTypeError, InvalidValueError

__all__ = ["Customer"]


def _id(value: _checks.Id) -> _checks.Id:
    return _checks.identifier("id", value)


def _stage(value: Stage) -> Stage:
    if not isinstance(value, Stage):
        raise InvalidTypeError(
            "stage", value, "be a Stage; a step or a migration puts a customer in another"
        )
    return value


def _enrolled(value: datetime) -> datetime:
    return _checks.instant("enrolled", value)


def _entered(value: datetime) -> datetime:
    return _checks.instant("entered", value)


def _last_activity(value: datetime | None) -> datetime | None:
    return None if value is None else _checks.instant("last_activity", value)


def _seen(value: datetime) -> datetime:
    return _checks.utc(_checks.instant("seen", value))


def _clocks(memory: tuple[object, ...]) -> tuple[object, ...]:
    """Return what memories are equal by: what clocks count from has a zone of its own."""
    return tuple(map(_told_apart, memory))


def _told_apart(part: object) -> object:
    """Return a part by what conditions and clocks tell apart, though Python takes it for equal.

    That is an instant in another zone, True and 1, a `Decimal` and a float.
    """
    if isinstance(part, tuple):
        return _clocks(part)
    return type(part), _checks.clock(part) if isinstance(part, datetime) else part


def _values(attributes: Mapping[str, object]) -> frozenset[tuple[str, object]]:
    """Return what attributes are equal by."""
    return frozenset((name, _told_apart(value)) for name, value in attributes.items())


def _attributes(value: Mapping[str, object] | None) -> _checks.Attributes:
    return _checks.attributes("attributes", value)


def _beginnings(origin: Origin) -> tuple[object, ...]:
    """Return what origins are equal by: deadlines are counted in the zone of what was told."""
    midlife = origin.midlife and _clocks(origin.midlife)
    return origin.stage, _values(origin.attributes), origin.referred_by, origin.zone, midlife


_ORDER = (("enrolled", "entered"), ("entered", "seen"), ("last_activity", "seen"))


def _check_order(found: Mapping[str, datetime]) -> None:
    """Check that instants are of one kind, and that none is before what comes first."""
    for name, at in found.items():
        _checks.same_kind(name, at, "enrolled", found["enrolled"])
    for earlier, later in _ORDER:
        if _checks.utc(found[later]) < _checks.utc(found[earlier]):
            expected = f"not be before {earlier}, {_checks.shown(found[earlier])}"
            raise InvalidValueError(later, found[later], expected)


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class Customer:
    """A customer as far as known: a snapshot that every step replaces by a new one.

    Customers are made by `Lifecycle.enroll` and `Lifecycle.replay`, not by hand: they
    carry what their definition's conditions and clocks need to remember. `attrs.evolve`
    makes a corrected copy, whose deadline is found anew.

    Attributes:
        id: The customer's id.
        stage: The name of the stage the customer is in.
        status: What that stage means.
        enrolled: When the customer entered the lifecycle.
        entered: When the customer entered the stage.
        last_activity: The last event that counts as activity; None before the first.
        seen: The instant up to which the customer is known, in UTC where instants
            have a time zone: the latest of enrollment, last event, last stage change.
        attributes: What is known about the customer; events change it through `sets`.
        referred_by: The id of the customer who brought this one.
        enrollment: How the customer began; store it, and a replay begins the same way.
        zone: The name of the time zone in which all instants but `seen` are read; None where
            each is read in its own.
    """

    id: _checks.Id = attrs.field(converter=_id)
    _stage: Stage = attrs.field(converter=_stage)
    enrolled: datetime = attrs.field(converter=_enrolled, eq=_checks.moment)
    entered: datetime = attrs.field(converter=_entered, eq=_checks.clock)
    last_activity: datetime | None = attrs.field(converter=_last_activity, eq=_checks.clock)
    seen: datetime = attrs.field(converter=_seen)
    attributes: Mapping[str, object] = attrs.field(converter=_attributes, eq=_values)
    _origin: Origin = attrs.field(eq=_beginnings)
    _memory: Memory = attrs.field(converter=unbound, eq=_clocks)
    _due: datetime | None = attrs.field(init=False, default=None, eq=False)
    """When the next time-out is to be examined, in UTC or naive; its definition finds it."""

    def __attrs_post_init__(self) -> None:
        _check_order(
            {
                "enrolled": self.enrolled,
                "entered": self.entered,
                "last_activity": self.last_activity or self.enrolled,
                "seen": self.seen,
            }
        )
        if self._origin.midlife is not None and self.seen < self._origin.midlife.known:
            known = _checks.shown(self._origin.midlife.known)
            expected = f"not be before {known}, up to which the enrollment says what happened"
            raise InvalidValueError("seen", self.seen, expected)
        for name in ("enrolled", "entered", "last_activity"):
            if (at := getattr(self, name)) is not None:
                object.__setattr__(self, name, local(name, at, self))

    @property
    def referred_by(self) -> _checks.Id | None:
        """The id of the customer who brought this one."""
        return self._origin.referred_by

    @property
    def zone(self) -> str | None:
        """The name of the time zone in which the customer's instants are read."""
        zone = self._origin.zone
        return None if zone is None else str(zone)

    @property
    def enrollment(self) -> Enrollment:
        """How the customer began; a replay needs this and the events."""
        origin, midlife = self._origin, self._origin.midlife
        return Enrollment(
            self.id,
            self.enrolled,
            stage=origin.stage,
            attributes=origin.attributes,
            referred_by=origin.referred_by,
            entered=midlife and midlife.entered,
            last_activity=midlife and midlife.last_activity,
            so_far=midlife and midlife.so_far,
            zone=origin.zone,
        )

    @property
    def stage(self) -> str:
        """The name of the stage the customer is in."""
        return self._stage.name

    @property
    def status(self) -> Status:
        """What the stage means for the business."""
        return self._stage.status

    def to_dict(self) -> dict[str, Any]:
        """Return the customer as data that `json.dumps` takes, exact and versioned.

        Raises:
            InvalidValueError: It holds a time zone without a name, which data cannot express.
        """
        from lifecycle.engine._customer_data import CUSTOMER

        return CUSTOMER.write(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Return the customer that `to_dict` wrote; nothing in the data is run.

        Args:
            data: What `to_dict` returned, or the same written by hand.

        Raises:
            DataError: The data has mistakes; all of them are listed.
        """
        from lifecycle.engine._customer_data import CUSTOMER

        return CUSTOMER.read(data, cls)

    def __repr__(self) -> str:
        return (
            f"<Customer {self.id!r} in {self.stage!r} ({self.status}) "
            f"since {_checks.shown(self.entered)}>"
        )


def local(argument: str, at: datetime, customer: Any) -> datetime:
    """Return an instant in the zone of a customer, or of a draft; as it is where it has none."""
    return _checks.in_zone(argument, at, customer._origin.zone)


CustomerDraft, freeze = twin(Customer)


def drafted(customer: Any) -> Any:
    """Return a draft of a customer, or of a draft."""
    draft = CustomerDraft()
    draft.id = customer.id
    draft._stage = customer._stage
    draft.enrolled = customer.enrolled
    draft.entered = customer.entered
    draft.last_activity = customer.last_activity
    draft.seen = customer.seen
    draft.attributes = customer.attributes
    draft._origin = customer._origin
    draft._memory = customer._memory
    draft._due = customer._due
    return draft


def snapshot(customer: Any) -> Customer:
    """Copy a customer that is still being filled, so that code of users sees a frozen one."""
    draft = drafted(customer)
    draft._memory = unbound(draft._memory)
    found: Customer = freeze(draft)
    return found
