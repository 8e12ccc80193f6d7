"""Contracts, their customers, sessions, procedures, letters and audit: the first tables.

What a step says stays as it was when it was shipped, whatever `schema` says later.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_INSTANT = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")
_DAY = sa.Text().with_variant(sa.Date(), "postgresql")
_LIVE = sa.text("status <> 'cancelled'")


def upgrade() -> None:
    """Make the tables."""
    _contract()
    _customer()
    _session()
    _procedure()
    _letter()
    _audit()


def _contract() -> None:
    op.create_table(
        "contract",
        sa.Column("institution", _TEXT, nullable=False),
        sa.Column("id", _TEXT, nullable=False),
        sa.Column("status", _TEXT, nullable=False),
        sa.Column("namespace", _TEXT, nullable=False),
        sa.Column("login_key", _TEXT),
        sa.Column("login_typed", _TEXT),
        sa.Column("account_key", _TEXT),
        sa.Column("password", sa.Text, nullable=False),
        *_counter("password"),
        *_counter("answer"),
        sa.Column("questions", sa.Text, nullable=False),
        sa.Column("asked", sa.Integer),
        sa.Column("places", sa.Text, nullable=False),
        sa.Column("session_epoch", sa.Integer, nullable=False),
        sa.Column("suspended_since", _INSTANT),
        sa.Column("applied_at", _INSTANT, nullable=False),
        sa.Column("effective_on", _DAY, nullable=False),
        sa.Column("otp_wanted", sa.Boolean),
        sa.Column("chain_seq", sa.BigInteger, nullable=False),
        sa.Column("chain_digest", sa.Text, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("institution", "id", name="contract_key"),
        sa.CheckConstraint("status IN ('applied', 'active', 'cancelled', 'decoy')", name="contract_status"),
        sa.CheckConstraint(
            "(status = 'decoy') = (login_key IS NOT NULL AND account_key IS NOT NULL"
            " AND substr(login_key, 1, 1) = '?' AND login_key = account_key)",
            name="contract_decoy",
        ),
        sa.CheckConstraint(
            "status = 'decoy' OR (substr(coalesce(login_key, ''), 1, 1) <> '?'"
            " AND substr(coalesce(account_key, ''), 1, 1) <> '?')",
            name="contract_real",
        ),
        sa.CheckConstraint(
            "asked >= 0 AND session_epoch >= 0 AND chain_seq >= 0 AND version >= 1", name="contract_numbers"
        ),
        postgresql_with={"fillfactor": 75},
    )
    op.create_index("contract_id", "contract", ["id"], unique=True)
    op.create_index("contract_login_key", "contract", ["namespace", "login_key"], unique=True)
    op.create_index(
        "contract_account_key",
        "contract",
        ["institution", "account_key"],
        unique=True,
        sqlite_where=_LIVE,
        postgresql_where=_LIVE,
    )


def _counter(name: str) -> list[sa.Column[Any] | sa.CheckConstraint]:
    return [
        sa.Column(f"{name}_failures", sa.Integer, nullable=False),
        sa.Column(f"{name}_lockouts", sa.Integer, nullable=False),
        sa.Column(f"{name}_locked_until", _INSTANT),
        sa.Column(f"{name}_blocked_since", _INSTANT),
        sa.Column(f"{name}_issued", sa.BigInteger, nullable=False),
        sa.Column(f"{name}_tickets", sa.Text),
        sa.CheckConstraint(
            f"{name}_failures >= 0 AND {name}_lockouts >= 0 AND {name}_issued >= {name}_failures",
            name=f"contract_{name}_counts",
        ),
    ]


def _customer() -> None:
    op.create_table(
        "customer",
        sa.Column("institution", _TEXT, nullable=False),
        sa.Column("contract", _TEXT, nullable=False),
        sa.Column("data", sa.Text, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("institution", "contract", name="customer_key"),
        sa.ForeignKeyConstraint(
            ["institution", "contract"],
            ["contract.institution", "contract.id"],
            name="customer_of",
            deferrable=True,
            initially="DEFERRED",
        ),
        sa.CheckConstraint("version >= 1", name="customer_numbers"),
    )


def _session() -> None:
    op.create_table(
        "session",
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
        sqlite_with_rowid=False,
    )


def _procedure() -> None:
    op.create_table(
        "procedure",
        sa.Column("key", _TEXT, nullable=False),
        sa.Column("id", _TEXT, nullable=False),
        sa.Column("kind", _TEXT, nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
        sa.Column("data", sa.Text, nullable=False),
        sa.Column("chain_seq", sa.BigInteger, nullable=False),
        sa.Column("chain_digest", sa.Text, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("key", name="procedure_key"),
        sa.CheckConstraint("chain_seq >= 0 AND version >= 1", name="procedure_numbers"),
    )
    op.create_index("procedure_id", "procedure", ["id"], unique=True)


def _letter() -> None:
    op.create_table(
        "letter",
        sa.Column("id", _TEXT, nullable=False),
        sa.Column("due_at", _INSTANT, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("data", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="letter_key"),
        sa.CheckConstraint("tries >= 0", name="letter_numbers"),
    )
    op.create_index("letter_due", "letter", ["due_at", "id"])


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("chain", _TEXT, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("data", sa.Text, nullable=False),
        sa.Column("previous", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("chain", "seq", name="audit_key"),
        sa.CheckConstraint("seq >= 1", name="audit_numbers"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "checkpoint",
        sa.Column("number", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("heads", sa.Text, nullable=False),
        sa.Column("key_id", sa.Text, nullable=False),
        sa.Column("seal", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("number", name="checkpoint_key"),
    )
