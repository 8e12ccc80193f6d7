"""Cases of contracts that are cancelled by a form."""

from janetbank_adapters.storage.sql.migrations.conditions import widen

revision = "0015"
down_revision = "0014"

_FORMER = "kind IN ('suspension', 'suspension_release', 'block_release', 'fee_exemption', 'token_form')"
_KINDS = "kind IN ('suspension', 'suspension_release', 'block_release', 'fee_exemption', 'cancellation', 'token_form')"


def upgrade() -> None:
    """Let there be such cases."""
    widen("operator_case", "operator_case_kind", _FORMER, _KINDS)
