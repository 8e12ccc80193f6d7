"""Migrations: bringing a database's tables up to date, forward only, one file of `versions` per step.

Shape:  `upgrade(url)`, or up to one step; many may call it at once, one of them does the work.
Units:  *patience*, seconds.
Errors: Unavailable where the database does not answer, or is newer than this version; Conflict where somebody else has
        been at it for longer than the patience; ValueError for a URL that is none.
Source: issue 2, part 5 (`janetbank db upgrade`).
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from janetbank.ports.failures import PortError, Unavailable
from janetbank_adapters.storage.sql.storage import open_engine

_QUEUE = {"sqlite": ("BEGIN IMMEDIATE",), "postgresql": ("BEGIN", "SELECT pg_advisory_xact_lock(5441)")}
"""One at a time: SQLite has one writer anyway; PostgreSQL has locks of any number, and this one is ours."""


def upgrade(url: str, *, patience: float = 10.0, to: str = "head") -> None:
    """Bring the tables at *url* up to date, or up to the step *to*, making them where there are none."""
    engine = open_engine(url, patience=patience, connections=1)
    try:
        with engine.pool.connect() as connection:
            for statement in _QUEUE[engine.pool.dialect.name]:
                connection.execute(text(statement))
            steps = config()
            steps.attributes["connection"] = connection
            command.upgrade(steps, to)
            connection.exec_driver_sql("COMMIT")
    except CommandError:
        failure: PortError = Unavailable("the database is at a step that this version does not know")
    except DBAPIError as error:
        failure = engine.failure(error.orig if isinstance(error.orig, Exception) else error)
    except engine.errors as error:
        failure = engine.failure(error)
    else:
        return
    finally:
        engine.close()
    raise failure


def newest() -> str:
    """The name of the last step."""
    head = ScriptDirectory.from_config(config()).get_current_head()
    assert head is not None
    return head


def config() -> Config:
    """What Alembic's own functions want to be given."""
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return made
