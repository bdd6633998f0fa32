"""Workers that keep customers in one database, and what they leave on file."""

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

import attrs
import pytest

import lifecycle
from lifecycle import Customer, Enrollment, Event, Lifecycle, StageChange
from recipes import pages

posix = pytest.mark.skipif(sys.platform == "win32", reason="kills as POSIX does")

WORKER = Path(__file__).with_name("worker.py")
TIME = 240.0
"""Seconds that a worker may take; it is killed after that."""

Step = tuple[Any, ...]
Said = list[dict[str, Any]]


@attrs.frozen
class Kept:
    """All that is on file of one customer; `row` has what repeats it for a search."""

    row: Mapping[str, Any]
    events: list[Event]
    changes: Counter[StageChange]
    named: Counter[tuple[str, ...]]

    @property
    def enrollment(self) -> Enrollment:
        return Enrollment.from_dict(self.row["enrollment"])

    @property
    def customer(self) -> Customer:
        return Customer.from_dict(self.row["customer"])


@attrs.frozen
class Crew:
    """Processes that run the code of a page on one database.

    Attributes:
        folder: Where the module and the jobs are written.
        page: The page whose code they run.
        target: The database, as the worker opens it.
        lifecycle: The definition they work with.
        more: Further modules that they use, each with the page that has its code.
        death: How a worker that is killed counts how far it gets, a step of the worker.
    """

    folder: Path
    page: str
    target: Mapping[str, Any]
    lifecycle: Lifecycle
    more: Mapping[str, str] = attrs.field(factory=dict)
    death: str = "die"

    def run(self, *jobs: Sequence[Step], killed: Mapping[int, int] | None = None) -> list[Said]:
        """Let workers do their jobs together; return what each has said.

        Args:
            *jobs: The steps of each worker.
            killed: For a worker, how many writes it lives through; it is killed in the
                transaction of the next, and starts again from its first step.
        """
        for name, page in {"customers": self.page, **self.more}.items():
            self.folder.joinpath(f"{name}.py").write_text(pages.module(page), "utf-8")
        meeting = self.folder / f"meeting-{len(list(self.folder.iterdir()))}"
        meeting.mkdir()
        lives = []
        for number, steps in enumerate(jobs):
            meet: Step = ("meet", str(meeting), str(number), len(jobs))
            short = (
                [[meet, (self.death, killed[number]), *steps]] if number in (killed or {}) else []
            )
            lives.append([*short, [meet, *steps]])
        names = [f"{meeting}.{number}" for number in range(len(jobs))]
        with ThreadPoolExecutor(len(lives)) as pool:
            return list(pool.map(self._live, names, lives))

    def _live(self, name: str, lives: Sequence[Sequence[Step]]) -> Said:
        """Run a worker, again while it is killed; return what the last one has said."""
        for life, steps in enumerate(lives, 1):
            job = Path(f"{name}.{life}.json")
            told = {"folder": str(self.folder), "page": self.page, "target": self.target}
            told |= {"lifecycle": self.lifecycle.to_dict(), "steps": steps}
            job.write_text(json.dumps(told), "utf-8")
            done = _python(WORKER, job)
            expected = 0 if life == len(lives) else -signal.SIGKILL
            assert done.returncode == expected, (done.returncode, done.stderr[-2000:])
        return [json.loads(line) for line in done.stdout.splitlines()]


def _python(*args: Path) -> "subprocess.CompletedProcess[str]":
    """Run a program with warnings as errors; it is killed if it takes too long."""
    package = str(Path(lifecycle.__file__).parents[1])
    paths = os.pathsep.join(filter(None, (package, os.environ.get("PYTHONPATH"))))
    return subprocess.run(
        [sys.executable, "-W", "error", *args],
        check=False,
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": paths},
        timeout=TIME,
    )


def enrolled(*people: Enrollment) -> list[Step]:
    """Return the steps with which a database begins."""
    return [("create",), ("enroll", [person.to_dict() for person in people])]


def delivery(customer: str, *events: Event, now: datetime) -> tuple[str, list[Any], str]:
    """Return what a worker takes in one transaction."""
    return customer, [event.to_dict() for event in events], now.isoformat()


def told(said: Iterable[Said], what: str) -> list[Any]:
    """Return what workers say about one thing."""
    return [line[what] for lines in said for line in lines if what in line]


def audits(said: Iterable[Said]) -> list[dict[str, Kept]]:
    """Return what was on file, by customer, at each audit."""
    return [_filed(rows) for rows in told(said, "audit")]


def _filed(rows: Said) -> dict[str, Kept]:
    kept = {row["of"]: Kept(row, [], Counter(), Counter()) for row in rows if "customer" in row}
    for row in rows:
        its = kept[row["of"]]
        if "event" in row:
            its.events.append(Event.from_dict(row["event"]))
        elif "change" in row:
            change = StageChange.from_dict(row["change"])
            its.changes[change] += row["sign"]
            its.named[tuple(row.get("named", _name(change)))] += row["sign"]
    return kept


def _name(change: StageChange) -> tuple[str, ...]:
    return change.at.isoformat(), change.source, change.target, change.kind


def check(
    shop: Lifecycle, kept: Kept, delivered: Iterable[Event], until: datetime | None = None
) -> None:
    """Check that what is on file is what a replay of everything delivered says."""
    events = {event.id: event for event in delivered}
    assert Counter(event.id for event in kept.events) == Counter(events.keys())
    assert all(events[event.id] == event for event in kept.events)
    customer = kept.customer
    end = customer.seen if until is None else until
    journey = shop.replay(kept.enrollment, events.values(), until=end)
    assert _holding(kept.changes) == Counter(journey.changes)
    assert _holding(kept.named) == Counter(map(_name, journey.changes))
    assert customer == journey.customer
    assert kept.row.get("stage", customer.stage) == customer.stage
    if "due" in kept.row:
        deadline = shop.due(customer)
        assert kept.row["due"] == (deadline and deadline.at.isoformat())


def _holding(signs: Counter[Any]) -> Counter[Any]:
    """Leave out what was taken back; a sum below nothing stays, and is a mistake."""
    return Counter({what: sign for what, sign in signs.items() if sign})
