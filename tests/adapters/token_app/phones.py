"""Telephones with the token app in them, for customers of a bank in a test."""

from pathlib import Path

from janetbank.flows.issue_token import TokenIssued
from janetbank.flows.set_up_app import AppReady
from janetbank.flows.use_token import MethodChanged, UseStarted
from janetbank.testing.bank import ORIGIN, Person, TestBank
from janetbank.values.account import Account
from janetbank_adapters.token_app.app import TokenApp
from janetbank_adapters.token_app.device import Device
from janetbank_adapters.token_app.memory import Memory
from tests.flows.token_scene import START_PASSWORD, STEP, Telephone

BRANCHES = "0123456789"


def app_in(folder: Path, there: TestBank, version: str = "4.1") -> TokenApp:
    """The app whose file and device key are in *folder*."""
    memory = Memory(folder / "app.json", Device.at(folder / "device.key", machine="taros-telephone"))
    return TokenApp(there.net, memory, there.clock, name=lambda code: f"JA {code}", origin=ORIGIN, version=version)


def issued(there: TestBank, nth: int = 0) -> tuple[Telephone, TokenIssued]:
    """The *nth* customer, logged in, with the ids of a token."""
    person = Person(
        account=Account.parse("001", "ordinary", str(1000 + nth)), phones=(f"090-1234-5{nth:03}",), mail="t@example.jp"
    )
    phone = Telephone.of(there, there.customer(f"kaze48n{nth}", person=person)).issue()
    assert phone.ids is not None
    return phone, phone.ids


def ready(folder: Path, there: TestBank, nth: int = 0) -> tuple[TokenApp, Telephone]:
    """An app that is set up for the *nth* customer."""
    phone, ids = issued(there, nth)
    app = app_in(folder, there)
    assert app.add(ids.service_id, ids.user_id, START_PASSWORD, agreed=True) == AppReady()
    there.clock.advance(STEP)
    return app, phone


def in_use(folder: Path, there: TestBank, nth: int = 0) -> tuple[TokenApp, Telephone]:
    """An app whose codes are in use."""
    app, phone = ready(folder, there, nth)
    assert isinstance(there.net.use_token.start(phone.session, app.code().code), UseStarted)
    there.clock.advance(STEP)
    return app, phone


def approving(folder: Path, there: TestBank) -> tuple[TokenApp, Telephone]:
    """An app in which transactions are approved."""
    app, phone = ready(folder, there)
    assert isinstance(there.net.use_token.start(phone.session, app.code().code, approve_transfers=True), UseStarted)
    there.clock.advance(STEP)
    assert isinstance(app.confirm_method(), MethodChanged)
    return app, phone
