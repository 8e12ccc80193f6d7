"""Enrolling: credentials, mail addresses, the review, and the contract that comes of it."""

from datetime import UTC, date, datetime, time
from itertools import count
from threading import Barrier, Thread

import pytest
from attrs import evolve

from janetbank import profiles
from janetbank.flows.enrol import Done, Enrol, Enrolled, NewAddress, Next, NotAccepted, Review
from janetbank.flows.log_in import LoggedIn
from janetbank.flows.refusals import Rejected, WrongStep
from janetbank.flows.sweep import sweep
from janetbank.flows.use_session import InSession
from janetbank.model.customer import Address, Customer, Notice
from janetbank.model.letter import LetterCode
from janetbank.policies.calendar import BankCalendar
from janetbank.policies.contract_life import ContractStatus
from janetbank.policies.enrolment import Act, Step
from janetbank.ports.failures import Unavailable
from janetbank.profiles.profile import LoginIdScope
from janetbank.testing.bank import ANSWERS, HOME, INSTITUTION, NEIGHBOUR, START, Person, TestBank, bank
from janetbank.values.email import MailAddress
from janetbank.values.phone import PhoneMask
from janetbank.values.secret import Secret
from janetbank.values.violation import Violation
from janetbank_adapters.storage.memory import MemoryStorage
from tests.flows.application import ORDER, Application, apply
from tests.flows.scene import (
    HANAKO,
    MINUTE,
    NOWHERE,
    TAKASHI,
    SlowVault,
    challenged,
    contract_of,
    entries_of,
    kinds,
    letters,
    read,
    rewrite,
    with_account,
    with_password,
)


def codes(told: object) -> list[tuple[str, str]]:
    """Where and why something was rejected."""
    assert isinstance(told, Rejected), told
    return [(violation.field, violation.code) for violation in told.violations]


def log_in(application: Application) -> object:
    """Log the applicant in with what he chose."""
    password = Secret(application.password)
    log_in = application.there.net.log_in
    return log_in.with_login_id(application.institution.id, application.login_id, password, seen_from=HOME)


def customers(there: TestBank, application: Application) -> Customer:
    """Who is behind the contract that came of *application*."""
    contract = application.stored().contract
    assert contract is not None
    customer = read(there.storage, lambda tx: tx.customers.of(application.institution.id, contract))
    assert customer is not None
    return customer


# --- Credentials ------------------------------------------------------------------------------------------------------


@pytest.mark.requirement("CRD-01", "CRD-03", "PRF-06")
@pytest.mark.parametrize(
    ("login_id", "code"),
    [
        ("yu3kd", "login_id.too_short"),
        ("yu3kdw", None),
        ("yuk73kdwqprt", None),
        ("yuk73kdwqprtz", "login_id.too_long"),
        ("yukkwdqp", "login_id.not_mixed"),
        ("70395183", "login_id.not_mixed"),
        ("yuki-73kd", "login_id.charset"),
        ("ｙｕｋｉ７３ｋｄ", "login_id.charset"),
        ("ab111111", "login_id.guessable.run"),
        ("ab123456", "login_id.guessable.sequence"),
        ("h19800102", "login_id.guessable.birth_date"),
        ("yk4321", "login_id.guessable.phone"),
    ],
)
def test_what_a_login_id_must_be(login_id: str, code: str | None) -> None:
    """6 to 12 letters and digits, mixed, and nothing that is known of this very applicant."""
    application = apply(bank(), Step.CREDENTIALS)
    told = application.credentials(login_id=login_id)
    assert told == Next(Step.CUSTOMER) if code is None else ("login_id", code) in codes(told)


