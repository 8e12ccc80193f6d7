"""What Alembic runs a migration in: the transaction of whoever asked for it (`upgrade`), or of Alembic's command line.

Source: https://alembic.sqlalchemy.org/en/latest/cookbook.html#sharing-a-connection-across-one-or-more-programmatic-migration-commands
"""

from alembic import context

from janetbank_adapters.storage.sql.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
