"""In which stay a payment falls."""

from datetime import UTC, datetime, timedelta

from lifecycle import (
    Calendar,
    CustomerBase,
    Event,
    Lifecycle,
    Milestone,
    Period,
    Stage,
    Status,
    Transition,
    Window,
    dwell,
    falls,
    total,
)


def day(n: float) -> datetime:
    return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=n)


def revenue(lifecycle: Lifecycle, *events: Event) -> dict[str, float]:
    journey = lifecycle.replay("ann", events, since=day(0), until=day(20))
    table = CustomerBase([journey]).over(Calendar("month"), Window(day(0), day(31))).kpis()
    return {row.stage: row.revenue for row in table.rows}


SPENT = total("paid", within=Period(days=365))
CLUB = Lifecycle(
    name="club",
    initial="member",
    stages=[Stage("member", Status.ACTIVE), Stage("gold", Status.ACTIVE)],
    transitions=[
        Transition("member", "gold", on="paid", when=SPENT >= 100),
        Transition("gold", "member", after=falls(SPENT, below=100)),
    ],
    milestones=[Milestone("gold", after=dwell(days=2), name="welcome")],
)


def test_an_event_that_makes_a_time_out_due_falls_in_the_stay_before_it() -> None:
    """The refund is counted in "gold", which the customer then leaves at the same instant."""
    found = revenue(
        CLUB,
        Event("paid", day(1), value=120),
        Event("paid", day(5), value=-50),
        Event("paid", day(6), value=10),
    )
    assert found == {"member": 120 + 10, "gold": -50}


def test_milestones_are_no_stays() -> None:
    found = revenue(CLUB, Event("paid", day(1), value=120), Event("paid", day(4), value=30))
    assert found == {"member": 120, "gold": 30}
