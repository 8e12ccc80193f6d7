"""Recovering: what both resets have in common: the form, the telephone, the card, and the order of them."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from attrs import evolve

from janetbank import profiles
from janetbank.flows.phone_auth import (
    NoEligiblePhone,
    PhoneChoices,
    Started,
    TimedOut,
    TooManyAttempts,
    Waiting,
    WrongTooOften,
)
from janetbank.flows.recover import (
    Abandoned,
    AccountRenumbered,
    Begun,
    CardLocked,
    FormClosed,
    FormRefused,
    Next,
    NotOffered,
    OnlyAtTheCounter,
    PinRefused,
)
from janetbank.flows.refusals import ProcedureEnded, Rejected, WrongStep
from janetbank.flows.reset_password import PasswordReset
from janetbank.flows.reset_questions import QuestionsReset
from janetbank.messages import LANGUAGES, phrase, text
from janetbank.model.contract import Counter
from janetbank.model.letter import LetterCode
from janetbank.policies.admission import Operation
from janetbank.policies.eligibility import Lack, OnlineProcedure
from janetbank.policies.identity_form import FormTries, Item
from janetbank.policies.lockout import Tally
from janetbank.policies.phone_auth import Mode, PhoneAuthRules
from janetbank.policies.recovery import NEXT, Act, Step
from janetbank.policies.releases import Release
from janetbank.policies.service_hours import ROUND_THE_CLOCK, ServiceHours
from janetbank.ports.core_banking import HolderRecord
from janetbank.ports.failures import Unavailable
from janetbank.testing.bank import INSTITUTION, START, Enrollee, Person, TestBank, bank
from janetbank.values.account import Account
from janetbank.values.identifiers import InstitutionId
from janetbank.values.moment import JST
from janetbank.values.person import BirthDate, KanaName, KanjiName
from janetbank.values.phone import PhoneNumber
from janetbank.values.pin import Pin
from janetbank.values.secret import Secret
from janetbank.values.violation import Violation
from tests.flows.application import node
from tests.flows.recovery_scene import BOTH, ORDER, REACHED_BY, WINDOW, Reset, What, reset, typed
from tests.flows.scene import HANAKO, SECOND, TICK, contract_of, entries_of, kinds, letters, read, rewrite

EACH = pytest.mark.parametrize("what", BOTH)
DONE = {"password": PasswordReset(), "questions": QuestionsReset()}
TODAY = date(2026, 11, 20)
MIDNIGHT = datetime(2026, 11, 21, 0, 0, tzinfo=JST)
ZERO = Secret("0000")
ANOTHER = {
    Item.KANA: {"kana": "ノウキョウジロウ"},
    Item.KANJI: {"kanji": "農中二郎"},
    Item.BORN: {"born": "1980-02-01"},
    Item.PHONE: {"phone": "090-1234-5679"},
    Item.MAIL: {"mail": "jiro@example.jp", "mail_again": "jiro@example.jp"},
    Item.ACCOUNT: {"number": "7777777"},
}
"""What somebody writes who has one item wrong."""


def record(person: Person) -> HolderRecord:
    """What the host knows of *person*."""
    return HolderRecord(
        kana=KanaName(person.kana),
        kanji=KanjiName(person.kanji),
        born=BirthDate(person.born),
        phones=tuple(PhoneNumber.parse(phone) for phone in person.phones),
    )


def at_the_host(
    there: TestBank,
    who: Enrollee,
    *,
    card: bool = True,
    individual: bool = True,
    online_since: date | None = None,
    **otherwise: Any,  # noqa: ANN401 -- any of the record's fields
) -> None:
    """Change what the host knows of *who*."""
    holder = evolve(record(who.person), **otherwise)
    there.core.open_account(
        who.institution, who.person.account, holder, individual=individual, online_since=online_since
    )
    if card:
        there.core.issue_card(who.institution, who.person.account, Pin(Secret(who.person.pin)))


# --- The order --------------------------------------------------------------------------------------------------------


@pytest.mark.requirement("PWR-03", "PWR-11", "PWR-12", "PWR-13", "PWR-16", "RBR-04", "RBR-06", "RBR-07", "RBR-08")
@EACH
def test_the_way_through(what: What) -> None:
    """Form, telephone, call, secret, done; each step says what is next, and the last one that it is done."""
    one = reset(there := bank(), there.customer(), what)
    assert one.where() is Step.FORM
    assert one.fill() == Next(Step.PHONE)
    assert isinstance(one.call(), Started)
    assert one.where() is Step.CALL
    assert one.dial().flow.poll(one.token) == Next(Step.SECRET)
    assert one.reset() == DONE[what]
    assert one.where() == ProcedureEnded()


@pytest.mark.requirement("PWR-16")
@pytest.mark.parametrize("step", REACHED_BY)
@pytest.mark.parametrize("act", [*ORDER, Act.GO_BACK, Act.ABANDON])
@EACH
def test_nothing_is_done_out_of_turn(what: What, act: Act, step: Step) -> None:
    """At every step every act that is not due is told which step is, and changes nothing; after the end, nothing is."""
    there = bank()
    one = reset(there, there.customer(), what, step)
    before = one.stored()
    told = one.do(act)
    if step in {Step.DONE, Step.ABANDONED}:
        assert told == ProcedureEnded()
    elif (step, act) in NEXT:
        assert not isinstance(told, WrongStep | ProcedureEnded)
        assert one.stored().step is NEXT[step, act]
        return
    else:
        assert told == WrongStep(step)
    assert one.stored() == before


@EACH
def test_the_telephones_are_shown_when_one_is_to_be_chosen(what: What) -> None:
    """Before the form has matched, and once a call is waited for, no telephone is shown."""
    there = bank()
    taro = there.customer()
    for step in (Step.FORM, Step.CALL, Step.SECRET):
        one = reset(there, taro, what, step)
        assert one.flow.phones(one.token) == WrongStep(step)
        one.flow.abandon(one.token)


@EACH
def test_a_procedure_goes_on_in_another_process(what: What) -> None:
    """Each step is done by another node, which knows of it what is stored."""
    there = bank()
    one = reset(there, there.customer(), what)
    for act in ORDER:
        one.net = node(there)
        one.do(act)
    assert one.where() == ProcedureEnded()
    assert kinds(entries_of(there, one.who)).count("CardChecked") == 1


@pytest.mark.requirement("PWR-02", "RBR-02", "RBR-03")
@EACH
def test_one_begins_at_an_institution_of_the_directory(what: What) -> None:
    """An institution that there is not is named, and nothing is begun."""
    there = bank()
    flow = there.net.reset_password if what == "password" else there.net.reset_questions
    told = flow.begin(InstitutionId("9999"))
    assert told == Rejected((Violation("institution.unknown", field="institution"),))


@pytest.mark.requirement("PWR-09", "PWR-10", "RBR-05", "LCK-13")
@EACH
def test_the_cautions_are_shown_at_the_beginning(what: What) -> None:
    """That the PIN is needed, that wrong ones lock card and service, mergers, gaiji: each has its words."""
    there = bank()
    flow = there.net.reset_password if what == "password" else there.net.reset_questions
    begun = flow.begin(INSTITUTION.id)
    assert isinstance(begun, Begun)
    assert begun.until == START + there.profile.procedure_lifetime
    for lang in LANGUAGES:
        assert all(phrase(hint, lang, gaiji_until=begun.gaiji_until) for hint in begun.hints)
    said = " ".join(phrase(hint, "ja", gaiji_until=begun.gaiji_until) for hint in begun.hints)
    assert all(word in said for word in ("暗証番号", "ATM", "合併", "外字", "2021-02-15"))


@EACH
def test_a_bank_without_such_names_does_not_speak_of_them(what: What) -> None:
    """Where nothing stands in for gaiji there is nothing to say of it."""
    fast = profiles.fast_for_tests(profiles.JA)
    there = bank(evolve(fast, identity_form=evolve(fast.identity_form, gaiji_until=None)))
    flow = there.net.reset_password if what == "password" else there.net.reset_questions
    begun = flow.begin(INSTITUTION.id)
    assert isinstance(begun, Begun)
    assert begun.gaiji_until == ""
    assert "recovery.hint.gaiji" not in begun.hints


@pytest.mark.requirement("RBA-09", "RBR-10")
@EACH
def test_a_bank_may_do_it_in_writing_alone(what: What) -> None:
    """Where the profile does not offer it nothing is begun, and the customer is told of the way in writing."""
    there = bank(evolve(profiles.fast_for_tests(profiles.JA), resets=frozenset()))
    flow = there.net.reset_password if what == "password" else there.net.reset_questions
    told = flow.begin(INSTITUTION.id)
    assert told == NotOffered()
    assert "書面" in text(told, "ja")


# --- The form ---------------------------------------------------------------------------------------------------------


@pytest.mark.requirement("PWR-04", "PWR-06", "PWR-07", "PWR-08", "PWR-10", "RBR-05")
@pytest.mark.parametrize(
    ("otherwise", "named"),
    [
        ({"kana": "のうきょうたろう"}, [("kana", "name.katakana")]),
        ({"kana": "ﾉｳｷｮｳﾀﾛｳ"}, [("kana", "name.half_width")]),
        ({"kanji": "Taro"}, [("kanji", "name.half_width")]),
        ({"born": "1980-02-30"}, [("born", "birth_date.impossible")]),
        ({"phone": "090-12"}, [("phone", "phone.unknown")]),
        ({"mail": "taro", "mail_again": "taro"}, [("mail", "mail.syntax")]),
        ({"mail_again": "jiro@example.jp"}, [("mail_again", "mail.not_same_twice")]),
        ({"mail_again": "taro"}, [("mail_again", "mail.not_same_twice")]),
        ({"branch": "1"}, [("account", "branch.shape")]),
        ({"account_type": "当"}, [("account", "account_type.unknown")]),
        ({"number": "12345678"}, [("account", "account_number.shape")]),
        (
            {"kana": "", "kanji": "", "born": "", "phone": "", "mail": "", "branch": ""},
            [
                ("kana", "name.empty"),
                ("kanji", "name.empty"),
                ("born", "birth_date.format"),
                ("phone", "phone.character"),
                ("mail", "mail.syntax"),
                ("account", "branch.shape"),
            ],
        ),
    ],
)
@EACH
def test_what_cannot_be_read_is_named_and_not_counted(
    what: What, otherwise: dict[str, str], named: list[tuple[str, str]]
) -> None:
    """All of it, each at its field; nothing was compared, so nothing is counted, and the form is asked for again."""
    there = bank()
    one = reset(there, taro := there.customer(), what)
    told = one.fill(**otherwise)
    assert isinstance(told, Rejected)
    assert [(violation.field, violation.code) for violation in told.violations] == named
    assert contract_of(there, taro).form_tries == FormTries()
    assert one.where() is Step.FORM


@pytest.mark.requirement("PWR-10", "RBR-05")
@EACH
def test_the_cautions_must_be_accepted(what: What) -> None:
    """Without the tick nothing is compared."""
    there = bank()
    one = reset(there, there.customer(), what)
    told = one.flow.fill_form(one.token, typed(HANAKO), acknowledged=False)
    assert told == Rejected((Violation("acknowledgement.missing", field="acknowledged"),))
    assert contract_of(there, one.who).form_tries == FormTries()


@pytest.mark.requirement("PWR-04", "PWR-06", "PWR-07", "PWR-08")
@pytest.mark.parametrize(
    "otherwise",
    [
        {"kana": "ノウキョウ　タロウ", "kanji": "農中 太郎"},
        {"kana": "ノウキョウタロウ\u3000", "kanji": "\t農中太郎"},
        {"born": "１９８０/01/02"},
        {"phone": "０９０１２３４５６７８"},
        {"phone": "026-234-5678"},
        {"mail": "taro@EXAMPLE.jp", "mail_again": "taro@example.JP"},
        {"account_type": "普通", "number": "12345", "branch": "００１"},
    ],
)
@EACH
def test_how_it_is_written_does_not_matter(what: What, otherwise: dict[str, str]) -> None:
    """Spaces in names, full-width digits, hyphens, the case of a domain, a label for a word: all the same."""
    there = bank()
    assert reset(there, there.customer(), what).fill(**otherwise) == Next(Step.PHONE)


@pytest.mark.requirement("PWR-04")
@EACH
def test_how_unicode_spells_it_does_not_matter(what: What) -> None:
    """か and ゛ in two characters are が in one."""
    there = bank()
    goro = there.customer(person=evolve(HANAKO, kana="ノウキョウゴロウ", kanji="農中五郎"))
    assert reset(there, goro, what).fill(kana="ノウキョウコ\u3099ロウ") == Next(Step.PHONE)


@pytest.mark.requirement("PWR-03", "PWR-11", "RBR-04")
@pytest.mark.parametrize("item", Item)
@EACH
def test_one_item_that_differs_is_refused_like_any_other(what: What, item: Item) -> None:
    """Whichever it is, the answer is the one refusal, the procedure stays at the form, and it is counted once."""
    there = bank()
    one = reset(there, there.customer(), what)
    assert one.fill(**ANOTHER[item]) == FormRefused()
    assert one.where() is Step.FORM
    on = contract_of(there, one.who) if item is not Item.ACCOUNT else decoy_of(there, ANOTHER[item]["number"])
    assert on.form_tries == FormTries(TODAY, 1)


def decoy_of(there: TestBank, number: str) -> Any:  # noqa: ANN401 -- a contract
    """The decoy of the account with this *number*."""
    account = str(Account.parse("001", "ordinary", number))
    key = there.net.platform.vault.decoy_key(INSTITUTION.id.code, "account", account)
    return read(there.storage, lambda tx: tx.contracts.by_account(INSTITUTION.id, account, key))


@pytest.mark.requirement("PWR-11")
@pytest.mark.parametrize("item", [item for item in Item if item is not Item.ACCOUNT])
def test_the_audit_log_says_what_the_customer_is_not_told(item: Item) -> None:
    """Each item's outcome stands in the contract's chain, with the procedure, and nothing of what was written."""
    there = bank()
    one = reset(there, there.customer())
    one.fill(**ANOTHER[item])
    (entry,) = [entry for entry in entries_of(there, one.who) if entry.kind == "FormCompared"]
    said = tuple(f"{other.value}={'differs' if other is item else 'same'}" for other in Item)
    assert entry.data == {"procedure": one.stored().id, "items": said}


@pytest.mark.requirement("PWR-11")
@EACH
def test_five_mismatches_close_the_form(what: What) -> None:
    """The fifth closes it until midnight; then right and wrong get the same answer, and nothing is counted."""
    there = bank()
    one = reset(there, taro := there.customer(), what)
    told = [one.fill(kanji="農中二郎") for _ in range(5)]
    assert told == [FormRefused()] * 4 + [FormClosed(MIDNIGHT)]
    before = contract_of(there, taro)
    assert one.fill() == one.fill(kanji="農中二郎") == FormClosed(MIDNIGHT)
    assert contract_of(there, taro) == before


@pytest.mark.requirement("PWR-11")
@pytest.mark.parametrize("after", [timedelta(0), -timedelta.resolution])
def test_the_day_ends_at_midnight_in_japan(after: timedelta) -> None:
    """Up to the last moment of the day the form is closed, and from midnight on it is open."""
    always = dict.fromkeys(Operation, ServiceHours(daily=ROUND_THE_CLOCK))
    there = bank(evolve(profiles.fast_for_tests(profiles.JA), hours=always))
    taro = there.customer()
    there.clock.set(MIDNIGHT - timedelta(minutes=10))
    one = reset(there, taro)
    for _ in range(5):
        one.fill(kanji="農中二郎")
    there.clock.set(MIDNIGHT + after)
    assert one.fill() == (FormClosed(MIDNIGHT) if after else Next(Step.PHONE))


@pytest.mark.requirement("PWR-11")
def test_mismatches_count_on_the_account_and_not_on_the_procedure() -> None:
    """Over both resets, however many procedures are begun, an account has five a day."""
    there = bank()
    taro = there.customer()
    told = [reset(there, taro, BOTH[number % 2]).fill(kanji="農中二郎") for number in range(6)]
    assert told == [FormRefused()] * 4 + [FormClosed(MIDNIGHT)] * 2
    hanako = there.customer("yuki73kd", person=HANAKO)
    assert reset(there, hanako).fill() == Next(Step.PHONE)


@pytest.mark.requirement("PWR-11")
def test_a_match_clears_nothing() -> None:
    """Four mismatches, a match, and one more: that is five."""
    there = bank()
    one = reset(there, taro := there.customer())
    for _ in range(4):
        one.fill(kanji="農中二郎")
    assert one.fill() == Next(Step.PHONE)
    assert reset(there, taro).fill(kanji="農中二郎") == FormClosed(MIDNIGHT)


@pytest.mark.requirement("PWR-11", "MAL-01")
def test_the_customer_is_told_when_the_form_is_closed_to_him() -> None:
    """Once, at all his addresses."""
    there = bank()
    taro = there.customer(person=Person(further=("taro@work.example.jp",)))
    one = reset(there, taro)
    for _ in range(7):
        one.fill(kanji="農中二郎")
    told = [letter.to for letter in letters(there) if letter.code is LetterCode.FORM_CLOSED]
    assert sorted(map(str, told)) == ["taro@example.jp", "taro@work.example.jp"]


@pytest.mark.requirement("PWR-05", "RBR-04")
@pytest.mark.parametrize(
    ("since", "gaiji", "told"),
    [
        (date(2021, 2, 15), True, Next(Step.PHONE)),
        (date(2021, 2, 16), True, FormRefused()),
        (date(2021, 2, 15), False, FormRefused()),
        (None, True, FormRefused()),
    ],
)
@EACH
def test_katakana_stands_in_for_gaiji(what: What, since: date | None, gaiji: bool, told: object) -> None:  # noqa: FBT001 -- a table's column
    """Where the host says that the name has gaiji, and that its bearer began by 15 February 2021."""
    there = bank()
    taro = there.customer()
    at_the_host(there, taro, kanji_has_gaiji=gaiji, online_since=since)
    assert reset(there, taro, what).fill(kanji=taro.person.kana) == told


@pytest.mark.requirement("PWR-09")
@EACH
def test_a_former_account_number_is_refused_with_a_hint(what: What) -> None:
    """Only where everything else matches; it is counted on the present account, whichever number was written."""
    there = bank()
    taro = there.customer()
    former = Account.parse("099", "ordinary", "54321")
    there.core.open_account(taro.institution, former, record(taro.person))
    there.core.renumber(taro.institution, former, taro.person.account)
    at_the_host(there, taro)
    one = reset(there, taro, what)
    old = {"branch": "099", "number": "54321"}
    assert one.fill(**old) == AccountRenumbered()
    assert one.fill(**old, kanji="農中二郎") == FormRefused()
    assert contract_of(there, taro).form_tries == FormTries(TODAY, 2)
    assert one.fill() == Next(Step.PHONE)


@pytest.mark.requirement("PWR-01", "PWR-09", "RBR-01", "PRF-05", "ENR-18", "TEL-04", "LCK-04", "LCK-09")
@pytest.mark.parametrize(
    ("changed", "lacks"),
    [
        ({"individual": False}, [Lack.INDIVIDUAL]),
        ({"card": False}, [Lack.CARDED_ORDINARY_ACCOUNT]),
        ({"phones": (PhoneNumber.parse("050-3234-5678"),)}, [Lack.USABLE_PHONE]),
        (
            {"individual": False, "card": False, "phones": (PhoneNumber.parse("050-3234-5678"),)},
            [Lack.INDIVIDUAL, Lack.CARDED_ORDINARY_ACCOUNT, Lack.USABLE_PHONE],
        ),
    ],
)
@EACH
def test_who_is_excluded_is_told_of_the_counter(what: What, changed: dict[str, Any], lacks: list[Lack]) -> None:
    """Once he has shown who he is, why it cannot be online and where else; the procedure has ended."""
    there = bank()
    taro = there.customer()
    at_the_host(there, taro, **changed)
    one = reset(there, taro, what)
    told = one.fill(phone="050-3234-5678" if Lack.USABLE_PHONE in lacks else "090-1234-5678")
    expected = OnlyAtTheCounter(tuple(Violation(f"lack.{lack.value}") for lack in lacks))
    assert told == expected
    assert "窓口" in text(expected, "ja")
    assert one.where() == ProcedureEnded()
    assert contract_of(there, taro).form_tries == FormTries()


PATHS: dict[What, dict[str, Release]] = {
    "password": {
        "individual": Release.BRANCH_FORM,
        "card": Release.BRANCH_FORM,
        "phones": Release.CANCEL_AND_REAPPLY,
    },
    "questions": dict.fromkeys(("individual", "card", "phones"), Release.BRANCH_FORM),
}
"""Written out from LCK-04 and LCK-09: who can apply online applies anew; who cannot hands in IB-3."""


@pytest.mark.requirement("LCK-04", "LCK-09", "CAN-10", "PRF-05", "PWR-01", "RBR-01", "TEL-04")
@pytest.mark.parametrize("lacking", ["individual", "card", "phones"])
@EACH
def test_who_is_blocked_and_excluded_is_told_his_path_at_the_counter(what: What, lacking: str) -> None:
    """The first way out of his block that is open to him, in words; who is blocked by something else has other ways."""
    there = bank()
    taro = there.customer()
    changed: dict[str, Any] = {"individual": False, "card": False, "phones": (PhoneNumber.parse("050-3234-5678"),)}
    at_the_host(there, taro, **{lacking: changed[lacking]})
    phone = "050-3234-5678" if lacking == "phones" else "090-1234-5678"
    blocked = Tally(lockouts=3, blocked_since=there.clock.now())
    own, other = (Counter.PASSWORD, Counter.ANSWER) if what == "password" else (Counter.ANSWER, Counter.PASSWORD)
    rewrite(there, taro, lambda contract: contract.with_tally(other, blocked))
    told = reset(there, taro, what).fill(phone=phone)
    assert isinstance(told, OnlyAtTheCounter)
    assert told.way is None
    rewrite(there, taro, lambda contract: contract.with_tally(own, blocked))
    told = reset(there, taro, what).fill(phone=phone)
    assert isinstance(told, OnlyAtTheCounter)
    way = PATHS[what][lacking]
    assert told.way is way
    for lang in LANGUAGES:
        assert phrase(f"release.{way.value}", lang) in text(told, lang)


@EACH
def test_who_is_blocked_and_whose_card_is_gone_is_told_his_path(what: What) -> None:
    """At the last step, too."""
    there = bank()
    one = reset(there, taro := there.customer(), what, Step.SECRET)
    counter = Counter.PASSWORD if what == "password" else Counter.ANSWER
    blocked = Tally(lockouts=3, blocked_since=there.clock.now())
    rewrite(there, taro, lambda contract: contract.with_tally(counter, blocked))
    at_the_host(there, taro, card=False)
    assert one.reset() == OnlyAtTheCounter((Violation("lack.carded_ordinary_account"),), Release.BRANCH_FORM)


@pytest.mark.requirement("PWR-11")
def test_who_does_not_match_is_not_told_that_he_is_excluded() -> None:
    """That an account is a company's is told to nobody who does not know all of it."""
    there = bank()
    taro = there.customer()
    at_the_host(there, taro, individual=False, card=False)
    assert reset(there, taro).fill(kanji="農中二郎") == FormRefused()


