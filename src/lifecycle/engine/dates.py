"""Dates that a customer carries, such as the end of a trial, as clocks."""

from datetime import timedelta
from typing import ClassVar, Literal

import attrs

from lifecycle import _checks
from lifecycle._lengths import Period, as_period
from lifecycle.engine._measures import MEASURES
from lifecycle.engine.conditions import Measure
from lifecycle.errors import InvalidTypeError, InvalidValueError

__all__ = ["At", "at"]


def _dated(value: Measure) -> Measure:
    if not isinstance(value, Measure):
        error = InvalidTypeError("at.measure", value, "be an attribute of the customer")
        name = value if isinstance(value, str) and value.strip() else "trial_end"
        error.hint = f"; pass attribute({name!r})"
        raise error
    if not MEASURES[value.kind].is_set:
        raise InvalidValueError("at.measure", value, "be an attribute(...) of the customer")
    return value


def _length(value: timedelta | Period | None) -> Period | None:
    return None if value is None else as_period("at.length", value)


@attrs.frozen(repr=False, weakref_slot=False)
class At:
    """The instant in an attribute of the customer, or a length from it; see `at`.

    Args:
        measure: The attribute.
        length: How long after the instant; None for the instant itself.
        before: Whether the length is counted back from the instant.
    """

    measure: Measure = attrs.field(converter=_dated)
    length: Period | None = attrs.field(default=None, kw_only=True, converter=_length)
    before: bool = attrs.field(default=False, kw_only=True)

    clock: ClassVar[Literal["at"]] = "at"
    event: ClassVar[None] = None
    where: ClassVar[None] = None
    names: ClassVar[tuple[str, ...]] = ()

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "before", _checks.truth("at.before", self.before))
        if self.before and self.length is None:
            raise InvalidValueError("at.before", self.before, "be False where there is no length")

    @property
    def attribute(self) -> str:
        """The name of the attribute."""
        return self.measure.names[0]

    @property
    def reads(self) -> tuple[object, ...]:
        """Which clock it reads; a nearer level silences time-outs of the same one."""
        return self.clock, self.measure

    @property
    def reason(self) -> tuple[object, ...]:
        """What makes it come up."""
        return self.reads, self.length, self.before

    def units(self) -> dict[str, float]:
        """Return the keywords of its length, which are below 0 for one that counts back."""
        sign = -1 if self.before else 1
        units = {} if self.length is None else self.length.units()
        return {unit: sign * amount for unit, amount in units.items()}

    def __repr__(self) -> str:
        given = (f"{unit}={amount!r}" for unit, amount in self.units().items())
        return f"at({', '.join((repr(self.measure), *given))})"


def at(  # noqa: PLR0913  (one keyword for each unit)
    measure: Measure,
    /,
    *,
    weeks: float = 0,
    days: float = 0,
    hours: float = 0,
    minutes: float = 0,
    seconds: float = 0,
    months: int = 0,
    years: int = 0,
) -> At:
    """Wait for a date that the customer carries, or for a length after or before it.

    The deadline is the instant in the attribute, with the length if one is given, and never
    before the stage was entered. An event that sets the attribute moves it. A date that has
    passed by then is due at once: it is dated at that event, and taken with the next step.

    Args:
        measure: The attribute, as `attribute("trial_end")`. Its value is a `datetime`; where
            it is missing or None, there is no deadline.
        weeks: Of 7 days. This and all other lengths can be below 0, for a time before the
            date, if all of them are.
        days: Of exactly 24 hours, also where the clocks change.
        hours: Of 60 minutes.
        minutes: Of 60 seconds.
        seconds: Down to microseconds.
        months: Calendar months in the zone of the date; not together with fixed lengths.
        years: Calendar years; not together with fixed lengths.

    Returns:
        A time-out, for `after=`. An event or an enrollment whose attribute is no `datetime`
        raises, as does one with a time zone for a customer without, or the other way round.

    Raises:
        InvalidTypeError: `measure` is no measure, a length is no number, or months or years
            are fractional.
        InvalidValueError: `measure` is no attribute of the customer; lengths of both signs,
            or both kinds of length.

    Examples:
        >>> at(attribute("trial_end"))
        at(attribute('trial_end'))
        >>> at(attribute("trial_end"), days=-3)
        at(attribute('trial_end'), days=-3)
    """
    elapsed = {"weeks": weeks, "days": days, "hours": hours, "minutes": minutes, "seconds": seconds}
    amounts = {unit: _checks.number(unit, amount) for unit, amount in elapsed.items()}
    amounts |= {"months": _checks.whole("months", months), "years": _checks.whole("years", years)}
    signs = {amount > 0 for amount in amounts.values() if amount}
    if len(signs) > 1:
        lengths = {unit: amount for unit, amount in amounts.items() if amount}
        expected = "be above 0, for a time after the date, or below 0, for one before it, not both"
        raise InvalidValueError("at", lengths, expected)
    if not signs:
        return At(measure)
    length = Period(**{unit: abs(amount) for unit, amount in amounts.items()})  # type: ignore[arg-type]  # months are whole
    return At(measure, length=length, before=signs == {False})
