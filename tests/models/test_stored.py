"""Models and fits as data, there and back."""

import inspect
import json
import math
from typing import Any

import pytest

from lifecycle import models
from lifecycle.errors import DataError, InvalidTypeError
from lifecycle.models import (
    BetaDiscreteWeibull,
    BetaGeoBetaBinomial,
    BetaGeoNBD,
    Fit,
    GammaGamma,
    ModifiedBetaGeoNBD,
    ParetoNBD,
    ShiftedBetaGeometric,
)

ALL = (
    BetaGeoNBD(r=0.1 + 0.2, alpha=4.414, a=0.793, b=2.426, unit="week"),
    ModifiedBetaGeoNBD(r=0.525, alpha=6.183, a=0.891, b=1.614, unit="day"),
    ParetoNBD(r=0.553, alpha=10.578, s=0.606, beta=11.669, unit="month"),
    GammaGamma(p=6.25, q=3.74, v=15.44),
    BetaGeoBetaBinomial(alpha=1.2035, beta=0.7497, gamma=0.6567, delta=2.7834),
    ShiftedBetaGeometric(alpha=0.668, beta=3.806, unit="year"),
    BetaDiscreteWeibull(alpha=0.214, beta=1.427, c=1.724),
)


def again(data: dict[str, Any]) -> Any:
    return models.from_dict(json.loads(json.dumps(data)))


def test_every_model_that_is_fitted_is_looked_at() -> None:
    public = {getattr(models, name) for name in models.__all__}
    fitted = {each for each in public if hasattr(each, "fit") and not inspect.isabstract(each)}
    assert {*map(type, ALL)} == fitted


@pytest.mark.parametrize("model", ALL, ids=lambda model: type(model).__name__)
def test_a_model_comes_back_equal(model: Any) -> None:
    assert again(models.to_dict(model)) == model


def test_a_fit_comes_back_equal() -> None:
    found = ShiftedBetaGeometric.fit(survivors=[1000, 869, 743, 653], unit="year")
    data = models.to_dict(found)
    assert data["model"]["unit"] == "year"
    copy = again(data)
    assert isinstance(copy, Fit)
    assert copy == found
    assert copy.estimate(lambda m: m.survival(5)) == found.estimate(lambda m: m.survival(5))


@pytest.mark.parametrize("value", [None, "BetaGeoNBD", {"p": 1.0}])
def test_other_values_are_no_models(value: Any) -> None:
    with pytest.raises(InvalidTypeError, match=r"^value must be a model or a Fit"):
        models.to_dict(value)


SPEND = {"model": "GammaGamma", "p": 6.25, "q": 3.74, "v": 15.44}
FIT = models.to_dict(
    GammaGamma.fit({"frequency": [1, 2, 1, 3, 2], "monetary": [9, 20, 35, 12, 60]})
)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ({**SPEND, "model": "Gamma"}, "model must be one of BetaGeoNBD, .*, got 'Gamma'"),
        ({"p": 1.0}, "model must be one of"),
        ({**SPEND, "p": -1.0}, "p must be above 0, got -1.0"),
        ({**SPEND, "p": "6"}, "p must be a number"),
        ({**SPEND, "x": 1, "r": 2}, "2 things wrong:\n  - 'r' is not known\n  - 'x' is not known"),
        ({"model": "GammaGamma", "p": 1.0}, "2 things wrong:\n  - q is missing\n  - v is missing"),
        ({**FIT, "model": {**SPEND, "q": 0}}, "q must be above 0"),
        ({key: FIT[key] for key in FIT if key != "n"}, "fit has 1 thing wrong:\n  - n is missing"),
        ({**FIT, "n": "many"}, "n must be a number"),
        ({**FIT, "n": 0}, "n must be above 0, got 0"),
        ({**FIT, "log_likelihood": math.nan}, "log_likelihood must be finite"),
        ({**FIT, "iterations": 2.0}, "iterations must be a whole number"),
        ({**FIT, "iterations": 0}, "iterations must be at least 1"),
        ({**FIT, "converged": False}, "converged must be True"),
        ({**FIT, "covariance": 1}, "covariance must be a list of 3"),
        ({**FIT, "covariance": [[1.0]] * 3}, r"covariance\[0\] must be a list of 3"),
        ({**FIT, "covariance": [[1.0, "x", 1.0]] * 3}, r"covariance\[0\]\[1\] must be a number"),
        ({**FIT, "standard_errors": [1]}, "standard_errors must be a mapping of p, q, v"),
        ({**FIT, "standard_errors": {"p": 1.0}}, "standard_errors must be a mapping of p, q, v"),
        (
            {**FIT, "standard_errors": {"p": 1.0, "q": -1.0, "v": 1.0}},
            r"standard_errors\.q must be above 0, got -1.0",
        ),
        ({**FIT, "version": 2}, "'version' is not known"),
    ],
)
def test_what_describes_no_model_is_told(data: dict[str, Any], problem: str) -> None:
    with pytest.raises(DataError, match=problem):
        models.from_dict(data)


def test_data_is_a_mapping() -> None:
    with pytest.raises(InvalidTypeError, match=r"^data must be a mapping"):
        models.from_dict([SPEND])  # type: ignore[arg-type]
