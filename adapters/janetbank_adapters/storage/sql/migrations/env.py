"""What Alembic runs a migration in: the transaction of whoever asked for it (`upgrade`).

Source: https://alembic.sqlalchemy.org/en/latest/cookbook.html#sharing-a-connection-across-one-or-more-programmatic-migration-commands
"""

from alembic import context

# Nothing of `schema` here: a step's names are its own, and stay.
context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
