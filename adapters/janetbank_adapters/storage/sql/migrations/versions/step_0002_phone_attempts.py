"""Attempts at phone authentication."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_INSTANT = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")
_ON_ROUTE = sa.text("on_route")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "phone_attempt",
        sa.Column("id", _TEXT, nullable=False),
        sa.Column("institution", _TEXT, nullable=False),
        sa.Column("contract", _TEXT, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("caller", _TEXT, nullable=False),
        sa.Column("destination", _TEXT, nullable=False),
        sa.Column("on_route", sa.Boolean, nullable=False),
        sa.Column("call", _TEXT),
        sa.Column("started_at", _INSTANT, nullable=False),
        sa.Column("window_end", _INSTANT, nullable=False),
        sa.Column("data", sa.Text, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="phone_attempt_key"),
        sa.CheckConstraint("number >= 1 AND version >= 1", name="phone_attempt_numbers"),
    )
    op.create_index("phone_attempt_number", "phone_attempt", ["institution", "contract", "number"], unique=True)
    op.create_index(
        "phone_attempt_route",
        "phone_attempt",
        ["caller", "destination"],
        unique=True,
        sqlite_where=_ON_ROUTE,
        postgresql_where=_ON_ROUTE,
    )
    op.create_index("phone_attempt_call", "phone_attempt", ["call"], unique=True)
