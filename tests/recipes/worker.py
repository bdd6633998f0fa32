"""A process that keeps customers as a page says; the tests start several at once.

    python worker.py JOB.json

A job names the page, the database, and the steps to take; the module `customers` in its
folder is the code of the page. What happened is written to the standard output, a line of
JSON for each thing.
"""

import importlib
import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lifecycle import Enrollment, Event, Lifecycle

PATIENCE = 60.0
"""Seconds to wait for the other workers at most."""


def say(**what: Any) -> None:
    print(json.dumps(what), flush=True)  # noqa: T201  (what the tests read)


class Waits:
    """Stands for the module `time` in a recipe: counts how often it waits to try again."""

    def __init__(self) -> None:
        self.count = 0
        self.hurry = False

    def sleep(self, seconds: float) -> None:
        self.count += 1
        if not self.hurry:
            time.sleep(seconds)


def given(argument: Any) -> Any:
    """Return an argument of a work: a value of the library is a mapping from its kind."""
    if not isinstance(argument, dict):
        return argument
    ((kind, data),) = argument.items()
    return KINDS[kind](data)


KINDS = {
    "at": datetime.fromisoformat,
    "event": Event.from_dict,
    "events": lambda rows: list(map(Event.from_dict, rows)),
    "enrollment": Enrollment.from_dict,
}


class Models:
    """What the pages on SQLAlchemy and on Django have in common."""

    recipe: Any

    def do(self, work: str, *args: Any, module: Any = None) -> Any:
        return self.recipe.in_transaction(getattr(module or self.recipe, work), *args)

    def rows(self, table: str) -> list[Any]:
        raise NotImplementedError

    def on_file(self) -> Iterator[dict[str, Any]]:
        """Yield every row, as the tests compare them."""
        for row in self.rows("CustomerRow"):
            due = row.due and row.due.astimezone(UTC).isoformat()
            repeated = {"stage": row.stage, "due": due}
            yield {"of": row.id, "customer": row.data, "enrollment": row.enrollment, **repeated}
        for row in self.rows("EventRow"):
            yield {"of": row.customer_id, "event": row.data}
        for row in self.rows("ChangeRow"):
            named = (row.at.astimezone(UTC).isoformat(), row.source, row.target, row.kind)
            yield {"of": row.customer_id, "change": row.data, "sign": row.sign, "named": named}


class WithSqlAlchemy(Models):
    """Customers as docs/how-to/sqlalchemy.md keeps them."""

    def __init__(self, target: dict[str, Any]) -> None:
        from sqlalchemy import create_engine

        self.recipe = importlib.import_module("customers")
        self.engine = create_engine(target["url"], **target["options"])
        if target["immediate"]:
            self.recipe.begin_immediate(self.engine)
        self.recipe.Session.configure(bind=self.engine)

    def create(self) -> None:
        self.recipe.Base.metadata.create_all(self.engine)

    def rows(self, table: str) -> list[Any]:
        from sqlalchemy import select

        with self.recipe.Session() as session:
            return list(session.scalars(select(getattr(self.recipe, table))))

    def stale(self) -> Exception:
        from sqlalchemy.orm.exc import StaleDataError

        return StaleDataError("another worker was faster")

    def close(self) -> None:
        self.engine.dispose()


class WithDjango(Models):
    """Customers as docs/how-to/django.md keeps them."""

    def __init__(self, target: dict[str, Any]) -> None:
        import django
        from django.conf import settings

        if level := target["isolation"]:
            from psycopg import IsolationLevel

            target["database"]["OPTIONS"] = {"isolation_level": IsolationLevel[level]}
        settings.configure(DATABASES={"default": target["database"]}, USE_TZ=True)
        django.setup()
        self.recipe = importlib.import_module("customers")

    def create(self) -> None:
        from django.db import connection

        with connection.schema_editor() as editor:
            for model in ("CustomerRow", "EventRow", "ChangeRow"):
                editor.create_model(getattr(self.recipe, model))

    def rows(self, table: str) -> list[Any]:
        return list(getattr(self.recipe, table).objects.all())

    def stale(self) -> Exception:
        error: Exception = self.recipe.Stale("another worker was faster")
        return error

    def close(self) -> None:
        from django.db import connection

        connection.close()


class WithSqlite3:
    """Customers as docs/how-to/late-events.md keeps them, in the memory of one process."""

    def __init__(self, _target: dict[str, Any]) -> None:
        self.recipe: Any = importlib.import_module("customers")
        self.recipe.tell = lambda *_: None

    def create(self) -> None:
        pass  # the page makes its tables

    def do(self, work: str, *args: Any) -> Any:
        return getattr(self.recipe, work)(*args)

    def on_file(self) -> Iterator[dict[str, Any]]:
        for who, began, data in self.recipe.db.execute("SELECT * FROM customers"):
            yield {"of": who, "customer": json.loads(data), "enrollment": json.loads(began)}
        for who, _, data in self.recipe.db.execute("SELECT * FROM events"):
            yield {"of": who, "event": json.loads(data)}
        for who, data in self.recipe.db.execute("SELECT * FROM changes"):
            yield {"of": who, "change": json.loads(data), "sign": 1}

    def close(self) -> None:
        self.recipe.db.close()


