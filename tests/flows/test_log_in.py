"""Logging in: who is let in, what everybody else is told, and what wrong entries bring."""

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from janetbank import profiles
from janetbank.flows.log_in import LoggedIn, QuestionAsked
from janetbank.flows.refusals import LockedOut, Refused, SessionEnded
from janetbank.flows.use_session import InSession
from janetbank.policies.credentials import Length
from janetbank.policies.hashing import Argon2Cost
from janetbank.ports.keys import Purpose
from janetbank.testing.bank import ANSWERS, CAFE, HOME, INSTITUTION, NEIGHBOUR, TestBank, bank
from janetbank.values.environment import Environment
from janetbank.values.identifiers import InstitutionId
from janetbank.values.login_id import LoginId
from janetbank.values.secret import Secret
from janetbank_adapters.entropy.seeded import SeededEntropy
from janetbank_adapters.keys.memory import MemoryKeys
from tests.flows.scene import (
    HANAKO,
    MINUTE,
    NOWHERE,
    REST,
    WRONG,
    WRONG_ANSWER,
    challenged,
    contract_of,
    counted,
    entries_of,
    kinds,
    lock_answer,
    lock_password,
    rewrite,
    with_password,
)

# --- Who is let in ----------------------------------------------------------------------------------------------------


@pytest.mark.requirement("LGN-01", "LGN-03")
def test_the_right_password_lets_in_from_a_usual_place() -> None:
    """Login id and password open a session that lives for the idle time, and nothing is asked."""
    there = bank()
    taro = there.customer()
    told = with_password(there, taro)
    assert isinstance(told, LoggedIn)
    assert told.until == there.clock.now() + 5 * MINUTE
    used = there.net.use_session(told.session)
    assert isinstance(used, InSession)
    assert (used.institution, used.contract) == (taro.institution, taro.contract)
    assert kinds(entries_of(there, taro)) == ["ContractApplied", "GuessReserved", "LoggedIn"]
    assert entries_of(there, taro)[-1].data["by"] == "login id"


@pytest.mark.requirement("CRD-02")
@pytest.mark.parametrize("typed", ["kaze48nd", "KAZE48ND", "Kaze48Nd"])
def test_case_is_not_told_apart_in_a_login_id(typed: str) -> None:
    """However its letters are cased, it is the login id."""
    there = bank()
    taro = there.customer("Kaze48nd")
    assert isinstance(with_password(there, evolve(taro, login_id=typed)), LoggedIn)


@pytest.mark.requirement("CRD-05", "CRD-08")
@pytest.mark.parametrize("registered", ["soil7+rain", "SOIL7+Rain"])
@pytest.mark.parametrize("typed", ["soil7+rain", "SOIL7+RAIN", "Soil7+Rain"])
def test_case_is_not_told_apart_in_a_password(registered: str, typed: str) -> None:
    """However its letters were and are cased, and with its symbols, it is the password."""
    there = bank()
    assert isinstance(with_password(there, there.customer(password=registered), Secret(typed)), LoggedIn)


@pytest.mark.requirement("CRD-05")
@pytest.mark.parametrize(
    "typed",
    ["", "soil7+rai", "soil7+rain ", " soil7+rain", "soil7+rainn", "soil7+rain\x00", "ｓｏｉｌ７+rain", "ſoil7+rain"],
)
def test_nothing_but_the_password_is_the_password(typed: str) -> None:
    """No character more, less, wider or from elsewhere is overlooked."""
    there = bank()
    assert with_password(there, there.customer(), Secret(typed)) == Refused()


@pytest.mark.requirement("LGN-03")
@pytest.mark.parametrize(
    ("branch", "kind", "number"),
    [
        ("001", "ordinary", "0012345"),
        ("001", "ordinary", "12345"),
        ("001", "ordinary", "012345"),
        ("001", "普通", "12345"),
        ("００１", "普通", "００１２３４５"),
        ("001", "普通", "１２３４５"),
    ],
)
def test_the_account_names_the_contract_too(branch: str, kind: str, number: str) -> None:
    """Branch, type and number let in as the login id does, with zeros left out and in full-width digits."""
    there = bank()
    taro = there.customer()
    told = there.net.log_in.with_account(taro.institution, branch, kind, number, taro.password, seen_from=HOME)
    assert isinstance(told, LoggedIn)
    assert entries_of(there, taro)[-1].data["by"] == "account"


