"""Contract: one customer's internet banking at one institution, as the front door knows it.

What is looked at on every login stands here; who the customer is stands in `Customer`, read where it is needed.
A *decoy* is a contract that nobody has: an unknown login id or account is counted, locked and blocked on one,
so that neither an answer nor its time tells whether there is a customer (docs/decisions/0004).

Shape:  frozen; `version` belongs to the storage port, which raises it with each write.
Units:  instants are aware UTC datetimes; hashes are texts of the vault.
Source: PRF-01 (institution), CRD-04 (namespace), LCK-15 (independent dimensions), RBA-03, RBA-10, PWR-11,
        PWR-14, SUS-03, ACC-03, CAN-07, CAN-09; AMB-11, 26, 27.
"""

import json
from datetime import date, datetime
from enum import Enum
from hashlib import sha256
from typing import Self

from attrs import evolve, frozen

from janetbank.model.audit import ChainHead, Entry, Event, record_all
from janetbank.policies.accounts import LinkedAccount
from janetbank.policies.contract_life import ContractStatus
from janetbank.policies.identity_form import FormTries
from janetbank.policies.lockout import Tally
from janetbank.policies.risk import Place
from janetbank.values.account import Account
from janetbank.values.identifiers import ContractId, InstitutionId
from janetbank.values.login_id import LoginId
from janetbank.values.operator import PersonId


class Counter(Enum):
    """The counters of a contract; each counts the wrong entries of one secret, and only that secret clears it."""

    PASSWORD = "password"  # noqa: S105 -- a counter's name, no password
    ANSWER = "answer"
    START_PASSWORD = "start_password"  # noqa: S105 -- a counter's name, no password
    """Of the token that waits for its app."""
    CODE = "code"
    """Of the token that is set up."""
    PAYMENT = "payment"
    """納付番号・お客様番号 and 確認番号 of bills, all in one (LCK-05)."""
    CONFIRMATION = "confirmation"
    """Of the second password, where there is one (PRF-16)."""
    MAIL_PASSWORD = "mail_password"  # noqa: S105 -- a counter's name, no password
    """Of the codes that are mailed for instructions, all in one (PRF-17)."""


@frozen
class RegisteredQuestion:
    """A question of the profile's catalogue, by its code, with the hash of the customer's answer."""

    question: str
    answer: str


@frozen
class NoticeAsked:
    """*person* asked for a notice, *at* that instant; another one gives it out."""

    person: PersonId
    at: datetime


