"""What a customer asks for on paper: that he may have a token, its stop and its end; and a token without a call."""

from collections.abc import Callable
from datetime import timedelta
from itertools import product

import pytest
from attrs import evolve

from janetbank import profiles
from janetbank.flows.audit import Intact, verify
from janetbank.flows.instruct import CodeNeeded, InstructionStanding
from janetbank.flows.issue_token import NotEntitled, NotYet, TokenIssued
from janetbank.flows.operating import NoAuthority, OwnCase
from janetbank.flows.phone_auth import NoSuchAttempt
from janetbank.flows.recover import NotOffered
from janetbank.flows.refusals import (
    Blocked,
    ConfirmationNeeded,
    Refused,
    Rejected,
    SessionEnded,
    StepUpNeeded,
)
from janetbank.flows.release import (
    AlreadyProposed,
    Done,
    NothingToRegister,
    OfToken,
    ProposalRejected,
    ProposalStale,
    Proposed,
)
from janetbank.flows.set_up_app import SeedHandedOut
from janetbank.flows.sweep import sweep
from janetbank.flows.use_session import InSession
from janetbank.flows.use_token import TakesForm, TokenStanding, UseStarted
from janetbank.messages import LANGUAGES, Language, phrase, text
from janetbank.model.letter import LetterCode
from janetbank.model.token import Token
from janetbank.policies.instruction import InstructionState
from janetbank.policies.token import FIRST_METHOD, NEXT, TokenChoice, TokenEvent, TokenForm, TokenState
from janetbank.testing.bank import Enrollee, TestBank, bank
from janetbank.values.paper import Paper
from janetbank.values.secret import Secret
from janetbank.values.token_device import TokenDevice
from janetbank.values.violation import Violation
from tests.flows.counter_scene import CANCELLED, ENTITLED, STOPPED, Desk, told
from tests.flows.scene import confirmed, contract_of, entries_of, letters, read, rewrite, stepped_up
from tests.flows.token_scene import DEVICE, MAIL, START_PASSWORD, WRONG_CODE, Telephone, order

AKITA = profiles.fast_for_tests(profiles.AKITA)
FORMS = (ENTITLED, STOPPED, CANCELLED)
each_form = pytest.mark.parametrize("matter", FORMS, ids=lambda one: one.form.value)


@pytest.fixture
def desk() -> Desk:
    """Akita, its staff and Taro, who has handed no form in."""
    return Desk.open(bank(AKITA), "kudo", "tanaka", "tanaka-2", "sato", "mori")


class Carrier(Telephone):
    """A telephone of Taro's, whose token takes no call."""

    def apply_at_once(self) -> object:
        """Apply for a token, from a computer, with whatever second password there is."""
        self.session = confirmed(self.there, self.taro, self.session)
        return self.try_apply()

    def try_apply(self, mail: str = MAIL, start_password: Secret = START_PASSWORD) -> object:
        """Apply for a token in the session as it is."""
        return self.there.net.issue_token.apply(
            self.session, mail=mail, mail_again=MAIL, start_password=start_password, again=START_PASSWORD, phone=0
        )

    def issue(self) -> "Carrier":
        """Be given the ids."""
        self.ids = told(self.apply_at_once(), TokenIssued)
        return self

    @property
    def menu(self) -> tuple[TokenChoice, ...]:
        """What may be chosen."""
        return told(self.there.net.use_token.standing(self.session), TokenStanding).choices


def at_home(desk: Desk) -> Carrier:
    """Taro at his computer, with everything shown that applying for a token takes."""
    return Carrier(desk.there, desk.taro, stepped_up(desk.there, desk.taro, desk.there.log_in(desk.taro)))


def carrier(desk: Desk) -> Carrier:
    """The same, with his form registered."""
    desk.registered(ENTITLED)
    return at_home(desk)


def again(desk: Desk, one: Carrier) -> Carrier:
    """The same telephone, in a session of its own."""
    return evolve(one, session=at_home(desk).session)


