"""Customer lifetime values that others have published, to their last printed digit."""

import json
from pathlib import Path

import pytest

from lifecycle.metrics import clv

CASES = Path(__file__).parents[1] / "cases" / "published_examples.json"


def test_promotion_is_the_sum_that_berger_and_nasr_write_down() -> None:
    """Journal of Interactive Marketing 12(1):17-30 (1998), case 1: promotion at mid-period."""
    contribution, promotion, retention, discount, years = 260, 50, 0.75, 0.2, 10
    earned = [contribution * retention**i / (1 + discount) ** i for i in range(years + 1)]
    spent = [
        promotion * retention ** (i - 1) / (1 + discount) ** (i - 0.5) for i in range(1, years + 1)
    ]
    found = clv.promotion(
        contribution=contribution,
        promotion=promotion,
        retention=retention,
        discount=discount,
        periods=years,
    )
    assert found == pytest.approx(sum(earned) - sum(spent), rel=1e-12)


@pytest.mark.parametrize(("discount", "multiple"), [(0.10, 4.50), (0.16, 3.46)])
def test_the_margin_multiples_of_gupta_and_lehmann(discount: float, multiple: float) -> None:
    """Journal of Interactive Marketing 17(1):9-24 (2003): the multiples at 90 % retention."""
    found = clv.geometric(margin=1, retention=0.9, discount=discount, first_margin="next_period")
    assert round(found, 2) == multiple


def test_earned_growth_of_reichheld() -> None:
    """Winning on Purpose (2021), appendix B, figure B-1."""
    case = next(
        case
        for case in json.loads(CASES.read_text())["cases"]
        if case["metric"] == "earned_growth_rate"
    )
    given, expected = case["inputs"], case["expected"]
    found = clv.earned_growth(
        net_retention=given["nrr"], earned_new=given["earned_new"], bought_new=given["bought_new"]
    )
    assert found.rate == pytest.approx(expected["earned_growth_rate"])
    assert found.growth == pytest.approx(expected["growth"])
    assert found.ratio == pytest.approx(expected["earned_growth_ratio"])
