"""Columns of numbers as arrays."""

from decimal import Decimal
from typing import Any

import pytest

from lifecycle import nps, survival
from lifecycle._vectors import distinct, vector
from lifecycle.errors import InvalidTypeError, InvalidValueError

np = pytest.importorskip("numpy")
pd = pytest.importorskip("pandas")
pl = pytest.importorskip("polars")
pa = pytest.importorskip("pyarrow")


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        (np.array([1, 2], dtype="uint8"), "int64"),
        (np.array([1, 2], dtype=">i4"), "int64"),
        (np.array([1, 2], dtype="float32"), "float64"),
        (np.array([True, False]), "bool"),
        (pd.Series([1, 2], dtype="Int64"), "int64"),
        (pd.Series([1.5, 2], dtype="Float64"), "float64"),
        (pd.Series([True, False], dtype="boolean"), "bool"),
        (pd.Series([1, 2]).astype("int64[pyarrow]"), "int64"),
        (pd.Index([1, 2]), "int64"),
        (pl.Series([1, 2], dtype=pl.UInt16), "int64"),
        (pl.Series([True, False]), "bool"),
        (pa.array([1.5, 2]), "float64"),
        (pa.array([True, False]), "bool"),
        (pa.chunked_array([[1], [2]]), "int64"),
    ],
)
def test_a_column_of_numbers_is_an_array(column: Any, kind: str) -> None:
    found = vector(column)
    assert found.dtype == kind
    listed = column.to_pylist() if hasattr(column, "to_pylist") else list(column)
    assert found.tolist() == listed


@pytest.mark.parametrize(
    "column",
    [
        [1, 2],
        (1, 2),
        iter([1]),
        range(3),
        {1: 2}.values(),
        np.array([[1, 2]]),
        np.array(["a"]),
        np.array([1, None]),
        np.array([2**63], dtype="uint64"),
        np.ma.array([1, 2], mask=[True, False]),
        np.array([1], dtype="timedelta64[D]"),
        pd.Series([True, None], dtype="boolean"),
        pd.Series([Decimal(1)]),
        pd.DataFrame({"a": [1]}),
        pl.Series([True, None]),
        pl.Series([Decimal(1)]),
        pa.array(["a"]),
        pa.array([True, None]),
    ],
)
def test_other_columns_are_read_value_by_value(column: Any) -> None:
    assert vector(column) is None


def test_a_missing_number_is_nan() -> None:
    for column in (pd.Series([1, None], dtype="Int64"), pl.Series([1, None]), pa.array([1, None])):
        found = vector(column)
        assert found[0] == 1
        assert np.isnan(found[1])


@pytest.mark.parametrize("values", [[3, 1, 3], [10**12, 0], [2.5, 2.5, 0.0], []])
def test_different_values_are_counted(values: list[Any]) -> None:
    found, counts = distinct(np.asarray(values, dtype="int64" if 3 in values else float))
    assert found.tolist() == sorted({*values})
    assert counts.tolist() == [values.count(value) for value in sorted({*values})]


COLUMNS = [np.asarray, pd.Series, pl.Series, pa.array]


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("given", [[9, 11], [9.0, 9.5], [9, -1], [9.0, float("nan")], [True]])
def test_a_rating_in_a_column_that_is_none_is_named(column: Any, given: list[Any]) -> None:
    place = rf"^ratings\[{len(given) - 1}\] must be "
    with pytest.raises((InvalidTypeError, InvalidValueError), match=place):
        nps.score(column(given))


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"durations": [1.0, -2.0]}, r"^durations\[1\] must be at least 0, got -2"),
        ({"durations": [1.0, float("inf")]}, r"^durations\[1\] must be finite"),
        ({"durations": [True, False]}, r"^durations\[0\] must be a number"),
        ({"observed": [1, 2]}, r"^observed\[1\] must be True or 1"),
        ({"observed": [1]}, r"^observed must be as many as the durations, 2, got 1"),
        ({"entry": [0.0, 5.0]}, r"^entry\[1\] must be below its duration, "),
        ({"entry": [0.0]}, r"^entry must be as many as the durations"),
        ({"weights": [1.0, 0.0]}, r"^weights\[1\] must be above 0"),
        ({"weights": [1.0, 1e-200]}, r"^weights\[1\] must be between "),
        ({"weights": [True, True]}, r"^weights\[0\] must be a number"),
        ({"weights": [1.0]}, r"^weights must be as many as the durations"),
    ],
)
def test_a_value_of_survival_that_is_none_is_named(
    column: Any, wrong: dict[str, list[Any]], message: str
) -> None:
    given = {"durations": [1.0, 2.0], "observed": [1, 0], **wrong}
    with pytest.raises((InvalidTypeError, InvalidValueError), match=message):
        survival.kaplan_meier(**{name: column(values) for name, values in given.items()})


def test_weights_that_floats_do_not_add_exactly_are_added_value_by_value() -> None:
    """A tenth is no binary fraction: with a million they need more than the 53 bits of a float."""
    weights = [0.1, 1e6, 3.0]
    found = survival.kaplan_meier(np.arange(1, 4), [1, 0, 1], weights=np.array(weights))
    assert found == survival.kaplan_meier([1, 2, 3], [1, 0, 1], weights=weights)


@pytest.mark.parametrize("column", COLUMNS)
def test_observed_is_a_truth_value_of_any_kind(column: Any) -> None:
    expected = survival.kaplan_meier([1, 2, 3], [True, False, True])
    for observed in ([1, 0, 1], [1.0, 0.0, 1.0], [True, False, True]):
        assert survival.kaplan_meier([1, 2, 3], column(observed)) == expected
        assert survival.kaplan_meier(column([1, 2, 3]), column(observed)) == expected
        assert survival.kaplan_meier(column([1, 2, 3]), observed) == expected


def test_a_cause_is_missing_where_no_end_was_seen() -> None:
    expected = survival.cumulative_incidence([1, 2, 3], ["left", None, "moved"])
    for causes in (
        pd.Series(["left", None, "moved"]),
        pd.Series(["left", pd.NA, "moved"], dtype="string"),
        pd.Series(["left", float("nan"), "moved"]).astype("category"),
        pl.Series(["left", None, "moved"]),
        pa.array(["left", None, "moved"]).dictionary_encode(),
    ):
        assert survival.cumulative_incidence(np.array([1, 2, 3]), causes) == expected
        assert survival.cumulative_incidence([1, 2, 3], causes) == expected