@pytest.mark.requirement("LGN-03")
@pytest.mark.parametrize(
    ("branch", "kind", "number"),
    [
        ("002", "ordinary", "0012345"),
        ("001", "current", "0012345"),
        ("001", "savings", "0012345"),
        ("001", "ordinary", "0012346"),
        ("001", "ordinary", "00012345"),
        ("01", "ordinary", "12345"),
        ("001", "", "12345"),
        ("001", "ordinary", ""),
        ("", "", ""),
        ("001", "ordinary", "12a45"),
        ("A01", "ordinary", "12345"),
    ],
)
def test_another_account_or_none_is_refused(branch: str, kind: str, number: str) -> None:
    """What is not exactly the account is refused as a wrong password is, after the same work."""
    there = bank()
    taro = there.customer()
    log_in, work = counted(there)
    before = work.runs
    told = log_in.with_account(taro.institution, branch, kind, number, taro.password, seen_from=HOME)
    assert (told, work.runs - before) == (Refused(), 1)


@pytest.mark.requirement("CRD-07")
@pytest.mark.parametrize(
    ("login_id", "lets_in"),
    [("ab1", False), ("ab12", True), ("ab123", True), ("kaze48nd", True), ("a1" * 6, True), ("a1" * 6 + "b", False)],
)
def test_login_takes_four_to_twelve_characters(login_id: str, lets_in: bool) -> None:  # noqa: FBT001 -- a table's column
    """An old login id of four characters is as good as ever, though six are asked for at registration (AMB-1)."""
    there = bank()
    taro = there.customer()
    old = LoginId.parse(login_id, case_sensitive=False)
    rewrite(there, taro, lambda contract: evolve(contract, login_id=old))
    told = with_password(there, evolve(taro, login_id=login_id))
    assert isinstance(told, LoggedIn) if lets_in else told == Refused()


@pytest.mark.requirement("LCK-16")
@pytest.mark.parametrize(
    "login_id",
    [
        "",
        "a",
        "ｋａｚｅ４８ｎｄ",
        " kaze48nd",
        "kaze48nd\n",
        "kaze 48nd",
        "日本語",
        "a\x00b1",
        "\ud800",
        "ab12" * 2_500,
        "' OR 1=1",
    ],
)
def test_what_can_be_no_login_id_is_refused_like_any_wrong_one(login_id: str) -> None:
    """Whatever is typed gets the one refusal after one Argon2, is counted, and is locked after seven times."""
    there = bank()
    log_in, work = counted(there)
    for _ in range(6):
        before = work.runs
        assert log_in.with_login_id(INSTITUTION.id, login_id, WRONG, seen_from=HOME) == Refused()
        assert work.runs - before == 1
    locked = log_in.with_login_id(INSTITUTION.id, login_id, WRONG, seen_from=HOME)
    assert locked == LockedOut(there.clock.now() + REST)


@pytest.mark.requirement("CRD-08")
@given(password=st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=4, max_size=12))
def test_every_character_of_a_password_is_taken(password: str) -> None:
    """Whatever letters, digits and symbols a password has, it lets in, in either case, and another one does not."""
    there = bank()
    taro = there.customer()
    stored = there.net.platform.vault.hash(there.profile.password.canonical(Secret(password)))
    rewrite(there, taro, lambda contract: evolve(contract, password=stored))
    assert isinstance(with_password(there, taro, Secret(password)), LoggedIn)
    assert isinstance(with_password(there, taro, Secret(password.swapcase())), LoggedIn)
    assert with_password(there, taro, Secret(password + "!")) == Refused()


@pytest.mark.requirement("CRD-07", "CRD-08")
@pytest.mark.parametrize("old", ["k!7v", "ab123456", "kaze48ndkaze48nd"])
def test_a_password_outlives_its_rule(old: str) -> None:
    """One that could not be chosen any more, short, long, guessable or with symbols, lets in as long as it is kept."""
    rules = evolve(profiles.JA.password, length=Length(min=8, max=12), symbols=False)
    there = bank(evolve(profiles.fast_for_tests(profiles.JA), password=rules))
    taro = there.customer(password="soil7rain")
    assert rules.check(Secret(old), login_id=taro.login_id)
    stored = there.net.platform.vault.hash(Secret(old))
    rewrite(there, taro, lambda contract: evolve(contract, password=stored))
    assert isinstance(with_password(there, taro, Secret(old)), LoggedIn)


