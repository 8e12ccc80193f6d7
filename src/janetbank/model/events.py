"""Events: what an audit entry can say. Plain data only; no secret, no clear telephone number, no PIN.

Shape:  frozen classes; the class name is the entry's kind, so a name, once shipped, is never reused.
Source: ARCHITECTURE "Audit"; ENR-16 (all five checks are logged), LCK-01..03, PWR-11 (audited), AMB-39.
"""

from attrs import frozen


@frozen
class GuessReserved:
    """A guess at *counter*'s secret took *ticket*; where it is not followed by another event it counts as wrong."""

    counter: str
    ticket: int


@frozen
class GuessWrong:
    """The guess was wrong. *standing* after it: counted (and still open), locked or blocked."""

    counter: str
    ticket: int
    standing: str


@frozen
class GuessRight:
    """The guess was right, but the door had closed meanwhile, so it let nobody in."""

    counter: str
    ticket: int


@frozen
class GuessTooLate:
    """The guess was right, but its ticket had run out, so it was refused."""

    counter: str
    ticket: int


@frozen
class GuessGivenBack:
    """Nobody learned whether the guess was right; it counts for nothing."""

    counter: str
    ticket: int


@frozen
class LockedOut:
    """The *lockouts*-th lock in a row of *counter*, noticed now."""

    counter: str
    lockouts: int


@frozen
class Blocked:
    """*counter* blocked its contract, noticed now."""

    counter: str


@frozen
class LoggedIn:
    """A session opened. *by*: the way in (login id, account)."""

    by: str
    channel: str
    ticket: int


@frozen
class QuestionAsked:
    """The password was right and the place unusual, for these *reasons*: question number *question* is asked."""

    ticket: int
    question: int
    reasons: tuple[str, ...]


@frozen
class QuestionAnswered:
    """The answer was right; the session may now do everything."""

    ticket: int


@frozen
class Confirmed:
    """The confirmation password was right; the session may do one act by it."""

    ticket: int


@frozen
class NoticeAsked:
    """*person* asked for two provisional passwords."""

    operator: str
    person: str


@frozen
class NoticeGiven:
    """*person*, another one, gave them out; they are good until *until*."""

    operator: str
    person: str
    until: str


@frozen
class LoginIdInitialised:
    """*person* deleted the login id, as the customer asked; nothing else."""

    operator: str
    person: str


@frozen
class LoginIdObtained:
    """The customer chose a login id, by both passwords."""


@frozen
class CustomerRegistered:
    """The customer named his address, his telephone and his limits, by the confirmation password."""


@frozen
class ConfirmationSpent:
    """The bank's own systems did *act* by the confirmation password."""

    act: str


@frozen
class ConfirmationChanged:
    """The customer chose another confirmation password; all sessions ended but his."""


@frozen
class CodeAsked:
    """Everything else was right, and the channel takes a code."""

    ticket: int


@frozen
class CallAsked:
    """The password was right and the place is not known: a call is asked for."""

    ticket: int


@frozen
class DutyDue:
    """Everything that logging in asks was shown, and this *duty* is to be done before anything else."""

    ticket: int
    duty: str


@frozen
class TokenWanted:
    """Everything that logging in asks was shown, on a channel that takes a token, and there is none."""

    ticket: int


@frozen
class QuestionsRegistered:
    """The customer registered new questions and answers."""


@frozen
class FormCompared:
    """A form of the procedure with this id named the account: how each of its items compared, in their order."""

    procedure: str
    items: tuple[str, ...]


@frozen
class CardChecked:
    """What the host said of the card's PIN, entered to complete *procedure*."""

    procedure: str
    verdict: str


@frozen
class PasswordReset:
    """The login password was reset online; all sessions ended."""


@frozen
class QuestionsReset:
    """The registered questions were deleted online; all sessions ended."""


@frozen
class ReissueBegun:
    """The password was right, *by* which name: the procedure *procedure* may have the token reissued."""

    by: str
    ticket: int
    procedure: str


@frozen
class ReissueRefused:
    """The password was right, and the customer has no token to be reissued online: *why*, as he was told."""

    by: str
    ticket: int
    why: str


@frozen
class TokenReplaced:
    """Token *new* took the place of token *old*, by the procedure whose chain ended at *procedure_digest*.

    *transfers_from*: the instant (ISO 8601) up to which this disables transfers, "" where it disables none.
    """

    old: int
    new: int
    transfers_from: str
    procedure_digest: str