def test_a_host_that_does_not_know_the_account_lets_nobody_match() -> None:
    """A contract whose account is gone at the host is refused like a stranger, and counted."""
    there = bank()
    taro = there.customer()
    there.core.renumber(taro.institution, taro.person.account, Account.parse("088", "ordinary", "1"))
    there.core._formers.clear()
    assert reset(there, taro).fill() == FormRefused()
    assert contract_of(there, taro).form_tries == FormTries(TODAY, 1)


@EACH
def test_a_host_that_does_not_answer_leaves_the_procedure_where_it_is(what: What) -> None:
    """Nothing is counted and nothing moves; when the host is back, it goes on."""
    there = bank()
    taro = there.customer()
    one = reset(there, taro, what)
    doings: list[tuple[Step, Callable[[], object]]] = [
        (Step.FORM, one.fill),
        (Step.PHONE, lambda: one.flow.phones(one.token)),
        (Step.PHONE, one.call),
        (Step.SECRET, one.reset),
    ]
    for step, do in doings:
        if step is Step.SECRET:
            one.dial()
            one.flow.poll(one.token)
        there.core.reachable = False
        with pytest.raises(Unavailable):
            do()
        there.core.reachable = True
        assert one.where() is step
        told = do()
        assert not isinstance(told, WrongStep | ProcedureEnded)
    assert contract_of(there, taro).form_tries == FormTries()


