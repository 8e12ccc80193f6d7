"""Since when a customer may have a token where that takes a form, and the cases of such forms."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from janetbank_adapters.storage.sql.migrations.conditions import widen

revision = "0009"
down_revision = "0008"

_INSTANT = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")
_FORMER = "kind IN ('suspension', 'suspension_release', 'block_release', 'fee_exemption')"
_KINDS = "kind IN ('suspension', 'suspension_release', 'block_release', 'fee_exemption', 'token_form')"


def upgrade() -> None:
    """Widen the tables."""
    op.add_column("contract", sa.Column("otp_entitled_at", _INSTANT))
    widen("operator_case", "operator_case_kind", _FORMER, _KINDS)
