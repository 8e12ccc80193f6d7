"""Profile: the numbers of one bank, or of one federation of institutions.

Rules live in policies; what they are set to lives here.  No flow and no policy knows which profile it works for.

Shape:  frozen; every field is a policy's parameters, or a number with its unit in its type.
Errors: ValueError for numbers that cannot go together.
Source: PRF-01; requirements.md part 2 (the table of parameters); ARCHITECTURE idea 4.
"""

from collections.abc import Mapping
from datetime import timedelta
from enum import Enum
from typing import Literal

from attrs import field, frozen

from janetbank.model.contract import Counter
from janetbank.model.letter import LetterCode
from janetbank.policies.admission import Operation
from janetbank.policies.approval import ApprovalRules
from janetbank.policies.calendar import BankCalendar
from janetbank.policies.cooling_off import CoolingOff
from janetbank.policies.credentials import LoginIdRules, PasswordRules
from janetbank.policies.dual_control import DualControl
from janetbank.policies.duty import FIRST_USE, Duty
from janetbank.policies.eligibility import OnlineProcedure
from janetbank.policies.fees import FeeRules
from janetbank.policies.hashing import OWASP_2024, Argon2Cost
from janetbank.policies.identity_form import IdentityFormRules
from janetbank.policies.leaving import LeavingRules
from janetbank.policies.limits import LimitRules
from janetbank.policies.line_change import LineRules
from janetbank.policies.lockout import Lockout
from janetbank.policies.mail_password import MailPasswordRules
from janetbank.policies.one_time_password import OtpRules
from janetbank.policies.password_age import PasswordAge
from janetbank.policies.phone_auth import CallerRules, PhoneAuthRules
from janetbank.policies.provisional import ProvisionalRules
from janetbank.policies.questions import QuestionRules
from janetbank.policies.retention import Retention
from janetbank.policies.risk import RiskRules
from janetbank.policies.service_hours import ServiceHours
from janetbank.policies.sessions import SessionRules
from janetbank.policies.step_up import Guarded
from janetbank.policies.token import MethodRules, SetUpRules, StartPasswordRules, TokenForm
from janetbank.values.environment import Channel
from janetbank.values.identifiers import InstitutionId
from janetbank.values.phone import PhoneMask
from janetbank.values.token_device import TokenDevice

NIST_GUESSES = 100
"""NIST SP 800-63B-4 3.2.2: no more failed attempts in a row on one account."""


class LoginIdScope(Enum):
    """Within what a login id is unique (CRD-04)."""

    INSTITUTION = "institution"
    PROFILE = "profile"


@frozen(kw_only=True)
class MailSettings:
    """Who writes, and what the customers' filters have to let through (TKN-02, MAL-02, MAL-03)."""

    sender: str
    sender_of_ids: str
    """Of the letters that a token is set up with, and that have a link in them."""
    domains: tuple[str, ...]
    """Told to whoever registers an address."""

    def __attrs_post_init__(self) -> None:
        for sender in (self.sender, self.sender_of_ids):
            if sender.rpartition("@")[2] not in self.domains:
                msg = f"{sender} writes from a domain that nobody was told of"
                raise ValueError(msg)

    def sender_of(self, code: LetterCode) -> str:
        """Who writes letters of this *code*."""
        return self.sender_of_ids if code is LetterCode.TOKEN_ISSUED else self.sender


@frozen(kw_only=True)
class TokenSettings:
    """Everything about software tokens, and the calls by which they are applied for."""

    service_id: str
    """サービスID: a text, leading zeros kept."""
    codes: OtpRules
    start_password: StartPasswordRules
    set_up: SetUpRules
    method: MethodRules
    approval: ApprovalRules
    login_channels: frozenset[Channel]
    """On which channels logging in takes a code (AMB-7)."""
    required_on: frozenset[Channel] = frozenset()
    """On which channels nothing is done without a token: whoever has none can but apply for it (LGN-11)."""
    offered_at_login: bool = True
    """Whether who has none is offered one at each login, until he applies (ENR-12)."""
    devices: frozenset[TokenDevice] = frozenset({TokenDevice.SMARTPHONE})
    """On what kinds of telephone the app may be (PRF-04)."""
    by_form: frozenset[TokenForm] = frozenset()
    """What of a token takes a form at the branch (PRF-03, OTP-16, OTP-17)."""
    issued_by_call: bool = True
    """Whether applying for a token ends with a call from a registered telephone (TEL-23)."""
    download: str
    """Where the app is to be had, as the token's letter says."""
    callers: CallerRules
    calls: Mapping[OnlineProcedure, PhoneAuthRules] = field(hash=False)
    line_change: LineRules | None
    """How long a number is not called from after its carrier says that it changed hands; None: no carrier is asked."""

    def __attrs_post_init__(self) -> None:
        if unasked := [channel.value for channel in Channel if channel in self.required_on - self.login_channels]:
            msg = f"on a {', '.join(unasked)} a token is needed, and logging in does not ask for its code"
            raise ValueError(msg)


@frozen(kw_only=True)
class ConfirmationSettings:
    """The second fixed password (確認用パスワード), and what it *authorises* (PRF-16, CRD-15, CRD-16)."""

    password: PasswordRules
    authorises: frozenset[Guarded]


