"""What a program that uses janetbank may rely on in its types; mypy and pyright read this, nothing runs it.

Each function is a law: the union that it takes has exactly these members, and what they carry has these types. A member
added or renamed makes `make check` fail here first, which is when the changelog gets its line.
"""

from datetime import datetime, timedelta
from typing import assert_never, assert_type

from janetbank.flows.change_password import ChangePasswordOutcome, PasswordChanged
from janetbank.flows.entry import CustomerDataNeeded, LoginIdWanted, PasswordsNeeded, TokenWanted
from janetbank.flows.log_in import (
    AnswerOutcome,
    CallAsked,
    CodeAsked,
    LoggedIn,
    LogIn,
    LogInOutcome,
    PasswordChangeNeeded,
    QuestionAsked,
    QuestionsNeeded,
)
from janetbank.flows.recover import (
    AccountRenumbered,
    CardLocked,
    FormClosed,
    FormOutcome,
    FormRefused,
    Next,
    OnlyAtTheCounter,
    PinRefused,
)
from janetbank.flows.refusals import (
    Blocked,
    ConfirmationNeeded,
    Leaving,
    Left,
    LockedOut,
    OutsideServiceHours,
    ProcedureEnded,
    ProvisionalExpired,
    Refused,
    Rejected,
    SessionEnded,
    Suspended,
    TryAgain,
    WrongStep,
)
from janetbank.flows.reset_password import PasswordReset, ResetPasswordOutcome
from janetbank.policies import lockout
from janetbank.policies.lockout import AtLeast, Lockout, MoreThan, Tally, Ticket
from janetbank.policies.recovery import Step
from janetbank.profiles import JA, Profile
from janetbank.values.environment import Channel, Environment
from janetbank.values.identifiers import InstitutionId
from janetbank.values.secret import Secret
from janetbank.values.violation import Violation


def a_login_is_one_of_these_things(outcome: LogInOutcome) -> datetime | None:
    match outcome:
        case LoggedIn(session=session, until=until) | TokenWanted(session=session, until=until):
            assert_type(session, Secret)
            return until
        case QuestionAsked(challenge=challenge, question=question, until=until):
            assert_type(challenge, Secret)
            assert_type(question, str)
            return until
        case CodeAsked(challenge=challenge, until=until) | CallAsked(challenge=challenge, until=until):
            assert_type(challenge, Secret)
            return until
        case QuestionsNeeded(challenge=challenge, pairs=pairs, until=until):
            assert_type(challenge, Secret)
            assert_type(pairs, int)
            return until
        case (
            PasswordChangeNeeded(challenge=challenge, until=until)
            | LoginIdWanted(challenge=challenge, until=until)
            | PasswordsNeeded(challenge=challenge, until=until)
            | CustomerDataNeeded(challenge=challenge, until=until)
        ):
            assert_type(challenge, Secret)
            return until
        case LockedOut(until=until):
            return until
        case OutsideServiceHours(opens_at=opens_at):
            return opens_at
        case Refused() | TryAgain() | Blocked() | Suspended() | Leaving() | Left() | ProvisionalExpired():
            return None
        case _ as never:
            assert_never(never)


def an_answer_lets_in_or_does_not(outcome: AnswerOutcome) -> str:
    match outcome:
        case LoggedIn() | CodeAsked() | CallAsked() | QuestionsNeeded() | PasswordChangeNeeded():
            return outcome.code
        case LoginIdWanted() | PasswordsNeeded() | CustomerDataNeeded() | TokenWanted() | ProvisionalExpired():
            return outcome.code
        case Refused() | TryAgain() | LockedOut() | Blocked() | Suspended() | Leaving() | Left():
            return outcome.code
        case OutsideServiceHours() | SessionEnded():
            return outcome.code
        case _ as never:
            assert_never(never)


def a_new_password_may_break_several_rules(outcome: ChangePasswordOutcome) -> tuple[Violation, ...]:
    match outcome:
        case PasswordChanged(session=session):
            assert_type(session, Secret)
            return ()
        case Rejected(violations=violations):
            return violations
        case Refused() | TryAgain() | LockedOut() | Blocked() | Suspended() | Leaving() | Left():
            return ()
        case OutsideServiceHours() | SessionEnded() | ConfirmationNeeded():
            return ()
        case _ as never:
            assert_never(never)


def a_reset_is_done_or_says_why_not(outcome: ResetPasswordOutcome) -> tuple[Violation, ...]:
    match outcome:
        case PasswordReset():
            return ()
        case Rejected(violations=violations) | OnlyAtTheCounter(violations=violations):
            return violations
        case PinRefused() | CardLocked() | WrongStep() | ProcedureEnded() | OutsideServiceHours():
            return ()
        case LockedOut() | Blocked() | Suspended() | Leaving() | Left():
            return ()
        case _ as never:
            assert_never(never)


def a_form_leads_on_or_says_no_more_than_it_may(outcome: FormOutcome) -> datetime | None:
    match outcome:
        case Next(step=step):
            assert_type(step, Step)
            return None
        case FormClosed(until=until) | LockedOut(until=until):
            return until
        case FormRefused() | AccountRenumbered() | Rejected() | OnlyAtTheCounter():
            return None
        case WrongStep() | ProcedureEnded() | OutsideServiceHours():
            return None
        case Blocked() | Suspended() | Leaving() | Left():
            return None
        case _ as never:
            assert_never(never)


def logging_in_takes_text_and_secrets(log_in: LogIn, institution: InstitutionId, seen_from: Environment) -> None:
    by_id = log_in.with_login_id(institution, "taro0001", Secret("..."), seen_from=seen_from)
    assert_type(by_id, LogInOutcome)
    by_account = log_in.with_account(institution, "001", "普通", "12345", Secret("..."), seen_from=seen_from)
    assert_type(by_account, LogInOutcome)


def a_place_is_made_of_text(device: str | None) -> None:
    seen_from = Environment(device=device, network="192.0.2.7", platform="Linux", channel=Channel.SMARTPHONE)
    assert_type(seen_from.network, str)
    assert_type(seen_from.channel, Channel)


def a_reservation_is_a_ticket_or_a_reason(verdict: lockout.ReserveVerdict) -> Ticket | datetime:
    match verdict:
        case lockout.Reserved(ticket=ticket):
            return ticket
        case lockout.Busy(until=until) | lockout.Locked(until=until):
            return until
        case lockout.Blocked(since=since):
            return since
        case _ as never:
            assert_never(never)


def a_rule_turns_a_tally_into_a_tally(now: datetime) -> None:
    rule = Lockout(tolerance=MoreThan(6), rest=timedelta(minutes=60), lockouts_to_block=3)
    assert_type(rule.tolerance, MoreThan | AtLeast)
    tally, verdict = rule.reserve(Tally(), now)
    assert_type(tally, Tally)
    assert_type(verdict, lockout.ReserveVerdict)
    assert_type(rule.standing(tally, now), lockout.Open | lockout.Locked | lockout.Blocked)


def a_profile_is_data() -> None:
    assert_type(JA, Profile)
