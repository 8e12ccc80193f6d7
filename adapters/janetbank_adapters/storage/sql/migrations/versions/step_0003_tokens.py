"""Tokens and instructions, the counters of a token's secrets, and sessions that wait for a code."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_INSTANT = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")
_NOTHING = sa.text("0")
_WAITING = sa.text("state = 'proof_awaited'")


def upgrade() -> None:
    """Make the tables, and widen those there are."""
    _counter("start_password")
    _counter("code")
    _session()
    _token()
    _instruction()


def _counter(name: str) -> None:
    for column in (
        sa.Column(f"{name}_failures", sa.Integer, nullable=False, server_default=_NOTHING),
        sa.Column(f"{name}_lockouts", sa.Integer, nullable=False, server_default=_NOTHING),
        sa.Column(f"{name}_locked_until", _INSTANT),
        sa.Column(f"{name}_blocked_since", _INSTANT),
    ):
        op.add_column("contract", column)
    # With its column, in words that both databases take: SQLite adds no constraint to a table, and to make a table anew
    # to which another one refers is more than this is worth.
    op.execute(
        f"ALTER TABLE contract ADD COLUMN {name}_issued BIGINT DEFAULT 0 NOT NULL"
        f" CONSTRAINT contract_{name}_counts CHECK"
        f" ({name}_failures >= 0 AND {name}_lockouts >= 0 AND {name}_issued >= {name}_failures)"
    )
    op.add_column("contract", sa.Column(f"{name}_tickets", sa.Text))


def _session() -> None:
    before = sa.Table(
        "session",
        sa.MetaData(),
        sa.Column("key", _TEXT, nullable=False),
        sa.Column("institution", _TEXT, nullable=False),
        sa.Column("contract", _TEXT, nullable=False),
        sa.Column("assurance", _TEXT, nullable=False),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("channel", _TEXT, nullable=False),
        sa.Column("device", sa.Text, nullable=False),
        sa.Column("network", sa.Text, nullable=False),
        sa.Column("platform", sa.Text, nullable=False),
        sa.Column("question", sa.Integer),
        sa.Column("opened_at", _INSTANT, nullable=False),
        sa.Column("used_at", _INSTANT, nullable=False),
        sa.Column("stepped_up_at", _INSTANT),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("key", name="session_key"),
        sa.CheckConstraint("assurance IN ('password', 'full')", name="session_assurance"),
        sa.CheckConstraint("epoch >= 0 AND question >= 0 AND version >= 1", name="session_numbers"),
    )
    with op.batch_alter_table("session", copy_from=before, table_kwargs={"sqlite_with_rowid": False}) as session:
        session.drop_constraint("session_assurance", type_="check")
        session.create_check_constraint("session_assurance", "assurance IN ('password', 'code', 'full')")


def _token() -> None:
    op.create_table(
        "token",
        sa.Column("institution", _TEXT, nullable=False),
        sa.Column("contract", _TEXT, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("service_id", _TEXT, nullable=False),
        sa.Column("user_id", _TEXT, nullable=False),
        sa.Column("state", _TEXT, nullable=False),
        sa.Column("data", sa.Text, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("institution", "contract", "number", name="token_key"),
        sa.CheckConstraint("number >= 1 AND version >= 1", name="token_numbers"),
    )
    op.create_index("token_ids", "token", ["service_id", "user_id"], unique=True)


def _instruction() -> None:
    op.create_table(
        "instruction",
        sa.Column("reference", _TEXT, nullable=False),
        sa.Column("institution", _TEXT, nullable=False),
        sa.Column("contract", _TEXT, nullable=False),
        sa.Column("state", _TEXT, nullable=False),
        sa.Column("requested_at", _INSTANT, nullable=False),
        sa.Column("data", sa.Text, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("reference", name="instruction_key"),
        sa.CheckConstraint("version >= 1", name="instruction_numbers"),
    )
    op.create_index(
        "instruction_waiting",
        "instruction",
        ["institution", "contract", "requested_at"],
        sqlite_where=_WAITING,
        postgresql_where=_WAITING,
    )
