"""Ours, of the profile JA, over SQLite as the others are: a call of the library, without a page before it."""

from collections.abc import Callable, Sequence
from pathlib import Path

from attrs import evolve

from benchmarks.peers.door import PASSWORD, note
from benchmarks.stores import own_verify
from janetbank import profiles
from janetbank.flows.log_in import LoggedIn, LogIn
from janetbank.testing.bank import HOME, INSTITUTION, Person, TestBank
from janetbank.values.account import Account
from janetbank.values.secret import Secret
from janetbank.vault import Checked, Vault
from janetbank_adapters.entropy.system import SystemEntropy
from janetbank_adapters.keys.file import FileKeys
from janetbank_adapters.storage.sql import connect, upgrade


class _Noting(Vault):
    def check(self, secret: Secret, stored: str) -> Checked:
        note()
        return super().check(secret, stored)


class JanetBank:
    """See the module."""

    packages = ("janetbank",)
    hash = "Argon2id, 19 MiB, t=2, p=1, over an HMAC"
    locks = True
    nobodies = 100

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def open_(self) -> None:
        """A bank of this process's own over the shared file."""
        url, keys, entropy = f"sqlite:///{self.folder}/db", self.folder / "keys", SystemEntropy()
        if not keys.exists():
            FileKeys.create(keys, entropy)
            upgrade(url)
        self.bank = TestBank(profiles.JA, storage=connect(url, patience=60), keys=FileKeys(keys), entropy=entropy)
        vault = _Noting(keys=FileKeys(keys), entropy=entropy, cost=profiles.JA.hashing)
        self.door = LogIn(evolve(self.bank.net.platform, vault=vault))

    def create(self, logins: Sequence[str]) -> None:
        """Each of them applies online."""
        for number, login in enumerate(logins):
            person = Person(account=Account.parse("327", "ordinary", str(4_000_000 + number)))
            self.bank.customer(login, PASSWORD, person=person)

    def log_in(self, login: str, password: str) -> bool:
        """From home."""
        told = self.door.with_login_id(INSTITUTION.id, login, Secret(password), seen_from=HOME)
        return isinstance(told, LoggedIn)

    def bare(self) -> Callable[[], object]:
        """What the vault verifies with."""
        return own_verify()
