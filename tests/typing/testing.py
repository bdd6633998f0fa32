"""What type checkers know of tests of a lifecycle; this file is checked, and never run."""

from datetime import UTC, datetime, timedelta
from typing import assert_type

from hypothesis import strategies as st

from lifecycle import Event, Journey, Lifecycle, Milestone, Rate, Transition, testing


def paths(shop: Lifecycle) -> None:
    found = testing.paths(shop, start=datetime(2026, 1, 1, tzinfo=UTC), limit=1000)
    assert_type(found, testing.Paths)
    assert_type(found.covered, Rate)
    assert_type(found.missed, tuple[testing.Missed, ...])
    for path in found:
        assert_type(path.way, Transition | Milestone)
        assert_type(path.matches(path.journey.changes[0]), bool)
        assert_type(path.offset, timedelta | None)
        assert_type(path.journey, Journey)
        assert_type(path.stages, tuple[str, ...])
        assert_type(path.taken, bool)
    testing.paths(shop, 5)  # type: ignore[arg-type, call-arg]


def strategies(shop: Lifecycle) -> None:
    values = {"purchase": st.integers(0, 100)}
    assert_type(testing.events(shop, at=st.datetimes()), st.SearchStrategy[Event])
    assert_type(testing.logs(shop, values=values), st.SearchStrategy[list[Event]])
    assert_type(testing.journeys(shop, max_size=3), st.SearchStrategy[Journey])
    assert_type(testing.lifecycles(pace="hours"), st.SearchStrategy[Lifecycle])
    testing.lifecycles(pace="weeks")  # type: ignore[arg-type]