@frozen(kw_only=True)
class OperatorSettings:
    """Everything about those who work behind the counter."""

    hours: ServiceHours
    """When the operations terminal is used (OPS-10)."""
    password: PasswordRules
    password_age: PasswordAge
    lockout: Lockout
    sessions: SessionRules
    dual_control: DualControl


@frozen(kw_only=True)
class Contact:
    """Whom to ask, in the words of the letters."""

    ja: str
    en: str

    def said(self, lang: Literal["ja", "en"]) -> str:
        """The words of one language."""
        return self.ja if lang == "ja" else self.en


@frozen(kw_only=True)
class Profile:
    """See the module; a federation is one profile with many institutions."""

    name: str
    title: str
    login_id: LoginIdRules
    login_id_scope: LoginIdScope
    login_by_account: bool = True
    """Whether branch, type and number of the representative account will do in the place of the login id (LGN-03)."""
    password: PasswordRules
    lockouts: Mapping[Counter, Lockout] = field(hash=False)
    questions: QuestionRules
    duties: frozenset[Duty]
    """What logging in may ask its customers to do first."""
    identity_form: IdentityFormRules
    resets: frozenset[OnlineProcedure]
    """What can be reset or reissued online; the rest takes a form in writing (RBA-09, TKR-01)."""
    risk: RiskRules
    sessions: SessionRules
    step_up_lifetime: timedelta
    """How long an answered question counts for what needs more than a session (AMB-39)."""
    limits: LimitRules
    """How much may be transferred from an account a day (TRF-03)."""
    token: TokenSettings
    operators: OperatorSettings
    cooling_off: CoolingOff | None
    """How long after a password reset a reissue leaves transfers disabled; None: it never does (AMB-11)."""
    hours: Mapping[Operation, ServiceHours] = field(hash=False)
    calendar: BankCalendar
    leaving: LeavingRules = field(factory=LeavingRules)
    """Who may cancel online (AMB-15)."""
    fees: FeeRules = field(factory=FeeRules)
    """What months and transfers cost; nothing unless an institution says so."""
    procedure_lifetime: timedelta
    """How long an application may lie unfinished."""
    retention: Retention
    phone_mask: PhoneMask
    mail: MailSettings
    contact: Contact
    mail_password: MailPasswordRules | None = None
    """Codes that are mailed to whoever has no token in use; None: there are none (PRF-17, AMB-22)."""
    confirmation: ConfirmationSettings | None = None
    """The second password that customers have; None: they have one, and answer questions (AMB-21)."""
    provisional: ProvisionalRules | None = None
    """The passwords that customers begin with, where the bank gives them out; None: they choose theirs (AMB-23)."""
    hashing: Argon2Cost = OWASP_2024

    def __attrs_post_init__(self) -> None:
        rules = {counter.value: self.lockouts[counter] for counter in Counter}
        for secret, rule in (rules | {"an operator's password": self.operators.lockout}).items():
            if rule.guesses_to_block > NIST_GUESSES:
                msg = f"more than {NIST_GUESSES} guesses at {secret} before a block"
                raise ValueError(msg)
        if missing := [operation.value for operation in Operation if operation not in self.hours]:
            msg = f"no service hours for {', '.join(missing)}"
            raise ValueError(msg)
        if not self.asks_questions and (
            Duty.REGISTER_QUESTIONS in self.duties or OnlineProcedure.QUESTIONS_RESET in self.resets
        ):
            msg = "where no questions are asked none are registered, nor reset"
            raise ValueError(msg)
        issues = self.offers(Operation.ISSUE_TOKEN) and self.token.issued_by_call
        needed = self.resets | ({OnlineProcedure.TOKEN_ISSUE} if issues else frozenset[OnlineProcedure]())
        needed |= frozenset[OnlineProcedure]() if self.asks_questions else {OnlineProcedure.LOG_IN}
        if missing := [
            procedure.value for procedure in OnlineProcedure if procedure in needed - self.token.calls.keys()
        ]:
            msg = f"no call for {', '.join(missing)}, which nobody can do without one"
            raise ValueError(msg)

        if self.token.required_on and not self.offers(Operation.ISSUE_TOKEN):
            msg = "a channel takes a token, and nobody can apply for one"
            raise ValueError(msg)
        if self.provisional is not None and self.confirmation is None:
            msg = "a notice has two passwords, and customers have one"
            raise ValueError(msg)
        if self.provisional is not None and (missing := [one.value for one in Duty if one in FIRST_USE - self.duties]):
            msg = f"whoever begins by a notice has no duty to {', '.join(missing)}"
            raise ValueError(msg)

    @property
    def asks_questions(self) -> bool:
        """Whether customers register questions; where they do not, an unknown place takes a code or a call (C13)."""
        return self.questions.pairs > 0

    def lockout(self, counter: Counter) -> Lockout:
        """The rule of *counter*."""
        return self.lockouts[counter]

    def hours_of(self, operation: Operation) -> ServiceHours:
        """When *operation* is open."""
        return self.hours[operation]

    def offers(self, operation: Operation) -> bool:
        """Whether *operation* is ever open; what is not has a form at the branch, or does not exist."""
        return self.hours[operation].offered

    def confirms(self, act: Guarded) -> bool:
        """Whether *act* is authorised by the confirmation password."""
        return self.confirmation is not None and act in self.confirmation.authorises

    def namespace(self, institution: InstitutionId) -> str:
        """Within which a login id of *institution* is unique."""
        return institution.code if self.login_id_scope is LoginIdScope.INSTITUTION else f"profile:{self.name}"
