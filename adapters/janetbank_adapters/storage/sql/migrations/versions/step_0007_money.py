"""Payments that an instruction may be about, when the host is to be asked of one, limits, and the counter of bills."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_INSTANT = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")
_DAY = sa.Text().with_variant(sa.Date(), "postgresql")
_NOTHING = sa.text("0")
_PENDING = sa.text("ask_on IS NOT NULL")


def upgrade() -> None:
    """Make the table, and widen those there are."""
    _counter("payment")
    _instruction()
    _allowance()


def _counter(name: str) -> None:
    for column in (
        sa.Column(f"{name}_failures", sa.Integer, nullable=False, server_default=_NOTHING),
        sa.Column(f"{name}_lockouts", sa.Integer, nullable=False, server_default=_NOTHING),
        sa.Column(f"{name}_locked_until", _INSTANT),
        sa.Column(f"{name}_blocked_since", _INSTANT),
    ):
        op.add_column("contract", column)
    # With its column, as in the third step.
    op.execute(
        f"ALTER TABLE contract ADD COLUMN {name}_issued BIGINT DEFAULT 0 NOT NULL"
        f" CONSTRAINT contract_{name}_counts CHECK"
        f" ({name}_failures >= 0 AND {name}_lockouts >= 0 AND {name}_issued >= {name}_failures)"
    )
    op.add_column("contract", sa.Column(f"{name}_tickets", sa.Text))


def _instruction() -> None:
    op.add_column("instruction", sa.Column("ask_on", _DAY))
    # What was released before was handed on, and nobody was told of it yet whom to ask; what was not is as it was.
    # Only the first key of a row is this one: within a text its quotes would stand behind backslashes.
    op.execute("""UPDATE instruction SET data = replace(data, '{"transfer":{', '{"content":{')""")
    op.drop_index("instruction_authorised", "instruction")
    for name, columns in (
        ("instruction_pending", ["institution", "contract", "requested_at"]),
        ("instruction_unsettled", ["ask_on", "reference"]),
    ):
        op.create_index(name, "instruction", columns, sqlite_where=_PENDING, postgresql_where=_PENDING)


def _allowance() -> None:
    op.create_table(
        "allowance",
        sa.Column("institution", _TEXT, nullable=False),
        sa.Column("contract", _TEXT, nullable=False),
        sa.Column("account", _TEXT, nullable=False),
        sa.Column("daily_limit", sa.Integer),
        sa.Column("used", sa.Text, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("institution", "contract", "account", name="allowance_key"),
        sa.CheckConstraint("daily_limit >= 0 AND version >= 1", name="allowance_numbers"),
    )
