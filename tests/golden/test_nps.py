"""Net promoter scores that others have computed, to their last printed digit.

Sources: tests/cases/nps_r_package.json is R's NPS 1.1 under R 4.2.2; the adjusted intervals
of tests/cases/nps_adjusted_wald.json follow Rocks (2016); the examples of
tests/cases/published_examples.json name their own source.
"""

import json
import math
from pathlib import Path
from typing import Any

import pytest

from lifecycle.metrics import nps

CASES = Path(__file__).parents[1] / "cases"


def cases(name: str, *path: str) -> list[Any]:
    data = json.loads((CASES / name).read_text())
    for key in path:
        data = data[key]
    return [pytest.param(case, id=case.get("id")) for case in data]


def published(metric: str) -> list[Any]:
    return [
        case
        for case in cases("published_examples.json", "cases")
        if case.values[0]["metric"] == metric
    ]


def expand(counts: list[int]) -> list[int]:
    return [rating for rating, count in enumerate(counts) for _ in range(count)]


@pytest.mark.parametrize("case", cases("nps_r_package.json", "one_sample"))
def test_one_sample_is_that_of_r(case: Any) -> None:
    expected, score = case["expected"], nps.score(expand(case["counts_0_to_10"]))
    interval = score.interval(level=expected["conf"], method="wald")
    assert score.respondents == expected["n"]
    assert score.value == pytest.approx(expected["nps"], rel=1e-13)
    assert score.variance == pytest.approx(expected["var"], rel=1e-13)
    assert score.standard_error == pytest.approx(expected["se"], rel=1e-13)
    assert interval.low == pytest.approx(expected["wald_lo"], rel=1e-11)
    assert interval.high == pytest.approx(expected["wald_hi"], rel=1e-11)
    assert score.test().p_value == pytest.approx(expected["p_vs_zero"], rel=1e-11)


@pytest.mark.parametrize("case", cases("nps_r_package.json", "two_sample"))
def test_two_samples_are_those_of_r_whose_difference_is_absolute(case: Any) -> None:
    expected = case["expected"]
    x, y = nps.score(expand(case["counts_x"])), nps.score(expand(case["counts_y"]))
    low, high = sorted([x, y], key=lambda score: score.value)
    compared = nps.compare(low, high, level=expected["conf"], method="wald")
    assert (x.respondents, y.respondents) == (expected["n_x"], expected["n_y"])
    assert x.value == pytest.approx(expected["nps_x"], rel=1e-13)
    assert y.value == pytest.approx(expected["nps_y"], rel=1e-13)
    assert compared.difference == pytest.approx(expected["abs_delta"], rel=1e-13)
    assert compared.standard_error == pytest.approx(expected["se"], rel=1e-13)
    assert compared.interval.low == pytest.approx(expected["lo"], rel=1e-11)
    assert compared.interval.high == pytest.approx(expected["hi"], rel=1e-11)
    assert compared.p_value == pytest.approx(expected["p"], rel=1e-11)


@pytest.mark.parametrize("case", cases("nps_adjusted_wald.json", "cases"))
def test_adjusted_intervals_add_three_answers(case: Any) -> None:
    score = nps.Score(case["promoters"], case["passives"], case["detractors"])
    interval = score.interval(level=0.95)
    assert score.respondents == case["n"]
    assert score.value == pytest.approx(case["nps"])
    assert (interval.low + interval.high) / 2 == pytest.approx(case["adj_centre"])
    assert interval.low == pytest.approx(case["lo"], rel=1e-12)
    assert interval.high == pytest.approx(case["hi"], rel=1e-12)


@pytest.mark.parametrize("case", published("nps"))
def test_published_scores(case: Any) -> None:
    given, expected = case["inputs"], case["expected"]
    score = nps.score(given["scores"]) if "scores" in given else nps.Score(**given)
    wald = score.interval(method="wald")
    found = {
        "nps": score.value,
        "variance": score.variance,
        "sd": math.sqrt(score.variance),
        "se": score.standard_error,
        "wald95": [wald.low, wald.high],
        "p": score.test().p_value,
    }
    tolerance = case.get("tol", 1e-12)
    for name, figure in expected.items():
        assert found[name] == pytest.approx(figure, rel=tolerance, abs=tolerance)


@pytest.mark.parametrize("case", published("nps_pooled"))
def test_groups_are_pooled_and_not_averaged(case: Any) -> None:
    groups = [nps.Score(**group) for group in case["inputs"]["groups"]]
    assert sum(groups).value == case["expected"]["nps"]
