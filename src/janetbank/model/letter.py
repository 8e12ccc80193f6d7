"""Letter: a mail to one address, written in the deciding transaction and sent afterwards.

Shape:  a template's code and its parameters; the texts stand in `janetbank.messages`.  `id` is stable, so a letter
        that is sent twice after a crash is recognised by its Message-ID.
Source: MAL-01, MAL-06, LGN-04 (no letter asks for a password); ARCHITECTURE "Mail".
"""

from datetime import datetime
from enum import Enum

from attrs import field, frozen

from janetbank.values.email import MailAddress
from janetbank.values.identifiers import InstitutionId
from janetbank.values.violation import Params


class LetterCode(Enum):
    """What a letter tells; each has a subject and a body in both languages."""

    ENROLLED = "letter.enrolled"
    LOCKED_OUT = "letter.locked_out"
    BLOCKED = "letter.blocked"
    PAYMENTS_LOCKED_OUT = "letter.payments_locked_out"
    PAYMENTS_BLOCKED = "letter.payments_blocked"
    CONFIRMATION_LOCKED_OUT = "letter.confirmation_locked_out"
    CONFIRMATION_BLOCKED = "letter.confirmation_blocked"
    CONFIRMATION_CHANGED = "letter.confirmation_changed"
    MAIL_PASSWORD = "letter.mail_password"  # noqa: S105 -- a letter's name
    """A code for one instruction, which stands sealed among the parameters (MAL-11)."""
    MAIL_PASSWORD_LOCKED_OUT = "letter.mail_password_locked_out"  # noqa: S105 -- a letter's name
    MAIL_PASSWORD_BLOCKED = "letter.mail_password_blocked"  # noqa: S105 -- a letter's name
    INSTRUCTION_ACCEPTED = "letter.instruction_accepted"
    """What the host said of a transfer or a payment, each time that he says something new: these five."""
    INSTRUCTION_RESERVED = "letter.instruction_reserved"
    INSTRUCTION_EXECUTED = "letter.instruction_executed"
    INSTRUCTION_REFUSED = "letter.instruction_refused"
    INSTRUCTION_CANCELLED = "letter.instruction_cancelled"
    LIMITS_CHANGED = "letter.limits_changed"
    ACCOUNT_ADDED = "letter.account_added"
    ACCOUNT_DELETED = "letter.account_deleted"
    LEAVING = "letter.leaving"
    """That the cancellation of the contract was accepted."""
    PASSWORD_CHANGED = "letter.password_changed"  # noqa: S105 -- a letter's name
    LOGIN_ID_CHANGED = "letter.login_id_changed"
    TOKEN_ISSUED = "letter.token_issued"  # noqa: S105 -- a letter's name
    """The ids, to the address named for them (MAL-04, MAL-05)."""
    TOKEN_ISSUED_NOTICE = "letter.token_issued_notice"  # noqa: S105 -- a letter's name
    """That there is a new token, to all addresses."""
    TOKEN_REISSUED = "letter.token_reissued"  # noqa: S105 -- a letter's name
    """That another token took the place of the old one, to all addresses that were registered before."""
    TOKEN_VOID = "letter.token_void"  # noqa: S105 -- a letter's name
    TOKEN_LOCKED = "letter.token_locked"  # noqa: S105 -- a letter's name
    TOKEN_IN_USE = "letter.token_in_use"  # noqa: S105 -- a letter's name
    TOKEN_ENTITLED = "letter.token_entitled"  # noqa: S105 -- a letter's name
    """「ワンタイムパスワード申請お取扱い開始のご案内」 (MAL-07)."""
    TOKEN_STOPPED = "letter.token_stopped"  # noqa: S105 -- a letter's name
    """At the branch, by form."""
    TOKEN_CANCELLED = "letter.token_cancelled"  # noqa: S105 -- a letter's name
    METHOD_CHANGED = "letter.method_changed"
    BIOMETRICS_SET_UP = "letter.biometrics_set_up"
    SUSPENDED = "letter.suspended"
    """The result of a request, on the same day (MAL-13, MAL-14)."""
    SUSPENSION_REFUSED = "letter.suspension_refused"
    SUSPENSION_RELEASED = "letter.suspension_released"
    BLOCK_RELEASED = "letter.block_released"
    FORM_CLOSED = "letter.form_closed"
    CARD_LOCKED = "letter.card_locked"
    PASSWORD_RESET = "letter.password_reset"  # noqa: S105 -- a letter's name
    QUESTIONS_RESET = "letter.questions_reset"
    QUESTIONS_REGISTERED = "letter.questions_registered"


@frozen(kw_only=True)
class Letter:
    """See the module."""

    id: str
    institution: InstitutionId
    to: MailAddress
    code: LetterCode
    params: Params = field(factory=dict[str, str | int], hash=False)
    written_at: datetime
    tries: int = 0
    due_at: datetime
    """Not sent before; moved on by a dispatcher that has taken the letter up, and after a refusal."""
