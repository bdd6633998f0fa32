"""What several presets say alike."""

from lifecycle import _checks
from lifecycle.engine.stages import Stage, Status
from lifecycle.engine.transitions import Transition, idle
from lifecycle.errors import InvalidValueError
from lifecycle.periods import Period

__all__ = ["GONE", "YEAR", "ascending", "distinct", "silence", "stages"]

YEAR = Period(days=365)


def stages(status: Status, *names: str) -> tuple[Stage, ...]:
    """Make stages of one status, labelled by their names."""
    return tuple(Stage(name, status, label=name.replace("_", " ").capitalize()) for name in names)


GONE = (*stages(Status.DORMANT, "lapsed"), *stages(Status.CHURNED, "churned", "abandoned"))
"""Customers who fell silent, customers who are lost, prospects who never bought."""


def silence(
    *, abandoned_days: float, lapsed_days: float, churned_days: float, purchase: str
) -> tuple[Transition, ...]:
    """Lead to `GONE`: prospects when nothing happens, customers when they do not buy."""
    ascending(abandoned_days=abandoned_days)
    ascending(lapsed_days=lapsed_days, churned_days=churned_days)
    return (
        Transition(Status.PROSPECT, "abandoned", after=idle(days=abandoned_days)),
        Transition(Status.ACTIVE, "lapsed", after=idle(purchase, days=lapsed_days)),
        Transition("lapsed", "churned", after=idle(purchase, days=churned_days)),
    )


def ascending(**numbers: _checks.Number) -> None:
    """Check that each argument is a number above the one before, and the first above 0."""
    least: _checks.Number = 0
    above = "0"
    for argument, given in numbers.items():
        if _checks.number(argument, given) <= least:
            raise InvalidValueError(argument, given, f"be above {above}")
        least, above = given, f"{argument}, which is {given}"


def distinct(**events: str) -> None:
    """Check that each argument is the name of an event, and none of them twice."""
    first: dict[str, str] = {}
    for argument, given in events.items():
        event = _checks.name(argument, given)
        if first.setdefault(event, argument) != argument:
            raise InvalidValueError(argument, given, f"differ from {first[event]}")
