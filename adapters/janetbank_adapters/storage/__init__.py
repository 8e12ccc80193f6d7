"""Where the bank's state is kept: in memory, or in SQLite or PostgreSQL (extras `[sql]`, `[postgres]`)."""
