"""Sessions of who can but apply for a token."""

from janetbank_adapters.storage.sql.migrations.conditions import widen

revision = "0014"
down_revision = "0013"

_FORMER = "assurance IN ('password', 'code', 'call', 'duty', 'full')"
_ASSURANCES = "assurance IN ('password', 'code', 'call', 'duty', 'applying', 'full')"


def upgrade() -> None:
    """Let there be such a session."""
    widen("session", "session_assurance", _FORMER, _ASSURANCES)
