"""Cases of contracts that are cancelled by a form."""

from alembic import op

revision = "0015"
down_revision = "0014"

_FORMER = "kind IN ('suspension', 'suspension_release', 'block_release', 'fee_exemption', 'token_form')"
_KINDS = "kind IN ('suspension', 'suspension_release', 'block_release', 'fee_exemption', 'cancellation', 'token_form')"


def upgrade() -> None:
    """Let there be such cases."""
    if op.get_bind().dialect.name == "sqlite":
        _rewrite_check()
    else:
        op.drop_constraint("operator_case_kind", "operator_case", type_="check")
        op.create_check_constraint("operator_case_kind", "operator_case", _KINDS)


def _rewrite_check() -> None:
    """Let SQLite take another condition, as in step 0006: a wider CHECK changes nothing that is stored."""
    connection = op.get_bind()
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema = ON")
    connection.exec_driver_sql(
        "UPDATE sqlite_schema SET sql = replace(sql, ?, ?) WHERE type = 'table' AND name = 'operator_case'",
        (_FORMER, _KINDS),
    )
    connection.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema = OFF")
