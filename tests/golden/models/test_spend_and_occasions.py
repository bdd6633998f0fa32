"""Gamma-Gamma, BG/BB, sBG and BdW beside published figures.

CDNOW: tests/cases/cdnow_summary.csv (Fader & Hardie, two decimals), the 946 customers with a
repeat purchase. Donations: tests/cases/donations.csv (Fader, Hardie & Shang 2010, table 1, as
distributed with `lifetimes`). Survivors: Berry & Linoff's Regular and High End customers, as in
Fader & Hardie (2007). Estimates to the digits of the papers; further digits, log-likelihoods and
standard errors by R's BTYD, BTYDplus and CLVTools. BdW: minimized by Nelder and Mead's method on
the formula of Fader et al. (2018), with scipy's gammaln.
"""

import csv
from pathlib import Path
from typing import Any

import pytest

from lifecycle.models import (
    BetaDiscreteWeibull,
    BetaGeoBetaBinomial,
    Fit,
    GammaGamma,
    ShiftedBetaGeometric,
)

CASES = Path(__file__).parents[2] / "cases"
HIGH_END = [1000, 869, 743, 653, 593, 551, 517, 491]
REGULAR = [1000, 631, 468, 382, 326, 289, 262, 241]
DONORS = BetaGeoBetaBinomial(alpha=1.2035, beta=0.7497, gamma=0.6567, delta=2.7834)


def table(name: str) -> list[dict[str, str]]:
    with (CASES / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def check(found: Fit[Any], parameters: dict[str, float], log_likelihood: float) -> None:
    for name, value in parameters.items():
        assert getattr(found.model, name) == pytest.approx(value, rel=1e-4)
    assert found.log_likelihood == pytest.approx(log_likelihood, rel=1e-6)
    assert found.converged
    assert found.iterations <= 10


def test_gamma_gamma_of_cdnow() -> None:
    rows = [row for row in table("cdnow_summary.csv") if int(row["x"])]
    customers = {
        "frequency": [int(row["x"]) for row in rows],
        "monetary": [float(row["zbar"]) for row in rows],
    }
    found = GammaGamma.fit(customers)
    check(found, {"p": 6.248802, "q": 3.744588, "v": 15.447748}, -4055.923243)
    errors = {"p": 1.189596, "q": 0.290163, "v": 4.159739}
    assert found.standard_errors == pytest.approx(errors, rel=1e-3)
    assert found.n == 946


def test_gamma_gamma_moves_a_mean_toward_that_of_all() -> None:
    spend = GammaGamma(p=6.25, q=3.74, v=15.44)
    assert spend.expected_spend() == pytest.approx(35.2189781, abs=5e-8)
    known = spend.expected_spend(frequency=2, monetary=22.35)
    assert known == pytest.approx(24.6637139, abs=5e-8)


def test_bg_bb_of_the_donations() -> None:
    rows = [{name: int(text) for name, text in row.items()} for row in table("donations.csv")]
    donors = {
        "frequency": [row["frequency"] for row in rows],
        "recency": [row["recency"] for row in rows],
        "age": [row["periods"] for row in rows],
    }
    found = BetaGeoBetaBinomial.fit(donors, weights=[row["weights"] for row in rows])
    parameters = {"alpha": 1.203522, "beta": 0.749716, "gamma": 0.656718, "delta": 2.783442}
    check(found, parameters, -33225.581274)
    errors = {"alpha": 0.069391, "beta": 0.029448, "gamma": 0.051010, "delta": 0.320819}
    assert found.standard_errors == pytest.approx(errors, rel=1e-3)
    assert found.n == 11104


@pytest.mark.parametrize(
    ("history", "alive", "discounted"), [((0, 0, 6), 0.108, 0.1148), ((6, 6, 6), 0.930, 5.9100)]
)
def test_donors_are_alive_and_give_as_published(
    history: tuple[int, int, int], alive: float, discounted: float
) -> None:
    known = dict(zip(("frequency", "recency", "age"), history, strict=True))
    assert DONORS.p_alive(**known) == pytest.approx(alive, abs=5e-4)
    found = DONORS.residual_transactions(discount=0.1, **known)
    assert found == pytest.approx(discounted, abs=5e-5)


@pytest.mark.parametrize(
    ("survivors", "alpha", "beta", "log_likelihood"),
    [
        (HIGH_END, 0.66808835, 3.80609500, -1611.15814739),
        (REGULAR, 0.70407728, 1.18204296, -1680.26518846),
    ],
)
def test_sbg_of_berry_and_linoff(
    survivors: list[int], alpha: float, beta: float, log_likelihood: float
) -> None:
    found = ShiftedBetaGeometric.fit(survivors=survivors)
    check(found, {"alpha": alpha, "beta": beta}, log_likelihood)
    assert found.n == 1000


def test_sbg_forecasts_the_high_end_as_published() -> None:
    model = ShiftedBetaGeometric.fit(survivors=HIGH_END).model
    published = [0.460, 0.436, 0.414, 0.395, 0.378]
    assert model.survival([8, 9, 10, 11, 12]) == pytest.approx(published, abs=5e-4)
    assert model.forecast(1000, periods=12)[7:] == pytest.approx(
        [1000 * share for share in published], abs=0.5
    )
    left = model.residual_lifetime(7, discount=0.1)
    assert left == pytest.approx(7.530, abs=5e-4)


@pytest.mark.parametrize(
    ("survivors", "parameters", "log_likelihood"),
    [
        (HIGH_END, {"alpha": 0.214253, "beta": 1.426575, "c": 1.723565}, -1605.3142132142),
        (REGULAR, {"alpha": 0.455614, "beta": 0.779325, "c": 1.283451}, -1679.6028329072),
    ],
)
def test_bdw_of_berry_and_linoff(
    survivors: list[int], parameters: dict[str, float], log_likelihood: float
) -> None:
    check(BetaDiscreteWeibull.fit(survivors=survivors), parameters, log_likelihood)