def offered(one: Carrier) -> bool:
    """Whether a token is offered to whoever is in."""
    return told(one.there.net.use_session(one.session), InSession).offer_otp


def written(there: TestBank, code: LetterCode) -> list[str]:
    """To whom letters of *code* wait to go."""
    return [str(one.to) for one in letters(there) if one.code is code]


# --- May he have one at all -------------------------------------------------------------------------------------------


@pytest.mark.requirement("PRF-03", "TKN-08", "OPS-12", "MAL-07", "ENR-12")
def test_form_registration_and_notice_come_first(desk: Desk) -> None:
    """Before two people have registered the form nobody applies, sees the menu or is written to; then at once."""
    one = at_home(desk)

    def closed() -> None:
        assert one.apply_at_once() == NotEntitled()
        assert one.menu == ()
        assert not offered(one)
        assert written(desk.there, LetterCode.TOKEN_ENTITLED) == []

    closed()
    case = desk.proposed(ENTITLED, "kudo")
    closed()
    assert desk.there.net.release.approve(desk.by("sato"), case) == Done(case)
    assert written(desk.there, LetterCode.TOKEN_ENTITLED) == [desk.taro.person.mail]
    assert one.menu == (TokenChoice.ISSUE,)
    assert offered(one)
    assert isinstance(one.apply_at_once(), TokenIssued)
    assert not offered(one)


@pytest.mark.requirement("MAL-07")
def test_the_notice_bears_its_name() -> None:
    """The letter is called as the institution calls it."""
    assert phrase("letter.token_entitled.subject", "ja") == "ワンタイムパスワード申請お取扱い開始のご案内"


@pytest.mark.requirement("OPS-12", "SUS-33", "OTP-16")
@each_form
def test_what_was_done_is_kept_with_its_form(desk: Desk, matter: OfToken) -> None:
    """Who entered it, who approved it, and which paper lay before them stand in the contract's chain."""
    if matter is not ENTITLED:
        carrier(desk).start()
    case = desk.registered(matter)
    steps = [one.data for one in entries_of(desk.there, desk.taro) if one.data.get("case") == case]
    assert [(one["state"], one["part"], one["person"], one["paper"], one["subject"]) for one in steps] == [
        ("open", "maker", "E-2", "token_form", matter.form.value),
        ("approved", "checker", "E-3", "token_form", matter.form.value),
    ]
    assert isinstance(verify(desk.there.net.platform), Intact)


@pytest.mark.requirement("OPS-12", "OPS-08")
@each_form
def test_two_people_and_the_right_paper(desk: Desk, matter: OfToken) -> None:
    """Nobody approves his own entry, through no account; a help desk enters none; and no other paper will do."""
    if matter is not ENTITLED:
        carrier(desk).start()
    release = desk.there.net.release
    for paper in (None, *(one for one in Paper if one is not Paper.TOKEN_FORM)):
        wrong = release.propose(desk.by("tanaka"), desk.account, evolve(matter, paper=paper))
        assert wrong == Rejected((Violation("case.wrong_paper", field="paper"),))
    assert release.propose(desk.by("mori"), desk.account, matter) == NoAuthority()
    case = desk.proposed(matter)
    assert isinstance(release.propose(desk.by("kudo"), desk.account, matter), AlreadyProposed | NothingToRegister)
    assert release.approve(desk.by("tanaka-2"), case) == OwnCase()
    assert release.approve(desk.by("sato"), case) == Done(case)


@pytest.mark.requirement("PRF-03", "OTP-16", "SUS-33")
@each_form
def test_where_it_takes_no_form_there_is_none(matter: OfToken) -> None:
    """Where one applies for a token and cancels it online, nobody registers such a form."""
    desk = Desk.open(bank(evolve(profiles.JA, token=evolve(profiles.JA.token, by_form=frozenset()))), "tanaka")
    Telephone.of(desk.there, desk.taro).start()
    refused = desk.there.net.release.propose(desk.by("tanaka"), desk.account, matter)
    assert refused == Rejected((Violation("case.no_such_form", field="form"),))


