"""Setting limits: per account, as high as the profile allows, with more than a session, and every address is told."""

import pytest
from attrs import evolve

from janetbank.flows.allowances import LimitReached
from janetbank.flows.instruct import Instruct
from janetbank.flows.refusals import Rejected, StepUpNeeded
from janetbank.flows.set_limits import AccountLimit, Limits, LimitsSet, SetLimits
from janetbank.model.letter import LetterCode
from janetbank.testing.bank import Person, TestBank, bank
from janetbank.values.account import Account
from janetbank.values.daily_limit import DailyLimit
from janetbank.values.instruction import InstructionKind
from janetbank.values.money import Yen
from tests.flows.money_scene import Torn, authorised, executed, set_limits
from tests.flows.scene import contract_of, entries_of, letters, stepped_up
from tests.flows.token_scene import Telephone, order

ELSEWHERE = Account.parse("009", "ordinary", "1")
MAN = 10_000


@pytest.fixture
def there() -> TestBank:
    """A bank."""
    return bank()


@pytest.fixture
def phone(there: TestBank) -> Telephone:
    """Taro, logged in, with a question answered, a second account and two addresses."""
    return Telephone.of(there, there.customer(person=Person(further=["taro@work.example.jp"])))


def codes(told: object) -> list[tuple[str, str]]:
    """Why not, and of which account."""
    assert isinstance(told, Rejected), told
    return [(one.code, one.field) for one in told.violations]


@pytest.mark.requirement("TRF-03", "TRF-04", "PRF-11")
def test_the_limits_are_shown(phone: Telephone) -> None:
    """Of each account: what was set, what counts of it, and what is left of that today; and how high it may be."""
    net, account, savings = phone.there.net, phone.taro.person.account, phone.taro.person.savings
    initial = AccountLimit(account, None, DailyLimit(20), Yen(20 * MAN))
    assert net.limits.standing(phone.session) == Limits(
        (initial, AccountLimit(savings, None, DailyLimit(20), Yen(20 * MAN))), DailyLimit(20)
    )
    phone.start()
    set_limits(phone, {account: "３００", savings: "0"})
    executed(phone, authorised(phone, 123_456))
    assert net.limits.standing(phone.session) == Limits(
        (
            AccountLimit(account, DailyLimit(300), DailyLimit(300), Yen(300 * MAN - 123_456)),
            AccountLimit(savings, DailyLimit(0), DailyLimit(0), Yen(0)),
        ),
        DailyLimit(500),
    )
    net.use_token.cancel(phone.session, phone.code())
    told = net.limits.standing(phone.session)
    assert isinstance(told, Limits)
    assert told.accounts[0] == AccountLimit(account, DailyLimit(300), DailyLimit(20), Yen(200_000 - 123_456))
    assert told.highest == DailyLimit(20)


@pytest.mark.requirement("TRF-03")
def test_a_limit_holds_from_the_next_transfer_on(phone: Telephone) -> None:
    """Lowered below what is used already, nothing is left; what was used stays used when it is raised again."""
    account = phone.taro.person.account
    executed(phone, authorised(phone, 80_000))
    set_limits(phone, {account: "5"})
    told = phone.there.net.instruct.request(phone.session, order(InstructionKind.REGISTERED_PAYEE_TRANSFER, 1))
    assert told == LimitReached(Yen(0))
    set_limits(phone, {account: "10"})
    executed(phone, authorised(phone, 20_000))


@pytest.mark.requirement("TRF-03")
@pytest.mark.parametrize(("man", "token", "taken"), [("20", False, True), ("21", False, False), ("500", True, True),
                                                     ("501", True, False)])  # fmt: skip
def test_no_limit_is_higher_than_the_profile_allows(phone: Telephone, man: str, *, token: bool, taken: bool) -> None:
    """Without a token in use 20万円, with one 500万円, each included (outside, J7)."""
    if token:
        phone.start()
    account = phone.taro.person.account
    told = phone.there.net.limits.set(phone.session, {account: man})
    if taken:
        assert told == LimitsSet()
    else:
        assert codes(told) == [("limit.too_high", str(account))]


def test_all_of_them_or_none(phone: Telephone) -> None:
    """Every field that cannot be taken says why, and then nothing is changed and nobody is told."""
    account, savings, limits = phone.taro.person.account, phone.taro.person.savings, phone.there.net.limits
    before = limits.standing(phone.session)
    version = contract_of(phone.there, phone.taro).version
    told = limits.set(phone.session, {account: "10", savings: "x", ELSEWHERE: "1.5"})
    assert codes(told) == [("limit.shape", str(savings)), ("limit.shape", str(ELSEWHERE))]
    told = limits.set(phone.session, {account: "10", savings: "21", ELSEWHERE: "5"})
    assert codes(told) == [("limit.too_high", str(savings)), ("account.not_usable", str(ELSEWHERE))]
    assert codes(limits.set(phone.session, {})) == [("limit.shape", "")]
    assert limits.standing(phone.session) == before
    assert contract_of(phone.there, phone.taro).version == version
    assert LetterCode.LIMITS_CHANGED not in {letter.code for letter in letters(phone.there)}


def test_a_session_alone_sets_no_limit(there: TestBank) -> None:
    """A registered question is to be answered first; lowering is no exception."""
    taro = there.customer()
    session = there.log_in(taro)
    wanted = {taro.person.account: "0"}
    assert there.net.limits.set(session, wanted) == StepUpNeeded()
    session = stepped_up(there, taro, session)
    assert there.net.limits.set(session, wanted) == LimitsSet()
    there.clock.advance(there.profile.step_up_lifetime - there.profile.sessions.idle / 2)
    there.net.use_session(session)
    there.clock.advance(there.profile.sessions.idle / 2)
    assert there.net.limits.set(session, wanted) == StepUpNeeded()


def test_every_address_is_told_and_the_chain_says_what(phone: Telephone) -> None:
    """One letter to each address, and in the chain each account with its limit (C34)."""
    account, savings = phone.taro.person.account, phone.taro.person.savings
    set_limits(phone, {account: "12", savings: "0"})
    told = [str(one.to) for one in letters(phone.there) if one.code is LetterCode.LIMITS_CHANGED]
    assert sorted(told) == ["taro@example.jp", "taro@work.example.jp"]
    said = [dict(one.data) for one in entries_of(phone.there, phone.taro) if one.kind == "LimitSet"]
    assert said == [{"account": str(account), "man": 12}, {"account": str(savings), "man": 0}]


@pytest.mark.requirement("TRF-03")
def test_a_limit_and_a_transfer_at_once_know_of_one_another(phone: Telephone) -> None:
    """A transfer that is counted while a limit is set stays counted; a limit set while one is handed over holds."""
    there, account = phone.there, phone.taro.person.account
    first, second = authorised(phone, 120_000), authorised(phone, 20_000)
    platform = evolve(there.net.platform, storage=Torn(there.storage, lambda: executed(phone, first)))
    assert SetLimits(platform).set(phone.session, {account: "15"}) == LimitsSet()
    torn = Torn(there.storage, lambda: set_limits(phone, {account: "13"}))
    told = Instruct(evolve(there.net.platform, storage=torn)).execute(phone.session, second)
    assert told == LimitReached(Yen(10_000))