@pytest.mark.requirement("CRD-05", "CRD-06", "PRF-06")
@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("zkw", "password.too_short"),
        ("zkwm", None),
        ("oak&frost#zk", None),
        ("oak&frost#zkq", "password.too_long"),
        ("oak frost", "password.charset"),
        ("おおき", "password.charset"),
        ("ab111111", "password.guessable.run"),
        ("ab123456", "password.guessable.sequence"),
        ("19800102", "password.guessable.birth_date"),
        ("yuki73kd", "password.guessable.login_id"),
        ("YUKI73KD!", "password.guessable.login_id"),
        ("hanako", "password.guessable.name"),
        ("7654321", "password.guessable.account"),
    ],
)
def test_what_a_password_must_be(password: str, code: str | None) -> None:
    """4 to 12 letters, digits and symbols, and nothing that is known of this very applicant."""
    application = apply(bank(), Step.CREDENTIALS)
    told = application.credentials(password=Secret(password), again=Secret(password))
    assert told == Next(Step.CUSTOMER) if code is None else ("password", code) in codes(told)


@pytest.mark.requirement("CRD-02", "CRD-09")
def test_the_password_is_entered_twice() -> None:
    """The second time in another case is the same; anything else is not."""
    application = apply(bank(), Step.CREDENTIALS)
    assert codes(application.credentials(again=Secret("oak&frost8"))) == [("again", "password.not_same_twice")]
    assert application.credentials(again=Secret("OAK&FROST9")) == Next(Step.CUSTOMER)


@pytest.mark.requirement("ENR-04", "RBA-08", "RBA-11")
def test_the_box_must_be_ticked() -> None:
    """Without the acknowledgement nothing is taken."""
    application = apply(bank(), Step.CREDENTIALS)
    assert codes(application.credentials(acknowledged=False)) == [("acknowledged", "acknowledgement.missing")]
    assert application.stored().credentials is None


@pytest.mark.requirement("ENR-05", "RBA-03")
@pytest.mark.parametrize("number", [0, 1, 2])
def test_three_pairs_are_needed(number: int) -> None:
    """Fewer questions than three are not enough."""
    application = apply(bank(), Step.CREDENTIALS)
    few = [(question, Secret(answer)) for question, answer in ANSWERS[:number]]
    assert codes(application.credentials(questions=few)) == [("", "questions.number")]


@pytest.mark.requirement("ENR-04", "CRD-03", "CRD-06")
def test_everything_that_is_wrong_on_the_screen_is_told_at_once() -> None:
    """Each field with each of its reasons."""
    application = apply(bank(), Step.CREDENTIALS)
    told = application.credentials(
        login_id="ab1",
        password=Secret("abc"),
        again=Secret("xyz"),
        questions=[("question.pet", Secret("pochi")), ("question.pet", Secret(""))],
        acknowledged=False,
    )
    assert {
        ("login_id", "login_id.too_short"),
        ("password", "password.too_short"),
        ("again", "password.not_same_twice"),
        ("", "questions.number"),
        ("answer.1", "answers.half_width"),
        ("question.2", "questions.repeated"),
        ("answer.2", "answers.blank"),
        ("acknowledged", "acknowledgement.missing"),
    } <= set(codes(told))
    assert application.where() == Step.CREDENTIALS


def test_what_is_kept_of_the_credentials_is_hashes() -> None:
    """A procedure lies in the store for an hour: password and answers are in it as hashes only."""
    application = apply(bank(), Step.CUSTOMER)
    chosen = application.stored().credentials
    assert chosen is not None
    assert all(secret.startswith("1:") for secret in (chosen.password, *(one.answer for one in chosen.questions)))
    assert len({chosen.password, *(one.answer for one in chosen.questions)}) == 4
    assert not any(secret in repr(chosen) for secret in ("oak&frost9", *dict(ANSWERS).values()))


