"""How well a model forecasts: what it expected, compared with what customers did."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from lifecycle import _checks
from lifecycle._tables import Column, Table, columns_of
from lifecycle.errors import InvalidTypeError, InvalidValueError
from lifecycle.models._bounds import AMOUNT, with_bounds
from lifecycle.models._customers import HISTORY, Customers, given
from lifecycle.models._rows import column, whole
from lifecycle.models.bg_bb import BetaGeoBetaBinomial
from lifecycle.models.fitting import model_of
from lifecycle.models.purchase_model import PurchaseModel

__all__ = ["HoldoutRow", "HoldoutTable", "holdout"]


@attrs.frozen(kw_only=True, weakref_slot=False)
class HoldoutRow:
    """The forecast errors of customers with one calibration frequency.

    Attributes:
        frequency: Their repeat purchases in the calibration; of the last row, at least these.
        customers: How many there are.
        actual: How often each bought in the holdout, on average.
        expected: How often the model expected it.
        bias: `expected` less `actual`.
        mae: The mean absolute error.
        rmse: The root of the mean squared error.
    """

    frequency: int
    customers: int
    actual: float
    expected: float
    bias: float
    mae: float
    rmse: float


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class HoldoutTable(Table[HoldoutRow]):
    """The forecast errors in a holdout, in total and by calibration frequency.

    Attributes:
        rows: A `HoldoutRow` for each frequency that customers have; the last one is for its
            frequency and all above.
        customers: How many customers there are.
        actual: How often all of them bought in the holdout.
        expected: How often the model expected it.
        bias: The mean of expected less actual, for each customer.
        mae: The mean absolute error.
        rmse: The root of the mean squared error.
    """

    _named_by = ("frequency",)

    rows: tuple[HoldoutRow, ...]
    customers: int
    actual: float
    expected: float
    bias: float
    mae: float
    rmse: float

    def _columns(self) -> Sequence[Column]:
        return columns_of(HoldoutRow)

    def _title(self) -> str:
        return (
            f"{self.customers:,} customers: {self.actual:,.0f} purchases, "
            f"{self.expected:,.1f} expected, by calibration frequency"
        )


def holdout(
    model: Any,
    calibration: object,
    holdout: object = None,
    *,
    horizon: Any = None,
    max_frequency: int = 7,
) -> HoldoutTable:
    """Compare the forecasts of a model with the purchases of a holdout.

    Args:
        model: A model of purchases, such as `BetaGeoNBD`, fitted to the calibration; or its fit.
        calibration: What customers had done up to a day: what `rfm.summary` returns, or
            anything else that the model's `fit` reads.
        holdout: What the same customers did after it, in the same order: what `rfm.summary`
            returns with a `calibration_until`, or rows or columns with `holdout_frequency` and
            `holdout_duration`; or, with a `horizon`, a list or an array of how often each
            bought. None reads `calibration`, which then has both.
        horizon: The length of the holdout: a number in the unit of the model, a `timedelta` or a
            `Period`.
        max_frequency: The last row; customers with a higher frequency are in it too.

    Returns:
        The errors of all customers, and by frequency.

    Raises:
        EmptySampleError: There are no customers.
        InvalidTypeError: An argument is of another type, or lacks the holdout.
        InvalidValueError: A count is not a whole number of 0 or more, customers or lengths
            differ, or a row is not as the model's `fit` says.

    Convention:
        Bias is expected less actual: above 0 the model expects too much. `lifetimes` has
        plots of the means by frequency, and no errors.

    Examples:
        >>> from lifecycle.models import BetaGeoBetaBinomial
        >>> donors = BetaGeoBetaBinomial(alpha=1.2035, beta=0.7497, gamma=0.6567, delta=2.7834)
        >>> calibration = {"frequency": [0, 2, 6], "recency": [0, 5, 6], "age": [6, 6, 6]}
        >>> held = holdout(donors, calibration, [0, 2, 4], horizon=5)
        >>> round(held.bias, 3), round(held.mae, 3)
        (-0.244, 0.292)
    """
    model = model_of(model, PurchaseModel, BetaGeoBetaBinomial)
    max_frequency = _checks.whole("max_frequency", max_frequency, least=0)
    before = given("calibration", calibration)
    before.check_unit(model.unit)
    history = before.columns(HISTORY)
    counts, length = _held_out(model, before, holdout, horizon)
    frequency = list(column("calibration{}.frequency", history["frequency"]))
    if len(counts) != len(frequency):
        expected = f"be that of calibration, {len(frequency)}"
        raise InvalidValueError("len(holdout)", len(counts), expected)
    forecast = model.conditional_expected_purchases(horizon=length, **history)
    found = _compared(list(map(int, frequency)), list(counts), list(forecast), max_frequency)
    return attrs.evolve(found, expected=with_bounds(model, found.expected, AMOUNT))


def _held_out(model: Any, before: Customers, holdout: object, horizon: Any) -> tuple[Any, Any]:
    """Return how often each customer bought in the holdout, and how long it was."""
    if horizon is not None:
        counts = whole("holdout{}", holdout)
        if isinstance(counts, float):
            raise InvalidTypeError("holdout", holdout, "be a series, a count for each customer")
        return counts, horizon
    after = before if holdout is None else given("holdout", holdout)
    after.check_unit(model.unit)
    _check_customers(before.ids or (), after.ids or ())
    counts, durations = after.columns(("holdout_frequency", "holdout_duration")).values()
    if any(count is None for count in counts):
        expected = "have a holdout (rfm.summary takes a calibration_until), or a horizon be given"
        raise InvalidTypeError("holdout", None, expected)
    return whole("holdout{}.holdout_frequency", counts), durations


def _check_customers(calibration: Sequence[Any], holdout: Sequence[Any]) -> None:
    for i, (one, other) in enumerate(zip(calibration, holdout, strict=False)):
        if one != other:
            expected = f"be the customer of the calibration, {one!r}"
            raise InvalidValueError(f"holdout[{i}].customer", other, expected)


def _compared(
    frequencies: Sequence[int], actual: Sequence[float], expected: Sequence[float], last: int
) -> HoldoutTable:
    groups: dict[int, list[int]] = defaultdict(list)
    for i, frequency in enumerate(frequencies):
        groups[min(frequency, last)].append(i)
    rows = (
        HoldoutRow(
            frequency=frequency,
            customers=len(members),
            actual=math.fsum(actual[i] for i in members) / len(members),
            expected=math.fsum(expected[i] for i in members) / len(members),
            **_errors([expected[i] - actual[i] for i in members]),
        )
        for frequency, members in sorted(groups.items())
    )
    return HoldoutTable(
        rows=tuple(rows),
        customers=len(actual),
        actual=math.fsum(actual),
        expected=math.fsum(expected),
        **_errors([e - a for e, a in zip(expected, actual, strict=True)]),
    )


def _errors(differences: Sequence[float]) -> Mapping[str, float]:
    n = len(differences)
    return {
        "bias": math.fsum(differences) / n,
        "mae": math.fsum(map(abs, differences)) / n,
        "rmse": math.sqrt(math.fsum(d * d for d in differences) / n),
    }
