"""The databases that the recipes are run on, as a worker opens them."""

from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

Target = Callable[[str, str], dict[str, Any]]
"""Makes an empty database for a page, of a kind."""

PAGES = ("sqlalchemy", "django")
SQLITE = ("sqlite", "sqlite-immediate")
POSTGRESQL = ("postgresql", "postgresql-repeatable-read", "postgresql-serializable")


def sqlite(page: str, path: Path, *, immediate: bool) -> dict[str, Any]:
    if page == "sqlalchemy":
        options = {"connect_args": {"timeout": 30}}
        return {"url": f"sqlite:///{path}", "options": options, "immediate": immediate}
    if immediate and tuple(map(int, version("django").split(".")[:2])) < (5, 1):
        pytest.skip("transaction_mode is an option of Django from 5.1 on")
    engine = "django.db.backends.sqlite3"
    options = {"timeout": 30, **({"transaction_mode": "IMMEDIATE"} if immediate else {})}
    return {
        "database": {"ENGINE": engine, "NAME": str(path), "OPTIONS": options},
        "isolation": None,
    }


def postgresql(page: str, host: str, name: str, level: str | None) -> dict[str, Any]:
    if page == "sqlalchemy":
        url = f"postgresql+psycopg://postgres@/{name}?host={host}"
        options = {} if level is None else {"isolation_level": level}
        return {"url": url, "options": options, "immediate": False}
    engine = "django.db.backends.postgresql"
    database = {"ENGINE": engine, "NAME": name, "HOST": host, "USER": "postgres"}
    return {"database": database, "isolation": level and level.replace(" ", "_")}
