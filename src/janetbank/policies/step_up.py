"""Step-up: which proof an instruction needs beyond the session, and when it cannot be given at all.

One table, of every kind of instruction under every method, so that no flow decides this by itself.  Beside it, what a
bank may have guarded by its second password, and what a registered question guards wherever it is not.

* Without a token in use nothing asks for a proof by token; what needs one is refused, not merely warned of.  A token
  that is locked is no such: what it would prove is refused until there is another one.
* Under transaction authentication every transfer is approved in the app, except to payees registered at the counter,
  whom nobody can change online.  Until the app has confirmed the method those transfers wait for it.
* Pay-easy is not named under transaction authentication and takes a code under every method.

Shape:  `NEEDED[(kind, method)]` is a `Proof` or a `Hindrance`; the method is None where no token is in use.
Source: AMB-8, AMB-21; ENR-11, OTP-06, TXA-02, TXA-04, TXA-07, TXA-08, TRF-01, TRF-02, PRF-16, CRD-15, CRD-16.
"""

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType

from janetbank.values.instruction import InstructionKind
from janetbank.values.otp_method import OtpMethod


class Proof(Enum):
    """What is asked for besides the session."""

    NONE = "none"
    CODE = "code"
    """The code that the app shows."""
    APPROVAL = "approval"
    """Payee and amount, approved in the app."""
    MAIL_PASSWORD = "mail_password"  # noqa: S105 -- a proof's name, no password
    """The code that was mailed for this instruction, where somebody without a token proves by mail (PRF-17)."""


class Hindrance(Enum):
    """Why the instruction is refused whatever is offered."""

    TOKEN_NOT_IN_USE = "token_not_in_use"  # noqa: S105 -- a reason's name, no token
    APP_CONFIRMATION_REQUIRED = "app_confirmation_required"


Need = Proof | Hindrance


class Guarded(Enum):
    """What a confirmation password (確認用パスワード) may authorise; which of it, is for a profile to say."""

    TRANSFERS = "transfers"
    """振込・振替."""
    INVESTMENTS = "investments"
    """投資信託取引, which the bank's own systems do."""
    CUSTOMER_DATA = "customer_data"
    """お客さま情報変更: limits, login id, both passwords, and which letters go where."""
    TOKEN_ISSUE = "token_issue"  # noqa: S105 -- an act's name, no token


QUESTIONED = frozenset({Guarded.CUSTOMER_DATA, Guarded.TOKEN_ISSUE})
"""What takes the answer to a registered question where no confirmation password authorises it (RBA-13, AMB-39)."""

_KIND, _METHOD = InstructionKind, OtpMethod

NEEDED: Mapping[tuple[InstructionKind, OtpMethod | None], Need] = MappingProxyType(
    {
        (_KIND.AD_HOC_TRANSFER, None): Hindrance.TOKEN_NOT_IN_USE,
        (_KIND.AD_HOC_TRANSFER, _METHOD.PASSCODE): Proof.CODE,
        (_KIND.AD_HOC_TRANSFER, _METHOD.TXA_PENDING_APP): Hindrance.APP_CONFIRMATION_REQUIRED,
        (_KIND.AD_HOC_TRANSFER, _METHOD.TXA_ENABLED): Proof.APPROVAL,
        (_KIND.OWN_TRANSFER, None): Proof.NONE,
        (_KIND.OWN_TRANSFER, _METHOD.PASSCODE): Proof.NONE,
        (_KIND.OWN_TRANSFER, _METHOD.TXA_PENDING_APP): Hindrance.APP_CONFIRMATION_REQUIRED,
        (_KIND.OWN_TRANSFER, _METHOD.TXA_ENABLED): Proof.APPROVAL,
        (_KIND.REGISTERED_PAYEE_TRANSFER, None): Proof.NONE,
        (_KIND.REGISTERED_PAYEE_TRANSFER, _METHOD.PASSCODE): Proof.NONE,
        # Exempt from the approval, so there is nothing that the app would have to confirm first.
        (_KIND.REGISTERED_PAYEE_TRANSFER, _METHOD.TXA_PENDING_APP): Proof.NONE,
        (_KIND.REGISTERED_PAYEE_TRANSFER, _METHOD.TXA_ENABLED): Proof.NONE,
        (_KIND.PAYEASY_PRIVATE, None): Hindrance.TOKEN_NOT_IN_USE,
        (_KIND.PAYEASY_PRIVATE, _METHOD.PASSCODE): Proof.CODE,
        (_KIND.PAYEASY_PRIVATE, _METHOD.TXA_PENDING_APP): Proof.CODE,
        (_KIND.PAYEASY_PRIVATE, _METHOD.TXA_ENABLED): Proof.CODE,
        (_KIND.PAYEASY_PUBLIC, None): Proof.NONE,
        (_KIND.PAYEASY_PUBLIC, _METHOD.PASSCODE): Proof.NONE,
        (_KIND.PAYEASY_PUBLIC, _METHOD.TXA_PENDING_APP): Proof.NONE,
        (_KIND.PAYEASY_PUBLIC, _METHOD.TXA_ENABLED): Proof.NONE,
    }
)


def needed(kind: InstructionKind, method: OtpMethod | None, *, by_mail: bool, locked: bool) -> Need:
    """What the table says; *by_mail*: a code by mail stands in for the token that is not there (PRF-17, MAL-10).

    *locked*: the token that has the *method* is; what it would prove is refused, for by wrong codes nobody gets rid of
    a proof (TXA-04).
    """
    need = NEEDED[kind, method]
    if locked:
        return need if need is Proof.NONE else Hindrance.TOKEN_NOT_IN_USE
    return Proof.MAIL_PASSWORD if by_mail and need is Hindrance.TOKEN_NOT_IN_USE else need