# --- Back to the form -------------------------------------------------------------------------------------------------


@EACH
def test_one_goes_back_to_the_form_and_fills_it_in_again(what: What) -> None:
    """What was entered is asked for again; the procedure stays the same customer's."""
    there = bank()
    one = reset(there, there.customer(), what, Step.PHONE)
    assert one.flow.go_back(one.token) == Next(Step.FORM)
    assert one.fill() == Next(Step.PHONE)
    one.do_all(ORDER[1:])
    assert one.where() == ProcedureEnded()


# --- The telephone ----------------------------------------------------------------------------------------------------


@pytest.mark.requirement("PWR-11", "RBR-06", "TEL-02", "TEL-05")
@EACH
def test_the_registered_telephones_are_offered_masked(what: What) -> None:
    """By an index, with the last four digits hidden; the latest that the host has."""
    there = bank()
    one = reset(there, there.customer(), what, Step.PHONE)
    told = one.flow.phones(one.token)
    assert isinstance(told, PhoneChoices)
    assert [choice.shown for choice in told.choices] == ["090-1234-****", "026-234-****"]
    at_the_host(there, one.who, phones=(PhoneNumber.parse("080-8765-4321"),))
    told = one.flow.phones(one.token)
    assert isinstance(told, PhoneChoices)
    assert [choice.shown for choice in told.choices] == ["080-8765-****"]