@pytest.mark.requirement("CRD-03")
def test_credentials_are_judged_for_whoever_proved_to_be_the_holder() -> None:
    """Who goes back and proves another account while the hashes are being made starts the screen again."""
    there = bank()
    application = apply(there, Step.CREDENTIALS)

    def become_another() -> None:
        application.do(Act.GO_BACK)
        there.open_account(TAKASHI)
        application.person = TAKASHI
        assert application.prove() == Next(Step.CREDENTIALS)

    vault = SlowVault(there)
    vault.meanwhile = become_another
    enrol = Enrol(evolve(there.net.platform, vault=vault))
    told = enrol.set_credentials(
        application.token,
        login_id="yuki73kd",
        password=Secret("oak&frost9"),
        again=Secret("oak&frost9"),
        questions=[(question, Secret(answer)) for question, answer in ANSWERS],
        acknowledged=True,
    )
    assert told == WrongStep(Step.CREDENTIALS)
    assert application.stored().credentials is None


# --- One bearer each --------------------------------------------------------------------------------------------------


@pytest.mark.requirement("CRD-02", "CRD-04")
@pytest.mark.parametrize("wanted", ["kaze48nd", "KAZE48ND"])
def test_anothers_login_id_is_taken(wanted: str) -> None:
    """A login id that another customer of the institution bears, in whatever case, cannot be chosen."""
    there = bank()
    there.customer("Kaze48nd")
    told = apply(there, Step.CREDENTIALS).credentials(login_id=wanted)
    assert codes(told) == [("login_id", "login_id.taken")]


@pytest.mark.requirement("CRD-04", "PRF-01")
@pytest.mark.parametrize("scope", LoginIdScope)
def test_within_what_a_login_id_is_unique_is_the_profiles_to_say(scope: LoginIdScope) -> None:
    """At JA each institution has login ids of its own; another bank may have them unique throughout."""
    there = bank(evolve(profiles.fast_for_tests(profiles.JA), login_id_scope=scope))
    taro = there.customer()
    application = apply(there, Step.CREDENTIALS, institution=NEIGHBOUR)
    told = application.credentials(login_id=taro.login_id)
    if scope is LoginIdScope.INSTITUTION:
        assert told == Next(Step.CUSTOMER)
    else:
        assert codes(told) == [("login_id", "login_id.taken")]
        assert there.net.log_in.with_login_id(
            NEIGHBOUR.id, taro.login_id, taro.password, seen_from=HOME
        ) == there.guess("nobody99", "x")


@pytest.mark.requirement("CRD-04", "CAN-06")
@pytest.mark.parametrize("status", [ContractStatus.ACTIVE, ContractStatus.CANCELLED])
def test_an_account_of_the_same_number_elsewhere_is_another_one(status: ContractStatus) -> None:
    """Where login ids are unique throughout, nobody at another institution has one for his account's digits."""
    there = bank(evolve(profiles.fast_for_tests(profiles.JA), login_id_scope=LoginIdScope.PROFILE))
    taro = there.customer()
    rewrite(there, taro, lambda contract: evolve(contract, status=status))
    neighbour = evolve(HANAKO, account=taro.person.account)
    application = apply(there, Step.CREDENTIALS, person=neighbour, institution=NEIGHBOUR)
    assert codes(application.credentials(login_id=taro.login_id)) == [("login_id", "login_id.taken")]
    assert contract_of(there, taro).login_id is not None


@pytest.mark.requirement("CRD-04")
def test_a_login_id_lost_on_the_way_is_chosen_anew() -> None:
    """Who finds at the end that somebody was faster goes back to the credentials, and from there on again."""
    there = bank()
    application = apply(there, Step.REVIEW)
    faster = there.customer(application.login_id)
    assert codes(application.confirm()) == [("login_id", "login_id.taken")]
    assert application.where() == Step.CREDENTIALS
    assert isinstance(with_password(there, faster), LoggedIn)
    application.login_id = "tsuki5rw"
    told = [application.do(act) for act in ORDER[3:]]
    assert isinstance(told[2], Enrolled)
    assert isinstance(log_in(application), LoggedIn)


