"""The events that a window holds."""

from datetime import timedelta
from decimal import Decimal
from threading import Barrier, Thread
from typing import Any

import pytest

from lifecycle.engine import _windows as module
from lifecycle.engine._windows import EMPTY, Entry, Recent, recent
from samples import again, day, naive


def entries(start: int, end: int) -> list[Entry]:
    return [(day(number), number) for number in range(start, end)]


def test_there_is_nothing_in_an_empty_window() -> None:
    assert (EMPTY.first, EMPTY.count, EMPTY.total, EMPTY.mean) == (None, 0, 0, None)
    assert list(EMPTY) == []
    assert EMPTY.since(day(1)) is EMPTY.since(None) is EMPTY
    assert recent([]) is EMPTY


def test_entries_come_and_go() -> None:
    found = recent(entries(0, 100))
    assert (found.first, found.count, found.total, found.mean) == (day(0), 100, 4950, 49.5)
    later = found.since(day(89))
    assert (later.first, later.count, later.total, later.mean) == (day(90), 10, 945, 94.5)
    assert list(later) == entries(90, 100)
    assert list(found) == entries(0, 100)


@pytest.mark.parametrize("size", [1, 2, 3, 32])
def test_any_part_is_as_if_nothing_had_been_before(
    size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_SIZE", size)
    whole = recent(entries(0, 12))
    for first in range(13):
        part = whole.since(day(first - 1))
        assert list(part) == entries(first, 12)
        for second in range(first, 13):
            left = part.since(day(second - 0.5))
            assert left == recent(entries(second, 12))
            assert left.total == sum(range(second, 12))
            assert list(left.joined(day(12), 12)) == entries(second, 13)


def test_entries_of_one_instant_leave_together() -> None:
    same = [(day(1), 1), (day(1), None), (day(1), 2), (day(2), 3)]
    assert list(recent(same).since(day(1))) == same[3:]
    assert list(recent(same).since(day(0.99))) == same
    assert recent(same).since(day(2)) is EMPTY


def test_nothing_leaves_where_all_are_later() -> None:
    found = recent(entries(5, 9))
    assert found.since(day(4.99)) is found
    assert found.since(None) is found


def test_a_window_is_no_longer_than_what_it_holds() -> None:
    found = EMPTY
    for at, value in entries(0, 5000):
        found = found.since(at - timedelta(days=100)).joined(at, value)
        held = sum(len(block[0]) for block in (*found._blocks, found._tail))
        assert held < found.count + module._SIZE
    assert found == recent(entries(4900, 5000))
    assert found.total == sum(range(4900, 5000))


def test_windows_share_their_blocks() -> None:
    found = recent(entries(0, 1000))
    more = found.since(day(200)).joined(day(1000), 1)
    assert {id(block) for block in more._blocks} <= {id(block) for block in found._blocks}


def test_windows_are_equal_by_their_entries() -> None:
    long = recent(entries(0, 70)).since(day(59))
    short = recent(entries(60, 70))
    assert long == short
    assert hash(long) == hash(short)
    assert repr(long) == repr(short) == f"recent({entries(60, 70)!r})"
    assert again(long) == long
    assert len(long) == 10
    assert long != recent(entries(60, 71))
    assert long != recent([*entries(60, 69), (day(69), 1)])
    assert long != tuple(long)


@pytest.mark.parametrize(("one", "other"), [(0.5, Decimal(1)), (Decimal(1), 0.5)])
def test_floats_and_decimals_mix_only_where_the_others_have_left(one: Any, other: Any) -> None:
    found = recent([(day(1), one), (day(2), 1)])
    with pytest.raises(TypeError):
        found.joined(day(3), other)
    assert found.since(day(1)).joined(day(3), other).total == other + 1


def test_many_threads_may_go_on_from_one_window() -> None:
    start = recent(entries(0, module._SIZE * 3 - 2))
    barrier, found = Barrier(8), dict[int, Recent]()

    def go_on(thread: int) -> None:
        barrier.wait()
        mine = start
        for number in range(300):
            mine = mine.joined(day(1000 + number), thread).since(day(number))
        found[thread] = mine

    threads = [Thread(target=go_on, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for thread, window in found.items():
        assert list(window) == [(day(1000 + number), thread) for number in range(300)]
        assert window.total == 300 * thread
    assert list(start) == entries(0, module._SIZE * 3 - 2)


def test_naive_instants_are_kept_too() -> None:
    local = [(naive(f"2026-01-0{number}"), number) for number in (1, 2, 3)]
    assert list(recent(local).since(naive("2026-01-01"))) == local[1:]
