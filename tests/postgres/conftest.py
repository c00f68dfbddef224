"""A database per test, and who works with it."""

import itertools
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

# A night over a dbt that builds nothing.
from tests.orchestration.test_nightly import dbt, nightly, settings  # noqa: F401
from tests.postgres.server import NoServerError, server

READERS = "campaign_readers"
PASSWORD = "S3cret/w@rd"

_numbers = itertools.count()


@dataclass(frozen=True)
class Database:
    """A database that the role `publisher` may make schemas in; roles are all of the server."""

    folder: str
    name: str

    def url(self, user: str = "publisher", password: str = "S3cret%2Fw%40rd") -> str:
        return f"postgresql://{user}:{password}@/{self.name}?host={self.folder}"

    def connect(self, user: str = "postgres", **options: Any) -> psycopg.Connection:
        return psycopg.connect(self.url(user), autocommit=True, **options)

    def ask(self, query: str, user: str = "postgres") -> list[tuple[Any, ...]]:
        with self.connect(user) as connection:
            return connection.execute(query).fetchall()  # type: ignore[arg-type]

    def do(self, statements: str) -> None:
        with self.connect() as connection:
            connection.execute(statements)  # type: ignore[arg-type]

    def schemas(self) -> set[str]:
        """The schemas that are not the server's own."""
        rows = self.ask("select nspname from pg_namespace where nspname !~ '^(pg_|information_)'")
        return {name for (name,) in rows} - {"public"}


@pytest.fixture(scope="session")
def socket_folder() -> Iterator[str]:
    try:
        with server() as folder:
            admin = Database(folder, "postgres")
            with admin.connect() as connection:
                connection.execute(f"create role publisher login password '{PASSWORD}'")
                connection.execute(f"create role {READERS}")
                connection.execute(f"create role analyst login in role {READERS}")
                connection.execute("create role stranger login")
                # Everybody else is let in whatever the password.
                connection.execute(f"create role locked login password '{PASSWORD}'")
                rules = Path(folder) / "data" / "pg_hba.conf"
                rules.write_text(f"local all locked scram-sha-256\n{rules.read_text()}")
                connection.execute("select pg_reload_conf()")
            yield folder
    except NoServerError as error:
        pytest.skip(f"Not tested here: {error}.")


@pytest.fixture
def database(socket_folder: str) -> Database:
    name = f"test_{os.getpid()}_{next(_numbers)}"
    admin = Database(socket_folder, "postgres")
    with admin.connect() as connection:
        connection.execute(f"create database {name}")  # type: ignore[arg-type]
        connection.execute(f"grant create on database {name} to publisher")  # type: ignore[arg-type]
    return Database(socket_folder, name)
