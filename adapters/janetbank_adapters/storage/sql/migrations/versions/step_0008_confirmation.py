"""The confirmation password of a contract with its counter, and when a session showed it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"

_INSTANT = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")
_NOTHING = sa.text("0")


def upgrade() -> None:
    """Widen the tables; who has a contract already has no such password."""
    op.add_column("contract", sa.Column("confirmation", sa.Text))
    for column in (
        sa.Column("confirmation_failures", sa.Integer, nullable=False, server_default=_NOTHING),
        sa.Column("confirmation_lockouts", sa.Integer, nullable=False, server_default=_NOTHING),
        sa.Column("confirmation_locked_until", _INSTANT),
        sa.Column("confirmation_blocked_since", _INSTANT),
    ):
        op.add_column("contract", column)
    # With its column, as in the third step.
    op.execute(
        "ALTER TABLE contract ADD COLUMN confirmation_issued BIGINT DEFAULT 0 NOT NULL"
        " CONSTRAINT contract_confirmation_counts CHECK (confirmation_failures >= 0 AND confirmation_lockouts >= 0"
        " AND confirmation_issued >= confirmation_failures)"
    )
    op.add_column("contract", sa.Column("confirmation_tickets", sa.Text))
    op.add_column("session", sa.Column("confirmed_at", _INSTANT))