@pytest.mark.requirement("OPS-12")
def test_what_was_rejected_entitles_nobody(desk: Desk) -> None:
    """A form that the checker does not accept is as if it had not been entered; another one may be."""
    case = desk.proposed(ENTITLED)
    assert desk.there.net.release.reject(desk.by("sato"), case, "no seal") == ProposalRejected(case)
    assert contract_of(desk.there, desk.taro).otp_entitled_at is None
    assert isinstance(desk.there.net.release.propose(desk.by("tanaka"), desk.account, ENTITLED), Proposed)


@pytest.mark.requirement("OPS-12")
def test_what_changed_meanwhile_is_not_approved(desk: Desk) -> None:
    """A cancellation that was proposed of one entitlement does not end another one."""
    desk.registered(ENTITLED)
    case = desk.proposed(CANCELLED)
    later = desk.there.clock.now() + timedelta(minutes=1)
    rewrite(desk.there, desk.taro, lambda contract: evolve(contract, otp_entitled_at=later))
    assert desk.there.net.release.approve(desk.by("sato"), case) == ProposalStale(case)
    assert contract_of(desk.there, desk.taro).otp_entitled_at == later


# --- Without a call ---------------------------------------------------------------------------------------------------


@pytest.mark.requirement("TEL-23", "TKN-10", "TKN-12", "MAL-08", "APP-14")
def test_the_ids_are_given_out_at_once(desk: Desk) -> None:
    """Address and start password in, ids out: on the screen, and with where the app is to be had in the mail."""
    one = carrier(desk).issue()
    assert one.ids is not None
    assert one.ids.service_id == AKITA.token.service_id
    assert one.ids.until == desk.there.clock.now() + AKITA.token.set_up.window
    assert one.ids.mail == MAIL
    assert MAIL in text(one.ids, "ja")
    (letter,) = (it for it in letters(desk.there) if it.code is LetterCode.TOKEN_ISSUED)
    assert str(letter.to) == MAIL
    assert letter.params == {
        "service_id": one.ids.service_id,
        "user_id": one.ids.user_id,
        "download": AKITA.token.download,
    }
    assert written(desk.there, LetterCode.TOKEN_ISSUED_NOTICE) == [desk.taro.person.mail]
    assert contract_of(desk.there, desk.taro).otp_wanted
    assert one.token().state is TokenState.ISSUED
    assert desk.there.net.issue_token.confirm(one.session, "nothing") == NoSuchAttempt()


@pytest.mark.requirement("TKN-11", "TKN-10")
def test_a_session_alone_is_not_enough(desk: Desk) -> None:
    """What the bank asks for besides the login is asked for first, and wrong entries are named one and all."""
    desk.registered(ENTITLED)
    plain = Carrier(desk.there, desk.taro, desk.there.log_in(desk.taro))
    assert isinstance(plain.try_apply(), StepUpNeeded | ConfirmationNeeded)
    one = at_home(desk)
    one.session = confirmed(desk.there, desk.taro, one.session)
    wrong = told(one.try_apply("nobody", Secret("12")), Rejected)
    assert {(it.field, it.code.partition(".")[0]) for it in wrong.violations} == {
        ("", "start_password"),
        ("again", "start_password"),
        ("mail", "mail"),
    }
    assert one.menu == (TokenChoice.ISSUE,)


@pytest.mark.requirement("TKN-09", "OTP-14")
def test_who_has_one_is_given_no_second(desk: Desk) -> None:
    """While a token is on its way or in use, the menu has no issue, and applying is refused."""
    one = carrier(desk).issue()
    assert TokenChoice.ISSUE not in one.menu
    assert one.apply_at_once() == NotYet()


