"""Enrollments: how a customer began."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any, Self

import attrs

from lifecycle import _checks
from lifecycle._values import call
from lifecycle.engine._memory import Midlife, Origin
from lifecycle.engine.events import read_in
from lifecycle.engine.so_far import SoFar
from lifecycle.engine.stages import Stage, stage_name
from lifecycle.errors import InvalidTypeError, InvalidValueError

__all__ = ["Enrollment"]


UNDATED = datetime.min  # noqa: DTZ901  (it is replaced before anything reads it)
"""Stands in an enrollment for an instant that is that of the first event."""


def _id(value: _checks.Id) -> _checks.Id:
    return _checks.identifier("id", value)


def _at(value: datetime) -> datetime:
    return _checks.instant("at", value)


def _stage(value: str | Stage | None) -> str | None:
    if isinstance(value, Stage):
        return value.name
    return None if value is None else stage_name("stage", value)


def _attributes(value: Mapping[str, object] | None) -> _checks.Attributes:
    return _checks.attributes("attributes", value)


def _referred_by(value: _checks.Id | None) -> _checks.Id | None:
    return None if value is None else _checks.identifier("referred_by", value)


def _entered(value: datetime | None) -> datetime | None:
    return None if value is None else _checks.instant("entered", value)


def _last_activity(value: datetime | None) -> datetime | None:
    return None if value is None else _checks.instant("last_activity", value)


def _so_far(value: Mapping[str, SoFar] | None) -> Mapping[str, SoFar]:
    if value is None:
        return _NOTHING
    if not isinstance(value, Mapping):
        raise InvalidTypeError("so_far", value, "be a mapping from event names to SoFar")
    found = {
        _checks.name("so_far key", name): _checks.instance(f"so_far[{name!r}]", told, SoFar)
        for name, told in value.items()
    }
    return _checks.Attributes(found) if found else _NOTHING  # type: ignore[return-value]  # it holds any values


_NOTHING: Mapping[str, SoFar] = _checks.NO_ATTRIBUTES  # type: ignore[assignment]  # it is empty


def _zone(value: str | tzinfo | None) -> str | None:
    """Return the name of a zone, by which it can be stored and found again."""
    if value is None:
        return None
    if not isinstance(value, str | tzinfo):
        raise InvalidTypeError("zone", value, "be the name of a time zone, or one of zoneinfo")
    name = value if isinstance(value, str) else _zone_name(value)
    return str(_checks.zone_named("zone", _checks.name("zone", name)))


def _zone_name(value: tzinfo) -> str:
    zone = _checks.zone("zone", value)
    name = "UTC" if zone == UTC else getattr(zone, "key", None)
    if not isinstance(name, str):
        raise InvalidValueError("zone", value, "be the name of a time zone, or one of zoneinfo")
    return name


@attrs.frozen(repr=False, weakref_slot=False)
class Enrollment:
    """How a customer began: all that a replay needs in addition to the events.

    `Customer.enrollment` and `Journey.enrollment` show it. Store it with the customer,
    and `Lifecycle.replay` begins as the customer did.

    A customer can be enrolled in mid-life, with what is known of the time before. What is not
    told begins at zero: `since_entry=` counts, conditions on events (`where=`) and windows
    (`within=`, `falls`) but for the `recent` events, `entries` and `previous`.

    Args:
        id: The customer's id.
        at: When the customer entered the lifecycle.
        stage: The stage in which the customer began, or its name; the initial stage by
            default.
        attributes: The customer's attributes at enrollment.
        referred_by: The id of the customer who brought this one.
        entered: When the customer entered `stage`; at `at` by default.
        last_activity: When the customer was last active; by default, the latest `last` in
            `so_far` of the events that count as activity.
        so_far: By the name of an event, how often and when it has happened so far.
        zone: The time zone of the customer, by name or of `zoneinfo`: all its instants are
            read in it, so that calendar lengths and calendar periods are those of this zone
            whatever zone events are written in. By default, each instant counts in its own.

    Raises:
        InvalidTypeError: A field is of another type; a `date` is no `datetime`.
        InvalidValueError: A text is blank; no such zone is installed; instants have no time
            zone, and `zone` is given; or an instant is before `at`.
        MixedInstantsError: Some instants have a time zone and others none.

    Examples:
        >>> Enrollment("ann", datetime(2026, 1, 5), attributes={"plan": "gold"})
        Enrollment('ann', datetime.datetime(2026, 1, 5, 0, 0), attributes={'plan': 'gold'})
    """

    id: _checks.Id = attrs.field(converter=_id)
    at: datetime = attrs.field(converter=_at, eq=_checks.moment)
    stage: str | None = attrs.field(default=None, kw_only=True, converter=_stage)
    attributes: Mapping[str, object] = attrs.field(
        default=_checks.NO_ATTRIBUTES, kw_only=True, converter=_attributes
    )
    referred_by: _checks.Id | None = attrs.field(default=None, kw_only=True, converter=_referred_by)
    entered: datetime | None = attrs.field(
        default=None, kw_only=True, converter=_entered, eq=_checks.clock
    )
    last_activity: datetime | None = attrs.field(
        default=None, kw_only=True, converter=_last_activity, eq=_checks.clock
    )
    so_far: Mapping[str, SoFar] = attrs.field(default=_NOTHING, kw_only=True, converter=_so_far)
    zone: str | None = attrs.field(default=None, kw_only=True, converter=_zone)

    def __attrs_post_init__(self) -> None:
        if self._is_plain:
            return
        if self.zone is not None and self.at != UNDATED:
            _read_in_zone(self)
        if self._is_midlife:
            _check_midlife(self)

    @property
    def _is_plain(self) -> bool:
        """Whether the customer begins as one that nothing is known of yet."""
        return self.zone is None and not self._is_midlife

    @property
    def _is_midlife(self) -> bool:
        return not (self.entered is self.last_activity is None and not self.so_far)

    @property
    def _known(self) -> datetime:
        """The instant up to which the enrollment says what has happened."""
        return max((at for _, at in _instants(self)), key=_checks.utc)

    @property
    def _midlife(self) -> Midlife | None:
        """What the enrollment says of the time before; None if it says nothing."""
        if not self._is_midlife:
            return None
        known = _checks.utc(self._known)
        return Midlife(self.entered, self.last_activity, self.so_far, known)

    @property
    def _tzinfo(self) -> tzinfo | None:
        return None if self.zone is None else _checks.zone_named("zone", self.zone)

    def to_dict(self) -> dict[str, Any]:
        """Return the enrollment as data that `json.dumps` takes, exact and versioned.

        Raises:
            InvalidValueError: It holds a time zone without a name, which data cannot express.
        """
        from lifecycle.engine._enrollment_data import ENROLLMENT

        return ENROLLMENT.write(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Return the enrollment that `to_dict` wrote; nothing in the data is run.

        Args:
            data: What `to_dict` returned, or the same written by hand.

        Raises:
            DataError: The data has mistakes; all of them are listed.
        """
        from lifecycle.engine._enrollment_data import ENROLLMENT

        return ENROLLMENT.read(data, cls)

    def __repr__(self) -> str:
        return call(self, "id", "at")