@pytest.mark.requirement("CRD-04")
def test_a_tombstone_keeps_its_login_id_but_for_its_own_account() -> None:
    """Who cancelled may have his login id again with the same account, and nobody else may have it (AMB-27)."""
    there = bank()
    taro = there.customer()
    rewrite(there, taro, lambda contract: evolve(contract, status=ContractStatus.CANCELLED))
    assert codes(apply(there, Step.CREDENTIALS).credentials(login_id=taro.login_id)) == [("login_id", "login_id.taken")]
    again = apply(there, person=taro.person, login_id=taro.login_id).do_all(ORDER)
    assert isinstance(log_in(again), LoggedIn)
    assert contract_of(there, taro).login_id is None
    assert again.stored().contract != taro.contract


@pytest.mark.requirement("ENR-16")
def test_an_account_registered_meanwhile_is_not_registered_twice() -> None:
    """Of two applications for one account the slower one is not accepted, and registers nothing."""
    there = bank()
    slow, fast = apply(there, Step.REVIEW), apply(there, Step.REVIEW, login_id="tsuki5rw")
    assert isinstance(fast.confirm(), Enrolled)
    before = letters(there)
    assert slow.confirm() == NotAccepted()
    assert slow.where() == Step.REVIEW
    assert letters(there) == before
    assert log_in(slow) == there.guess("nobody99", "x")


