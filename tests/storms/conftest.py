"""The bank at whose one customer many come at once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from janetbank.testing.bank import TestBank
from janetbank_adapters.entropy.system import SystemEntropy
from janetbank_adapters.keys.file import FileKeys
from janetbank_adapters.storage.sql import connect


@pytest.fixture
def bank(store_url: str, tmp_path: Path) -> Iterator[TestBank]:
    """A bank over a store that processes can share."""
    keys = FileKeys.create(tmp_path / "keys", SystemEntropy())
    with connect(store_url) as storage:
        yield TestBank(storage=storage, keys=keys)
