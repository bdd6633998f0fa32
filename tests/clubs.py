"""A club whose members come, go and come back within a few days."""

from typing import Any

from lifecycle import Calendar, Event, Lifecycle, Stage, Status, Transition, Window, dwell
from samples import START, day

CLUB = Lifecycle(
    name="club",
    initial="in",
    stages=[
        Stage("in", Status.ACTIVE),
        Stage("out", Status.DORMANT),
        Stage("erased", Status.CHURNED, final=True),
    ],
    transitions=[
        Transition("in", "out", after=dwell(days=2)),
        Transition("out", "in", on="visit"),
        Transition(("in", "out"), "erased", on="erasure"),
    ],
)
LOG: dict[str, list[tuple[str, float]]] = {
    "ann": [("visit", 3.25), ("visit", 7)],
    "bob": [("visit", 4), ("erasure", 5.5)],
    "cy": [],
}
JOURNEYS = [
    CLUB.replay(name, [Event(what, day(at)) for what, at in log], since=START, until=day(8))
    for name, log in LOG.items()
]
DAYS: dict[str, Any] = {"calendar": Calendar("day"), "window": Window(START, day(8))}