@frozen(kw_only=True, slots=False)
class Contract:
    """See the module.

    Its fields are kept in a dictionary, so that another version of it is one copy: it is made five times at each login,
    by code that no cache holds after an Argon2id.
    """

    institution: InstitutionId
    id: ContractId
    status: ContractStatus
    namespace: str
    """Within which the login id is unique: an institution's, or the whole profile's (CRD-04)."""
    login_id: LoginId | None = None
    account: Account | None = None
    """The representative account (代表口座)."""
    accounts: tuple[LinkedAccount, ...] = ()
    """The used accounts besides it (利用口座), in the order of their addition (ACC-03)."""
    decoy_key: str | None = None

    password: str
    password_tally: Tally = Tally()
    questions: tuple[RegisteredQuestion, ...] = ()
    asked: int | None = None
    """The question that stays until it is answered or locked (RBA-10, AMB-26)."""
    answer_tally: Tally = Tally()
    start_password_tally: Tally = Tally()
    code_tally: Tally = Tally()
    payment_tally: Tally = Tally()
    confirmation: str | None = None
    """The hash of the confirmation password (確認用パスワード); None where the bank has none (PRF-16)."""
    confirmation_tally: Tally = Tally()
    mail_password_tally: Tally = Tally()
    provisional_until: datetime | None = None
    """When its passwords expire, which are those of a notice; None once others are chosen (AMB-23)."""
    notice_asked: NoticeAsked | None = None
    """Who asked for a notice that nobody has given out yet."""
    customer_due: bool = False
    """Whether the customer has yet to name his mail address, his telephone and his limits (ENR-36)."""
    form_tries: FormTries = FormTries()
    """Of forms that named the account and did not match; nobody is locked by it but the form (PWR-11)."""

    places: tuple[Place, ...] = ()
    session_epoch: int = 0
    """Sessions of an earlier epoch have ended: one number ends them all, in the deciding transaction."""
    suspended_since: datetime | None = None
    investigated_since: datetime | None = None
    """Whether somebody looks into a fraud, so that the history must not be lost by a cancellation (CAN-09)."""
    password_reset_at: datetime | None = None
    """When the password was last reset online (AMB-11)."""
    questions_reset_at: datetime | None = None
    """When the registered questions were last reset online (RBR-09)."""
    transfers_from: datetime | None = None
    """When transfers can be made again after a reissue so soon after that reset (AMB-11)."""
    must_change_password: bool = False
    """Logging in asks for a new password before anything else (SUS-03)."""
    transaction_auth_advised: bool = False
    """Whether approving transfers in the app was recommended to the customer (SUS-03)."""
    applied_at: datetime
    effective_on: date
    """The operating day on which the host learns of the contract (HRS-08, AMB-13)."""
    ends_on: date | None = None
    """The operating day on which its cancellation is reflected, once that is accepted (CAN-07)."""
    otp_wanted: bool | None = None
    """Whether the customer chose 「申請する」, or applied; None until then, and after he gave it up (ENR-10, 12)."""
    otp_entitled_at: datetime | None = None
    """When the institution registered that he may have a token, where that takes a form (PRF-03)."""

    chain: ChainHead = ChainHead()
    version: int = 0

    @classmethod
    def decoy(
        cls, institution: InstitutionId, namespace: str, identifier: str, key: str, password: str, now: datetime
    ) -> Self:
        """The contract that nobody has, for what somebody typed whose decoy has this *key*."""
        return cls(
            institution=institution,
            id=ContractId(identifier),
            status=ContractStatus.DECOY,
            namespace=namespace,
            decoy_key=key,
            password=password,
            applied_at=now,
            effective_on=now.date(),
        )

    @property
    def credentials(self) -> str:
        """A digest of what lets into the contract: another one as soon as any of it was changed, or is to be.

        No hash comes twice, but no questions may; so when they were deleted is part of it.
        """
        login_id = self.login_id and self.login_id.canonical
        questions = [(one.question, one.answer) for one in self.questions]
        deleted = self.questions_reset_at and self.questions_reset_at.isoformat()
        what = [login_id, self.password, questions, deleted, self.must_change_password]
        return sha256(json.dumps(what).encode()).hexdigest()

    @property
    def due_on(self) -> date | None:
        """The first operating day on which the night batch has something to reflect here, or None."""
        days = [one.changes_on for one in self.accounts]
        match self.status:
            case ContractStatus.APPLIED:
                days.append(self.effective_on)
            case ContractStatus.LEAVING:
                days.append(self.ends_on)
            case _:
                pass
        return min((day for day in days if day is not None), default=None)

    def uses(self, account: Account) -> bool:
        """Whether *account* is one of the contract's, pending or not."""
        return account == self.account or any(one.account == account for one in self.accounts)

    def tally(self, counter: Counter) -> Tally:
        """The state of *counter*."""
        match counter:
            case Counter.PASSWORD:
                return self.password_tally
            case Counter.ANSWER:
                return self.answer_tally
            case Counter.START_PASSWORD:
                return self.start_password_tally
            case Counter.CODE:
                return self.code_tally
            case Counter.PAYMENT:
                return self.payment_tally
            case Counter.CONFIRMATION:
                return self.confirmation_tally
            case Counter.MAIL_PASSWORD:
                return self.mail_password_tally

    def with_tally(self, counter: Counter, tally: Tally) -> Self:
        """The contract with *counter* at *tally*."""
        match counter:
            case Counter.PASSWORD:
                return self._but(password_tally=tally)
            case Counter.ANSWER:
                return self._but(answer_tally=tally)
            case Counter.START_PASSWORD:
                return self._but(start_password_tally=tally)
            case Counter.CODE:
                return self._but(code_tally=tally)
            case Counter.PAYMENT:
                return self._but(payment_tally=tally)
            case Counter.CONFIRMATION:
                return self._but(confirmation_tally=tally)
            case Counter.MAIL_PASSWORD:
                return self._but(mail_password_tally=tally)

    def end_sessions(self) -> Self:
        """The contract with every session of it ended."""
        return evolve(self, session_epoch=self.session_epoch + 1)

    def recorded(self, at: datetime, *events: Event) -> tuple[Self, tuple[Entry, ...]]:
        """The contract with *events* at the end of its chain, and the entries to append to the audit log."""
        head, entries = record_all(self.chain, self.id.text, at, events)
        return self._but(chain=head), entries

    def written(self) -> Self:
        """The contract as it is in the storage after this one was written, whose next version it is."""
        return self._but(version=self.version + 1)

    def _but(self, **changes: object) -> Self:
        """What `evolve` returns, at a fifth of its cost; no field is checked or converted when it is made."""
        other = object.__new__(type(self))
        other.__dict__.update(self.__dict__, **changes)
        return other