@pytest.mark.requirement("CRD-04", "ENR-16")
@pytest.mark.parametrize("race", ["login id", "account", "button"])
def test_of_many_who_confirm_at_once_one_is_registered(race: str) -> None:
    """For one login id, for one account, or on one screen: one contract comes of it, and one letter."""
    there = bank()
    one = apply(there, Step.REVIEW)
    people = [HANAKO] * 5
    if race == "login id":
        people = [evolve(TAKASHI, account=evolve(TAKASHI.account, branch=HANAKO.account.branch)), TAKASHI, Person()]
    others = [
        apply(there, Step.REVIEW, person=person, login_id=one.login_id if race == "login id" else f"tsuki{number}rw")
        for number, person in enumerate(people, start=3)
    ]
    racers = [one] * 5 if race == "button" else [one, *others]
    told: list[object] = []
    start = Barrier(len(racers))

    def confirm(application: Application) -> None:
        start.wait()
        told.append(application.confirm())

    threads = [Thread(target=confirm, args=(application,)) for application in racers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(type(outcome).__name__ for outcome in told) == sorted(
        ["Enrolled"]
        + [{"login id": "Rejected", "account": "NotAccepted", "button": "WrongStep"}[race]] * (len(racers) - 1)
    )
    assert [letter.code for letter in letters(there)] == [LetterCode.ENROLLED]


# --- Mail addresses ---------------------------------------------------------------------------------------------------


@pytest.mark.requirement("ENR-06", "MAL-01")
@pytest.mark.parametrize("mail", ["", "hanako", "hanako@", "はなこ@example.jp", "a..b@example.jp", "a@b@example.jp"])
def test_a_mail_address_is_needed(mail: str) -> None:
    """Without one, or with something else, there is no contract."""
    application = apply(bank(), Step.CUSTOMER)
    told = application.customer(mail=mail)
    assert [field for field, _ in codes(told)] == ["mail.1"]
    assert application.where() == Step.CUSTOMER


@pytest.mark.requirement("ENR-06", "ENR-07")
@pytest.mark.parametrize("number", range(5))
def test_two_further_addresses_at_most(number: int) -> None:
    """None, one or two further addresses are taken, and a third is not."""
    application = apply(bank(), Step.CUSTOMER)
    told = application.customer(*(f"hanako{at}@example.jp" for at in range(number)))
    if number <= 2:
        assert told == Next(Step.REVIEW)
    else:
        assert told == Rejected((Violation("mail.too_many", {"further": 2}, "further"),))


@pytest.mark.requirement("ENR-07")
def test_each_faulty_address_is_named() -> None:
    """Malformed here, repeated there: each at its place."""
    application = apply(bank(), Step.CUSTOMER)
    told = application.customer("hanako@EXAMPLE.jp", "x")
    assert codes(told) == [("mail.2", "mail.repeated"), ("mail.3", "mail.syntax")]


@pytest.mark.requirement("ENR-06", "ENR-07", "MAL-15")
def test_each_address_has_its_own_preferences() -> None:
    """Which notices are wanted is kept for each address; an old carrier's address is as good as any."""
    there = bank()
    application = apply(there, Step.CUSTOMER)
    news, none = frozenset({Notice.NEWS}), frozenset[Notice]()
    told = application.net.enrol.set_customer(
        application.token,
        mail=NewAddress("hanako@example.jp", none),
        further=[NewAddress("ha..nako@docomo.ne.jp", news), NewAddress("hanako@office.example.jp")],
    )
    assert told == Next(Step.REVIEW)
    application.confirm()
    assert [(str(one.mail), one.notices) for one in customers(there, application).addresses] == [
        ("hanako@example.jp", none),
        ("ha..nako@docomo.ne.jp", news),
        ("hanako@office.example.jp", frozenset(Notice)),
    ]
    # The letter about the contract is no notice that could be switched off.
    assert len(letters(there)) == 3


# --- Review and contract ----------------------------------------------------------------------------------------------


@pytest.mark.requirement("ENR-07", "ENR-09", "PRF-09")
def test_what_is_reviewed() -> None:
    """Everything that will be registered but the secrets; telephone numbers without their last four digits.

    Each address is shown with the notices that were chosen for it, so that it can be seen where none goes.
    """
    there = bank()
    application = apply(there, Step.CUSTOMER, person=evolve(HANAKO, phones=("080-8765-4321", "03-5555-0199")))
    application.net.enrol.set_customer(
        application.token,
        mail=NewAddress("hanako@example.jp", frozenset({Notice.TRANSACTIONS})),
        further=[NewAddress("hanako@office.example.jp", frozenset()), NewAddress("hanako@home.example.jp")],
    )
    assert application.net.enrol.review(application.token) == Review(
        institution="5441",
        account="002-ordinary-7654321",
        login_id="yuki73kd",
        questions=tuple(question for question, _ in ANSWERS),
        phones=("080-8765-****", "03-5555-****"),
        addresses=(
            Address(MailAddress.parse("hanako@example.jp"), frozenset({Notice.TRANSACTIONS})),
            Address(MailAddress.parse("hanako@office.example.jp"), frozenset()),
            Address(MailAddress.parse("hanako@home.example.jp"), frozenset(Notice)),
        ),
    )
    assert application.where() == Step.REVIEW


@pytest.mark.requirement("PRF-09")
def test_the_mask_is_the_profiles() -> None:
    """Another bank shows only the last four digits."""
    there = bank(evolve(profiles.fast_for_tests(profiles.JA), phone_mask=PhoneMask.SHOW_LAST_4))
    application = apply(there, Step.REVIEW)
    told = application.net.enrol.review(application.token)
    assert isinstance(told, Review)
    assert told.phones == ("●●●●●●●4321",)


@pytest.mark.requirement("ENR-01", "ENR-09")
def test_from_the_confirmation_on_there_is_a_contract() -> None:
    """Login id and account lead in at once, from the place of the application without a question."""
    there = bank()
    application = apply(there, Step.REVIEW)
    assert log_in(application) == there.guess("nobody99", "x")
    told = application.confirm()
    assert isinstance(told, Enrolled)
    assert (told.institution, told.contract) == (INSTITUTION.id, application.stored().contract)
    opened = log_in(application)
    assert isinstance(opened, LoggedIn)
    used = there.net.use_session(opened.session)
    assert isinstance(used, InSession)
    assert used.contract == told.contract
    customer = customers(there, application)
    assert (customer.kana.text, customer.kanji.text, customer.born.date) == (HANAKO.kana, HANAKO.kanji, HANAKO.born)
    assert customer.individual


@pytest.mark.requirement("ENR-09")
def test_what_the_contract_starts_with() -> None:
    """Applied for now, with no failures, no sessions, no suspension, and its chain tied to the application's."""
    there = bank()
    hanako = there.customer("Yuki73kd", person=HANAKO)
    contract = contract_of(there, hanako)
    assert contract.status is ContractStatus.APPLIED
    assert contract.applied_at == there.clock.now()
    assert str(contract.login_id) == "Yuki73kd"
    assert contract.account == HANAKO.account
    assert (contract.session_epoch, contract.suspended_since, contract.asked) == (0, None, None)
    (first,) = entries_of(there, hanako)
    heads = read(there.storage, lambda tx: {head.digest for _, head in tx.audit.heads()})
    assert first.kind == "ContractApplied"
    assert first.data["procedure_digest"] not in heads  # two more steps came after it
    assert isinstance(with_account(there, hanako), LoggedIn)
    assert challenged(there, hanako, seen_from=NOWHERE).question in dict(ANSWERS)


@pytest.mark.requirement("ENR-08", "ENR-09", "MAL-01")
def test_the_contract_is_confirmed_by_mail() -> None:
    """One letter to each address, written with the contract."""
    there = bank()
    application = apply(there, Step.CUSTOMER)
    application.customer("hanako@office.example.jp")
    assert letters(there) == []
    application.confirm()
    told = letters(there)
    assert {(letter.code, str(letter.to)) for letter in told} == {
        (LetterCode.ENROLLED, "hanako@example.jp"),
        (LetterCode.ENROLLED, "hanako@office.example.jp"),
    }
    assert len(told) == 2


@pytest.mark.requirement("ENR-09", "HRS-08")
@pytest.mark.parametrize(
    ("day", "clock", "effective"),
    [
        ("2026-11-20", "10:00", "2026-11-24"),  # a Friday before a Monday that is a holiday
        ("2026-11-21", "10:00", "2026-11-24"),
        ("2026-11-23", "23:39", "2026-11-24"),
        ("2026-11-24", "06:30", "2026-11-25"),
        ("2026-12-30", "12:00", "2027-01-04"),  # the days around New Year
        ("2026-12-31", "12:00", "2027-01-04"),
        ("2027-01-03", "12:00", "2027-01-04"),
        ("2027-04-28", "09:00", "2027-04-30"),  # Golden Week, one working day in it
        ("2027-04-30", "09:00", "2027-05-06"),
    ],
)
def test_the_host_learns_of_it_on_its_next_operating_day(day: str, clock: str, effective: str) -> None:
    """The next day on which the host works, over week-ends, holidays and New Year, counted from the day in Japan."""
    there = bank()
    japan = datetime.fromisoformat(f"{day}T{clock}+09:00")
    there.clock.set(japan.astimezone(UTC))
    told = apply(there, Step.REVIEW).confirm()
    assert isinstance(told, Enrolled)
    assert told.effective_on == date.fromisoformat(effective)


@pytest.mark.requirement("HRS-08")
def test_the_calendar_is_the_profiles() -> None:
    """A host that works every day and closes its day at 15:00 learns of it accordingly."""
    calendar = BankCalendar(operates=lambda _: True, cut_off=time(15))
    there = bank(evolve(profiles.fast_for_tests(profiles.JA), calendar=calendar))
    early = apply(there, Step.REVIEW).confirm()
    there.clock.set(START.replace(hour=6))  # 15:00 in Japan
    late = apply(there, Step.REVIEW, person=TAKASHI, login_id="tsuki5rw").confirm()
    assert isinstance(early, Enrolled)
    assert isinstance(late, Enrolled)
    assert (early.effective_on, late.effective_on) == (date(2026, 11, 21), date(2026, 11, 22))


@pytest.mark.requirement("ENR-10", "ENR-12", "TKN-01", "TKN-18")
@pytest.mark.parametrize("apply_for_it", [True, False])
def test_the_one_time_password_is_applied_for_or_not(apply_for_it: bool) -> None:  # noqa: FBT001 -- a table's column
    """Either ends the procedure; whenever he is in he is offered it, and who has chosen it goes on where he was."""
    there = bank()
    application = apply(there, Step.OTP)
    told = application.net.enrol.choose_otp(application.token, apply=apply_for_it)
    assert told == Done(otp_wanted=apply_for_it)
    opened = log_in(application)
    assert isinstance(opened, LoggedIn)
    used = there.net.use_session(opened.session)
    assert isinstance(used, InSession)
    assert (used.offer_otp, used.otp_wanted) == (True, apply_for_it)


@pytest.mark.requirement("ENR-12")
def test_who_leaves_before_choosing_has_a_contract_all_the_same() -> None:
    """The choice comes after the registration: who never makes it is registered, and is offered it again."""
    there = bank()
    application = apply(there, Step.OTP)
    assert application.do(Act.ABANDON) == WrongStep(Step.OTP)
    there.clock.advance(60 * MINUTE)
    opened = log_in(application)
    assert isinstance(opened, LoggedIn)
    used = there.net.use_session(opened.session)
    assert isinstance(used, InSession)
    assert used.offer_otp


@pytest.mark.parametrize("act", [Act.SET_CREDENTIALS, Act.SET_CUSTOMER, Act.CONFIRM, Act.CHOOSE_OTP])
def test_a_failing_store_takes_a_step_or_leaves_it(act: Act) -> None:
    """Whichever call fails, the step is still due and nothing of it is in the store; taken again, it is done."""
    at = ORDER.index(act)
    for call in count():
        storage = MemoryStorage()
        there = TestBank(storage=storage)
        application = apply(there).do_all(ORDER[:at])
        due = application.where()
        storage.fail(with_=Unavailable(), skip=call)
        try:
            application.do(act)
            failed = False
        except Unavailable:
            failed = True
        if storage._failures.planned:
            assert call > 3
            break
        assert failed
        assert application.where() == due
        assert letters(there) == [] or act is Act.CHOOSE_OTP
        application.do_all(ORDER[at:])
        assert isinstance(log_in(application), LoggedIn)
        assert len(letters(there)) == 1


@pytest.mark.requirement("ENR-02")
def test_what_was_agreed_to_stays_known() -> None:
    """Which terms, in which version, and when: the contract's chain says so after the application is forgotten."""
    there = bank()
    agreed = there.clock.now() + MINUTE
    application = apply(there)
    there.clock.advance(MINUTE)
    application.agree()
    there.clock.advance(MINUTE)
    application.do_all(ORDER[1:])
    contract = application.stored().contract
    assert contract is not None
    there.clock.advance(there.profile.retention.ended + there.profile.procedure_lifetime)
    assert sweep(there.net.platform).procedures == 1
    (first,) = read(there.storage, lambda tx: list(tx.audit.chain(contract.text)))
    told = {name: first.data[name] for name in ("terms", "terms_version", "agreed_at")}
    assert told == {"terms": "ja-netbank", "terms_version": "2026-04", "agreed_at": agreed.isoformat()}


def test_the_procedures_events_tell_how_it_went() -> None:
    """The chain of the application has each step; the contract's own chain starts where that one stood."""
    there = bank()
    application = apply(there, Step.OTP)
    stored = application.stored()
    entries = read(there.storage, lambda tx: list(tx.audit.chain(stored.id)))
    assert kinds(entries) == [
        *["ProcedureStep"] * 2, "HolderChecked", "ProcedureStep", *["ProcedureStep"] * 3,
    ]  # fmt: skip
    assert [entry.data["act"] for entry in entries if entry.kind == "ProcedureStep"] == [act.value for act in ORDER[:6]]
    assert stored.contract is not None
    contract_chain = stored.contract.text
    (first,) = read(there.storage, lambda tx: list(tx.audit.chain(contract_chain)))
    assert first.data["procedure_digest"] == entries[-2].digest
