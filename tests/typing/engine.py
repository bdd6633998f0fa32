"""What a type checker says of the front door: checked by mypy, never run."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal, assert_type
from uuid import UUID

from lifecycle import (
    ANY,
    Calendar,
    Clock,
    Correction,
    Customer,
    Deadline,
    Decision,
    Enrollment,
    Event,
    Fall,
    Finding,
    Journey,
    Lifecycle,
    Outcome,
    Period,
    Reason,
    SoFar,
    Stage,
    StageChange,
    Status,
    Stay,
    Timeout,
    Transition,
    Until,
    attribute,
    count,
    days_since,
    dwell,
    entries,
    event_attribute,
    falls,
    idle,
    mean,
    previous,
    total,
    value,
)
from lifecycle.engine.conditions import AllOf, AnyOf, Criterion, Measure, Not, Sum
from lifecycle.errors import DuplicateEventError, NotPermittedError, OutOfOrderError

START = datetime(2026, 1, 1, tzinfo=UTC)


def is_vip(customer: Customer, event: Event | None) -> bool:
    return customer.status is Status.ACTIVE and event is not None


def says_nothing(customer: Customer) -> bool:
    return bool(customer.attributes)


shop = Lifecycle(
    name="shop",
    initial="lead",
    stages=(Stage("lead", Status.PROSPECT), Stage("buyer", Status.ACTIVE, label="B", final=False)),
    transitions=[
        Transition("lead", "buyer", on="purchase", when=count("purchase") >= 3),
        Transition(("lead", Status.ACTIVE, ANY), "buyer", on="visit", when=is_vip),
        Transition(ANY, "lead", after=idle("purchase", days=90)),
        Transition(Status.ACTIVE, "lead", after=dwell(until="year")),
    ],
    activity=["purchase"],
    events=("note",),
    version=2,
)

# What goes in

event = Event("purchase", START, value=Decimal(40), id=7, attributes={"a": 1}, sets={"b": [1]})
assert_type(event.value, int | float | Decimal | None)
assert_type(event.id, str | int | UUID | None)
assert_type(event.attributes, Mapping[str, object])

assert_type(idle(days=90), Timeout)
assert_type(dwell(until="day"), Timeout)
assert_type(dwell(until=Until("year", year_start=4)), Timeout)
assert_type(dwell(until=Calendar("year")), Timeout)
assert_type(idle(("purchase", "visit"), days=9, where=value() >= 5), Timeout)
assert_type(falls(total("purchase", within=Until("year")), below=500), Fall)
assert_type(count(["purchase", "visit"], within=timedelta(days=9)), Measure)
assert_type(entries(("lead", "buyer"), within=Calendar("month")), Measure)
assert_type(days_since("purchase", where=event_attribute("a").equals(1)) <= 9, Criterion)
assert_type(previous().is_in(["lead"]), Criterion)
assert_type(total("purchase") - total("refund"), Sum)
assert_type(count("purchase") + count("visit") - count("refund") >= 3, Criterion)
assert_type(Period(months=1).after(START), datetime | None)

# Conditions

assert_type(count("purchase", since_entry=True, within=Period(days=9)), Measure)
assert_type(count("purchase", within=timedelta(days=9)), Measure)
assert_type(total("purchase") >= 500, Criterion)
assert_type(mean("purchase") < Decimal("0.5"), Criterion)
assert_type(value().equals(3), Criterion)
assert_type(attribute("plan").is_in(["gold", "silver"]), Criterion)
assert_type(event_attribute("day") > date(2026, 1, 1), Criterion)
assert_type((value() >= 1) & (value() <= 2), AllOf)
assert_type((value() >= 1) | (value() <= 2), AnyOf)
assert_type(~(value() >= 1), Not)
assert_type(~((value() >= 1) & ~(value() <= 2) | (value() >= 4)), Not)

# Customers and steps

ann = shop.enroll("ann", at=START, stage="lead", attributes={"plan": "free"}, referred_by=7)
assert_type(ann, Customer)
assert_type(ann.id, str | int | UUID)
assert_type(ann.stage, str)
assert_type(ann.status, Status)
assert_type(ann.entered, datetime)
assert_type(ann.last_activity, datetime | None)
assert_type(ann.attributes, Mapping[str, object])
assert_type(ann.referred_by, str | int | UUID | None)

outcome = shop.apply(ann, event)
assert_type(outcome, Outcome)
customer, changes = outcome
assert_type(customer, Customer)
assert_type(changes, tuple[StageChange, ...])
assert_type(shop.fire(ann, event), Outcome)
assert_type(shop.advance(ann, to=START), Outcome)
assert_type(shop.migrate(ann, to=shop, at=START, mapping={"lead": "buyer"}), Outcome)
assert_type(shop.migrate(ann, to=shop, at=START, clocks="restart"), Outcome)
clock = shop.clocks(ann)[0]
assert_type(shop.clocks(ann), tuple[Clock, ...])
assert_type(clock.at, datetime | None)
assert_type(clock.transition, Transition | None)
assert_type(clock.milestone, str | None)
assert_type(clock.reasons, tuple[Reason, ...])
assert_type(shop.with_lengths({idle(days=90): Period(days=117)}), Lifecycle)
assert_type(shop.with_lengths({shop.transitions[0]: timedelta(days=117)}, version=7), Lifecycle)

change = changes[0]
assert_type(change.cause, Literal["event", "timeout", "migration"])
assert_type(change.transition, Transition | None)
assert_type(change.event, Event | None)
assert_type(change.milestone, str | None)
assert_type(change.at, datetime)

deadline = shop.due(ann)
assert_type(deadline, Deadline | None)
if deadline is not None:
    assert_type(deadline.at, datetime)
    assert_type(deadline.transition, Transition | None)
    assert_type(deadline.milestone, str | None)

# Decisions and findings

assert_type(shop.explain(ann, event), Decision)
assert_type(shop.explain(ann, event).reasons, tuple[Reason, ...])
assert_type(shop.options(ann, at=START), dict[str, Decision])
assert_type(shop.findings(), tuple[Finding, ...])

# Journeys

journey = shop.replay("ann", iter([event]), until=START, since=START, stage="lead")
assert_type(journey, Journey)
assert_type(journey.customer, Customer)
assert_type(journey.changes, tuple[StageChange, ...])
assert_type(journey.events, tuple[Event, ...])
assert_type(journey.stays, tuple[Stay, ...])
assert_type(journey.stays[0].left, datetime | None)
assert_type(journey.stays[0].duration, timedelta | None)
assert_type(journey.stage_at(START), str)

amended, correction = journey.amend(event, event)
assert_type(amended, Journey)
assert_type(correction, Correction)
retracted, added = correction
assert_type(retracted, tuple[StageChange, ...])
assert_type(added, tuple[StageChange, ...])

# Errors: what they carry can be given to the engine again


def answer(decision: Decision) -> tuple[Reason, ...]:
    return decision.reasons


def late(error: OutOfOrderError) -> Journey:
    return journey.amend(error.event)[0]


def refused(error: NotPermittedError) -> tuple[Reason, ...]:
    return answer(error.decision)


def repeated(error: DuplicateEventError) -> Journey:
    return journey.replace(error.second)[0]


OutOfOrderError("ann", event, START, sequence=3)
DuplicateEventError(event, event)
NotPermittedError("ann", "purchase", "lead", shop.explain(ann, event))

# Customers in mid-life

told = SoFar(12, 480, last=START, recent=[event])
assert_type(told.valued, int)
assert_type(told.recent, tuple[Event, ...])
since = Enrollment("ann", START, entered=START, so_far={"purchase": told}, zone="Europe/Berlin")
assert_type(since.zone, str | None)
assert_type(shop.enroll("ann", at=START, last_activity=START, zone=UTC).zone, str | None)
shop.replay("ann", [event], since=START, entered=START, so_far={"purchase": told})
SoFar()  # type: ignore[call-arg]
shop.enroll("ann", at=START, so_far={"purchase": 12})  # type: ignore[dict-item]

# Values as data

assert_type(shop.to_dict(), dict[str, Any])
assert_type(Lifecycle.from_dict({}), Lifecycle)
assert_type(Customer.from_dict(ann.to_dict()), Customer)
assert_type(Enrollment.from_dict(ann.enrollment.to_dict()), Enrollment)
assert_type(Event.from_dict(event.to_dict()), Event)
assert_type(StageChange.from_dict(changes[0].to_dict()), StageChange)
assert_type(Journey.from_dict(journey.to_dict()), Journey)

# What is refused

Stage("lead", "prospect")  # type: ignore[arg-type]
Stage("lead", Status.PROSPECT, "Lead")  # type: ignore[call-arg]
Event("purchase", "2026-01-01")  # type: ignore[arg-type]
Event("purchase", date(2026, 1, 1))  # type: ignore[arg-type]
Event("purchase", START, 40)  # type: ignore[call-arg]
Event("purchase", START, value="40")  # type: ignore[arg-type]
Transition("lead", Status.ACTIVE, on="visit")
Transition("lead", ANY, on="visit")  # type: ignore[arg-type]
Transition("lead", ("lead", "buyer"), on="visit")  # type: ignore[arg-type]
Transition("lead", "buyer", on="visit", when=count("visit"))  # type: ignore[arg-type]
Transition("lead", "buyer", on="visit", when=count("visit") == 3)  # type: ignore[arg-type, comparison-overlap]
Transition("lead", "buyer", on="visit", when=says_nothing)  # type: ignore[arg-type]
Transition("lead", "buyer", after=timedelta(days=90))  # type: ignore[arg-type]
idle(90)  # type: ignore[arg-type]
idle(months=1.5)  # type: ignore[arg-type]
dwell("purchase", days=1)  # type: ignore[call-arg]
total("visit") - 1  # type: ignore[operator]
count(1)  # type: ignore[arg-type]
falls(total("visit"), 5)  # type: ignore[call-arg]
falls(total("visit") >= 5, below=5)  # type: ignore[arg-type]
count("visit", within=9)  # type: ignore[arg-type]
many = count("visit") >= None  # type: ignore[operator]
(count("visit") >= 3) & True  # type: ignore[operator]
(count("visit") >= 3) & is_vip  # type: ignore[operator]
Lifecycle("shop", "lead", (), ())  # type: ignore[call-arg]
Lifecycle(name="shop", initial="lead", stages=["lead"], transitions=[])  # type: ignore[list-item]
shop.enroll("ann", START)  # type: ignore[call-overload]
shop.enroll(1.5, at=START)  # type: ignore[call-overload]
shop.apply("ann", event)  # type: ignore[arg-type]
shop.apply(ann, "purchase")  # type: ignore[arg-type]
shop.advance(ann, START)  # type: ignore[call-arg]
shop.advance(ann, to=date(2026, 1, 1))  # type: ignore[arg-type]
shop.options(ann, START)  # type: ignore[call-arg]
shop.replay("ann", event)  # type: ignore[arg-type]
journey.amend([event])  # type: ignore[arg-type]
at: datetime = shop.due(ann).at  # type: ignore[union-attr]
ann.stage = "buyer"  # type: ignore[misc]
ann.id = "bob"  # type: ignore[misc]
ann.attributes["plan"] = "gold"  # type: ignore[index]
event.value = 3  # type: ignore[misc]
changes[0] = change  # type: ignore[index]
OutOfOrderError("ann", "purchase", START)  # type: ignore[arg-type]
NotPermittedError("ann", "purchase", "lead", "no")  # type: ignore[arg-type]
event.from_dict([])  # type: ignore[arg-type]