@pytest.mark.requirement("CRD-04")
def test_the_same_login_id_at_another_institution_is_another_contract() -> None:
    """Login ids are one institution's own: the neighbour's customer of that name has his own password and counter."""
    there = bank()
    taro = there.customer()
    hanako = there.customer(taro.login_id, "oak&frost9", person=HANAKO, institution=NEIGHBOUR)
    assert taro.contract != hanako.contract
    assert with_password(there, hanako, taro.password) == Refused()
    assert isinstance(with_password(there, hanako), LoggedIn)
    lock_password(there, hanako)
    assert isinstance(with_password(there, taro), LoggedIn)
    assert (
        there.net.log_in.with_login_id(InstitutionId("9999"), taro.login_id, taro.password, seen_from=HOME) == Refused()
    )


# --- Hashes that have grown old ---------------------------------------------------------------------------------------


def test_a_login_renews_a_hash_made_with_a_former_pepper() -> None:
    """After a rotation the right password brings a new hash, a wrong one nothing; then the old key may go."""
    keys = MemoryKeys.fresh(SeededEntropy(1))
    there = TestBank(keys=keys)
    taro = there.customer()
    old, former = contract_of(there, taro).password, keys.current(Purpose.PEPPER).id
    current = keys.rotate(Purpose.PEPPER, there.entropy).id
    assert with_password(there, taro, WRONG) == Refused()
    assert contract_of(there, taro).password == old
    assert isinstance(with_password(there, taro), LoggedIn)
    new = contract_of(there, taro).password
    assert (old.split(":")[1], new.split(":")[1]) == (former, current)
    assert isinstance(with_password(there, taro), LoggedIn)
    assert contract_of(there, taro).password == new
    keys.drop(Purpose.PEPPER, former)
    assert isinstance(with_password(there, taro), LoggedIn)


def test_a_login_renews_a_hash_of_a_former_cost() -> None:
    """When the profile's cost is raised each customer's hash follows at his next login, also before a question."""
    there = bank()
    taro, hanako = there.customer(), there.customer("yuki73kd", person=HANAKO)
    dearer = evolve(there.profile, hashing=Argon2Cost(memory=16, passes=2, lanes=1))
    later = TestBank(dearer, storage=there.storage, keys=there.keys)
    assert isinstance(with_password(later, taro), LoggedIn)
    challenged(later, hanako)
    for who in (taro, hanako):
        assert "$m=16,t=2,p=1$" in contract_of(there, who).password
        assert isinstance(with_password(later, who), LoggedIn)


# --- The question -----------------------------------------------------------------------------------------------------


@pytest.mark.requirement("RBA-01", "RBA-10")
def test_an_unusual_place_is_met_with_a_registered_question() -> None:
    """From an unusual place the password alone opens nothing; with the answer to a registered question it does."""
    there = bank()
    taro = there.customer()
    asked = challenged(there, taro)
    assert asked.question in dict(taro.answers)
    assert asked.until == there.clock.now() + 5 * MINUTE
    assert there.net.use_session(asked.challenge) == SessionEnded()
    told = there.net.log_in.answer(asked.challenge, taro.answer_to(asked.question))
    assert isinstance(told, LoggedIn)
    assert told.until == there.clock.now() + 5 * MINUTE
    assert isinstance(there.net.use_session(told.session), InSession)
    assert told.session != asked.challenge
    assert kinds(entries_of(there, taro))[1:] == [
        "GuessReserved", "QuestionAsked", "GuessReserved", "QuestionAnswered", "LoggedIn",
    ]  # fmt: skip


@pytest.mark.requirement("RBA-01")
@pytest.mark.parametrize(
    ("place", "usual"),
    [
        (HOME, True),
        (evolve(HOME, network="203.0.113.200"), True),
        (evolve(HOME, network="198.51.100.1"), True),
        (evolve(HOME, platform="macos"), True),
        (evolve(HOME, network="198.51.100.1", platform="macos"), False),
        (evolve(HOME, device=None), False),
        (evolve(HOME, device="somebody-elses"), False),
        (CAFE, False),
    ],
)
def test_what_a_usual_place_is(place: Environment, usual: bool) -> None:  # noqa: FBT001 -- a table's column
    """A known device is usual in its network or on its platform; whatever else is unusual, a copied token included."""
    there = bank()
    told = with_password(there, there.customer(), seen_from=place)
    assert isinstance(told, LoggedIn if usual else QuestionAsked)