def beginning(enrollment: Enrollment, stage: str) -> Origin:
    """Return how a customer begins, in a stage unless the enrollment says another."""
    own = (None, None) if enrollment._is_plain else (enrollment._tzinfo, enrollment._midlife)
    told = enrollment.stage or stage, enrollment.attributes, enrollment.referred_by, *own
    return tuple.__new__(Origin, told)  # in half the time of calling the class


def _instants(enrollment: Enrollment) -> Iterator[tuple[str, datetime]]:
    """Yield when the customer was enrolled, and the first and last instants of all else told."""
    yield "at", enrollment.at
    for name in ("entered", "last_activity"):
        if (at := getattr(enrollment, name)) is not None:
            yield name, at
    for name, told in enrollment.so_far.items():
        for event in told.recent[:1]:
            yield f"so_far[{name!r}].recent[0].at", event.at
        if told.last is not None:
            yield f"so_far[{name!r}].last", told.last


def _check_midlife(enrollment: Enrollment) -> None:
    """Check that no instant is before the enrollment, and recent events against their names."""
    start = enrollment.at
    if start == UNDATED:
        given = "entered, last_activity or so_far"
        raise InvalidValueError("the instant of enrollment", None, f"be given with {given}")
    for name, at in _instants(enrollment):
        _checks.same_kind(name, at, "at", start)
        if _checks.utc(at) < _checks.utc(start):
            raise InvalidValueError(name, at, f"not be before at, {_checks.shown(start)}")
    for name, told in enrollment.so_far.items():
        for i, event in enumerate(told.recent):
            if event.name != name:
                path = f"so_far[{name!r}].recent[{i}].name"
                raise InvalidValueError(path, event.name, f"be {name!r}")


def _read_in_zone(enrollment: Enrollment) -> None:
    """Write all instants of an enrollment that is being made as its zone does."""
    zone = enrollment._tzinfo
    assert zone is not None  # noqa: S101  (it has been given)
    for name, at in _instants(enrollment):
        if at.tzinfo is None:
            expected = f"be left out where instants have no time zone, as {name} has none"
            raise InvalidValueError("zone", enrollment.zone, expected)
    for name in ("at", "entered", "last_activity"):
        if (at := getattr(enrollment, name)) is not None:
            object.__setattr__(enrollment, name, _checks.in_zone(name, at, zone))
    told = {name: _told_in_zone(name, told, zone) for name, told in enrollment.so_far.items()}
    object.__setattr__(enrollment, "so_far", _so_far(told))


def _told_in_zone(name: str, told: SoFar, zone: tzinfo) -> SoFar:
    last = told.last and _checks.in_zone(f"so_far[{name!r}].last", told.last, zone)
    return attrs.evolve(told, last=last, recent=[read_in(zone, each) for each in told.recent])


def refuse_beside(**given: object) -> None:
    """Check that no argument repeats what an enrollment says."""
    for argument, value in given.items():
        if value is not None:
            raise InvalidValueError(argument, value, "be left out where an Enrollment is given")
