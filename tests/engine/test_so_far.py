"""What has happened before a customer is enrolled in mid-life, as a value."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest

from lifecycle import Event, SoFar
from lifecycle.errors import (
    InvalidTypeError,
    InvalidValueError,
    LifecycleError,
    MixedInstantsError,
    MixedNumbersError,
)
from samples import START, again, bought, day, naive, refusal

BERLIN = ZoneInfo("Europe/Berlin")


def test_what_is_not_told_follows_from_what_is() -> None:
    assert (SoFar(3).total, SoFar(3).valued, SoFar(3).last) == (None, 0, None)
    assert SoFar(3, 40).valued == 3
    assert SoFar(3, 40, valued=2).valued == 2
    recent = SoFar(3, recent=[bought(5), bought(2)])
    assert recent.recent == (bought(2), bought(5))
    assert recent.last == day(5)
    assert SoFar(3, last=None, recent=[bought(5)]).last == day(5)
    assert SoFar(3, last=day(6), recent=[bought(5)]).last == day(6)
    assert SoFar(0).count == 0
    assert SoFar(2, -30).total == -30
    assert SoFar(0, Decimal(0)).valued == 0


def test_it_shows_itself_as_the_call_that_makes_it() -> None:
    assert repr(SoFar(12, Decimal(480))) == "SoFar(12, Decimal('480'))"
    assert repr(SoFar(12, 480, valued=12)) == "SoFar(12, 480)"
    assert repr(SoFar(12, 480, valued=11)) == "SoFar(12, 480, valued=11)"
    assert repr(SoFar(1, last=naive("2026-01-02"))) == (
        "SoFar(1, last=datetime.datetime(2026, 1, 2, 0, 0))"
    )
    event = Event("purchase", naive("2026-01-02"))
    assert repr(SoFar(1, recent=[event])) == f"SoFar(1, recent=({event!r},))"


def test_it_is_a_value() -> None:
    told = SoFar(12, 480, last=START)
    assert again(told) == told
    assert hash(again(told)) == hash(told)
    assert attrs.evolve(told, count=13) != told
    assert attrs.evolve(told, last=START.astimezone(BERLIN)) != told  # months count in its zone


def test_recent_events_of_one_instant_come_in_the_order_of_their_source() -> None:
    late, early = bought(1, sequence=4), bought(1, sequence=2)
    assert SoFar(3, recent=[bought(1), late, early]).recent == (early, late, bought(1))


@pytest.mark.parametrize(
    ("make", "kind", "text"),
    [
        (lambda: SoFar(-1), InvalidValueError, "so_far.count must be at least 0, got -1"),
        (lambda: SoFar(1.5), InvalidTypeError, "so_far.count must be a whole number, got 1.5"),  # type: ignore[arg-type]
        (lambda: SoFar(True), InvalidTypeError, "so_far.count must be a whole number, got True"),
        (lambda: SoFar(2, "9"), InvalidTypeError, "so_far.total must be a number"),  # type: ignore[arg-type]
        (lambda: SoFar(2, float("nan")), InvalidValueError, "so_far.total must be finite"),
        (lambda: SoFar(2, 9, valued=3), InvalidValueError, "so_far.valued must be at most 2"),
        (lambda: SoFar(2, 9, valued=-1), InvalidValueError, "so_far.valued must be at least 0"),
        (lambda: SoFar(2, valued=1), InvalidValueError, "so_far.total must be given where 1 have"),
        (lambda: SoFar(2, 9, valued=0), InvalidValueError, "so_far.total must be left out where"),
        (lambda: SoFar(0, 9), InvalidValueError, "so_far.total must be left out where none has"),
        (lambda: SoFar(0, last=START), InvalidValueError, "so_far.last must be left out where"),
        (lambda: SoFar(1, last=START.date()), InvalidTypeError, "so_far.last must be a datetime"),  # type: ignore[arg-type]
        (
            lambda: SoFar(1, recent=[bought(1), bought(2)]),
            InvalidValueError,
            "so_far.recent must be among the 1 that count says, got ",
        ),
        (lambda: SoFar(1, recent=bought(1)), InvalidTypeError, "so_far.recent must be an iterable"),  # type: ignore[arg-type]
        (lambda: SoFar(1, recent=[START]), InvalidTypeError, "so_far.recent[0] must be an Event"),  # type: ignore[list-item]
        (
            lambda: SoFar(2, recent=[bought(1, 5)]),
            InvalidValueError,
            "so_far.valued must be at least 1, got 0",
        ),
        (
            lambda: SoFar(2, last=day(1), recent=[bought(2)]),
            InvalidValueError,
            "so_far.last must not be before the last of recent, 2026-01-03 00:00:00+00:00, got ",
        ),
        (
            lambda: SoFar(2, last=naive("2026-02-01"), recent=[bought(2)]),
            MixedInstantsError,
            "so_far.last",
        ),
        (
            lambda: SoFar(2, recent=[bought(2), Event("purchase", naive("2026-02-01"))]),
            MixedInstantsError,
            "so_far.recent[1].at",
        ),
        (
            lambda: SoFar(2, Decimal(9), recent=[bought(2, 1.5)]),
            MixedNumbersError,
            "so_far.recent[0].value",
        ),
    ],
)
def test_what_does_not_fit_together_is_refused(
    make: Callable[[], Any], kind: type[LifecycleError], text: str
) -> None:
    assert text in refusal(kind, make)
