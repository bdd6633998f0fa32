"""What customers are worth: how often they will buy, times what an order brings, discounted."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from numbers import Real
from typing import Any

from lifecycle import _checks, _money
from lifecycle._checks import Number
from lifecycle._discounts import Discount
from lifecycle.errors import InvalidTypeError, InvalidValueError
from lifecycle.models._arithmetic import each, is_array
from lifecycle.models._bounds import AMOUNT, with_bounds
from lifecycle.models._customers import HISTORY, given, is_missing
from lifecycle.models.bg_bb import BetaGeoBetaBinomial
from lifecycle.models.fitting import Fit, model_of
from lifecycle.models.forecasts import by_customer
from lifecycle.models.gamma_gamma import GammaGamma
from lifecycle.models.purchase_model import PurchaseModel
from lifecycle.periods import DAYS

__all__ = ["value"]


def value(  # noqa: PLR0913  (the terms of the formula)
    model: Any,
    spend: GammaGamma | Fit[GammaGamma] | Number,
    rows: object,
    *,
    periods: int | None,
    discount: float | Discount,
    margin: float = 1.0,
    period: str | None = None,
) -> Any:
    """Return the expected residual lifetime value of customers.

    The sum over the periods k = 1, 2, ..., of margin x spend x (E[Y(k)] - E[Y(k - 1)]) / (1 + d)^k,
    where E[Y(k)] is how often a customer is expected to buy within k periods.

    Args:
        model: A model of purchases, such as `BetaGeoNBD`, or its fit.
        spend: A `GammaGamma`, or its fit, which expects an individual spend of each customer;
            or money, what every order is worth.
        rows: What `rfm.summary` returns; or rows with `frequency`, `recency`, `age` and, with a
            `GammaGamma`, `monetary` as attributes or keys; or columns by these names: lists,
            arrays, a dataframe of pandas, polars or pyarrow; or one such row. `monetary` may be
            0, None or NaN where the frequency is 0.
        periods: How many periods count, 0 or more; None counts all, through the model's
            discounted expected residual transactions.
        discount: A `Discount`, or the rate per period, 0 or more.
        margin: Which share of the spend is profit.
        period: "day", "week", "month", "quarter" or "year"; None takes the model's own unit.

    Returns:
        Money for each customer: a `ForecastTable` where the rows have a `customer`, else a
        list, or an array where columns are arrays; a number for one row. It is `Decimal` where
        the spend of rows, or `spend`, is `Decimal`; else, and in arrays, float.

    Raises:
        EmptySampleError: There are no rows.
        InvalidTypeError: An argument is of another type.
        InvalidValueError: `periods` or `discount` is negative; the mean spend or the sum is
            infinite; a row is not as the model's `fit` says; or rows are in another unit than
            the model.
        MissingExtraError: There is an array, and numpy or scipy is missing.
        MixedNumbersError: `Decimal` and float amounts are mixed.
        UnknownNameError: `period` is not one of these.

    Convention:
        The purchases of a period are discounted from its end. Without `periods` a purchase is
        discounted as the model's `residual_transactions` says: with a `ParetoNBD` from the
        moment it is made, which is worth about half a period's discount more. `lifetimes`
        counts a month as 30 days, and 4.345 weeks. With a BG/NBD the time grows with the
        square of `periods`, as later periods have more purchases to sum over.

    References:
        Fader, P. S., Hardie, B. G. S. and Lee, K. L. (2005). RFM and CLV: using iso-value curves
        for customer base analysis. Journal of Marketing Research 42(4):415-430.

    Examples:
        >>> from lifecycle.models import BetaGeoBetaBinomial, GammaGamma
        >>> donors = BetaGeoBetaBinomial(alpha=1.2035, beta=0.7497, gamma=0.6567, delta=2.7834)
        >>> gifts = GammaGamma(p=6.25, q=3.74, v=15.44)
        >>> ann = {"frequency": 6, "recency": 6, "age": 6, "monetary": 40.0}
        >>> round(value(donors, gifts, ann, periods=5, discount=0.1), 2)
        114.11
        >>> round(value(donors, gifts, ann, periods=None, discount=0.1), 2)
        234.47
    """
    share = float(_checks.number("margin", margin))
    model = model_of(model, PurchaseModel, BetaGeoBetaBinomial)
    spend = spend.model if isinstance(spend, Fit) else spend
    customers = given("rows", rows, single=True)
    customers.check_unit(model.unit)
    known = customers.columns([*HISTORY, "monetary"] if isinstance(spend, GammaGamma) else HISTORY)
    history = {name: known[name] for name in HISTORY}
    if periods is None:
        rate = _in_unit(discount, period, model.unit)
        bought = model.residual_transactions(discount=rate, **history)
    else:
        bought = model.discounted_purchases(
            periods=periods, discount=discount, period=period, **history
        )
    each_order, convert = _spend(spend, known)
    worth = _as_money(each(lambda _, n, z: share * n * z, bought, each_order), convert)
    worth = with_bounds(model, worth, AMOUNT if share >= 0 else (None, 0))
    return by_customer("value", customers.ids, worth)


def _in_unit(discount: float | Discount, period: str | None, unit: str | None) -> Any:
    """Return a discount that a model can bring to its own unit."""
    step = unit if period is None else _checks.choice("period", period, DAYS)
    if isinstance(discount, Discount) or step is None:
        return discount
    return Discount(discount, per=step)


def _spend(spend: GammaGamma | Number, known: Mapping[str, Any]) -> tuple[Any, Any]:
    """Return what an order of each customer is worth, and the kind of money that is."""
    if not isinstance(spend, GammaGamma):
        if not isinstance(spend, Real | Decimal):
            expected = "be a GammaGamma, its fit, or a number"
            raise InvalidTypeError("spend", spend, expected)
        convert = _money.converter({"spend": spend})
        if spend < 0:
            raise InvalidValueError("spend", spend, "be at least 0")
        return float(spend), convert
    monetary = known["monetary"]
    found = spend.expected_spend(frequency=known["frequency"], monetary=monetary)
    if is_array(monetary):
        return found, float
    amounts = monetary if isinstance(monetary, Sequence) else [monetary]
    given = {f"rows[{i}].monetary": z for i, z in enumerate(amounts) if not is_missing(z)}
    return found, _money.converter(given)


def _as_money(worth: Any, convert: Callable[[Any], Any]) -> Any:
    if convert is float or is_array(worth):
        return worth
    return list(map(convert, worth)) if isinstance(worth, list) else convert(worth)
