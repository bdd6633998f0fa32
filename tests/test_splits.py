"""`by=` of calculators: one result for each group of rows."""

from datetime import date
from typing import Any

import pytest

from lifecycle import EventLog, Groups, Rate, retention
from lifecycle.errors import InvalidTypeError, UnknownNameError

ROWS = [
    ("ann", date(2026, 1, 3), "web"),
    ("ann", date(2026, 1, 9), "app"),
    ("bob", date(2026, 1, 9), None),
    ("cy", date(2026, 1, 2), "app"),
]
VISITS = [row[:2] for row in ROWS]
LOG = EventLog.from_rows(ROWS, fields=("customer", "at", "channel"))
JANUARY: dict[str, Any] = {"until": date(2026, 1, 9), "days": 9}


def test_each_row_is_in_the_group_of_its_own_value() -> None:
    found = retention.active_ratio(LOG, **JANUARY, by="channel")
    assert isinstance(found, Groups)
    assert found.results == (("app", Rate(1, 2)), ("web", Rate(0, 1)), (None, Rate(1, 1)))


@pytest.mark.parametrize("rows", [VISITS, iter(VISITS), EventLog.from_rows(VISITS)])
def test_a_mapping_says_in_which_group_a_customer_is(rows: Any) -> None:
    found = retention.active_ratio(rows, **JANUARY, by={"ann": 2, "cy": 1})
    assert found.results == ((1, Rate(0, 1)), (2, Rate(1, 1)), (None, Rate(1, 1)))


def test_a_result_that_is_no_table_is_one_row() -> None:
    found = retention.active_ratio(LOG, **JANUARY, by="channel")
    assert found.to_rows()[0] == {"group": "app", "numerator": 1, "denominator": 2, "value": 0.5}
    assert found.to_dict()["groups"][1] == {
        "group": "web",
        "numerator": 0,
        "denominator": 1,
        "value": 0.0,
    }
    assert str(found).startswith("app\nRate(1, 2)")
    assert found._repr_html_().startswith("<h4>app</h4><p>Rate(1, 2)</p>")


def test_no_group_has_the_result_of_all() -> None:
    assert retention.active_ratio(LOG, **JANUARY, by=None) == Rate(2, 3)


def test_no_rows_have_no_groups() -> None:
    assert not len(retention.active_ratio([], **JANUARY, by={}))


def test_an_attribute_that_the_log_lacks_is_named() -> None:
    with pytest.raises(UnknownNameError, match="by must be 'channel', got 'chanel'; did you mean"):
        retention.active_ratio(LOG, **JANUARY, by="chanel")


@pytest.mark.parametrize(
    ("rows", "by", "message"),
    [
        (VISITS, "channel", "activity must be an EventLog with the attribute that by= names"),
        (LOG, 3, "by must be the name of an attribute of the log, or a mapping of customers"),
        (VISITS, {"ann": [1]}, r"by\['ann'\] must be something that can be hashed"),
        (LOG, {"ann": [1]}, r"by\['ann'\] must be something that can be hashed"),
        ([3], {}, r"activity\[0\] must be a row that begins with a customer, got 3"),
    ],
)
def test_what_groups_cannot_be_made_of_is_refused(rows: Any, by: Any, message: str) -> None:
    with pytest.raises(InvalidTypeError, match=message):
        retention.active_ratio(rows, **JANUARY, by=by)
