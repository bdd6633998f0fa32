"""The parts of a tiered program: its ladder, and what leads up and down."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta
from typing import NamedTuple, TypeAlias

import attrs

from lifecycle import _checks
from lifecycle._lengths import Period, as_period
from lifecycle.engine.conditions import Condition, Measure, Sum
from lifecycle.engine.falls import falls
from lifecycle.engine.milestones import Milestone
from lifecycle.engine.transitions import After, Timeout, Transition
from lifecycle.errors import InvalidValueError
from lifecycle.periods import Until

__all__ = ["RENEWALS", "Program", "Read", "Renewal", "ending", "reminders", "reviews", "rises"]

Read: TypeAlias = Callable[..., Measure | Sum]
"""What counts for a tier, given `within` or `since_entry`."""

Ways: TypeAlias = list[tuple[str, Condition]]
"""Stages, from the lowest tier up, and the conditions that lead there."""


class Program(NamedTuple):
    """The rules of a program.

    Attributes:
        read: What counts for a tier.
        within: The qualifying period.
        renewal: When a tier ends, and who keeps it then.
        one_step: Whether who does not keep a tier goes one step down, whatever was earned.
        grace: The further time in a tier; None where there is none.
        reminder: How long before a tier ends a milestone stands; None where none does.
    """

    read: Read
    within: Period | Until
    renewal: "Renewal"
    one_step: bool
    grace: Period | None
    reminder: Period | None

    def ladder(self, tiers: Iterable[tuple[str, _checks.Number]]) -> "list[Tier]":
        """Return the tiers of the program, given their thresholds from the base up."""
        return [self._tier(name, least, base=not i) for i, (name, least) in enumerate(tiers)]

    def reached(self, least: _checks.Number) -> Condition:
        """Return the condition that so much counts within the qualifying period."""
        return self.read(within=self.within) >= least

    def _tier(self, name: str, least: _checks.Number, *, base: bool) -> "Tier":
        return Tier(
            name,
            held=f"{name}_held" if self.renewal.holds and not base else name,
            reached=self.reached(least),
            earned=self.renewal.earned(self, least),
            ends=self.renewal.ends(self, least, None),
            reminded=self.renewal.ends(self, least, self.reminder) if self.reminder else None,
            grace=f"{name}_grace" if self.grace and not base else None,
        )


class Tier(NamedTuple):
    """A tier.

    Attributes:
        name: Its stage.
        held: The stage in which it ends: a second one where it is held for another year.
        reached: The condition that leads to it at once.
        earned: The condition that leads down to it when a higher one ends; None where no
            condition can be known to hold then.
        ends: The time-out after which it ends.
        reminded: The time-out of the reminder that the tier ends; None for no reminder.
        grace: The stage of its grace; None where there is none.
    """

    name: str
    held: str
    reached: Condition
    earned: Condition | None
    ends: After
    reminded: After | None
    grace: str | None


# When a tier ends


def _early(length: Period | Until, by: Period | None) -> Period | Until:
    """Return a length that ends so much earlier."""
    if by is None:
        return length
    if isinstance(length, Until):
        return _earlier_year(length, by)
    months = length.months - by.months
    elapsed = (length.length or _NOTHING) - (by.length or _NOTHING)
    if months < 0 or elapsed < _NOTHING or not (months or elapsed):
        expected = f"be shorter than {length!r}, and of months where that is of months or years"
        raise InvalidValueError("reminder", by, expected)
    return Period(months=months) if months else as_period("reminder", elapsed)


_NOTHING = timedelta(0)
_MONTHS = 12


def _earlier_year(year: Until, by: Period) -> Until:
    """Return the year that begins, and so ends, some months earlier."""
    if year.grain != "year" or not 0 < by.months < _MONTHS:
        expected = f"be 1 to 11 months before the end of a year; the tiers end with {year!r}"
        raise InvalidValueError("reminder", by, expected)
    return attrs.evolve(year, year_start=(year.year_start - by.months - 1) % _MONTHS + 1)


def _calendar(within: Period | Until) -> Until:
    return within if isinstance(within, Until) else Until("year")


def _anniversary(_program: Program, _least: _checks.Number, early: Period | None) -> After:
    return Timeout("dwell", _early(Period(years=1), early))


def _year_end(program: Program, _least: _checks.Number, early: Period | None) -> After:
    return Timeout("dwell", _early(_calendar(program.within), early))


def _fall(program: Program, least: _checks.Number, early: Period | None) -> After:
    if early is not None and isinstance(program.within, Until):
        return _year_end(program, least, early)
    return falls(program.read(within=_early(program.within, early)), below=least)


def _reached(program: Program, least: _checks.Number) -> Condition | None:
    return program.reached(least)


def _reached_by_length(program: Program, least: _checks.Number) -> Condition | None:
    """At the end of a year, a period of the calendar is the one that begins, and is empty."""
    return program.reached(least) if isinstance(program.within, Period) else None


def _since_entry(program: Program, least: _checks.Number) -> Condition | None:
    """A tier is held for one calendar period, so this stay has all of what counts in it."""
    return program.read(since_entry=True) >= least


class Renewal(NamedTuple):
    """When a tier ends, and who keeps it.

    Attributes:
        ends: Makes the time-out, given how much earlier.
        earned: Makes the condition of what has been earned then.
        lengths: Whether the qualifying period can be a length.
        calendars: Whether the qualifying period can be one of the calendar.
        holds: Whether a tier is held until the period after the one in which it was earned ends.
        falls: Whether a tier ends because less is reached, so that a member gets what is earned.
    """

    ends: Callable[[Program, _checks.Number, Period | None], After]
    earned: Callable[[Program, _checks.Number], Condition | None]
    lengths: bool = True
    calendars: bool = True
    holds: bool = False
    falls: bool = False

    def keeps(self, within: Period | Until) -> bool:
        """Say whether who qualifies when a tier ends begins another year in the same stage."""
        return isinstance(within, Period) and not self.falls


RENEWALS: Mapping[str, Renewal] = {
    "anniversary": Renewal(_anniversary, _reached, calendars=False),
    "calendar_year": Renewal(_year_end, _reached_by_length),
    "next_year": Renewal(_year_end, _since_entry, lengths=False, holds=True),
    "at_once": Renewal(_fall, _reached, falls=True),
}


# What leads up and down


def rises(ladder: list[Tier], outside: tuple[str, ...], purchase: str) -> Iterator[Transition]:
    """Lead to the highest tier that is reached, from below, from its end and from outside."""
    for i in range(len(ladder) - 1, 0, -1):
        sources = (*outside, *(tier.name for tier in ladder[:i]), *ending(ladder[1 : i + 1]))
        yield Transition(sources, ladder[i].name, on=purchase, when=ladder[i].reached)
    yield Transition(outside, ladder[0].name, on=purchase)


def ending(tiers: Iterable[Tier]) -> list[str]:
    """Return the stages in which tiers are held and graced, beside their own."""
    tiers = list(tiers)
    held = [tier.held for tier in tiers if tier.held != tier.name]
    return [*held, *(tier.grace for tier in tiers if tier.grace is not None)]


def reviews(program: Program, ladder: list[Tier]) -> Iterator[Transition]:
    """Keep a tier when it ends, if it is earned; else lead down, at once or after the grace."""
    for i, tier in enumerate(ladder[1:], start=1):
        if program.renewal.holds:
            yield Transition(tier.name, tier.held, after=tier.ends)
        elif program.renewal.keeps(program.within):
            yield Transition(tier.name, tier.name, after=tier.ends, when=tier.reached)
        below = ladder[i - 1 : i] if program.one_step else ladder[:i]
        if tier.grace is None or program.grace is None:
            yield from _down(tier.held, tier.ends, below[0].held, _earned(below[1:]))
        else:
            yield Transition(tier.held, tier.grace, after=tier.ends)
            after = Timeout("dwell", program.grace)
            yield from _down(tier.grace, after, below[0].held, _by_now(below))


def _earned(tiers: list[Tier]) -> Ways:
    return [(tier.held, tier.earned) for tier in tiers if tier.earned is not None]


def _by_now(below: list[Tier]) -> Ways:
    """Return what can be reached by the end of a grace, beside the last resort."""
    return [(tier.name, tier.reached) for tier in below if tier.name != below[0].held]


def _down(source: str, after: After, lowest: str, ways: Ways) -> Iterator[Transition]:
    """Lead to the highest for which its condition holds, or to the lowest."""
    for stage, when in reversed(ways):
        yield Transition(source, stage, after=after, when=when)
    yield Transition(source, lowest, after=after)


def reminders(ladder: list[Tier]) -> Iterator[Milestone]:
    """Tell members before their tier ends."""
    for tier in ladder[1:]:
        if tier.reminded is not None:
            yield Milestone(tier.held, after=tier.reminded, name="tier ends")