@EACH
def test_a_telephone_that_is_no_longer_registered_is_not_called_from(what: What) -> None:
    """What was taken off the record after the form cannot be chosen."""
    there = bank()
    one = reset(there, there.customer(), what, Step.PHONE)
    at_the_host(there, one.who, phones=())
    assert one.call() == NoEligiblePhone(())
    assert one.where() is Step.PHONE
    there.core.renumber(one.who.institution, one.who.person.account, Account.parse("088", "ordinary", "1"))
    assert one.call() == NoEligiblePhone(())


@pytest.mark.requirement("PWR-12", "RBR-07", "TEL-07", "TEL-08")
@EACH
def test_the_call_has_two_minutes(what: What) -> None:
    """Silent, from the selected telephone; until its last instant it is waited for, and a call then is recognised."""
    there = bank()
    one = reset(there, there.customer(), what, Step.CALL)
    assert one.started is not None
    assert one.started.until == START + WINDOW * SECOND
    assert "phone_auth.hint.silent" in one.started.hints
    assert one.flow.poll(one.token) == Waiting(START + WINDOW * SECOND)
    there.clock.set(START + WINDOW * SECOND)
    assert one.recognised() == Next(Step.SECRET)


@pytest.mark.requirement("TEL-07", "TEL-08", "TEL-18")
@EACH
def test_a_call_that_does_not_come_is_asked_for_again(what: What) -> None:
    """After the window the procedure is back at choosing the telephone, and a late call is of no use."""
    there = bank()
    one = reset(there, there.customer(), what, Step.CALL)
    there.clock.set(START + WINDOW * SECOND + timedelta.resolution)
    one.dial()
    assert one.flow.poll(one.token) == TimedOut()
    assert one.where() is Step.PHONE
    assert one.flow.poll(one.token) == WrongStep(Step.PHONE)
    one.do_all(ORDER[1:])
    assert one.where() == ProcedureEnded()


