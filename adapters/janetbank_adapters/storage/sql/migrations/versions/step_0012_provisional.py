"""The provisional passwords of a contract, who asked for them, and whether its customer's data are due."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_INSTANT = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")


def upgrade() -> None:
    """Widen the table; who has a contract already has passwords of his own."""
    for column in (
        sa.Column("provisional_until", _INSTANT),
        sa.Column("notice_by", _TEXT),
        sa.Column("notice_at", _INSTANT),
        sa.Column("customer_due", sa.Boolean, nullable=False, server_default=sa.false()),
    ):
        op.add_column("contract", column)
