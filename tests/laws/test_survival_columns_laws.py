"""Survival of columns of any library is that of lists."""

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifecycle import survival
from lifecycle.errors import InvalidValueError

np = pytest.importorskip("numpy")
pd = pytest.importorskip("pandas")
pl = pytest.importorskip("polars")
pa = pytest.importorskip("pyarrow")

NULLABLE = {
    bool: "boolean",
    int: "Int64",
    float: "Float64",
    str: "string",
    type(None): "string",
}
LIBRARIES: Mapping[str, Callable[[Any], Any]] = {
    "numpy": np.asarray,
    "pandas": pd.Series,
    "nullable pandas": lambda values: pd.Series(values, dtype=NULLABLE[{*map(type, values)}.pop()]),
    "pandas of arrow": lambda values: pd.Series(pd.arrays.ArrowExtensionArray(pa.array(values))),
    "polars": lambda values: pl.Series(values, strict=False),
    "arrow": pa.array,
    "chunked arrow": lambda values: pa.chunked_array([pa.array(values)[:1], pa.array(values)[1:]]),
}
libraries = st.sampled_from([*LIBRARIES])


def times(least: float = 0) -> st.SearchStrategy[Any]:
    whole = st.integers(int(least), 6)
    far = st.integers(int(least), 10**9)
    return st.one_of(whole, whole, far, st.sampled_from([0.5, 1.0, 2.5, 1e-9, 1e9]).filter(bool))


@st.composite
def columns(draw: st.DrawFn) -> dict[str, list[Any]]:
    n = draw(st.integers(1, 12))
    kind = draw(st.sampled_from([int, float]))
    durations = [kind(draw(times(1))) or 1 for _ in range(n)]
    found: dict[str, list[Any]] = {"durations": durations}
    found["observed"] = draw(
        st.sampled_from([bool, int, float]).flatmap(
            lambda kind: st.lists(st.booleans().map(kind), min_size=n, max_size=n)
        )
    )
    if draw(st.booleans()):
        late = [draw(st.sampled_from([0, 0.5, 0.25])) * time for time in durations]
        found["entry"] = [kind(start) for start in late]
    if draw(st.booleans()):
        kind = draw(st.sampled_from([int, float]))
        weight = st.integers(1, 9).map(kind) if kind is int else st.sampled_from([0.5, 1.25, 3.0])
        found["weights"] = draw(st.lists(weight, min_size=n, max_size=n))
    return found


def plain(table: Any) -> None:
    """Say that all figures are values of Python."""
    for row in table.to_rows():
        assert {type(value) for value in row.values()} <= {int, float, str, type(None)}


@settings(max_examples=300)
@given(columns(), libraries, st.sampled_from([survival.kaplan_meier, survival.nelson_aalen]))
def test_curves(given_: dict[str, list[Any]], library: str, estimate: Callable[..., Any]) -> None:
    found = estimate(**{name: LIBRARIES[library](column) for name, column in given_.items()})
    assert found == estimate(**given_)
    assert repr(found) == repr(estimate(**given_))
    plain(found)


@settings(max_examples=300)
@given(st.data(), columns(), libraries)
def test_incidences(data: st.DataObject, given_: dict[str, list[Any]], library: str) -> None:
    n = len(given_.pop("observed"))
    kind = data.draw(st.sampled_from([[0, 1, 2], [0.0, 1.0, 7.0], [None, "left", "moved"], [0]]))
    given_["causes"] = data.draw(st.lists(st.sampled_from(kind), min_size=n, max_size=n))
    of_columns = {name: LIBRARIES[library](column) for name, column in given_.items()}
    found = survival.cumulative_incidence(**of_columns)
    assert found == survival.cumulative_incidence(**given_)
    plain(found)


@settings(max_examples=150)
@given(st.data(), columns(), libraries)
def test_groups(data: st.DataObject, given_: dict[str, list[Any]], library: str) -> None:
    """Each group has the curve of its own rows, and their events are those of all."""
    n = len(given_["durations"])
    names = data.draw(st.sampled_from([["x", "y", "z"], [1, 2, 3], ["x", None, "y"]]))
    groups = data.draw(st.lists(st.sampled_from(names), min_size=n, max_size=n))
    of_columns = {name: LIBRARIES[library](column) for name, column in given_.items()}
    found = survival.kaplan_meier(**of_columns, by=LIBRARIES[library](groups))
    for name, curve in found.results:
        own = {
            each: [value for value, group in zip(column, groups, strict=True) if group == name]
            for each, column in given_.items()
        }
        assert curve == survival.kaplan_meier(**own)
    assert {*found} == {*groups}
    events = sum(Fraction(sum(curve.events)) for _, curve in found.results)
    assert events == Fraction(sum(survival.kaplan_meier(**given_).events))


@settings(max_examples=150)
@given(st.data(), libraries)
def test_log_rank_of_curves_is_that_of_pairs(data: st.DataObject, library: str) -> None:
    pairs: dict[str, Sequence[Any]] = {}
    for name in ("x", "y", "z")[: data.draw(st.integers(2, 3))]:
        own = data.draw(columns())
        pairs[name] = (own["durations"], own["observed"])
    of = LIBRARIES[library]
    curves = {name: survival.kaplan_meier(*map(of, pair)) for name, pair in pairs.items()}
    expected = survival.log_rank(*pairs.values())
    for groups in (pairs, curves):
        found = survival.log_rank(groups)
        assert found.groups == tuple(pairs)
        assert (found.statistic, found.p_value, found.n, found.observed, found.variance) == (
            expected.statistic,
            expected.p_value,
            expected.n,
            expected.observed,
            expected.variance,
        )
    assert expected.groups == tuple(range(1, len(pairs) + 1))


def test_a_whole_weight_of_a_curve_is_as_many_customers() -> None:
    curve = survival.kaplan_meier([1, 2, 3], [1, 0, 1], weights=[2, 1, 3])
    pair = ([1, 1, 2, 3, 3, 3], [1, 1, 0, 1, 1, 1])
    assert survival.log_rank(curve, ([2, 4], [1, 1])) == survival.log_rank(pair, ([2, 4], [1, 1]))


@pytest.mark.parametrize("given_", [{"entry": [0, 1.5, 0]}, {"weights": [1, 0.5, 2]}])
def test_log_rank_of_curves_needs_whole_customers_from_the_start(given_: dict[str, Any]) -> None:
    curve = survival.kaplan_meier([1, 2, 3], [1, 1, 1], **given_)
    with pytest.raises(InvalidValueError, match=r"^groups\['x'\] must be a curve without entry="):
        survival.log_rank({"x": curve, "all": ([1, 2], [1, 1])})
