"""What PostgreSQL does not look at again at each write of a contract (docs/decisions/0013)."""

from alembic import op

revision = "0016"
down_revision = "0015"

_COUNTERS = ("password", "answer", "start_password", "code", "payment", "mail_password", "confirmation")
_OTHERS = ("status", "decoy", "real", "form_tries_count", "numbers")


def upgrade() -> None:
    """Leave that to whoever reads one."""
    if op.get_bind().dialect.name == "postgresql":
        for name in (*[f"{counter}_counts" for counter in _COUNTERS], *_OTHERS):
            op.drop_constraint(f"contract_{name}", "contract", type_="check")
