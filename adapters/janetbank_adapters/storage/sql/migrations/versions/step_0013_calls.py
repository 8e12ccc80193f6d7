"""Sessions that wait for a call."""

from janetbank_adapters.storage.sql.migrations.conditions import widen

revision = "0013"
down_revision = "0012"

_FORMER = "assurance IN ('password', 'code', 'duty', 'full')"
_ASSURANCES = "assurance IN ('password', 'code', 'call', 'duty', 'full')"


def upgrade() -> None:
    """Let a session wait for one."""
    widen("session", "session_assurance", _FORMER, _ASSURANCES)
