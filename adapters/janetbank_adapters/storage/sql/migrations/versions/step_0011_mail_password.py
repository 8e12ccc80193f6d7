"""The counter of the codes that are mailed for instructions."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"

_INSTANT = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")
_NOTHING = sa.text("0")


def upgrade() -> None:
    """Widen the contracts; nobody has guessed at what was never mailed."""
    for column in (
        sa.Column("mail_password_failures", sa.Integer, nullable=False, server_default=_NOTHING),
        sa.Column("mail_password_lockouts", sa.Integer, nullable=False, server_default=_NOTHING),
        sa.Column("mail_password_locked_until", _INSTANT),
        sa.Column("mail_password_blocked_since", _INSTANT),
    ):
        op.add_column("contract", column)
    # With its column, as in the third step.
    op.execute(
        "ALTER TABLE contract ADD COLUMN mail_password_issued BIGINT DEFAULT 0 NOT NULL"
        " CONSTRAINT contract_mail_password_counts CHECK (mail_password_failures >= 0 AND mail_password_lockouts >= 0"
        " AND mail_password_issued >= mail_password_failures)"
    )
    op.add_column("contract", sa.Column("mail_password_tickets", sa.Text))
