"""Mail-notified passwords: mailing a code for an instruction, and another one where that did not come.

The code is drawn for one text of one instruction and kept sealed, beside that instruction and in the letter that waits
for its dispatcher; nobody reads it but whoever reads the mail.  It goes to the first of the customer's addresses, which
he registered with his data (MAL-11), and names payee and amount, so that whoever reads it sees what it is for.

Shape:  `mailed` gives the instruction with its code, not yet put, or None where no more letters are written.
Source: PRF-17, MAL-10, MAL-11, OTP-21; AMB-22; standards.md C23, C24, C30.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import ClassVar

from attrs import evolve, frozen

from janetbank.flows.instructions import NotAuthorised, move, own
from janetbank.flows.personal_data import customer_of
from janetbank.flows.platform import Platform
from janetbank.flows.sessions import Found, SessionRefusal, in_session
from janetbank.flows.tokens import method_of
from janetbank.messages import Shown
from janetbank.model.contract import Contract
from janetbank.model.instruction import Instruction
from janetbank.model.letter import Letter, LetterCode
from janetbank.model.token import Token
from janetbank.policies.admission import Operation
from janetbank.policies.instruction import InstructionState
from janetbank.policies.mail_password import Mailed, MailPasswordRules
from janetbank.policies.step_up import Need, Proof, needed
from janetbank.policies.token import TokenState
from janetbank.ports.storage import Transaction
from janetbank.values.environment import Channel
from janetbank.values.instruction import InstructionKind
from janetbank.values.otp_method import OtpMethod
from janetbank.values.secret import Secret


@frozen
class MailPasswordSent:
    """A password was mailed for this instruction: enter it by *until*."""

    reference: str
    until: datetime
    code: ClassVar[str] = "instruction.mail_password_sent"


@frozen
class NoMoreLetters:
    """So many passwords were mailed, for this instruction or others that wait, that no more are for a while."""

    code: ClassVar[str] = "instruction.no_more_letters"


AgainOutcome = MailPasswordSent | NoMoreLetters | NotAuthorised | SessionRefusal


def need_of(platform: Platform, tx: Transaction, contract: Contract, kind: InstructionKind, channel: Channel) -> Need:
    """Which proof an instruction of this *kind* needs of somebody on this *channel*."""
    token = tx.tokens.latest_of(contract.institution, contract.id)
    by_mail = _by_mail(platform, token, channel)
    return needed(kind, _method(token), by_mail=by_mail, locked=_is_locked(token))


def _by_mail(platform: Platform, token: Token | None, channel: Channel) -> bool:
    rules = platform.profile.mail_password
    return rules is not None and rules.offered(channel, codes_in_use=_method(token) is not None)


def _method(token: Token | None) -> OtpMethod | None:
    """The method of a token in use, or of one that is locked, which only another one takes the place of."""
    return token.method if token is not None and _is_locked(token) else method_of(token)


def _is_locked(token: Token | None) -> bool:
    return token is not None and token.state is TokenState.LOCKED


def mailed(
    platform: Platform, tx: Transaction, contract: Contract, instruction: Instruction, now: datetime
) -> Instruction | None:
    """*instruction* with a new password, which is mailed; the former one counts no more."""
    rules = _rules(platform)
    number = rules.next_letter(instruction.mailed)
    waiting = tx.instructions.waiting_of(contract.institution, contract.id)
    others = [one.mailed for one in waiting if one.mailed is not None and one.reference != instruction.reference]
    if number is None or rules.crowded(others, now):
        return None
    code = rules.code(platform.entropy.below(rules.codes))
    sealed = platform.vault.seal(code.reveal().encode(), *_row(instruction.reference, number))
    kept, content = Mailed(number=number, digest=instruction.digest, sealed=sealed, sent_at=now), instruction.content
    tx.outbox.add(
        [
            Letter(
                id=platform.vault.identifier(),
                institution=contract.institution,
                to=customer_of(tx, contract).addresses[0].mail,
                code=LetterCode.MAIL_PASSWORD,
                params={
                    "reference": instruction.reference,
                    "number": number,
                    "sealed": sealed,
                    "until": rules.until(kept).isoformat(),
                    "payee": content.payee_name,
                    "amount": content.amount.amount,
                },
                written_at=now,
                due_at=now,
            )
        ]
    )
    return evolve(instruction, mailed=kept)


def in_clear(platform: Platform, letter: Letter) -> Mapping[str, Shown]:
    """What a letter with a password is about, with that in the clear: for the mail that it becomes alone."""
    params = letter.params
    reference, number, sealed = str(params["reference"]), int(params["number"]), str(params["sealed"])
    return {
        "password": _opened(platform, reference, number, sealed).reveal(),
        "until": datetime.fromisoformat(str(params["until"])),
        "payee": params["payee"],
        "amount": f"{params['amount']:,}",
    }


def _opened(platform: Platform, reference: str, number: int, sealed: str) -> Secret:
    return Secret(platform.vault.open(sealed, *_row(reference, number)).decode())


def right(platform: Platform, tx: Transaction, contract: Contract, there: Instruction, typed: Secret) -> bool:
    """Whether *typed* is the password that counts for *there* now, of somebody who has no codes in use."""
    rules, now, kept = _rules(platform), platform.now(), there.mailed
    in_use = _method(tx.tokens.latest_of(contract.institution, contract.id)) is not None
    if kept is None or in_use or not rules.counts(kept, there.content.digest, now):
        return False
    return _opened(platform, there.reference, kept.number, kept.sealed) == rules.canonical(typed)


def again(platform: Platform, session: Secret, reference: str, kinds: Collection[InstructionKind]) -> AgainOutcome:
    """Mail another password for an instruction, of one of these *kinds*, that waits for one."""

    def act(tx: Transaction, found: Found, now: datetime) -> MailPasswordSent | NoMoreLetters | NotAuthorised:
        there = awaited(tx, found.contract, reference, kinds, Proof.MAIL_PASSWORD)
        token = tx.tokens.latest_of(found.contract.institution, found.contract.id)
        if there is None or not _by_mail(platform, token, found.session.channel):
            return NotAuthorised()
        anew = mailed(platform, tx, found.contract, there, now)
        if anew is None:
            return NoMoreLetters()
        move(tx, found.contract, anew, now)
        return told(platform, anew)

    return in_session(platform, Operation.PROVE_BY_MAIL, session, act)


def told(platform: Platform, instruction: Instruction) -> MailPasswordSent:
    """Until when the password counts that was mailed for *instruction*."""
    assert instruction.mailed is not None
    return MailPasswordSent(instruction.reference, _rules(platform).until(instruction.mailed))


def awaited(
    tx: Transaction, contract: Contract, reference: str, kinds: Collection[InstructionKind], proof: Proof
) -> Instruction | None:
    """The instruction with this *reference*, of one of these *kinds*, if it waits for this *proof*."""
    there = own(tx, contract, reference, kinds)
    waits = there is not None and there.state is InstructionState.PROOF_AWAITED and there.proof is proof
    return there if waits else None


def still_awaited(tx: Transaction, read: Instruction) -> Instruction | None:
    """The instruction which `awaited` found in a transaction before this one, if it waits for its proof still."""
    there = tx.instructions.still(read)
    return there if there is not None and there.state is InstructionState.PROOF_AWAITED else None


def _rules(platform: Platform) -> MailPasswordRules:
    rules = platform.profile.mail_password
    assert rules is not None, "nothing waits for a password by mail where there is none"
    return rules


def _row(reference: str, number: int) -> tuple[str, ...]:
    return ("mail password", reference, str(number))