@pytest.mark.requirement("APP-15", "PRF-04")
@pytest.mark.parametrize("kind", TokenDevice)
def test_a_smartphone_or_a_feature_phone_is_the_token(desk: Desk, kind: TokenDevice) -> None:
    """Service id, user id and start password set the app up on either; and on what a bank does not name, on none."""
    one = carrier(desk).issue()
    assert isinstance(fetched(one, kind), SeedHandedOut)
    there = bank()
    ja = Telephone.of(there, there.customer()).issue()
    refused = Rejected((Violation("token.device_not_offered", field="kind"),))
    assert (fetched(ja, kind) == refused) is (kind not in there.profile.token.devices)
    assert there.profile.token.devices == {TokenDevice.SMARTPHONE}
    assert AKITA.token.devices == set(TokenDevice)


def fetched(one: Telephone, kind: TokenDevice) -> object:
    """What comes of setting the app up on a telephone of this *kind*."""
    assert one.ids is not None
    return one.there.net.set_up_app.fetch(
        service_id=one.ids.service_id,
        user_id=one.ids.user_id,
        start_password=START_PASSWORD,
        device=DEVICE,
        version=None,
        kind=kind,
    )


@pytest.mark.requirement("PRF-04")
def test_what_is_not_offered_costs_no_try() -> None:
    """A telephone of the wrong kind is told so before anything is counted, whatever the start password."""
    there = bank()
    ja = Telephone.of(there, there.customer()).issue()
    for _ in range(6):
        assert isinstance(fetched(ja, TokenDevice.FEATURE_PHONE), Rejected)
    assert isinstance(fetched(ja, TokenDevice.SMARTPHONE), SeedHandedOut)


@pytest.mark.requirement("OTP-07", "OTP-08", "OTP-09", "OTP-10", "TKN-09")
def test_the_way_into_use_by_the_menu(desk: Desk) -> None:
    """Issue, then start of use by a code, then nothing more: 「サービス利用中」, and what ends it takes a form."""
    one = carrier(desk)
    seen = [one.menu]
    one.issue()
    seen.append(one.menu)
    one.seed = told(one.again(), SeedHandedOut)
    one.complete()
    desk.there.clock.advance(timedelta(minutes=1))
    seen.append(one.menu)
    assert seen == [(TokenChoice.ISSUE,), (), (TokenChoice.START_USE,)]
    assert one.there.net.use_token.start(one.session, WRONG_CODE) == Refused()
    assert one.there.net.use_token.start(one.session, one.code()) == UseStarted(FIRST_METHOD)
    standing = told(one.there.net.use_token.standing(one.session), TokenStanding)
    assert standing == TokenStanding(TokenState.IN_USE, FIRST_METHOD, ())
    assert text(standing, "ja").endswith("サービス利用中")


@pytest.mark.requirement("OTP-14", "TKN-04", "TKN-03")
@pytest.mark.parametrize("lang", LANGUAGES)
def test_each_choice_has_its_words(lang: Language) -> None:
    """Four neighbours of one menu, each with a name of its own."""
    assert phrase("tokenchoice.issue", "ja") == "トークン発行"
    assert phrase("tokenchoice.start_use", "ja") == "ワンタイムパスワード利用開始"
    assert len({phrase(f"tokenchoice.{one.value}", lang) for one in TokenChoice}) == len(TokenChoice) == 4


# --- Stopped ----------------------------------------------------------------------------------------------------------


def locked(one: Carrier) -> None:
    """Enter nine wrong codes, and the tenth."""
    for _ in range(9):
        assert one.there.net.use_token.start(one.session, WRONG_CODE) == Refused()
    assert one.there.net.use_token.start(one.session, WRONG_CODE) == Blocked()


@pytest.mark.requirement("OTP-13", "SUS-33", "LCK-12", "PRF-12")
def test_ten_wrong_codes_end_it_and_only_a_stop_and_a_new_token_resume_it(desk: Desk) -> None:
    """Neither the right code nor a day nor an application nor a reissue; the form does, and the token after it."""
    one = carrier(desk).set_up()
    locked(one)
    assert one.there.net.use_token.start(one.session, one.code()) == Blocked()
    desk.there.clock.advance(timedelta(days=1))
    one = again(desk, one)
    assert one.menu == ()
    assert one.apply_at_once() == NotYet()
    reissue = desk.there.net.reissue_token.with_login_id(desk.taro.institution, desk.taro.login_id, desk.taro.password)
    assert reissue == NotOffered()
    assert not offered(one)
    desk.registered(STOPPED)
    one = again(desk, one)
    assert one.menu == (TokenChoice.ISSUE,)
    assert offered(one)
    assert one.there.net.use_token.start(one.session, one.code()) == Blocked()
    one.set_up()
    assert one.there.net.use_token.start(one.session, one.code()) == UseStarted(FIRST_METHOD)


