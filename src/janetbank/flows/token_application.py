"""Token application: what issuing and reissuing a token have in common: its details, the token itself, its ids by mail.

Shape:  `examine` gives the address, or everything that is wrong; `drawn` a token that waits for its call; `issued` the
        token after it, not yet put; `entitled` whether a customer may have one at all.
Source: TKN-05..07, TKR-06, TKR-07, TKR-09, CRD-10, MAL-03..05, MAL-08; APP-04, APP-14; PRF-03.
"""

from __future__ import annotations

from datetime import datetime

from janetbank.flows.platform import Platform
from janetbank.flows.refusals import Rejected
from janetbank.model.contract import Contract
from janetbank.model.letter import Letter, LetterCode
from janetbank.model.token import Token
from janetbank.policies.token import TokenEvent, TokenForm, TokenState
from janetbank.ports.storage import Transaction
from janetbank.values.email import MailAddress
from janetbank.values.guessable import PersonalData
from janetbank.values.secret import Secret
from janetbank.values.violation import InvalidValue, Violation

_USER_ID_DIGITS = 7


def entitled(platform: Platform, contract: Contract) -> bool:
    """Whether the customer of *contract* may have a token; where that takes a form, once it is registered (PRF-03)."""
    return TokenForm.ENTITLE not in platform.profile.token.by_form or contract.otp_entitled_at is not None


def examine(
    platform: Platform, about: PersonalData, *, mail: str, mail_again: str, start_password: Secret, again: Secret
) -> MailAddress | Rejected:
    """The address that the ids are to go to, if it is one and the start password may be set by whom it is *about*."""
    rules = platform.profile.token.start_password
    violations = list(rules.check(start_password, about=about))
    if rules.canonical(start_password) != rules.canonical(again):
        violations.append(Violation("start_password.not_same_twice", field="again"))
    try:
        address = MailAddress.parse(mail)
    except InvalidValue as invalid:
        violations.append(invalid.violation.at("mail"))
        return Rejected(tuple(violations))
    if not _same(address, mail_again):
        violations.append(Violation("mail.not_same_twice", field="mail_again"))
    return Rejected(tuple(violations)) if violations else address


def drawn(
    platform: Platform, contract: Contract, number: int, mail: MailAddress, start_password: str, now: datetime
) -> Token:
    """Token *number* of *contract*, with ids of its own; *start_password* is the hash of what was typed."""
    user_id = platform.entropy.below(10**_USER_ID_DIGITS)
    return Token(
        institution=contract.institution,
        contract=contract.id,
        number=number,
        service_id=platform.profile.token.service_id,
        user_id=f"{user_id:0{_USER_ID_DIGITS}}",
        state=TokenState.PHONE_PENDING,
        since=now,
        mail=mail,
        start_password=start_password,
    )


def issued(platform: Platform, tx: Transaction, token: Token, now: datetime) -> Token:
    """*token*, after its call; its ids and where the app is to be had are mailed, never the start password (MAL-05)."""
    tx.outbox.add(
        [
            Letter(
                id=platform.vault.identifier(),
                institution=token.institution,
                to=token.mail,
                code=LetterCode.TOKEN_ISSUED,
                params={
                    "service_id": token.service_id,
                    "user_id": token.user_id,
                    "download": platform.profile.token.download,
                },
                written_at=now,
                due_at=now,
            )
        ]
    )
    return token.on(TokenEvent.PROVE_PHONE, now)


def _same(address: MailAddress, again: str) -> bool:
    try:
        return MailAddress.parse(again) == address
    except InvalidValue:
        return False


def held_from(platform: Platform, contract: Contract, now: datetime) -> datetime | None:
    """From when transfers can be made, where a token is new at *now* so soon after a reset; None: as before (AMB-11).

    A first token is no better than a reissued one: both take the telephone, and the reset took telephone and PIN.
    """
    cooling_off = platform.profile.cooling_off
    return None if cooling_off is None else cooling_off.opens(contract.password_reset_at, now)
