"""Small values that the example tests share."""

import pickle
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, TypeVar

import pytest

from lifecycle import (
    ANY,
    Customer,
    Event,
    Journey,
    Lifecycle,
    Stage,
    StageChange,
    Status,
    Transition,
    attribute,
    count,
    dwell,
    idle,
    presets,
)
from lifecycle import at as at_date

T = TypeVar("T")

START = datetime(2026, 1, 1, tzinfo=UTC)

STAGES = (
    Stage("lead", Status.PROSPECT),
    Stage("buyer", Status.ACTIVE),
    Stage("loyal", Status.ACTIVE),
    Stage("lapsed", Status.DORMANT),
    Stage("lost", Status.CHURNED),
    Stage("gone", Status.CHURNED, final=True),
)


def day(number: float) -> datetime:
    """Give the instant so many days after the start."""
    return START + timedelta(days=number)


def at(text: str, zone: tzinfo | None = UTC) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def naive(text: str) -> datetime:
    return at(text, None)


def bought(number: float, value: Any = None, **more: Any) -> Event:
    return Event("purchase", day(number), value=value, **more)


def lifecycle(*transitions: Transition, **more: Any) -> Lifecycle:
    """Make a lifecycle of leads, buyers and those who were."""
    given = {"name": "shop", "initial": "buyer", "stages": STAGES, **more}
    return Lifecycle(transitions=transitions, **given)


SHOP = Lifecycle(
    name="shop",
    initial="visitor",
    stages=(
        Stage("visitor", Status.PROSPECT),
        Stage("lead", Status.PROSPECT),
        Stage("buyer", Status.ACTIVE),
        Stage("loyal", Status.ACTIVE),
        Stage("lapsed", Status.DORMANT),
        Stage("churned", Status.CHURNED),
        Stage("erased", Status.CHURNED, final=True),
    ),
    transitions=(
        Transition("visitor", "lead", on="signup"),
        Transition(("visitor", "lead"), "buyer", on="purchase"),
        Transition("buyer", "loyal", on="purchase", when=count("purchase") >= 3),
        Transition(Status.ACTIVE, "lapsed", after=idle(days=90)),
        Transition("loyal", "lapsed", after=idle(days=180)),
        Transition("lapsed", "churned", after=idle(days=365)),
        Transition(("lapsed", "churned"), "buyer", on="purchase"),
        Transition(ANY, "erased", on="erasure"),
    ),
    activity=("signup", "purchase"),
)

# Idle for 90 days, then 180 days in the next stage: the worked figures.
FADING = lifecycle(
    Transition("buyer", "lapsed", after=idle(days=90)),
    Transition("lapsed", "lost", after=dwell(days=180)),
    events=("purchase",),
)

# Subscriptions with the rules of different contracts.
CONTRACTS: dict[str, Lifecycle] = {
    "subscription, dates": presets.subscription(
        trial_end=at_date(attribute("trial_end")),
        paid_until=at_date(attribute("paid_until"), days=1),
        pause_until=at_date(attribute("pause_until")),
        cancel_at=at_date(attribute("cancel_at")),
    ),
    "subscription, everything": presets.subscription(
        trial_end=at_date(attribute("trial_end")),
        paid_until=at_date(attribute("paid_until"), days=1),
        pause_until=at_date(attribute("pause_until")),
        cancel_at=at_date(attribute("cancel_at")),
        converts=attribute("payment_method").equals(True),
        trial_to="paused",
        grace_to="unpaid",
        after_pause="time_left",
        dunning_days=(3, 7, 14),
    ),
    "subscription, payment method": presets.subscription(
        trial_end=at_date(attribute("trial_end")),
        converts=attribute("payment_method").equals(True),
        trial_to="paused",
        dunning_days=(3, 7, 14),
    ),
    "subscription, invoices": presets.subscription(
        paid_until=at_date(attribute("paid_until")),
        trial_to="active",
        grace_to="unpaid",
        dunning_days=[0.5],
    ),
    "subscription, time left": presets.subscription(after_pause="time_left"),
    "subscription, pause until": presets.subscription(
        pause_until=at_date(attribute("pause_until")), after_pause="time_left"
    ),
    "subscription, renewal": presets.subscription(renewal=dwell(months=1)),
    "subscription, anchored": presets.subscription(
        renewal=dwell(months=1, anchor="enrolled"),
        paid_until=at_date(attribute("paid_until"), days=1),
        cancel_at=at_date(attribute("cancel_at")),
        grace_to="unpaid",
        after_pause="time_left",
    ),
}


def again(value: T) -> T:
    """Give what pickling makes of a value."""
    return pickle.loads(pickle.dumps(value))  # type: ignore[no-any-return]  # noqa: S301


def days(changes: Iterable[StageChange]) -> list[float]:
    """Give the days of the changes, counted from the start."""
    return [(change.at - START) / timedelta(days=1) for change in changes]


def moves(changes: Iterable[StageChange]) -> list[tuple[float, str]]:
    """Give the day of each change and the stage it leads to."""
    changes = tuple(changes)
    return list(zip(days(changes), [change.target for change in changes], strict=True))


def applied(definition: Lifecycle, *events: Event, **enrollment: Any) -> Customer:
    """Enroll a customer at the start, and apply events."""
    customer = definition.enroll("ann", **{"at": START, **enrollment})
    for event in events:
        customer = definition.apply(customer, event).customer
    return customer


def stage_after(definition: Lifecycle, *events: Event, **enrollment: Any) -> str:
    return applied(definition, *events, **enrollment).stage


def replayed(definition: Lifecycle, *events: Event, **more: Any) -> Journey:
    return definition.replay("ann", events, **more)


def refusal(kind: type[Exception], call: Callable[[], object]) -> str:
    """Give what the error says that a call raises."""
    with pytest.raises(kind) as caught:
        call()
    return str(caught.value)
