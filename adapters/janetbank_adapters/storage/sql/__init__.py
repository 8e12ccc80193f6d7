"""Storage in a database: `connect(url)`, and `upgrade(url)` for its tables (extras `[sql]`, `[postgres]`)."""

from janetbank_adapters.storage.sql.storage import SqlStorage, connect


def upgrade(url: str) -> None:
    """Bring the tables at *url* up to date, making them where there are none; many may call it at once.

    Raises the port's errors where the database does not answer.
    """
    from janetbank_adapters.storage.sql.migrations import upgrade

    upgrade(url)


__all__ = ["SqlStorage", "connect", "upgrade"]
