"""RFM against R's `rfm`, and the summary of CDNOW against the published one.

Sources: tests/cases/rfm (R package rfm 0.3.0, its data and its segments; README.json says more),
and tests/cases/cdnow_summary.csv (the CDNOW tenth sample by Fader & Hardie: repeat purchases x,
recency t_x and age T in weeks on 1997-09-30, mean repeat purchase zbar, to two decimals).
"""

import csv
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from lifecycle.errors import InvalidValueError
from lifecycle.metrics import rfm

ROOT = Path(__file__).parents[2]
CASES = ROOT / "tests" / "cases"


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def case() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((CASES / "rfm" / "README.json").read_text())
    return found


@pytest.fixture(scope="module")
def scored(case: dict[str, Any]) -> rfm.ScoreTable:
    orders = [
        (int(row["customer_id"]), date.fromisoformat(row["order_date"]), int(row["revenue"]))
        for row in table(CASES / "rfm" / "orders.csv")
    ]
    until = date.fromisoformat(case["analysis_date"])
    return rfm.scores(orders, until=until, bins=case["bins"], method="r")


@pytest.fixture(scope="module")
def rules(case: dict[str, Any]) -> list[rfm.SegmentRule]:
    return [
        rfm.SegmentRule(
            rule["name"],
            recency=(rule["r_lo"], rule["r_hi"]),
            frequency=(rule["f_lo"], rule["f_hi"]),
            monetary=(rule["m_lo"], rule["m_hi"]),
        )
        for rule in case["segments"]
    ]


def test_each_customer_scores_as_in_r(scored: rfm.ScoreTable) -> None:
    names = ("customer_id", "recency_days", "transaction_count", "amount", "rfm_score")
    expected = [
        tuple(float(row[name]) for name in names)
        for row in table(CASES / "rfm" / "rfm_expected.csv")
    ]
    found = [
        (
            row.customer,
            row.recency,
            row.frequency,
            row.monetary,
            100 * row.recency_score + 10 * row.frequency_score + row.monetary_score,
        )
        for row in scored.rows
    ]
    assert found == sorted(expected)


@pytest.mark.parametrize("measure", ["recency", "frequency", "monetary"])
def test_the_edges_are_those_of_r(scored: rfm.ScoreTable, measure: str) -> None:
    rows = table(CASES / "rfm" / "thresholds_expected.csv")
    expected = [float(row[f"{measure}_upper"]) for row in rows[:-1]]
    assert getattr(scored.edges, measure) == pytest.approx(expected, rel=1e-12)


def test_each_customer_is_in_the_segment_of_r(
    scored: rfm.ScoreTable, rules: list[rfm.SegmentRule], case: dict[str, Any]
) -> None:
    found = rfm.segments(scored, rules=rules, overlap="first", otherwise="Others")
    expected = {
        int(row["customer_id"]): row["segment"] for row in table(CASES / "rfm" / "rfm_expected.csv")
    }
    assert dict(found.members) == expected
    counts = {row.name: row.customers for row in found.rows}
    assert counts == {**case["segment_counts"], "Others": 0}


def test_the_rules_of_r_share_58_of_their_cells(
    scored: rfm.ScoreTable, rules: list[rfm.SegmentRule]
) -> None:
    with pytest.raises(InvalidValueError, match=r"^rules must not share cells, as they do 58 of"):
        rfm.segments(scored, rules=rules, otherwise="Others")


@pytest.fixture(scope="module")
def orders() -> list[tuple[int, date, float]]:
    return [
        (int(row["customer_id"]), date.fromisoformat(row["date"]), float(row["amount"]))
        for row in table(ROOT / "docs" / "cdnow" / "cdnow_sample.csv")
    ]


def test_the_summary_of_cdnow_is_the_published_one(orders: list[tuple[int, date, float]]) -> None:
    found = rfm.summary(orders, until=date(1997, 9, 30), unit="week")
    expected = table(CASES / "cdnow_summary.csv")
    assert len(found.rows) == len(expected) == 2357
    for row, published in zip(found.rows, expected, strict=True):
        assert row.customer == int(published["ID"])
        assert row.frequency == int(published["x"])
        assert row.recency == pytest.approx(float(published["t_x"]), abs=0.005 + 1e-12)
        assert row.age == pytest.approx(float(published["T"]), abs=0.005 + 1e-12)
        # means of dollars and cents end in a 5 that the publication rounds either way
        assert (row.monetary or 0) == pytest.approx(float(published["zbar"]), abs=0.005 + 1e-9)


def test_the_holdout_of_cdnow_is_what_was_bought_in_it(
    orders: list[tuple[int, date, float]],
) -> None:
    split, until = date(1997, 9, 30), date(1998, 6, 30)
    found = rfm.summary(orders, until=until, calibration_until=split)
    later = [row for row in orders if row[1] > split]
    assert sum(row.holdout_frequency or 0 for row in found.rows) == 1882
    assert len({(customer, at) for customer, at, _ in later}) == 1882
    spent = sum((row.holdout_frequency or 0) * (row.holdout_monetary or 0) for row in found.rows)
    assert spent == pytest.approx(sum(amount for _, _, amount in later))
    assert {row.holdout_duration for row in found.rows} == {39.0}


def test_a_holdout_does_not_change_the_calibration(orders: list[tuple[int, date, float]]) -> None:
    split = date(1997, 9, 30)
    found = rfm.summary(orders, until=date(1998, 6, 30), calibration_until=split)
    for row, known in zip(found.rows, rfm.summary(orders, until=split).rows, strict=True):
        fields = ("customer", "frequency", "recency", "age", "monetary")
        assert [getattr(row, field) for field in fields] == [
            getattr(known, field) for field in fields
        ]