@pytest.mark.requirement("RBA-01")
def test_a_place_is_known_once_the_answer_was_given_there() -> None:
    """The password does not make a device known, the answer does; a place without a device is never known."""
    there = bank()
    taro = there.customer()
    telephone = Environment(device="taros-telephone", network="198.51.100.23", platform="ios")
    asked = challenged(there, taro, seen_from=telephone)
    asked = challenged(there, taro, seen_from=telephone)
    assert isinstance(there.net.log_in.answer(asked.challenge, taro.answer_to(asked.question)), LoggedIn)
    assert isinstance(with_password(there, taro, seen_from=telephone), LoggedIn)
    asked = challenged(there, taro, seen_from=CAFE)
    assert isinstance(there.net.log_in.answer(asked.challenge, taro.answer_to(asked.question)), LoggedIn)
    challenged(there, taro, seen_from=CAFE)


@pytest.mark.requirement("RBA-10")
def test_a_question_stays_until_it_is_answered() -> None:
    """Nobody shops for the easy question: however often somebody comes, from wherever, he is asked the same one."""
    there = bank()
    taro = there.customer()
    first = challenged(there, taro).question
    for _ in range(20):
        assert challenged(there, taro, seen_from=NOWHERE).question == first
        there.clock.advance(MINUTE)
    assert there.net.log_in.answer(challenged(there, taro).challenge, WRONG_ANSWER) == Refused()
    lock_password(there, taro)
    assert contract_of(there, taro).asked is not None
    there.clock.advance(REST)
    assert challenged(there, taro).question == first


@pytest.mark.requirement("RBA-10")
def test_a_question_is_drawn_by_chance() -> None:
    """Every registered question is asked of somebody, and after an answer, or a lockout, it is drawn anew."""
    asked_in_turn: list[tuple[str, str, str]] = []
    for seed in range(25):
        there = TestBank(seed=seed)
        taro = there.customer()
        first = challenged(there, taro)
        assert isinstance(there.net.log_in.answer(first.challenge, taro.answer_to(first.question)), LoggedIn)
        after_answer = challenged(there, taro).question
        lock_answer(there, taro)
        there.clock.advance(REST)
        asked_in_turn.append((first.question, after_answer, challenged(there, taro).question))
    for questions in zip(*asked_in_turn, strict=True):
        assert set(questions) == {question for question, _ in ANSWERS}
    assert any(first != after_answer for first, after_answer, _ in asked_in_turn)
    assert any(after_answer != after_lock for _, after_answer, after_lock in asked_in_turn)


@pytest.mark.requirement("RBA-10")
def test_parallel_challenges_can_all_be_answered_once() -> None:
    """Two browsers wait for one answer each; an answer opens its own session, and no challenge is used twice."""
    there = bank()
    taro = there.customer()
    one, two = challenged(there, taro), challenged(there, taro, seen_from=NOWHERE)
    right = taro.answer_to(one.question)
    for asked in (one, two):
        told = there.net.log_in.answer(asked.challenge, right)
        assert isinstance(told, LoggedIn)
        assert isinstance(there.net.use_session(told.session), InSession)
        assert there.net.log_in.answer(asked.challenge, right) == SessionEnded()


@pytest.mark.requirement("RBA-07")
@pytest.mark.parametrize(
    ("registered", "typed", "right"),
    [
        ("ポチ", "ポチ", True),
        ("ポチ", "ホ\u309aチ", True),
        ("ホ\u309aチ", "ポチ", True),
        ("ポチ", "ぽち", False),
        ("ポチ", "ﾎﾟﾁ", False),
        ("ポチ", "ポチ　", False),
        ("ポチ", "", False),
        ("ａｐｐｌｅ", "ａｐｐｌｅ", True),
        ("ａｐｐｌｅ", "Ａｐｐｌｅ", False),
        ("ａｐｐｌｅ", "apple", False),
        ("３月", "三月", False),
        ("青森", "あおもり", False),
    ],
)
def test_answers_are_compared_as_typed(registered: str, typed: str, right: bool) -> None:  # noqa: FBT001 -- a table's column
    """Script, width and case count; only how Unicode spells a character does not."""
    there = bank()
    questions = ("question.pet", "question.birthplace", "question.home_town")
    taro = there.customer(
        answers=tuple((question, f"{registered}{number}") for question, number in zip(questions, "１２３", strict=True))
    )
    asked = challenged(there, taro)
    number = taro.answer_to(asked.question).reveal()[-1]
    told = there.net.log_in.answer(asked.challenge, Secret(f"{typed}{number}"))
    assert isinstance(told, LoggedIn) if right else told == Refused()
