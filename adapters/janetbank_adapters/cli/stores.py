"""Stores: opening what a URL names, and saying which it is without its password.

Shape:  sqlite:///path/to/file, postgresql://user:password@host/database.
Errors: Misuse for a URL that names none; what the store raises where it does not answer.
Source: ASVS 14.2.1, 16.2.5 (no secret in what is shown).
"""

import logging
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from janetbank.ports.storage import Storage
from janetbank_adapters.cli import Misuse

if TYPE_CHECKING:
    from sqlalchemy import URL

URLS = "sqlite:///path/to/file or postgresql://user:password@host/database"
_HARMLESS = {"host", "port"}
_PATIENCE = 5
"""Seconds to wait for a server."""

_BACKENDS = {"sqlite", "postgresql"}


@contextmanager
def opened(url: str) -> Generator[Storage]:
    """The store at *url*, which must be there already; closed at the end."""
    there = _parsed(url)
    if there.get_backend_name() == "sqlite" and not Path(there.database or "").is_file():
        msg = f"there is no file {there.database}; `janetbank db upgrade` makes one"
        raise Misuse(msg)
    _refuse_silent_server(there)
    from janetbank_adapters.storage.sql import connect

    storage = connect(url)
    try:
        yield storage
    finally:
        storage.close()


def upgrade(url: str) -> None:
    """Make the tables of the database at *url*, or bring them up to what this version works with."""
    there = _parsed(url)
    folder = Path(there.database or "").parent
    if there.get_backend_name() == "sqlite" and not folder.is_dir():
        msg = f"there is no folder {folder}"
        raise Misuse(msg)
    _refuse_silent_server(there)
    from janetbank_adapters.storage.sql import upgrade

    upgrade(url)


def letters_waiting(storage: Storage, *, but_to: str) -> int:
    """How many letters stand in the outbox of *storage*, due or not, but those to the domain *but_to*."""
    from sqlalchemy import func, select

    from janetbank_adapters.storage.sql import SqlStorage
    from janetbank_adapters.storage.sql.schema import letter

    assert isinstance(storage, SqlStorage)
    others = select(func.count()).select_from(letter).where(letter.c.data.not_like(f"%{but_to}%"))
    with storage.pool.connect() as connection:
        return connection.scalar(others) or 0


def customers_there(storage: Storage, *, but_of: str) -> int:
    """How many customers *storage* has, but those whose mail is in the domain *but_of*."""
    from sqlalchemy import func, select

    from janetbank_adapters.storage.sql import SqlStorage
    from janetbank_adapters.storage.sql.schema import customer

    assert isinstance(storage, SqlStorage)
    others = select(func.count()).select_from(customer).where(customer.c.data.not_like(f"%{but_of}%"))
    with storage.pool.connect() as connection:
        return connection.scalar(others) or 0


def shown(url: str) -> str:
    """*url* without its password, and of its options, which may hold one too, those alone that say where it is."""
    return _shown(_parsed(url))


def _shown(there: "URL") -> str:
    kept = {name: value for name, value in there.query.items() if name in _HARMLESS}
    return there.set(query=kept).render_as_string(hide_password=True)


def _parsed(url: str) -> "URL":
    """*url* taken apart.  No message repeats it: where it cannot be read, nobody knows what in it is the password."""
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        there = make_url(url)
    except (ArgumentError, ValueError):
        there = None
    if there is None or there.get_backend_name() not in _BACKENDS or not there.database or _in_memory(there):
        msg = f"this is not the URL of a store; they look like {URLS}"
        raise Misuse(msg)
    if "@" in (there.host or ""):
        msg = "a password in a URL has its @ written as %40"
        raise Misuse(msg)
    return there


def _in_memory(there: "URL") -> bool:
    """Whether it is SQLite without a file: each connection would have a database of its own."""
    return there.database == ":memory:" or "mode" in there.query


def _refuse_silent_server(there: "URL") -> None:
    """Say at once, and why, where PostgreSQL does not let us in; the pool would try for long and know no reason."""
    if there.get_backend_name() != "postgresql":
        return
    import psycopg

    # The pool would tell of each connection that it could not make, besides the one error that comes of it.
    logging.getLogger("psycopg").addHandler(logging.NullHandler())
    url = there.set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        psycopg.connect(url, connect_timeout=_PATIENCE).close()
    except psycopg.OperationalError as error:
        why = str(error).split("\n", 1)[0].replace(there.password or "\n", "***")
    except psycopg.Error:
        why = "the URL has an option that PostgreSQL does not know"  # its text may quote the URL
    else:
        return
    msg = f"{_shown(there)}: {why}"
    raise Misuse(msg)