KEEPERS: dict[str, Any] = {
    "sqlalchemy": WithSqlAlchemy,
    "django": WithDjango,
    "late-events": WithSqlite3,
}


class Steps:
    """What a job can ask for: each step is a method."""

    def __init__(self, keeper: Any) -> None:
        self.keeper = keeper
        self.recipe = keeper.recipe
        self.waits = self.recipe.time = Waits()

    def do(self, work: str, *args: Any, **more: Any) -> None:
        """Do a work; say whether it was refused, and how often it was tried again."""
        before = self.waits.count
        try:
            self.keeper.do(work, *args, **more)
        except Exception as error:  # noqa: BLE001  (a test says what it expects)
            say(refused=f"{type(error).__name__}: {error}"[:300])
        say(waits=self.waits.count - before)

    def create(self) -> None:
        self.keeper.create()

    def enroll(self, enrollments: list[dict[str, Any]]) -> None:
        for data in enrollments:
            self.do("enroll", Enrollment.from_dict(data))

    def meet(self, folder: str, name: str, count: int) -> None:
        """Wait until as many workers as work together have loaded everything."""
        Path(folder, name).touch()
        last = time.monotonic() + PATIENCE
        while len(list(Path(folder).iterdir())) < count:
            if time.monotonic() > last:
                raise TimeoutError(name)
            time.sleep(0.001)

    def die(self, after: int) -> None:
        """Be killed in the middle of a transaction, when so many have been written."""
        left, write = after, self.recipe.write

        def write_and_die(*args: Any) -> None:
            nonlocal left
            write(*args)
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)

        self.recipe.write = write_and_die

    def die_writing(self, after: int) -> None:
        """Be killed when so many statements that write have been sent to the database."""
        from sqlalchemy.event import listens_for

        left = after

        @listens_for(self.keeper.engine, "after_cursor_execute")
        def count(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            nonlocal left
            left -= statement.startswith(("INSERT", "UPDATE", "DELETE"))
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)

    def modules(self, *names: str) -> None:
        """Load modules before the tables are made, so that theirs are made too."""
        for name in names:
            importlib.import_module(name)

    def work(self, module: str, work: str, *args: Any) -> None:
        """Do a work of another module than `customers`."""
        self.do(work, *map(given, args), module=importlib.import_module(module))

    def list_rows(self, module: str, table: str, *columns: str) -> None:
        """Say what some columns of a table hold."""
        from sqlalchemy import select

        kind = getattr(importlib.import_module(module), table)
        with self.recipe.Session() as session:
            found = session.execute(select(*(getattr(kind, name) for name in columns)))
            say(rows=sorted(json.loads(json.dumps(list(map(list, found)), default=str)), key=str))

    def publish(self) -> None:
        """Tell others what is in the outbox."""
        self.recipe.tell_others(lambda change: say(published=str(change)))

    def hurry(self) -> None:
        """Try again without waiting."""
        self.waits.hurry = True

    def fail(self, customer: str) -> None:
        """Let the nightly job find each time that another worker was faster with a customer."""
        advance = self.recipe.advance

        def failing(*args: Any) -> Any:
            if customer in args:
                raise self.keeper.stale()
            return advance(*args)

        self.recipe.advance = failing

    def record(self, deliveries: list[tuple[str, list[dict[str, Any]], str]]) -> None:
        """Take what is delivered, one transaction for each delivery."""
        for customer, data, at in deliveries:
            events, now = [Event.from_dict(event) for event in data], datetime.fromisoformat(at)
            if len(events) == 1:
                self.do("record", customer, events[0], now)
            else:
                self.do("record_all", customer, events, now)

    def nightly(self, at: str) -> None:
        made, failed = self.recipe.nightly(datetime.fromisoformat(at))
        say(made=made, failed={who: type(error).__name__ for who, error in failed.items()})

    def audit(self) -> None:
        """Say all that is on file."""
        say(audit=list(self.keeper.on_file()))


def main(path: str) -> None:
    job = json.loads(Path(path).read_text("utf-8"))
    sys.path.insert(0, job["folder"])
    keeper = KEEPERS[job["page"]](job["target"])
    keeper.recipe.shop = Lifecycle.from_dict(job["lifecycle"])
    steps = Steps(keeper)
    for name, *args in job["steps"]:
        getattr(steps, name)(*args)
    keeper.close()


if __name__ == "__main__":
    main(sys.argv[1])
