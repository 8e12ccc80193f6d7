"""The host that holds accounts and cards."""