@pytest.mark.requirement("APP-23", "SUS-33", "TKN-08")
@pytest.mark.parametrize("how", ["too many tries", "too late"])
def test_who_never_set_his_app_up_is_helped_by_the_same_form(desk: Desk, how: str) -> None:
    """Void after wrong start passwords, or at the deadline: a stop at the branch, and then a new token, in use."""
    one = carrier(desk).issue()
    if how == "too late":
        desk.there.clock.advance(AKITA.token.set_up.window + timedelta(seconds=1))
        assert sweep(desk.there.net.platform).tokens == 1
    else:
        for _ in range(4):
            assert one.again(Secret("0000")) == Refused()
        assert one.again(Secret("0000")) == Blocked()
    assert one.token().state is TokenState.VOID
    one = again(desk, one)
    assert one.apply_at_once() == NotYet()
    desk.registered(STOPPED)
    assert written(desk.there, LetterCode.TOKEN_STOPPED) == [desk.taro.person.mail]
    again(desk, one).start()


@pytest.mark.requirement("APP-24", "OTP-17", "SUS-33")
def test_a_stop_counts_from_its_entry(desk: Desk) -> None:
    """A lost telephone is of no use, and nobody is in any more, before anybody has checked the form; all are told."""
    one = carrier(desk).start()
    token = one.token()
    case = desk.proposed(STOPPED, "kudo")
    assert one.there.net.use_token.standing(one.session) == SessionEnded()
    now = desk.there.clock.now()
    stopped = evolve(token, state=TokenState.STOPPED, since=now, seed=None, app_key=None, version=token.version + 1)
    assert one.token() == stopped
    assert written(desk.there, LetterCode.TOKEN_STOPPED) == [desk.taro.person.mail]
    one = again(desk, one).issue()
    assert desk.there.net.release.approve(desk.by("sato"), case) == Done(case)
    assert one.token().state is TokenState.ISSUED
    assert written(desk.there, LetterCode.TOKEN_STOPPED) == [desk.taro.person.mail]


@pytest.mark.requirement("TEL-23")
def test_where_nobody_calls_the_host_is_asked_for_no_telephone(desk: Desk) -> None:
    """A token is issued while the host rests."""
    one = carrier(desk)
    desk.there.core.reachable = False
    assert isinstance(one.apply_at_once(), TokenIssued)


@pytest.mark.requirement("OTP-16", "OTP-17")
@pytest.mark.parametrize(("form", "state"), [(STOPPED, "stopped"), (CANCELLED, "cancelled")], ids=str)
def test_what_waits_for_a_token_waits_for_it_no_more(desk: Desk, form: OfToken, state: str) -> None:
    """A transfer that was to be proved by its codes is refused where it ends by a form, and its end is on record."""
    session = confirmed(desk.there, desk.taro, carrier(desk).start().session)
    waiting = told(desk.there.net.instruct.request(session, order()), CodeNeeded).reference
    desk.registered(form)
    turns = [one.data["state"] for one in entries_of(desk.there, desk.taro) if one.kind == "TokenMoved"]
    assert turns[-1] == state
    refused = InstructionStanding(waiting, InstructionState.REFUSED)
    assert desk.there.net.instruct.standing(at_home(desk).session, waiting) == refused


