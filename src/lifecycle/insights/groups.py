"""`by=`: the group of each customer."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

from lifecycle import _checks, _inputs
from lifecycle.engine.journeys import Journey
from lifecycle.errors import InvalidTypeError, InvalidValueError, UnknownNameError
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


def split(population: Population, by: By) -> dict[Any, list[History]]:
    """Return the customers of each group."""
    found: dict[Any, list[History]] = {}
    for history, group in zip(population.histories, _keys(population, by), strict=True):
        checked = _inputs.group(f"the group of customer {history.id!r}", group)
        found.setdefault(checked, []).append(history)
    return found


def _keys(population: Population, by: Any) -> Sequence[Any]:
    """Return the group of each customer."""
    if isinstance(by, Calendar):
        return [by.floor(history.enrolled) for history in population.histories]
    if isinstance(by, Mapping):
        return [by.get(history.id) for history in population.histories]
    expected = "be an attribute's name, a Calendar, a mapping or a function of the journey"
    if not isinstance(by, str) and not callable(by):
        raise InvalidTypeError("by", by, expected)
    if isinstance(by, str):
        if not by.strip():
            raise InvalidValueError("by", by, f"{expected}, and not blank")
        return _attributes(by, population.journeys(f"by({by!r})"))
    _checks.function("by", by, "the journey")
    return [_called(by, journey) for journey in population.journeys("by(function)")]


def _attributes(name: str, journeys: Sequence[Journey]) -> Sequence[Any]:
    attributes = [journey.customer.attributes for journey in journeys]
    known = {key: None for each in attributes for key in each}
    if attributes and name not in known:
        raise UnknownNameError("by", name, known)
    return [each.get(name) for each in attributes]


def _called(by: Callable[[Any], Any], journey: Journey) -> Any:
    try:
        return _checks.answer("what `by` returns", by(journey))
    except Exception as error:
        error.add_note(f"when `by` was asked for the group of customer {journey.customer.id!r}")
        raise