@pytest.mark.requirement("TEL-18", "TEL-25")
@pytest.mark.parametrize("leave", ["go_back", "abandon"])
@EACH
def test_whoever_leaves_the_call_is_not_recognised_by_it(what: What, leave: str) -> None:
    """A call that comes for a screen that was left is of no use, and another procedure may have one at once."""
    there = bank()
    taro = there.customer()
    one = reset(there, taro, what, Step.CALL)
    told = one.flow.go_back(one.token) if leave == "go_back" else one.flow.abandon(one.token)
    assert told == (Next(Step.PHONE) if leave == "go_back" else Abandoned())
    one.dial()
    assert one.flow.poll(one.token) == (WrongStep(Step.PHONE) if leave == "go_back" else ProcedureEnded())
    assert reset(there, taro, what, Step.CALL).where() is Step.CALL


@EACH
def test_who_chooses_another_telephone_calls_from_that_one(what: What) -> None:
    """The call must come from the number that was chosen."""
    there = bank()
    one = reset(there, there.customer(), what, Step.PHONE)
    one.call(phone=1)
    one.dial("090-1234-5678")
    assert isinstance(one.flow.poll(one.token), Waiting)
    one.dial("026-234-5678")
    assert one.flow.poll(one.token) == Next(Step.SECRET)


