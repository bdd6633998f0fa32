"""Dicts that grow as values."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle import _layers
from lifecycle._layers import Items, joined


def grown(number: int) -> Items:
    items: Items = {}
    for i in range(number):
        items = joined(items, {f"a{i}": i})
    return items


def test_few_keys_are_one_dict() -> None:
    items = grown(_layers._SMALL)
    assert type(items) is dict
    assert items == {f"a{i}": i for i in range(_layers._SMALL)}


def test_many_keys_are_in_few_dicts_of_which_the_first_are_shared() -> None:
    items = grown(10_000)
    assert isinstance(items, _layers._Layers)
    sizes = [len(each) for each in items.dicts]
    assert sum(sizes) == 10_000
    assert sizes == sorted(sizes, reverse=True)
    assert len(sizes) <= 10
    more = joined(items, {"b": 1})
    assert isinstance(more, _layers._Layers)
    assert more.dicts[0] is items.dicts[0]
    assert "b" not in items
    assert "b" in more


def test_a_key_set_again_and_again_is_kept_once() -> None:
    items = grown(1000)
    for value in range(1000):
        items = joined(items, {"plan": value, "a7": value})
    assert isinstance(items, _layers._Layers)
    assert sum(map(len, items.dicts)) <= 1000 + _layers._SMALL
    assert (items["plan"], items["a7"], items["a8"]) == (999, 999, 8)
    assert list(items) == [*(f"a{i}" for i in range(1000)), "plan"]


def test_what_is_not_there_is_missing() -> None:
    with pytest.raises(KeyError, match="b"):
        grown(100)["b"]


names = st.sampled_from("abcdefghijk")
parts = st.lists(st.dictionaries(names, st.integers(), max_size=3), max_size=30)


@given(parts, st.sampled_from([0, 2, 32]))
def test_layers_hold_what_one_dict_would(parts: list[dict[str, Any]], small: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_layers, "_SMALL", small)
        items: Items = {}
        plain: dict[str, Any] = {}
        steps = []
        for part in parts:
            items, plain = joined(items, part), {**plain, **part}
            steps.append((items, plain))
    for found, expected in steps:
        assert dict(found) == expected
        assert list(found) == list(expected)
        assert len(found) == len(expected)
        assert all(found[name] == expected.get(name) for name in found)
