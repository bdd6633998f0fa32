"""What a type checker says of survival: checked by mypy, never run."""

from typing import Any, assert_type

from lifecycle import Groups
from lifecycle.metrics import survival
from lifecycle.metrics.survival import (
    CumulativeIncidence,
    HazardCurve,
    IncidenceCurve,
    LogRank,
    QuantileInterval,
    SurvivalCurve,
)
from lifecycle.rates import Estimate, Interval

DAYS = [2, 3, 3, 5.5, 8]
SEEN = [True, True, False, True, False]

curve = survival.kaplan_meier(DAYS, SEEN)
assert_type(curve, SurvivalCurve)
assert_type(curve.times, tuple[float, ...])
assert_type(curve.standard_error, tuple[float | None, ...])
assert_type(curve.at(3), float | None)
assert_type(curve.interval(level=0.9, method="log"), tuple[Interval | None, ...])
assert_type(curve.interval_at(3), Interval | None)
assert_type(curve.median(), float | None)
assert_type(curve.quantile(0.25), float | None)
assert_type(curve.median_interval(method="plain"), QuantileInterval)
assert_type(curve.median_interval().low, float | None)
assert_type(curve.restricted_mean(6), Estimate)
assert_type(curve.given(3), SurvivalCurve)
assert_type(curve.to_rows(), list[dict[str, Any]])
curve.interval(method="loglog")  # type: ignore[arg-type]
curve.restricted_mean()  # type: ignore[call-arg]

survival.kaplan_meier(iter([1, 2]), (1, 0), entry=[0, 1.5], weights={1: 2.0, 2: 1.0}.values())
survival.kaplan_meier(DAYS)  # type: ignore[call-overload]
survival.kaplan_meier(["2", "3"], [1, 0])  # type: ignore[list-item]
assert_type(survival.restricted_mean_difference(curve, curve, tau=5), Estimate)
survival.restricted_mean_difference(DAYS, DAYS, tau=5)  # type: ignore[arg-type]

hazard = survival.nelson_aalen(DAYS, SEEN, ties="split")
assert_type(hazard, HazardCurve)
assert_type(hazard.at(3), float | None)
assert_type(hazard.interval(method="plain"), tuple[Interval | None, ...])
survival.nelson_aalen(DAYS, SEEN, ties="breslow")  # type: ignore[call-overload]

test = survival.log_rank((DAYS, SEEN), (DAYS, SEEN), (DAYS, SEEN), rho=1)
assert_type(test, LogRank)
plans = survival.kaplan_meier(DAYS, SEEN, by=["pro", "free"])
assert_type(plans, Groups[SurvivalCurve])
assert_type(survival.log_rank(plans), LogRank)
assert_type(survival.log_rank({"pro": (DAYS, SEEN), "free": curve}), LogRank)
assert_type(test.p_value, float | None)
assert_type(test.variance, tuple[tuple[float, ...], ...])
survival.log_rank(DAYS, SEEN)  # type: ignore[arg-type]

ends = survival.cumulative_incidence(DAYS, ["left", 2, None, "moved", None])
assert_type(ends, CumulativeIncidence)
assert_type(ends["left"], IncidenceCurve)
assert_type(ends["left"].at(3), float | None)
assert_type(ends["left"].interval(), tuple[Interval | None, ...])
survival.cumulative_incidence(DAYS, [1.5] * 5)  # type: ignore[list-item]
