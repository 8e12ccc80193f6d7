"""Enrolling: the proof of the account holder, in which the host has the word and the applicant learns little."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import cast

import pytest
from attrs import define, evolve, field
from hypothesis import given
from hypothesis import strategies as st

from janetbank.flows.enrol import Next, NotAccepted
from janetbank.flows.refusals import Rejected, WrongStep
from janetbank.policies.enrolment import Act, Check, Step
from janetbank.ports.core_banking import AccountReport, CardVerdict, CoreBanking, HolderRecord
from janetbank.ports.failures import Unavailable
from janetbank.testing.bank import INSTITUTION, NEIGHBOUR, START, Person, TestBank, bank
from janetbank.values.account import Account
from janetbank.values.identifiers import InstitutionId
from janetbank.values.person import BirthDate, KanaName, KanjiName
from janetbank.values.phone import PhoneNumber
from janetbank.values.pin import Pin
from janetbank.values.secret import Secret
from tests.flows.application import Application, apply, node
from tests.flows.scene import HANAKO, REST, read

RECORD = HolderRecord(
    kana=KanaName(HANAKO.kana),
    kanji=KanjiName(HANAKO.kanji),
    born=BirthDate(HANAKO.born),
    phones=tuple(PhoneNumber.parse(phone) for phone in HANAKO.phones),
)
GOOD = AccountReport(holder=RECORD, individual=True, card_issued=True, caution=False, restricted=False)


@define
class ScriptedHost:
    """A host that says what it is told to say, and remembers what it was asked."""

    report: AccountReport | None = GOOD
    card: CardVerdict = CardVerdict.OK
    meanwhile: Callable[[], object] | None = None
    """What happens while it looks."""
    asked: list[tuple[InstitutionId, Account]] = field(factory=list[tuple[InstitutionId, Account]])
    pins: list[Pin] = field(factory=list[Pin])

    def account(self, institution: InstitutionId, account: Account) -> AccountReport | None:
        """What was scripted."""
        self.asked.append((institution, account))
        return self.report

    def renumbered(self, institution: InstitutionId, former: Account) -> Account | None:
        """None was."""
        self.asked.append((institution, former))
        return None

    def check_card(self, institution: InstitutionId, account: Account, pin: Pin) -> CardVerdict:
        """What was scripted; the PIN is kept, as a host may."""
        self.asked.append((institution, account))
        self.pins.append(pin)
        if self.meanwhile is not None:
            act, self.meanwhile = self.meanwhile, None
            act()
        return self.card


def with_host(host: ScriptedHost, there: TestBank | None = None) -> Application:
    """An application at the proof, at a bank with this *host*."""
    there = bank() if there is None else there
    # An application asks a host nothing else.
    return apply(there, Step.HOLDER, net=node(there, cast("CoreBanking", host)))


def checked(application: Application) -> dict[str, object]:
    """The last proof, as the audit log has it."""
    stored = application.stored()
    entries = read(application.there.storage, lambda tx: list(tx.audit.chain(stored.id)))
    return dict([entry for entry in entries if entry.kind == "HolderChecked"][-1].data)


# --- Accepted ---------------------------------------------------------------------------------------------------------


@pytest.mark.requirement("ENR-03", "ENR-14", "ENR-15")
@pytest.mark.parametrize(
    ("branch", "number", "pin", "born"),
    [
        ("002", "7654321", "5917", "1980-01-02"),
        ("００２", "７６５４３２１", "５９１７", "１９８００１０２"),
        ("002", "7654321", "5917", "1980/1/2"),
    ],
)
def test_the_holder_proves_himself(branch: str, number: str, pin: str, born: str) -> None:
    """Branch, account, PIN and birth date, as people type them; the account is an ordinary savings account."""
    host = ScriptedHost()
    application = with_host(host)
    assert application.prove(branch=branch, number=number, pin=Secret(pin), born=born) == Next(Step.CREDENTIALS)
    assert host.asked == [(INSTITUTION.id, Account.parse("002", "ordinary", "7654321"))] * 2
    assert [one.secret for one in host.pins] == [Secret("5917")]
    holder = application.stored().holder
    assert holder is not None
    assert (holder.account, holder.kana, holder.kanji, holder.born, holder.phones) == (
        HANAKO.account, RECORD.kana, RECORD.kanji, RECORD.born, RECORD.phones,
    )  # fmt: skip


@pytest.mark.requirement("ENR-03")
def test_what_cannot_be_an_account_a_pin_or_a_birth_date_is_told_at_once() -> None:
    """Every field that is malformed is named; the host is not asked, and no PIN is counted."""
    host = ScriptedHost()
    application = with_host(host)
    told = application.prove(branch="2", number="x", pin=Secret("59171"), born="2001-02-30")
    assert isinstance(told, Rejected)
    assert [(one.field, one.code) for one in told.violations] == [
        ("account", "branch.shape"), ("pin", "pin.shape"), ("born", "birth_date.impossible"),
    ]  # fmt: skip
    assert host.asked == []
    assert application.where() == Step.HOLDER


# --- Not accepted -----------------------------------------------------------------------------------------------------


@pytest.mark.requirement("ENR-14", "ENR-15", "ENR-16", "ENR-18")
@pytest.mark.parametrize(
    ("report", "card", "failed"),
    [
        (None, CardVerdict.NO_CARD, {"account_exists", "individual"}),
        (evolve(GOOD, card_issued=False), CardVerdict.NO_CARD, set[str]()),
        (evolve(GOOD, card_issued=False), CardVerdict.OK, set[str]()),
        (evolve(GOOD, caution=True), CardVerdict.OK, {"no_caution"}),
        (evolve(GOOD, restricted=True), CardVerdict.OK, {"no_restriction"}),
        (evolve(GOOD, individual=False), CardVerdict.OK, {"individual"}),
        (GOOD, CardVerdict.WRONG, set[str]()),
        (GOOD, CardVerdict.LOCKED, set[str]()),
        (GOOD, CardVerdict.NO_CARD, set[str]()),
        (evolve(GOOD, holder=evolve(RECORD, born=BirthDate(date(1980, 1, 3)))), CardVerdict.OK, set[str]()),
    ],
)
def test_each_reason_alone_is_enough_and_none_is_told(
    report: AccountReport | None, card: CardVerdict, failed: set[str]
) -> None:
    """One thing wrong and the application is not accepted, in the same words; the log alone says which it was."""
    application = with_host(ScriptedHost(report, card))
    assert application.prove() == NotAccepted()
    assert application.where() == Step.HOLDER
    assert application.stored().holder is None
    log = checked(application)
    assert log["card"] == card.value
    assert log["checks"] == tuple(f"{one.value}={'failed' if one.value in failed else 'passed'}" for one in Check)


@pytest.mark.requirement("ENR-16")
@given(
    registered=st.booleans(),
    report=st.none()
    | st.builds(
        AccountReport,
        holder=st.sampled_from([RECORD, evolve(RECORD, born=BirthDate(date(1979, 12, 31)))]),
        individual=st.booleans(),
        card_issued=st.booleans(),
        caution=st.booleans(),
        restricted=st.booleans(),
    ),
    card=st.sampled_from(CardVerdict),
)
def test_all_five_checks_are_made_and_logged_in_their_order(
    registered: bool,  # noqa: FBT001 -- drawn by Hypothesis
    report: AccountReport | None,
    card: CardVerdict,
) -> None:
    """Whatever else fails, each of the five is evaluated and logged; the applicant hears yes, or the one no."""
    there = bank()
    if registered:
        there.customer(person=HANAKO)
    application = with_host(ScriptedHost(report, card), there)
    told = application.prove()
    passed = {
        "not_registered": not registered,
        "account_exists": report is not None,
        "no_caution": report is None or not report.caution,
        "no_restriction": report is None or not report.restricted,
        "individual": report is not None and report.individual,
    }
    carded = report is not None and report.card_issued and card is CardVerdict.OK
    good = all(passed.values()) and carded and report is not None and report.holder == RECORD
    assert told == (Next(Step.CREDENTIALS) if good else NotAccepted())
    log = checked(application)
    assert log["checks"] == tuple(f"{name}={'passed' if holds else 'failed'}" for name, holds in passed.items())
    assert log["card"] == card.value


@pytest.mark.requirement("ENR-16")
def test_the_log_says_whether_the_birth_date_was_the_holders() -> None:
    """Where card and checks are all in order, the log still tells why the applicant was not accepted."""
    application = with_host(ScriptedHost())
    assert application.prove(born="1980-01-03") == NotAccepted()
    assert checked(application)["born"] == "other"
    application.prove()
    assert checked(application)["born"] == "same"
    nobody = with_host(ScriptedHost(None, CardVerdict.NO_CARD))
    nobody.prove()
    assert checked(nobody)["born"] == "unknown"


@pytest.mark.requirement("ENR-16", "ENR-18")
def test_whoever_has_a_contract_does_not_get_another() -> None:
    """An account that is registered already is not accepted; after a cancellation it would be."""
    there = bank()
    taro = there.customer()
    assert apply(there, Step.HOLDER, person=taro.person).prove() == NotAccepted()
    assert apply(there, Step.HOLDER, person=taro.person, institution=NEIGHBOUR).prove() == Next(Step.CREDENTIALS)


# --- With the host as it is -------------------------------------------------------------------------------------------


@pytest.mark.requirement("LCK-13")
def test_wrong_pins_lock_the_card_everywhere() -> None:
    """The host counts PINs here and at the cash machine together; how many are left is never told."""
    there = bank()
    application = apply(there, Step.HOLDER)
    told = [application.prove(pin=Secret("0000")) for _ in range(2)]
    there.core.withdraw(INSTITUTION.id, HANAKO.account, Pin(Secret("0000")))
    told += [application.prove(), application.prove(pin=Secret("0000"))]
    assert told == [NotAccepted()] * 4
    pin = Pin(Secret(HANAKO.pin))
    assert there.core.withdraw(INSTITUTION.id, HANAKO.account, pin) is CardVerdict.LOCKED
    assert checked(application)["card"] == "locked"


@pytest.mark.requirement("ENR-14", "ENR-18")
def test_who_has_no_card_or_is_no_individual_cannot_apply_online() -> None:
    """An account without a cash card, and one of a company, are for the counter."""
    there = bank()
    plain, company = (Person(account=Account.parse("004", "ordinary", number)) for number in ("1", "2"))
    there.core.open_account(INSTITUTION.id, plain.account, RECORD)
    there.core.open_account(INSTITUTION.id, company.account, RECORD, individual=False)
    there.core.issue_card(INSTITUTION.id, company.account, Pin(Secret(company.pin)))
    for person in (plain, company):
        assert apply(there, Step.HOLDER, person=person).prove() == NotAccepted()


@pytest.mark.requirement("ENR-16")
def test_a_planned_event_passes() -> None:
    """While transactions are restricted nobody is accepted; afterwards the same application goes on."""
    there = bank()
    application = apply(there, Step.HOLDER)
    there.core.plan_event(INSTITUTION.id, START, START + timedelta(minutes=30))
    assert application.prove() == NotAccepted()
    there.clock.advance(timedelta(minutes=30))
    assert application.prove() == Next(Step.CREDENTIALS)


@pytest.mark.requirement("ENR-15")
def test_a_host_that_does_not_answer_leaves_the_step_due() -> None:
    """The failure surfaces, nothing is decided, and the applicant may try again."""
    there = bank()
    application = apply(there, Step.HOLDER)
    before = application.stored()
    there.core.reachable = False
    with pytest.raises(Unavailable):
        application.prove()
    assert application.stored() == before
    there.core.reachable = True
    assert application.prove() == Next(Step.CREDENTIALS)


# --- While the host looks ---------------------------------------------------------------------------------------------


@pytest.mark.requirement("ENR-03", "ENR-15")
def test_a_proof_counts_at_the_institution_where_it_was_given() -> None:
    """Who chooses another institution in a second window while the host looks has proved nothing there."""
    there = bank()
    host = ScriptedHost()
    application = with_host(host, there)

    def go_elsewhere() -> None:
        application.do_all([Act.GO_BACK, Act.MEET_OTHER_TERMS])
        application.net.enrol.agree(application.token, NEIGHBOUR.terms)
        assert application.choose(NEIGHBOUR) == Next(Step.HOLDER)

    host.meanwhile = go_elsewhere
    assert application.prove() == WrongStep(Step.HOLDER)
    assert application.stored().institution == NEIGHBOUR.id
    assert application.stored().holder is None
    assert host.asked[-1][0] == INSTITUTION.id
    assert application.prove() == Next(Step.CREDENTIALS)
    assert host.asked[-1][0] == NEIGHBOUR.id


def test_of_two_proofs_at_once_one_counts() -> None:
    """A button pressed twice takes one step."""
    host = ScriptedHost()
    application = with_host(host)
    told: list[object] = []
    host.meanwhile = lambda: told.append(application.prove())
    assert application.prove() == WrongStep(Step.CREDENTIALS)
    assert told == [Next(Step.CREDENTIALS)]


def test_an_application_that_ran_out_while_the_host_looked_has_ended() -> None:
    """The deadline is looked at again when the host has answered."""
    there = bank()
    host = ScriptedHost()
    application = with_host(host, there)
    host.meanwhile = lambda: there.clock.advance(REST)
    assert type(application.prove()).__name__ == "ProcedureEnded"
