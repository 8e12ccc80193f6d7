"""Operators, their sessions, the cases that take two of them, and an index on what is authorised and not executed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_INSTANT = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")


def upgrade() -> None:
    """Make the tables, and the index."""
    _index("instruction_authorised", "instruction", ["institution", "contract", "requested_at"], "state = 'authorised'")
    _operator()
    _case()


def _index(name: str, table: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    some = sa.text(where)
    op.create_index(name, table, columns, unique=unique, sqlite_where=some, postgresql_where=some)


def _operator() -> None:
    op.create_table(
        "operator",
        sa.Column("id", _TEXT, nullable=False),
        sa.Column("institution", _TEXT, nullable=False),
        sa.Column("status", _TEXT, nullable=False),
        sa.Column("person", _TEXT),
        sa.Column("data", sa.Text, nullable=False),
        sa.Column("chain_seq", sa.BigInteger, nullable=False),
        sa.Column("chain_digest", sa.Text, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="operator_key"),
        sa.CheckConstraint("status IN ('active', 'retired', 'decoy')", name="operator_status"),
        sa.CheckConstraint("(status = 'decoy') = (person IS NULL)", name="operator_hand"),
        sa.CheckConstraint("chain_seq >= 0 AND version >= 1", name="operator_numbers"),
    )
    _index("operator_of", "operator", ["institution", "id"], "status <> 'decoy'")
    op.create_table(
        "operator_session",
        sa.Column("key", _TEXT, nullable=False),
        sa.Column("operator", _TEXT, nullable=False),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.Column("opened_at", _INSTANT, nullable=False),
        sa.Column("used_at", _INSTANT, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("key", name="operator_session_key"),
        sa.CheckConstraint("epoch >= 0 AND version >= 1", name="operator_session_numbers"),
    )


def _case() -> None:
    op.create_table(
        "operator_case",
        sa.Column("id", _TEXT, nullable=False),
        sa.Column("institution", _TEXT, nullable=False),
        sa.Column("contract", _TEXT, nullable=False),
        sa.Column("kind", _TEXT, nullable=False),
        sa.Column("subject", _TEXT, nullable=False),
        sa.Column("live", sa.Boolean, nullable=False),
        sa.Column("due_at", _INSTANT),
        sa.Column("opened_at", _INSTANT, nullable=False),
        sa.Column("data", sa.Text, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="operator_case_key"),
        sa.CheckConstraint(
            "kind IN ('suspension', 'suspension_release', 'block_release', 'fee_exemption')",
            name="operator_case_kind",
        ),
        sa.CheckConstraint("version >= 1", name="operator_case_numbers"),
    )
    op.create_index("operator_case_of", "operator_case", ["institution", "contract", "opened_at"])
    matter = ["institution", "contract", "kind", "subject"]
    _index("operator_case_matter", "operator_case", matter, "live", unique=True)
    _index("operator_case_due", "operator_case", ["institution", "due_at"], "due_at IS NOT NULL")