@frozen
class InstructionMoved:
    """The instruction with this reference, whose text has this digest, is in *state* now."""

    reference: str
    digest: str
    state: str


@frozen
class BillFound:
    """The numbers of a bill were right; that clears nothing (LCK-06)."""

    ticket: int


@frozen
class LimitSet:
    """The daily limit of *account* is *man* 万円 from now on."""

    account: str
    man: int


@frozen
class NoticesChosen:
    """The customer wants these *notices*, besides those that nobody can switch off, at his address number *address*."""

    address: int
    notices: tuple[str, ...]


@frozen
class TokenMoved:
    """Token *number* of the contract is in *state* now, or something happened to it that *state* names."""

    number: int
    state: str


@frozen
class LoggedOut:
    """The customer ended his session."""


@frozen
class PasswordChanged:
    """The customer chose a new login password; all other sessions ended."""


@frozen
class LoginIdChanged:
    """The customer chose a new login id; all other sessions ended."""


@frozen
class ProcedureStep:
    """A procedure went from one step to another by an act."""

    act: str
    step: str


@frozen
class HolderChecked:
    """Proof of the account holder: the outcome of the card and of each of the five checks, in their order.

    *born*: whether the birth date was the holder's: same, other or unknown.
    """

    card: str
    born: str
    checks: tuple[str, ...]


@frozen
class ContractApplied:
    """The contract came out of the procedure whose chain ended at *procedure_digest*; to what was agreed in it, when.

    The procedure itself is forgotten soon, the chain never (ENR-02).
    """

    procedure_digest: str
    terms: str
    terms_version: str
    agreed_at: str


@frozen
class AccountChecked:
    """The outcome of each check of an account that was to be added, in their order."""

    account: str
    checks: tuple[str, ...]


@frozen
class AccountAdditionAccepted:
    """The account will be added on *effective_on*."""

    account: str
    effective_on: str


@frozen
class AccountDeletionAccepted:
    """The account will be deleted on *effective_on*."""

    account: str
    effective_on: str


@frozen
class CancellationRefused:
    """The customer wanted to cancel his contract online, and this stood in the way."""

    hindrances: tuple[str, ...]


@frozen
class CancellationAccepted:
    """The contract ends on *effective_on*."""

    effective_on: str


@frozen
class ContractReflected:
    """The night batch of *day*: the contract is *status* now."""

    day: str
    status: str


@frozen
class AccountRenumbered:
    """The host numbers the account *present* now, and *former* no more."""

    former: str
    present: str


@frozen
class AccountReflected:
    """The night batch of *day*: the account is *state* now."""

    day: str
    account: str
    state: str


@frozen
class BatchBegun:
    """The night batch of a day began, *previous* being the day of the one before."""

    previous: str


@frozen
class BatchStepDone:
    """A step of the night batch is done; *counts*: what it has done so far, by name."""

    step: str
    counts: tuple[str, ...]


@frozen(kw_only=True)
class LetterGivenUp:
    """A letter of *institution*, written at *written_at*, could not be handed over after so many *tries*."""

    institution: str
    letter: str
    written_at: str
    tries: int
    why: str


# --- Behind the counter -----------------------------------------------------------------------------------------------


@frozen
class OperatorRegistered:
    """An account was opened for *person*, with *roles*, by whoever holds the bank's keys."""

    person: str
    roles: tuple[str, ...]


@frozen
class OperatorRenewed:
    """An account was given another initial password, by whoever holds the bank's keys; its sessions ended."""


@frozen
class OperatorRetired:
    """An account was closed, by whoever holds the bank's keys."""


@frozen
class OperatorSignedIn:
    """A session opened."""

    ticket: int


@frozen
class OperatorSignedOut:
    """The operator ended his session."""


@frozen
class OperatorPasswordChanged:
    """The operator chose another password; all other sessions ended."""


@frozen(kw_only=True)
class OperatorActed:
    """What an operator did or was refused: his *part* of *act*, with the terminal's *codes*; what he was *told*."""

    act: str
    part: str
    codes: tuple[str, ...]
    contract: str | None
    case: str | None
    told: str


@frozen(kw_only=True)
class CaseMoved:
    """A case of the contract is in *state* now, by the *part* of *act* that *operator*, who is *person*, did.

    *codes* are the terminal's, *paper* what was before him, *reason* why he rejected it.
    """

    case: str
    kind: str
    subject: str
    state: str
    act: str
    part: str
    operator: str
    person: str
    codes: tuple[str, ...]
    paper: str | None
    reason: str | None