@EACH
def test_a_choice_that_there_is_not_is_named(what: What) -> None:
    """An index of none of the numbers."""
    there = bank()
    one = reset(there, there.customer(), what, Step.PHONE)
    assert one.call(phone=2) == Rejected((Violation("phone_auth.no_such_choice", field="phone"),))
    assert one.where() is Step.PHONE


# --- The card ---------------------------------------------------------------------------------------------------------


@pytest.mark.requirement("PWR-13", "RBR-08", "LCK-13", "CRD-18")
@EACH
def test_a_wrong_pin_is_counted_by_the_card(what: What) -> None:
    """It is refused without a word of how many are left; the last one locks the card, here and at the machine."""
    there = bank()
    one = reset(there, taro := there.customer(), what, Step.SECRET)
    before = contract_of(there, taro)
    assert [one.reset(pin=ZERO) for _ in range(3)] == [PinRefused(), PinRefused(), CardLocked()]
    assert one.where() == ProcedureEnded()
    assert there.core.withdraw(taro.institution, taro.person.account, Pin(Secret(taro.person.pin))).value == "locked"
    after = contract_of(there, taro)
    assert (after.password, after.questions, after.session_epoch) == (
        before.password,
        before.questions,
        before.session_epoch,
    )


@pytest.mark.requirement("LCK-13")
@pytest.mark.parametrize("other", BOTH)
@EACH
def test_a_locked_card_closes_every_reset(what: What, other: What) -> None:
    """Card and service are frozen by one fact: the right PIN does no reset any more, of either kind."""
    there = bank()
    taro = there.customer()
    one = reset(there, taro, what, Step.SECRET)
    for _ in range(3):
        one.reset(pin=ZERO)
    assert reset(there, taro, other, Step.SECRET).reset() == CardLocked()


