"""Falls: the instants at which measures of a window are less than before."""

from typing import TYPE_CHECKING, ClassVar, Literal

import attrs

from lifecycle import _checks
from lifecycle.engine._measures import MEASURES
from lifecycle.engine.conditions import Criterion, Measure, Sum, terms
from lifecycle.errors import InvalidTypeError, InvalidValueError

if TYPE_CHECKING:
    from lifecycle.periods import Period, Until

__all__ = ["Fall", "falls"]

_CANNOT_FALL = "be a count, a total or a mean with within=: only what a window holds leaves it"


def _falling(value: Measure | Sum) -> Measure | Sum:
    if not isinstance(value, Measure | Sum):
        expected = "be a measure, such as total('purchase', within=Period(days=365))"
        raise InvalidTypeError("falls.measure", value, expected)
    parts = terms(value)
    row = MEASURES[value.kind].falls
    if row is None or any(term.within is None for term in parts):
        raise InvalidValueError("falls.measure", value, _CANNOT_FALL)
    if len({(term.within, term.since_entry) for term in parts}) > 1:
        expected = "have one window, and since_entry in all of its measures or in none"
        raise InvalidValueError("falls.measure", value, expected)
    if len(parts) > 1 and not row.adds_up:
        raise InvalidValueError("falls.measure", value, f"be one {value.kind}, and not several")
    return value


def _below(value: _checks.Number) -> _checks.Number:
    return _checks.number("falls.below", value)


@attrs.frozen(repr=False, weakref_slot=False)
class Fall:
    """The instant at which a measure of a window is less than before; see `falls`.

    Args:
        measure: The measure.
        below: What it falls below.
    """

    measure: Measure | Sum = attrs.field(converter=_falling)
    below: _checks.Number = attrs.field(kw_only=True, converter=_below)

    clock: ClassVar[Literal["falls"]] = "falls"
    event: ClassVar[None] = None
    where: ClassVar[None] = None

    @property
    def within(self) -> "Period | Until":
        """The window of its measure."""
        found = terms(self.measure)[0].within
        assert found is not None  # noqa: S101  (it has been checked)
        return found

    length = within

    @property
    def since_entry(self) -> bool:
        """Whether the window holds only the events of the current stay."""
        return terms(self.measure)[0].since_entry

    @property
    def names(self) -> tuple[str, ...]:
        """The events that it reads, each once."""
        return tuple(dict.fromkeys(name for term in terms(self.measure) for name in term.names))

    @property
    def reads(self) -> tuple[object, ...]:
        """Which clock it reads; a nearer level silences time-outs of the same one."""
        return self.clock, self.measure

    @property
    def reason(self) -> tuple[object, ...]:
        """What makes it come up."""
        return self.reads, self.below

    @property
    def criterion(self) -> Criterion:
        """What holds before it, and does not after."""
        return self.measure >= self.below

    def __repr__(self) -> str:
        return f"falls({self.measure!r}, below={self.below!r})"


def falls(measure: Measure | Sum, *, below: _checks.Number) -> Fall:
    """Wait until a measure of a window falls below a number.

    The instant is known in advance, as it is known when each event leaves the window: 365
    days after a purchase, or when the calendar year ends. An event that the measure counts
    moves it. An event can also make it fall, such as a refund with a negative value: then
    it is dated at that event, and taken with the next step.

    Args:
        measure: A count, total or mean with `within=`, or counts or totals of one window
            that are added and subtracted.
        below: The number; the measure has been at least that much before.

    Returns:
        A time-out, for `after=`. A customer for whom the measure is below already waits
        until it has been at least as much and falls again; a fall at the very instant at
        which the stage is entered counts.

    Raises:
        InvalidTypeError: An argument is of another type.
        InvalidValueError: The measure has no window, or is of a kind of which nothing
            leaves.

    Convention:
        A window of months is that of the zone of the last event that it counts.

    Examples:
        >>> falls(total("purchase", within=Period(days=365)), below=500)
        falls(total('purchase', within=Period(days=365)), below=500)
    """
    return Fall(measure, below=below)
