"""Adapters from docs/writing-an-adapter.md, whole: the page shows these files piece by piece."""
