"""Where the tokens are that somebody is waited for, so that a sweep ends them at their deadline."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

_UNFINISHED = sa.text("state IN ('phone_pending', 'issued')")


def upgrade() -> None:
    """Index them; they are few."""
    op.create_index(
        "token_unfinished",
        "token",
        ["institution", "contract", "number"],
        sqlite_where=_UNFINISHED,
        postgresql_where=_UNFINISHED,
    )
