"""What a contract keeps of resets, releases and investigations, and sessions that wait for a duty."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_INSTANT = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")
_DAY = sa.Text().with_variant(sa.Date(), "postgresql")


def upgrade() -> None:
    """Widen the tables."""
    _contract()
    _session()


def _contract() -> None:
    op.add_column("contract", sa.Column("form_tries_on", _DAY))
    # With its column, as in the step before.
    op.execute(
        "ALTER TABLE contract ADD COLUMN form_tries INTEGER DEFAULT 0 NOT NULL"
        " CONSTRAINT contract_form_tries_count CHECK (form_tries >= 0)"
    )
    for name in ("investigated_since", "password_reset_at", "questions_reset_at", "transfers_from"):
        op.add_column("contract", sa.Column(name, _INSTANT))
    for name in ("must_change_password", "transaction_auth_advised"):
        op.add_column("contract", sa.Column(name, sa.Boolean, nullable=False, server_default=sa.false()))


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
        sa.CheckConstraint("assurance IN ('password', 'code', 'full')", name="session_assurance"),
        sa.CheckConstraint("epoch >= 0 AND question >= 0 AND version >= 1", name="session_numbers"),
    )
    with op.batch_alter_table("session", copy_from=before, table_kwargs={"sqlite_with_rowid": False}) as session:
        session.drop_constraint("session_assurance", type_="check")
        session.create_check_constraint("session_assurance", "assurance IN ('password', 'code', 'duty', 'full')")