@pytest.mark.requirement("OTP-17", "OTP-16")
@pytest.mark.parametrize(("form", "state"), list(product((STOPPED, CANCELLED), TokenState)), ids=str)
def test_every_token_meets_every_form(desk: Desk, form: OfToken, state: TokenState) -> None:
    """What lives is stopped or ended, what has ended stays as it is; and no form leaves a token whose codes count."""
    carrier(desk).set_up()
    put(desk.there, desk.taro, lambda token: evolve(token, state=state))
    asked = desk.there.net.release.propose(desk.by("tanaka"), desk.account, form)
    stops = (state, TokenEvent.STOP) in NEXT
    if form is STOPPED and not stops:
        assert asked == NothingToRegister()
        after = state
    else:
        told(desk.there.net.release.approve(desk.by("sato"), told(asked, Proposed).case), Done)
        ended = TokenState.CANCELLED if form is CANCELLED and state is TokenState.IN_USE else TokenState.STOPPED
        after = ended if stops else state
    assert latest(desk.there, desk.taro).state is after
    assert (contract_of(desk.there, desk.taro).otp_entitled_at is None) is (form is CANCELLED)


def test_nobody_without_a_token_has_one_stopped(desk: Desk) -> None:
    """A stop wants a token, and a cancellation somebody who was entitled."""
    for form in (STOPPED, CANCELLED):
        assert desk.there.net.release.propose(desk.by("tanaka"), desk.account, form) == NothingToRegister()
    desk.registered(ENTITLED)
    assert desk.there.net.release.propose(desk.by("tanaka"), desk.account, STOPPED) == NothingToRegister()
    assert desk.there.net.release.propose(desk.by("tanaka"), desk.account, ENTITLED) == NothingToRegister()
    desk.registered(CANCELLED)
    assert contract_of(desk.there, desk.taro).otp_entitled_at is None


# --- Cancelled --------------------------------------------------------------------------------------------------------


@pytest.mark.requirement("OTP-16")
def test_it_is_cancelled_by_form_alone(desk: Desk) -> None:
    """Online the customer is sent to the branch, at the cost of no code; the form ends it, and what entitled to it."""
    one = carrier(desk).start()
    for code in (WRONG_CODE, one.code()):
        assert one.there.net.use_token.cancel(one.session, code) == TakesForm()
    assert one.token().state is TokenState.IN_USE
    case = desk.proposed(CANCELLED)
    assert one.token().state is TokenState.IN_USE
    assert desk.there.net.release.approve(desk.by("sato"), case) == Done(case)
    assert one.token().state is TokenState.CANCELLED
    assert written(desk.there, LetterCode.TOKEN_CANCELLED) == [desk.taro.person.mail]
    desk.there.clock.advance(timedelta(days=2))
    assert again(desk, one).apply_at_once() == NotEntitled()
    desk.registered(ENTITLED)
    assert isinstance(again(desk, one).apply_at_once(), TokenIssued)


@pytest.mark.requirement("OTP-16")
@pytest.mark.parametrize(
    "forms", [frozenset[TokenForm](), frozenset({TokenForm.ENTITLE, TokenForm.STOP})], ids=["none", "some"]
)
def test_where_no_form_ends_it_a_code_does(forms: frozenset[TokenForm]) -> None:
    """The menu offers the cancellation exactly where it can be done online."""
    there = bank(evolve(AKITA, token=evolve(AKITA.token, by_form=forms)))
    desk = Desk.open(there, "tanaka", "sato")
    if forms:
        desk.registered(ENTITLED)
    one = at_home(desk).start()
    assert one.menu == (TokenChoice.CANCEL,)
    assert not isinstance(there.net.use_token.cancel(one.session, one.code()), TakesForm | Refused)


def put(there: TestBank, taro: Enrollee, change: Callable[[Token], Token]) -> None:
    """Write what *change* makes of Taro's token."""
    with there.storage.transaction() as tx:
        token = tx.tokens.latest_of(taro.institution, taro.contract)
        assert token is not None
        tx.tokens.put(change(token))


def latest(there: TestBank, taro: Enrollee) -> Token:
    """Taro's token, as it stands in the store."""
    token = read(there.storage, lambda tx: tx.tokens.latest_of(taro.institution, taro.contract))
    assert token is not None
    return token
