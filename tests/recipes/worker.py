"""A process that keeps customers as a page says; the tests start several at once.

    python worker.py JOB.json

A job names the module that was made of a page, the database, and the steps to take.
What happened is written to the standard output, a line of JSON for each thing.
"""

import importlib
import json
import os
import signal
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

from lifecycle import Enrollment, Event, Lifecycle

PATIENCE = 60.0
"""Seconds to wait for the other workers at most."""


def say(**what: Any) -> None:
    print(json.dumps(what), flush=True)


class Clock:
    """Stands for the module `time` in a recipe: it counts how often, and how long, it waits."""

    def __init__(self) -> None:
        self.waits = 0
        self.slept = 0.0

    def sleep(self, seconds: float) -> None:
        self.waits += 1
        self.slept += seconds
        time.sleep(seconds)

    def __getattr__(self, name: str) -> Any:
        return getattr(time, name)


class WithSqlAlchemy:
    """Customers as docs/how-to/sqlalchemy.md keeps them."""

    def __init__(self, module: str, target: dict[str, Any]) -> None:
        from sqlalchemy import create_engine

        self.recipe = recipe = importlib.import_module(module)
        self.engine = create_engine(target["url"], **target.get("options", {}))
        if target.get("immediate"):
            recipe.begin_immediate(self.engine)
        recipe.Session.configure(bind=self.engine)

    def create(self) -> None:
        self.recipe.Base.metadata.create_all(self.engine)

    def rows(self, name: str) -> list[Any]:
        from sqlalchemy import select

        with self.recipe.Session() as session:
            return list(session.scalars(select(getattr(self.recipe, name))))

    def close(self) -> None:
        self.engine.dispose()


class WithDjango:
    """Customers as docs/how-to/django.md keeps them."""

    def __init__(self, module: str, target: dict[str, Any]) -> None:
        import django
        from django.conf import settings

        if isolation := target["database"].get("isolation"):
            from psycopg import IsolationLevel

            level = IsolationLevel[isolation]
            target["database"]["OPTIONS"] = {"isolation_level": level}
        settings.configure(DATABASES={"default": target["database"]}, USE_TZ=True)
        django.setup()
        self.recipe = importlib.import_module(module)

    def create(self) -> None:
        from django.db import connection

        with connection.schema_editor() as editor:
            for name in ("CustomerRow", "EventRow", "ChangeRow"):
                editor.create_model(getattr(self.recipe, name))

    def rows(self, name: str) -> list[Any]:
        return list(getattr(self.recipe, name).objects.all())

    def close(self) -> None:
        from django.db import connection

        connection.close()


KEEPERS = {"sqlalchemy": WithSqlAlchemy, "django": WithDjango}


class Steps:
    """What a job can ask for; each step is a method."""

    def __init__(self, keeper: Any, recipe: ModuleType, clock: Clock) -> None:
        self.keeper = keeper
        self.recipe = recipe
        self.clock = clock

    def create(self) -> None:
        self.keeper.create()

    def enroll(self, enrollments: list[dict[str, Any]]) -> None:
        for data in enrollments:
            self.recipe.in_transaction(self.recipe.enroll, Enrollment.from_dict(data))

    def wait(self, ready: str, go: str) -> None:
        """Say that all is loaded, and wait until the others have loaded too."""
        Path(ready).touch()
        last = time.monotonic() + PATIENCE
        while not Path(go).exists():
            if time.monotonic() > last:
                raise TimeoutError(go)
            time.sleep(0.001)

    def die(self, after: int) -> None:
        """Be killed in the middle of a transaction, when this many have been written."""
        left, write = after, self.recipe.write

        def write_and_die(*args: Any, **kwargs: Any) -> None:
            nonlocal left
            write(*args, **kwargs)
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)

        self.recipe.write = write_and_die

    def record(self, deliveries: list[tuple[str, list[dict[str, Any]], str]]) -> None:
        """Take events as they are delivered; say which were refused, and why."""
        for id_, events, now in deliveries:
            told = [Event.from_dict(event) for event in events]
            waits, slept = self.clock.waits, self.clock.slept
            one = len(told) == 1
            work, what = (self.recipe.record, told[0]) if one else (self.recipe.record_all, told)
            try:
                self.recipe.in_transaction(work, id_, what, datetime.fromisoformat(now))
            except Exception as error:  # noqa: BLE001  (whatever a recipe lets through)
                say(refused=f"{type(error).__name__}: {error}"[:300])
            say(waits=self.clock.waits - waits, slept=self.clock.slept - slept)

    def nightly(self, now: str) -> None:
        made, failed = self.recipe.nightly(datetime.fromisoformat(now))
        say(made=made, failed={id_: type(error).__name__ for id_, error in failed.items()})

    def rebuild(self, ids: list[str], now: str) -> None:
        for id_ in ids:
            self.recipe.in_transaction(self.recipe.rebuild, id_, datetime.fromisoformat(now))

    def audit(self) -> None:
        """Say all that is on file."""
        for row in self.keeper.rows("CustomerRow"):
            say(
                customer=row.id,
                stage=row.stage,
                due=row.due and row.due.astimezone(UTC).isoformat(),
                data=row.data,
                enrollment=getattr(row, "enrollment", None),
            )
        for row in self.keeper.rows("EventRow"):
            say(event=row.data["id"], of=row.customer_id, data=row.data)
        for row in self.keeper.rows("ChangeRow"):
            at = row.at.astimezone(UTC).isoformat()
            named = (at, row.source, row.target, row.kind)
            say(change=named, of=row.customer_id, sign=row.sign)


def main(path: str) -> None:
    job = json.loads(Path(path).read_text("utf-8"))
    sys.path.insert(0, job["folder"])
    keeper = KEEPERS[job["page"]](job["module"], job["target"])
    recipe, clock = keeper.recipe, Clock()
    recipe.time = clock
    if job.get("lifecycle"):
        recipe.shop = Lifecycle.from_dict(job["lifecycle"])
    steps = Steps(keeper, recipe, clock)
    for name, *args in job["steps"]:
        getattr(steps, name)(*args)
    keeper.close()


if __name__ == "__main__":
    main(sys.argv[1])
