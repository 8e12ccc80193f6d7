"""Sessions of who can but apply for a token."""

from alembic import op

revision = "0014"
down_revision = "0013"

_FORMER = "assurance IN ('password', 'code', 'call', 'duty', 'full')"
_ASSURANCES = "assurance IN ('password', 'code', 'call', 'duty', 'applying', 'full')"


def upgrade() -> None:
    """Let there be such a session."""
    if op.get_bind().dialect.name == "sqlite":
        _rewrite_check()
    else:
        op.drop_constraint("session_assurance", "session", type_="check")
        op.create_check_constraint("session_assurance", "session", _ASSURANCES)


def _rewrite_check() -> None:
    """Let SQLite take another condition, as in step 0006: a wider CHECK changes nothing that is stored."""
    connection = op.get_bind()
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema = ON")
    connection.exec_driver_sql(
        "UPDATE sqlite_schema SET sql = replace(sql, ?, ?) WHERE type = 'table' AND name = 'session'",
        (_FORMER, _ASSURANCES),
    )
    connection.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema = OFF")
