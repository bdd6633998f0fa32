"""A PostgreSQL server for the tests of the recipes, and a database for each test."""

from collections.abc import Iterator
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from recipes import databases
from recipes.databases import Target


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run a private server, reached by a socket in the directory that this gives."""
    if find_spec("psycopg") is None:
        pytest.skip("install psycopg[binary], the driver for PostgreSQL")
    from recipes import servers

    with ExitStack() as stack:
        try:
            host = stack.enter_context(servers.server(tmp_path_factory.getbasetemp().parent))
        except servers.NoServerError as error:
            pytest.skip(str(error))
        yield host


@pytest.fixture
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Target:
    """Make an empty database of a kind, for a page."""

    def make(page: str, kind: str) -> dict[str, Any]:
        if kind in databases.SQLITE:
            path = tmp_path / "shop.db"
            return databases.sqlite(page, path, immediate=kind == "sqlite-immediate")
        from recipes import servers

        host = request.getfixturevalue("postgresql")
        name = servers.new_database(host)
        level = {"postgresql": None, "postgresql-repeatable-read": "REPEATABLE READ"}
        return databases.postgresql(page, host, name, level.get(kind, "SERIALIZABLE"))

    return make