@pytest.mark.requirement("LCK-13", "MAL-01")
def test_the_customer_is_told_that_his_card_is_locked() -> None:
    """At his addresses, by the mail that says where he must go."""
    there = bank()
    one = reset(there, there.customer(), "password", Step.SECRET)
    for _ in range(3):
        one.reset(pin=ZERO)
    assert [letter.code for letter in letters(there)].count(LetterCode.CARD_LOCKED) == 1


@EACH
def test_a_right_pin_clears_what_the_card_has_counted(what: What) -> None:
    """Two wrong ones, and then the right one: the reset is done."""
    there = bank()
    one = reset(there, there.customer(), what, Step.SECRET)
    assert [one.reset(pin=ZERO) for _ in range(2)] == [PinRefused()] * 2
    assert one.reset() == DONE[what]


@EACH
def test_a_card_that_is_gone_leads_to_the_counter(what: What) -> None:
    """Where the host has no card any more, the procedure has ended, and the customer is told where to go."""
    there = bank()
    one = reset(there, there.customer(), what, Step.SECRET)
    at_the_host(there, one.who, card=False)
    assert one.reset() == OnlyAtTheCounter((Violation("lack.carded_ordinary_account"),))
    assert one.where() == ProcedureEnded()


@pytest.mark.requirement("CRD-18")
@pytest.mark.parametrize("typed", ["", "123", "12345", "12a4"])
@EACH
def test_what_is_no_pin_is_not_put_to_the_host(what: What, typed: str) -> None:
    """It is named, and the card has counted nothing."""
    there = bank()
    one = reset(there, there.customer(), what, Step.SECRET)
    for _ in range(5):
        told = one.reset(pin=Secret(typed))
        assert told == Rejected((Violation("pin.shape", field="pin"),))
    assert one.reset() == DONE[what]


