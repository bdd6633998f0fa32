"""Concentration: how unequally a value is spread over customers."""

import operator
from collections.abc import Hashable, Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate
from typing import Any, NamedTuple, overload

import attrs

from lifecycle import _checks, _inputs, _money
from lifecycle._checks import Number
from lifecycle._groups import Groups
from lifecycle._splits import by_column
from lifecycle._tables import Column, Table, columns_of, percent
from lifecycle.errors import EmptySampleError
from lifecycle.metrics._amounts import checked_amounts, total_of
from lifecycle.rates import Ratio

__all__ = ["ConcentrationTable", "LorenzPoint", "concentration"]


class LorenzPoint(NamedTuple):
    """One point of a Lorenz curve: the customers with least, and what they have together.

    Attributes:
        customers: The share of the customers, 0 to 1.
        value: Their share of the value, 0 to 1.
    """

    customers: float
    value: float


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class ConcentrationTable(Table[LorenzPoint]):
    """The concentration of a value over customers: the points of the Lorenz curve.

    Attributes:
        top: The share of customers that counts as the top, 0 to 1.
        share: What the top has, of what all have; `share.value` is None where there is nothing.
        gini: The Gini coefficient, 0 (all have the same) to 1 - 1 / n (one has everything);
            None where there is nothing.
        rows: The points of the Lorenz curve, from (0, 0) to (1, 1), where its slope changes;
            none where there is nothing.
    """

    _named_by = ("customers",)

    top: float
    share: Ratio
    gini: float | None
    rows: tuple[LorenzPoint, ...]

    def _columns(self) -> Sequence[Column]:
        return [column._replace(show=percent) for column in columns_of(LorenzPoint)]

    def _title(self) -> str:
        if self.gini is None:
            return "Concentration of nothing"
        top, share = (f"{float(part or 0):.1%}" for part in (self.top, self.share.value))
        return f"Concentration: the top {top} have {share}, Gini {self.gini:.3f}"


@overload
def concentration(
    values: Iterable[Number], *, top: float = 0.2, by: None = None
) -> ConcentrationTable: ...
@overload
def concentration(
    values: Iterable[Number], *, top: float = 0.2, by: Iterable[Hashable]
) -> Groups[ConcentrationTable]: ...
@by_column("values")
def concentration(values: Iterable[Number], *, top: float = 0.2) -> ConcentrationTable:
    """Measure the concentration of a value: the top share and the Gini coefficient.

    Args:
        values: One value for each customer, such as revenue, 0 or more, in any order.
        top: Which share of the customers is the top, strictly between 0 and 1.
        by: The group of each value, in the same order; None for one table of all.

    Returns:
        The share of the top, the Gini coefficient, and the Lorenz curve as rows. With `by`,
        such a table for each group.

    Raises:
        EmptySampleError: There are no values.
        InvalidTypeError: A value or `top` is not a number.
        InvalidValueError: A value is negative or not finite, or `top` is outside (0, 1).
        MixedNumbersError: Some values are `Decimal`, and others float.

    Convention:
        Where `top` is not a whole number of customers, the next one counts in part, as on the
        Lorenz curve; many reports round to whole customers. The Gini coefficient is that of
        these customers, as R's `ineq::Gini` gives it; for an estimate of a larger population
        it is multiplied by n / (n - 1) (its `corr=TRUE`).

    References:
        Gini, C. (1912). Variabilita e mutabilita; in the form of Sen, A. (1973), On Economic
        Inequality: sum of (2 i - n - 1) x(i) / (n sum of x), x ascending.

    Examples:
        >>> spread = concentration([10, 10, 20, 60, 100])
        >>> spread.share.value, round(spread.gini, 4)
        (0.5, 0.46)
        >>> print(spread)
        Concentration: the top 20.0% have 50.0%, Gini 0.460
        customers   value
             0.0%    0.0%
            40.0%   10.0%
            60.0%   20.0%
            80.0%   50.0%
           100.0%  100.0%
    """
    top = _checks.fraction("top", top)
    ordered = sorted(checked_amounts("values[{}]", list(_inputs.series("values", values))))
    if not ordered:
        raise EmptySampleError("values")
    total = total_of(ordered)
    return ConcentrationTable(
        top=top,
        share=Ratio(_of_the_top(ordered, top), total),
        gini=_gini(ordered, total) if total else None,
        rows=_lorenz(ordered) if total else (),
    )


@_money.in_own_context
def _of_the_top(ordered: Sequence[Any], top: float) -> Any:
    """Return what the top has; a customer who is in it in part counts in part."""
    whole, part = divmod(Fraction(str(top)) * len(ordered), 1)
    last: Any = float(part)
    if isinstance(ordered[0], Decimal):
        last = Decimal(part.numerator) / part.denominator
    return total_of([*ordered[len(ordered) - whole :], ordered[-whole - 1] * last])


@_money.in_own_context
def _gini(ordered: Sequence[Any], total: Any) -> float:
    n = len(ordered)
    ranks = range(1 - n, n, 2)  # 2 i - n - 1
    return float(total_of(list(map(operator.mul, ranks, ordered))) / _money.held(n * total))


@_money.in_own_context
def _lorenz(ordered: Sequence[Any]) -> tuple[LorenzPoint, ...]:
    n, below = len(ordered), list(accumulate(ordered))
    bends = (i for i in range(1, n + 1) if i == n or ordered[i] != ordered[i - 1])
    points = (LorenzPoint(i / n, float(below[i - 1] / below[-1])) for i in bends)
    return LorenzPoint(0.0, 0.0), *points
