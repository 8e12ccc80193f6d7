"""Storage in a database: `connect(url)`, and `upgrade(url)` for its tables (extras `[sql]`, `[postgres]`)."""

from janetbank_adapters.storage.sql.storage import SqlStorage, connect


def upgrade(url: str, *, patience: float = 10.0) -> None:
    """Bring the tables at *url* up to date, making them where there are none; many may call it at once.

    Raises the port's errors where the database does not answer within *patience* seconds.
    """
    # Alembic takes as long to import as all the rest, and is seldom wanted.
    from janetbank_adapters.storage.sql.migrations import upgrade

    upgrade(url, patience=patience)


__all__ = ["SqlStorage", "connect", "upgrade"]
