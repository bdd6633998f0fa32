"""Measures of recurring revenue as formulas of the movements of one period."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from lifecycle import _checks, _money
from lifecycle._checks import Number
from lifecycle.errors import InvalidTypeError, InvalidValueError
from lifecycle.rates import Rate, Ratio

__all__ = ["MEASURES", "NOT_NEGATIVE", "measure", "ratio"]

NOT_NEGATIVE = "be at least 0; what is lost is counted up"
"""What every movement must be."""


class _Measure(NamedTuple):
    """Which fields of a row a measure is read from, and its formula."""

    parts: tuple[str, ...]
    of: Callable[..., Ratio | Rate]


def _net_retention(
    start: Number, grown: Number, shrunk: Number, lost: Number, same_period: Number
) -> Ratio:
    return Ratio(_left(start, shrunk, lost, same_period, grown), start)


def _gross_retention(start: Number, shrunk: Number, lost: Number, same_period: Number) -> Ratio:
    return Ratio(_left(start, shrunk, lost, same_period), start)


def _left(
    start: Number, shrunk: Number, lost: Number, same_period: Number, grown: Number = 0
) -> Number:
    """Return what is left, of which no more can be lost than there was."""
    _check_same_period("churn", lost, "same_period", same_period)
    left = _money.added(start, same_period, grown, less=(shrunk, lost))
    had = _money.added(start, same_period, grown)
    if isinstance(left, float) and 0 < -left <= _ROUNDING * float(had):
        return 0.0
    if left < 0:
        expected = (
            f"be at most {had!r}, which is what there was, less row.contraction; {_SAME_PERIOD}"
        )
        raise InvalidValueError("row.churn", lost, expected)
    return left


def _check_same_period(of: str, lost: Number, name: str, same_period: Number) -> None:
    if same_period > lost:
        raise InvalidValueError(f"row.{name}", same_period, f"be at most row.{of}, {lost!r}")


_ROUNDING = 1e-12
_SAME_PERIOD = "what is new and lost within the period is also in same_period"


def _quick(new: Number, grown: Number, back: Number, shrunk: Number, lost: Number) -> Ratio:
    return Ratio(_money.added(new, grown, back), _money.added(shrunk, lost))


def _net_churn(start: Number, lost: Number, shrunk: Number, grown: Number, back: Number) -> Ratio:
    return Ratio(_money.added(lost, shrunk, less=(grown, back)), start)


def _gross_churn(start: Number, lost: Number, shrunk: Number) -> Ratio:
    return Ratio(_money.added(lost, shrunk), start)


def _logo_churn(customers: float, lost: float, same_period: float) -> Rate:
    _check_same_period("customers_lost", lost, "customers_same_period", same_period)
    if lost - same_period > customers:
        expected = f"be at most row.customers_start, {customers!r}; {_SAME_PERIOD}"
        raise InvalidValueError("row.customers_lost", lost, expected)
    return Rate(lost - same_period, customers)


MEASURES = {
    "net_retention": _Measure(
        ("start", "expansion", "contraction", "churn", "same_period"), _net_retention
    ),
    "gross_retention": _Measure(("start", "contraction", "churn", "same_period"), _gross_retention),
    "logo_churn": _Measure(
        ("customers_start", "customers_lost", "customers_same_period"), _logo_churn
    ),
    "quick_ratio": _Measure(("new", "expansion", "reactivation", "contraction", "churn"), _quick),
    "net_mrr_churn": _Measure(
        ("start", "churn", "contraction", "expansion", "reactivation"), _net_churn
    ),
    "gross_mrr_churn": _Measure(("start", "churn", "contraction"), _gross_churn),
}
"""The measures. With s what was paid at the start, and losses = contraction + churn:

    net_retention      (s + expansion - losses + same_period) / s
    gross_retention    (s - losses + same_period) / s
    logo_churn         (customers_lost - customers_same_period) / customers_start
    quick_ratio        (new + expansion + reactivation) / losses
    net_mrr_churn      (losses - expansion - reactivation) / s
    gross_mrr_churn    losses / s

The first three follow the customers of the start: who is new or came back is left out, and so is
`same_period`, the part of the churn that was not there at the start. The MRR churn rates are
those of ChartMogul, which nets reactivation against what was lost.
"""

_OPTIONAL = {"same_period": 0, "customers_same_period": 0, "open": False}


def measure(name: str, row: object) -> Any:
    """Return a measure of a row of movements, or of anything with such fields or keys."""
    fields, of = MEASURES[name]
    if not isinstance(row, Mapping) and not any(hasattr(row, field) for field in fields):
        expected = f"be a row of movements, or have the fields or keys {', '.join(fields)}"
        raise InvalidTypeError("row", row, expected)
    if _is_open(row):
        return None
    parts = {f"row.{field}": _field(row, field) for field in fields}
    _money.converter(parts)
    for argument, part in parts.items():
        if part < 0:
            raise InvalidValueError(argument, part, NOT_NEGATIVE)
    return of(*map(_checks.number, parts, parts.values()))


def ratio(name: str, row: object) -> Ratio | None:
    """Return a measure that is a ratio."""
    found: Ratio | None = measure(name, row)
    return found


def _is_open(row: object) -> bool:
    found = _field(row, "open")
    if not _checks.is_truth(found):
        raise InvalidTypeError("row.open", found, "be True or False")
    return bool(found)


def _field(row: object, name: str) -> Any:
    if isinstance(row, Mapping):
        return row.get(name, _OPTIONAL.get(name))
    return getattr(row, name, _OPTIONAL.get(name))
