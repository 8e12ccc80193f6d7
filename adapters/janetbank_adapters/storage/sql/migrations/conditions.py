"""Conditions: how a step widens a CHECK, which changes nothing that is stored."""

from alembic import op


def widen(table: str, name: str, former: str, now: str) -> None:
    """Let *table*'s CHECK of this *name* say *now* what it said as *former*.

    SQLite would make the table anew, to which another one may refer, so the text of the condition is exchanged there:
    https://sqlite.org/lang_altertable.html#otheralter
    """
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        op.drop_constraint(name, table, type_="check")
        op.create_check_constraint(name, table, now)
        return
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema = ON")
    connection.exec_driver_sql(
        "UPDATE sqlite_schema SET sql = replace(sql, ?, ?) WHERE type = 'table' AND name = ?", (former, now, table)
    )
    connection.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema = OFF")
