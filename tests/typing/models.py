"""What a type checker says of models of spend, occasions and contracts: checked, never run."""

from datetime import date
from random import Random
from typing import Any, assert_type

from lifecycle import models
from lifecycle._checks import Id
from lifecycle.metrics.rfm import CustomerSummary
from lifecycle.models import (
    BetaDiscreteWeibull,
    BetaGeoBetaBinomial,
    BetaGeoNBD,
    Fit,
    Forecast,
    ForecastTable,
    GammaGamma,
    HoldoutTable,
    ShiftedBetaGeometric,
    TrackingTable,
)
from lifecycle.rates import Estimate

spend = GammaGamma(p=6.25, q=3.74, v=15.44)
assert_type(spend.p, float)
assert_type(GammaGamma.fit([]), Fit[GammaGamma])
assert_type(spend.simulate([1], random=Random(1)), list[float | None])

donors = BetaGeoBetaBinomial(alpha=1, beta=1, gamma=1, delta=1, unit="year")
assert_type(donors.unit, str | None)
assert_type(BetaGeoBetaBinomial.fit([]).model, BetaGeoBetaBinomial)
assert_type(donors.simulate(3, age=6, random=Random(1)), tuple[CustomerSummary, ...])

contract = ShiftedBetaGeometric.fit([10, 8, 7]).model
assert_type(contract, ShiftedBetaGeometric)
assert_type(contract.expected_lifetime(discount=0.1), float)
assert_type(contract.forecast(100, periods=2), list[float])
assert_type(BetaDiscreteWeibull.fit_durations([1], [True]), Fit[BetaDiscreteWeibull])

model = BetaGeoNBD(r=1, alpha=1, a=1, b=1, unit="week")
assert_type(models.holdout(model, []), HoldoutTable)
assert_type(models.holdout(model, []).rows[0].bias, float)
assert_type(models.tracking(model, [], until=date(2026, 1, 1)), TrackingTable)
assert_type(models.value(model, spend, [], periods=12, discount=0.1), Any)
assert_type(models.to_dict(model), dict[str, Any])
assert_type(models.from_dict({}), Any)
known = {"frequency": [1], "recency": [1.0], "age": [2.0]}
assert_type(model.p_alive(frequency=1.0, recency=1.0, age=2.0), float)
assert_type(model.p_alive(frequency=[1.0], recency=[1.0], age=2.0, horizon=3), Any)
assert_type(model.p_alive(known), Any)
assert_type(model.conditional_expected_purchases(known, horizon=3), Any)
assert_type(
    model.conditional_expected_purchases(horizon=3, frequency=1.0, recency=1.0, age=2.0), float
)
table = ForecastTable(figure="p_alive", customers=("ann",), values=[0.5])
assert_type(table.row("ann"), Forecast)
assert_type(next(iter(table)).customer, Id)
fitted = BetaGeoNBD.fit(known, unit="week")
assert_type(fitted.estimate(lambda model: model.r / model.alpha, bounds=(0, None)), Estimate)
GammaGamma(6.25, 3.74, 15.44)  # type: ignore[call-arg]  # parameters have names
