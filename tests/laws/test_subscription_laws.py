"""Contracts of `presets.subscription`, with any dates on any customer, against the naive engine."""

from datetime import datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

import oracle
from lifecycle import Event, Journey
from samples import CONTRACTS, START, day

DATES = ("trial_end", "paid_until", "pause_until", "cancel_at")
NAMES = ("signup", "payment", "payment_failed", "pause", "resume", "cancel", "update")

instants = st.one_of(st.none(), st.integers(-5, 130).map(day))
sets: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {}, optional={**dict.fromkeys(DATES, instants), "payment_method": st.booleans()}
)
logs = st.lists(
    st.builds(Event, st.sampled_from(NAMES), st.integers(0, 120).map(day), sets=sets), max_size=12
)
contracts = st.sampled_from(sorted(CONTRACTS))


END = day(250)


def followed(name: str, log: list[Event], until: datetime = END) -> Journey:
    return CONTRACTS[name].replay("ann", log, since=START, until=until)


@given(contracts, logs)
def test_contracts_move_as_the_naive_engine_says(name: str, log: list[Event]) -> None:
    expected = oracle.replay(CONTRACTS[name], log, since=START, until=END)
    assert [
        (change.at, change.source, change.target, change.kind, change.milestone)
        for change in followed(name, log).changes
    ] == [
        (change.at, change.source, change.target, change.kind, change.milestone)
        for change in expected.changes
    ]


@given(contracts, logs)
def test_who_has_just_paid_is_active_unless_a_date_has_passed(name: str, log: list[Event]) -> None:
    for attribute in ("paid_until", "cancel_at"):
        log = [*log, Event("update", day(120), sequence=1, sets={attribute: None})]
    log = [*log, Event("payment", day(121))]
    assert followed(name, log, until=day(121)).customer.stage == "active"


@given(contracts, logs)
def test_reminders_are_of_the_past_due_and_within_the_grace(name: str, log: list[Event]) -> None:
    journey = followed(name, log)
    for change in journey.changes:
        if change.milestone is not None:
            assert change.source == "past_due"
            entered = max(s.entered for s in journey.stays if s.entered <= change.at)
            assert change.at <= entered + (day(14) - START)