@pytest.mark.requirement("PWR-13")
@EACH
def test_the_audit_log_tells_the_whole_story(what: What) -> None:
    """Form, call, card and reset stand in the contract's chain, and each step in the procedure's."""
    there = bank()
    one = reset(there, taro := there.customer(), what, Step.SECRET)
    one.reset(pin=ZERO)
    one.reset()
    assert kinds(entries_of(there, taro))[1:] == [
        "FormCompared", "PhoneAuthStarted", "PhoneCallNoted", "PhoneAuthEnded", "CardChecked", "CardChecked",
        "PasswordReset" if what == "password" else "QuestionsReset",
    ]  # fmt: skip
    cards = [entry.data["verdict"] for entry in entries_of(there, taro) if entry.kind == "CardChecked"]
    assert cards == ["wrong", "ok"]
    steps = read(there.storage, lambda tx: list(tx.audit.chain(one.stored().id)))
    assert [entry.data["act"] for entry in steps] == ["fill_form", "call", "be_recognised", "reset"]


@pytest.mark.parametrize("act", [Act.BE_RECOGNISED, Act.LOSE_CALL, Act.GO_BACK, Act.ABANDON], ids=lambda act: act.value)
def test_a_call_that_is_waited_for_no_more_is_forgotten(act: Act) -> None:
    """It came, it did not, or nobody waits for it: the procedure no longer says which one it was."""
    there = bank()
    one = reset(there, there.customer(), "password", Step.CALL)
    assert one.stored().attempt is not None
    if act is Act.LOSE_CALL:
        there.clock.advance(timedelta(seconds=WINDOW) + TICK)
        assert one.timed_out() == TimedOut()
    else:
        one.do(act)
    assert one.stored().attempt is None


def test_who_gives_up_has_changed_nothing() -> None:
    """Whatever was entered, the contract is what it was, but for its chain."""
    there = bank()
    one: Reset = reset(there, taro := there.customer(), "password", Step.SECRET)
    before = contract_of(there, taro)
    assert one.flow.abandon(one.token) == Abandoned()
    assert contract_of(there, taro) == before


@pytest.mark.requirement("TEL-16")
def test_a_bank_may_ask_for_spoken_digits_instead() -> None:
    """How the call goes is the profile's to say; who keys wrong digits too often chooses his telephone again."""
    fast = profiles.fast_for_tests(profiles.JA)
    voice = PhoneAuthRules(mode=Mode.VOICE, window=timedelta(seconds=300), tries=3)
    calls = {**fast.token.calls, OnlineProcedure.PASSWORD_RESET: voice}
    there = bank(evolve(fast, token=evolve(fast.token, calls=calls)))
    one = reset(there, taro := there.customer(), "password", Step.CALL)
    assert one.started is not None
    telephone = there.exchange.telephone(taro.person.phones[0])
    telephone.dial(one.started.destination, lambda _: "no digits")
    assert one.flow.go_back(one.token) == Next(Step.PHONE)
    there.clock.advance(timedelta(hours=1) - timedelta.resolution)
    assert isinstance(one.call(), TooManyAttempts)
    assert one.where() is Step.PHONE


def test_wrong_digits_too_often_lead_back_to_the_telephones() -> None:
    """What the screen asks while somebody calls tells it, once."""
    fast = profiles.fast_for_tests(profiles.JA)
    voice = PhoneAuthRules(mode=Mode.VOICE, window=timedelta(seconds=300), tries=3)
    calls = {**fast.token.calls, OnlineProcedure.QUESTIONS_RESET: voice}
    there = bank(evolve(fast, token=evolve(fast.token, calls=calls)))
    one = reset(there, taro := there.customer(), "questions", Step.CALL)
    assert one.started is not None
    there.exchange.telephone(taro.person.phones[0]).dial(one.started.destination, lambda _: "no digits")
    assert one.flow.poll(one.token) == WrongTooOften()
    assert one.where() is Step.PHONE
