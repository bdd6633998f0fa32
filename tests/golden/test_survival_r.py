"""Survival against R: `survfit`, its restricted mean and quantiles, and `survdiff`.

Source: tests/cases/survival, computed with R 4.2.2 and its package survival 3.5.3. The sets
are Gehan's leukaemia remissions (6-MP against placebo; Freireich et al. 1963), the lung cancer
survival of the North Central Cancer Treatment Group (Loprinzi et al. 1994), and edges.
R leaves a cell empty where a figure is not defined.
"""

import csv
import json
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from lifecycle import survival
from lifecycle.metrics.survival import LogRank, SurvivalCurve

CASES = Path(__file__).parents[1] / "cases" / "survival"
NAMES = ("edge_event_censor_tie", "edge_single", "gehan_6mp", "lung_sex")
KINDS = {"log": "log", "plain": "plain", "loglog": "log_log", "logit": "logit"}
DIGITS = 1e-12
"""How far R's fifteen digits may be off, relatively: they are sums in another order."""

Group = tuple[list[int], list[int]]


def rows(name: str) -> list[dict[str, str]]:
    with (CASES / f"{name}.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def groups(name: str) -> dict[str, Group]:
    found: dict[str, Group] = defaultdict(lambda: ([], []))
    for row in rows(f"{name}_data"):
        durations, observed = found[row.get("group", "all")]
        durations.append(int(row["time"]))
        observed.append(int(row["event"]))
    return found


def summary(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((CASES / f"{name}_summary.json").read_text())
    return found


def column(name: str, group: str, of: str) -> list[float | None]:
    return [
        float(row[of]) if row[of] else None
        for row in rows(f"{name}_km_expected")
        if row["group"] == group
    ]


def near(expected: Any) -> Any:
    return pytest.approx(expected, rel=DIGITS, abs=1e-15)


def agree(found: Iterable[float | None], expected: Iterable[float | None]) -> bool:
    pairs = list(zip(found, expected, strict=True))
    return all(x == near(y) if x is not None and y is not None else x is y for x, y in pairs)


CURVES = [(name, group) for name in NAMES for group in groups(name)]


@pytest.fixture(params=CURVES, ids="-".join)
def case(request: pytest.FixtureRequest) -> tuple[str, str]:
    found: tuple[str, str] = request.param
    return found


@pytest.fixture
def curve(case: tuple[str, str]) -> SurvivalCurve:
    name, group = case
    return survival.kaplan_meier(*groups(name)[group])


@pytest.fixture
def figures(case: tuple[str, str]) -> dict[str, Any]:
    name, group = case
    found: dict[str, Any] = summary(name)["groups"][group]
    return found


def test_counts_and_survival_are_those_of_survfit(
    case: tuple[str, str], curve: SurvivalCurve
) -> None:
    assert list(curve.times) == column(*case, "time")
    assert list(curve.at_risk) == column(*case, "n_risk")
    assert list(curve.events) == column(*case, "n_event")
    assert list(curve.censored) == column(*case, "n_censor")
    assert agree(curve.survival, column(*case, "surv"))
    assert agree(curve.standard_error, column(*case, "std_err_surv"))


@pytest.mark.parametrize("kind", KINDS)
def test_bounds_are_those_of_survfit(
    case: tuple[str, str], curve: SurvivalCurve, kind: str
) -> None:
    intervals: Any = curve.interval(level=0.95, method=KINDS[kind])  # type: ignore[arg-type]
    low = [None if found is None else found.low for found in intervals]
    high = [None if found is None else found.high for found in intervals]
    assert agree(low, column(*case, f"lo_{kind}"))
    assert agree(high, column(*case, f"hi_{kind}"))


def test_the_cumulative_hazard_is_that_of_survfit(case: tuple[str, str]) -> None:
    name, group = case
    hazard = survival.nelson_aalen(*groups(name)[group])
    assert list(hazard.cumulative_hazard) == near(column(*case, "cumhaz_na"))
    assert list(hazard.standard_error) == near(column(*case, "se_cumhaz_na"))


def test_quantiles_are_those_of_survfit(curve: SurvivalCurve, figures: dict[str, Any]) -> None:
    quantiles = figures["quantiles"]
    assert [curve.quantile(p) for p in quantiles["probs"]] == quantiles["value"]
    assert curve.median() == figures["median"]
    assert (curve.n, sum(curve.events)) == (figures["n"], figures["events"])


@pytest.mark.parametrize("kind", ["log", "plain", "loglog"])
def test_intervals_of_the_median_are_those_of_survfit(
    curve: SurvivalCurve, figures: dict[str, Any], kind: str
) -> None:
    interval = curve.median_interval(level=0.95, method=KINDS[kind])  # type: ignore[arg-type]
    assert [interval.low, interval.high] == figures[f"median_ci_{kind}"]


def test_restricted_means_are_those_of_survfit(
    curve: SurvivalCurve, figures: dict[str, Any]
) -> None:
    for expected in figures["rmst"]:
        found = curve.restricted_mean(expected["tau"])
        assert found.value == near(expected["rmst"])
        assert found.standard_error == near(expected["se"])


@pytest.mark.parametrize("name", ["gehan_6mp", "lung_sex"])
@pytest.mark.parametrize("number", [0, 1], ids=["rho 0", "rho 1"])
def test_log_rank_tests_are_those_of_survdiff(name: str, number: int) -> None:
    expected = summary(name)["logrank"][number]
    data = groups(name)
    found: LogRank = survival.log_rank(
        *(data[group] for group in expected["groups"]), rho=expected["rho"]
    )
    assert list(found.n) == expected["n"]
    assert list(found.observed) == near(expected["observed"])
    assert list(found.expected) == near(expected["expected"])
    assert found.variance[0][0] == near(expected["variance_11"])
    assert found.statistic == near(expected["chisq"])
    assert found.df == expected["df"]
    assert found.p_value == near(expected["p"])


# Acute myelogenous leukaemia (Miller 1981), `aml` of R's package survival, as R prints it

MAINTAINED: Group = (
    [9, 13, 13, 18, 23, 28, 31, 34, 45, 48, 161],
    [1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0],
)
NOT_MAINTAINED: Group = (
    [5, 5, 8, 8, 12, 16, 23, 27, 30, 33, 43, 45],
    [1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1],
)
PRINTED = [  # summary(survfit(Surv(time, status) ~ x, aml)): time, survival, std.err, 95 % CI
    (MAINTAINED, 9, ("0.909", "0.0867", "0.7541", "1.000")),
    (MAINTAINED, 18, ("0.716", "0.1397", "0.4884", "1.000")),
    (MAINTAINED, 23, ("0.614", "0.1526", "0.3769", "0.999")),
    (MAINTAINED, 31, ("0.491", "0.1642", "0.2549", "0.946")),
    (MAINTAINED, 48, ("0.184", "0.1535", "0.0359", "0.944")),
    (NOT_MAINTAINED, 5, ("0.8333", "0.1076", "0.6470", "1.000")),
    (NOT_MAINTAINED, 8, ("0.6667", "0.1361", "0.4468", "0.995")),
    (NOT_MAINTAINED, 27, ("0.3889", "0.1470", "0.1854", "0.816")),
    (NOT_MAINTAINED, 43, ("0.0972", "0.0919", "0.0153", "0.620")),
]


def printed(value: float, like: str) -> str:
    return f"{value:.{len(like) - 2}f}"


@pytest.mark.parametrize(("group", "time", "row"), PRINTED)
def test_the_curves_of_leukaemia_are_those_that_r_prints(
    group: Group, time: int, row: tuple[str, ...]
) -> None:
    curve = survival.kaplan_meier(*group)
    i, interval = curve.times.index(time), curve.interval_at(time, method="log")
    assert interval is not None
    error = curve.standard_error[i]
    assert error is not None
    found = (curve.survival[i], error, interval.low, interval.high)
    assert tuple(map(printed, found, row)) == row


def test_the_medians_of_leukaemia_are_those_that_r_prints() -> None:
    """survfit(Surv(time, status) ~ x, aml): 31, 18 to NA; 23, 8 to NA."""
    for group, median, low in ((MAINTAINED, 31, 18), (NOT_MAINTAINED, 23, 8)):
        curve = survival.kaplan_meier(*group)
        interval = curve.median_interval(method="log")
        assert (curve.median(), interval.low, interval.high) == (median, low, None)


def test_the_log_rank_test_of_leukaemia_is_the_one_that_r_prints() -> None:
    """survdiff(Surv(time, status) ~ x, aml): 7 and 10.69, 11 and 7.31; 3.4 on 1 df, p 0.0653."""
    found = survival.log_rank(MAINTAINED, NOT_MAINTAINED)
    assert found.statistic is not None
    assert found.observed == (7, 11)
    assert tuple(f"{x:.2f}" for x in found.expected) == ("10.69", "7.31")
    assert (f"{found.statistic:.1f}", found.df, f"{found.p_value:.4f}") == ("3.4", 1, "0.0653")
