"""What the night batch reflects, reports and charges, and how far it has come."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from janetbank_adapters.storage.sql.migrations.conditions import widen

revision = "0006"
down_revision = "0005"

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_INSTANT = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")
_DAY = sa.Text().with_variant(sa.Date(), "postgresql")
_DUE = sa.text("due_on IS NOT NULL")
_FORMER = "status IN ('applied', 'active', 'cancelled', 'decoy')"
_STATUSES = "status IN ('applied', 'active', 'leaving', 'cancelled', 'decoy')"


def upgrade() -> None:
    """Widen the contracts, and make the tables of what the batch reports, charges and remembers."""
    _contract()
    _acceptance()
    _fees()
    _batch_run()


def _contract() -> None:
    op.add_column("contract", sa.Column("accounts", sa.Text))
    op.add_column("contract", sa.Column("ends_on", _DAY))
    op.add_column("contract", sa.Column("due_on", _DAY))
    op.execute("UPDATE contract SET due_on = effective_on WHERE status = 'applied'")
    op.create_index(
        "contract_due", "contract", ["institution", "id", "due_on"], sqlite_where=_DUE, postgresql_where=_DUE
    )
    widen("contract", "contract_status", _FORMER, _STATUSES)


def _acceptance() -> None:
    op.create_table(
        "acceptance",
        sa.Column("report_on", _DAY, nullable=False),
        sa.Column("institution", _TEXT, nullable=False),
        sa.Column("branch", _TEXT, nullable=False),
        sa.Column("accepted_at", _INSTANT, nullable=False),
        sa.Column("contract", _TEXT, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("data", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint(
            "report_on", "institution", "branch", "accepted_at", "contract", "seq", name="acceptance_key"
        ),
        sa.CheckConstraint("seq >= 0", name="acceptance_numbers"),
    )
    op.create_index("acceptance_of", "acceptance", ["institution", "contract", "seq"], unique=True)


def _fees() -> None:
    op.create_table(
        "fee_terms",
        sa.Column("institution", _TEXT, nullable=False),
        sa.Column("contract", _TEXT, nullable=False),
        sa.Column("data", sa.Text, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("institution", "contract", name="fee_terms_key"),
        sa.CheckConstraint("version >= 1", name="fee_terms_numbers"),
    )
    op.create_table(
        "charge",
        sa.Column("institution", _TEXT, nullable=False),
        sa.Column("contract", _TEXT, nullable=False),
        sa.Column("kind", _TEXT, nullable=False),
        sa.Column("reference", _TEXT, nullable=False),
        sa.Column("month", _TEXT, nullable=False),
        sa.Column("account", _TEXT, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("collected_on", _DAY),
        sa.PrimaryKeyConstraint("institution", "contract", "kind", "reference", name="charge_key"),
        sa.CheckConstraint("kind IN ('monthly', 'transfer', 'accrued', 'deferred')", name="charge_kind"),
        sa.CheckConstraint("amount >= 0", name="charge_numbers"),
    )
    accrued = sa.text("kind = 'accrued'")
    op.create_index(
        "charge_accrued",
        "charge",
        ["month", "institution", "contract", "account"],
        sqlite_where=accrued,
        postgresql_where=accrued,
    )


def _batch_run() -> None:
    op.create_table(
        "batch_run",
        sa.Column("day", _DAY, nullable=False),
        sa.Column("data", sa.Text, nullable=False),
        sa.Column("chain", _TEXT, nullable=False),
        sa.Column("chain_seq", sa.BigInteger, nullable=False),
        sa.Column("chain_digest", sa.Text, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("day", name="batch_run_key"),
        sa.CheckConstraint("chain_seq >= 0 AND version >= 1", name="batch_run_numbers"),
    )
