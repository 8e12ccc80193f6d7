"""What nobody can have been given is looked up nowhere: no database takes every text, and each is nobody's."""

import pytest

from janetbank.flows.instructions import NotAuthorised
from janetbank.flows.phone_auth import NoSuchAttempt
from janetbank.flows.refusals import Refused
from janetbank.flows.tokens import AppKey, NoToken
from janetbank.flows.typed import can_name
from janetbank.testing.bank import bank
from janetbank.values.secret import Secret
from janetbank_adapters.storage.sql import connect
from tests.flows.token_scene import Telephone

NO_NAMES = ("", "\ud800", "a\0b", "あ", "a b", "a" * 65, "a\n")


@pytest.mark.parametrize("typed", ["a", "0000001", "a" * 64, "~!"])
def test_what_can_name_something(typed: str) -> None:
    """Up to 64 characters that are printed and are no spaces."""
    assert can_name(typed)
    assert can_name(typed, typed)
    assert can_name()


@pytest.mark.parametrize("typed", NO_NAMES)
def test_what_can_name_nothing(typed: str) -> None:
    """Anything else, alone or beside what can."""
    assert not can_name(typed)
    assert not can_name("a", typed)


@pytest.mark.parametrize("typed", NO_NAMES)
def test_what_can_name_nothing_is_nobodys(sqlite_store: str, typed: str) -> None:
    """Before a store that would not take it: no app, no instruction, no attempt, and the same answers as ever."""
    with connect(sqlite_store) as storage:
        there = bank(storage=storage)
        taro = there.customer("kaze48nd", "soil7+rain")
        session = there.log_in(taro)
        net, key, start = there.net, Secret("key"), Secret("start-password")
        for service_id, user_id in ((typed, "0000000"), ("000", typed)):
            app = AppKey(service_id=service_id, user_id=user_id, key=key)
            assert net.approve.pending(app) == NoToken()
            assert net.approve.decline(app, typed) == NoToken()
            told = net.set_up_app.fetch(
                service_id=service_id, user_id=user_id, start_password=start, device="d", version=None
            )
            assert told == Refused()
        assert net.instruct.standing(session, typed) == NotAuthorised()
        phone = Telephone.of(there, taro)
        phone.apply()
        assert net.issue_token.poll(phone.session, typed) == NoSuchAttempt()
        assert net.issue_token.confirm(phone.session, typed) == NoSuchAttempt()
