"""Select-mail: shown and changeable, address by address, and no way to be left without a warning."""

from collections.abc import Iterable
from itertools import chain, combinations

import pytest

from janetbank.flows.audit import Intact, verify
from janetbank.flows.refusals import ConfirmationNeeded, Rejected, SessionEnded
from janetbank.flows.select_mail import Notices, NoticesChosen
from janetbank.model.customer import Notice
from janetbank.model.letter import LetterCode
from janetbank.policies.step_up import Guarded
from janetbank.testing.bank import Enrollee, Person, TestBank, bank
from janetbank.values.secret import Secret
from janetbank.values.violation import Violation
from tests.flows.confirmation_scene import confirming_bank
from tests.flows.scene import confirmed, entries_of, kinds, letters, lock_password

SOME = list(chain.from_iterable(combinations(Notice, size) for size in range(len(Notice) + 1)))


@pytest.fixture
def there() -> TestBank:
    """A bank."""
    return bank()


@pytest.fixture
def taro(there: TestBank) -> Enrollee:
    """A customer with two addresses."""
    return there.customer(person=Person(further=("taro.work@example.jp",)))


def standing(there: TestBank, session: Secret) -> list[tuple[str, frozenset[Notice]]]:
    """What goes where."""
    told = there.net.select_mail.standing(session)
    assert isinstance(told, Notices)
    return [(str(one.mail), one.notices) for one in told.addresses]


@pytest.mark.requirement("MAL-12", "MAL-15")
@pytest.mark.parametrize("some", SOME, ids=str)
@pytest.mark.parametrize("address", [0, 1])
def test_it_is_shown_and_changed(there: TestBank, taro: Enrollee, address: int, some: Iterable[Notice]) -> None:
    """Each address by itself; what was chosen stands in the chain, and no address does."""
    session = there.log_in(taro)
    before = standing(there, session)
    assert before == [(mail, frozenset(Notice)) for mail in ("taro@example.jp", "taro.work@example.jp")]
    chosen = frozenset(some)
    assert there.net.select_mail.choose(session, address, chosen) == NoticesChosen()
    before[address] = (before[address][0], chosen)
    assert standing(there, session) == before
    last = entries_of(there, taro)[-1]
    assert (last.kind, last.data["address"]) == ("NoticesChosen", address)
    assert last.data["notices"] == tuple(one.value for one in Notice if one in chosen)
    assert isinstance(verify(there.net.platform), Intact)


@pytest.mark.requirement("MAL-15", "MAL-12")
def test_warnings_cannot_be_switched_off(there: TestBank, taro: Enrollee) -> None:
    """Whoever wants no notice anywhere is told at every address when he is locked out."""
    session = there.log_in(taro)
    for address in (0, 1):
        there.net.select_mail.choose(session, address, ())
    lock_password(there, taro)
    told = [str(one.to) for one in letters(there) if one.code is LetterCode.LOCKED_OUT]
    assert sorted(told) == ["taro.work@example.jp", "taro@example.jp"]


@pytest.mark.parametrize("address", [-1, 2, 10**9])
def test_an_address_that_is_not_there(there: TestBank, taro: Enrollee, address: int) -> None:
    """It is none of the list, and nothing is written."""
    session = there.log_in(taro)
    before = kinds(entries_of(there, taro))
    refused = Rejected((Violation("select_mail.no_such_address", field="address"),))
    assert there.net.select_mail.choose(session, address, ()) == refused
    assert kinds(entries_of(there, taro)) == before


@pytest.mark.requirement("CRD-15", "MAL-12")
def test_the_second_password_authorises_it_where_it_authorises_the_customers_data() -> None:
    """At Aomori it is part of them (ENR-36): not without it, once with it; a faulty wish does not use it up."""
    there = confirming_bank(Guarded.CUSTOMER_DATA)
    taro = there.customer()
    session, choose = there.log_in(taro), there.net.select_mail.choose
    assert choose(session, 0, ()) == ConfirmationNeeded()
    assert standing(there, session) == [("taro@example.jp", frozenset(Notice))]
    session = confirmed(there, taro, session)
    assert isinstance(choose(session, 9, ()), Rejected)
    assert choose(session, 0, ()) == NoticesChosen()
    assert choose(session, 0, ()) == ConfirmationNeeded()
    assert standing(there, session) == [("taro@example.jp", frozenset())]
    there = confirming_bank(Guarded.TRANSFERS)
    assert there.net.select_mail.choose(there.log_in(there.customer()), 0, ()) == NoticesChosen()


def test_without_a_session_nobody_sees_or_changes_it(there: TestBank) -> None:
    """It is the customer's alone."""
    assert there.net.select_mail.standing(Secret("nobody's")) == SessionEnded()
    assert there.net.select_mail.choose(Secret("nobody's"), 0, ()) == SessionEnded()
