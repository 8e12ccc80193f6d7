"""Stores: opening what a URL names, and saying which it is without its password.

Shape:  memory: (nothing is kept), sqlite:///path/to/file, postgresql://user:password@host/database.
Errors: Misuse for a URL that names none; what the store raises where it does not answer.
Source: ASVS 14.2.1, 16.2.5 (no secret in what is shown).
"""

import logging
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from janetbank.ports.storage import Storage
from janetbank_adapters.cli.arguments import Misuse
from janetbank_adapters.storage.memory import MemoryStorage

if TYPE_CHECKING:
    from sqlalchemy import URL

MEMORY = "memory:"
URLS = "sqlite:///path/to/file or postgresql://user:password@host/database"
_BACKENDS = {"sqlite", "postgresql"}


@contextmanager
def opened(url: str) -> Generator[Storage]:
    """The store at *url*, which must be there already; closed at the end."""
    if url == MEMORY:
        yield MemoryStorage()
        return
    there = _parsed(url)
    if there.get_backend_name() == "sqlite" and not Path(there.database or "").is_file():
        msg = f"there is no file {there.database or ''}; `janetbank db upgrade` makes one"
        raise Misuse(msg)
    with _said_in_one_line():
        from janetbank_adapters.storage.sql import connect

        storage = connect(url)
    try:
        yield storage
    finally:
        storage.close()


def upgrade(url: str) -> None:
    """Make the tables of the database at *url*, or bring them up to what this version works with."""
    _parsed(url)
    with _said_in_one_line():
        from janetbank_adapters.storage.sql import upgrade

        upgrade(url)


def letters_waiting(storage: Storage) -> int:
    """How many letters stand in the outbox of *storage*, whether they are due or not."""
    from janetbank_adapters.storage.sql import SqlStorage

    if not isinstance(storage, SqlStorage):
        return 0
    from sqlalchemy import func, select

    from janetbank_adapters.storage.sql.schema import letter

    with storage.pool.connect() as connection:
        return connection.scalar(select(func.count()).select_from(letter)) or 0


def shown(url: str) -> str:
    """*url* without its password and without its options, which may hold one too."""
    return url if url == MEMORY else _parsed(url).set(query={}).render_as_string(hide_password=True)


def _parsed(url: str) -> "URL":
    """*url* taken apart.  No message repeats it: where it cannot be read, nobody knows what in it is the password."""
    with _said_in_one_line():
        from sqlalchemy import make_url
        from sqlalchemy.exc import ArgumentError
    try:
        there = make_url(url)
    except (ArgumentError, ValueError):
        there = None
    if there is None or there.get_backend_name() not in _BACKENDS or not there.database:
        msg = f"this is not the URL of a store; they look like {URLS}"
        raise Misuse(msg)
    return there


@contextmanager
def _said_in_one_line() -> Generator[None]:
    # The pool of connections would tell of each failed try, besides the one error that comes of them.
    logging.getLogger("psycopg").addHandler(logging.NullHandler())
    try:
        yield
    except ModuleNotFoundError as missing:
        msg = f"the package {missing.name} is not installed: pip install 'janetbank[postgres]'"
        raise Misuse(msg) from None
    except ValueError as error:
        raise Misuse(str(error)) from None
