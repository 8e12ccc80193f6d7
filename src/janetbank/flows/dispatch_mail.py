"""Dispatching mail: letters that were written in deciding transactions leave the outbox for the mail port.

    claim (one commit) -> hand over (outside any transaction) -> forget or postpone (one commit each)

A dispatcher that dies loses nothing: what it had claimed is due again when its lease ends, and goes out under the same
id.  So a letter may leave twice, recognisably, and never not at all; and while a lease holds, nobody else sends it.

Shape:  `MailDispatcher(platform, mail)()` hands over what is due and returns a `Dispatched`; call it again and again.
Units:  lengths are timedeltas.
Errors: what the storage raises; what the mail port raises postpones a letter or gives it up.
Source: MAL-01, MAL-06, LGN-04; ARCHITECTURE "Mail"; RFC 5321 4.5.4.1 (tried for four or five days, then given up).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import Enum

from attrs import frozen

from janetbank.flows.mail_password import in_clear
from janetbank.flows.platform import Platform
from janetbank.messages import LANGUAGES, Language, NoText, Shown, phrase
from janetbank.model.audit import ChainHead, record
from janetbank.model.events import LetterGivenUp
from janetbank.model.letter import Letter, LetterCode
from janetbank.ports.failures import PortError
from janetbank.ports.mail import Mail, Message, Undeliverable
from janetbank.ports.storage import Transaction
from janetbank.values.email import MailAddress

_RULE = "\n----------------------------------------\n"
_DOUBLINGS = 32
"""More make no difference to any length of time that a bank knows, and timedeltas have an end."""


@frozen(kw_only=True)
class Retries:
    """How long a dispatcher has for what it claimed (*lease*), and when a refused letter is tried again.

    After *first* and then after twice as long each time, up to *longest*; not at all once it is older than *lasting*.
    """

    lease: timedelta = timedelta(minutes=5)
    first: timedelta = timedelta(minutes=1)
    longest: timedelta = timedelta(hours=4)
    lasting: timedelta = timedelta(days=5)

    def pause(self, tries: int) -> timedelta:
        """How long to wait after the *tries*-th try (>= 1)."""
        return min(self.first * (1 << min(tries - 1, _DOUBLINGS)), self.longest)


class _Fate(Enum):
    SENT = "sent"
    POSTPONED = "postponed"
    GIVEN_UP = "given_up"


@frozen
class Dispatched:
    """How many letters were handed over, postponed and given up."""

    sent: int
    postponed: int
    given_up: int


@frozen
class MailDispatcher:
    """See the module."""

    _platform: Platform
    _mail: Mail
    _retries: Retries = Retries()

    def __call__(self, limit: int = 20) -> Dispatched:
        """Hand over up to *limit* letters that are due; those that the lease leaves no time for are due after it."""
        letters, until = self._claim(limit)
        fates = [self._deliver(letter) for letter in letters if self._platform.now() < until]
        return Dispatched(*(fates.count(fate) for fate in _Fate))

    def _claim(self, limit: int) -> tuple[Sequence[Letter], datetime]:
        """Letters that nobody else sends before the instant that comes with them."""

        def step(tx: Transaction) -> tuple[Sequence[Letter], datetime]:
            now = self._platform.now()
            until = now + self._retries.lease
            return tx.outbox.claim(now, until, limit), until

        return self._platform.transact(step, durable=False)

    def _deliver(self, letter: Letter) -> _Fate:
        try:
            self._mail.send(self._message(letter))
        except Undeliverable:
            return self._give_up(letter, "undeliverable")
        except (PortError, NoText):
            return self._postpone(letter)
        self._platform.transact(lambda tx: tx.outbox.done(letter.id))
        return _Fate.SENT

    def _postpone(self, letter: Letter) -> _Fate:
        now, retries = self._platform.now(), self._retries
        if now - letter.written_at >= retries.lasting:
            return self._give_up(letter, "too old")
        again = now + retries.pause(letter.tries)
        self._platform.transact(lambda tx: tx.outbox.postpone(letter.id, again), durable=False)
        return _Fate.POSTPONED

    def _give_up(self, letter: Letter, why: str) -> _Fate:
        """Forget *letter*, and say so in an audit chain of its own: it has no contract's chain to wait for."""
        chain = f"letter-{letter.id}"

        def step(tx: Transaction) -> None:
            now = self._platform.now()
            if next(tx.audit.chain(chain), None) is None:  # else its lease had ended, and another one was faster
                event = LetterGivenUp(
                    institution=letter.institution.code,
                    letter=letter.code.value,
                    written_at=letter.written_at.isoformat(),
                    tries=letter.tries,
                    why=why,
                )
                tx.audit.append([record(ChainHead(), chain, now, event)[1]])
            tx.outbox.done(letter.id)

        self._platform.transact(step)
        return _Fate.GIVEN_UP

    def _message(self, letter: Letter) -> Message:
        profile = self._platform.profile
        params = self._params(letter)
        subjects = [phrase(f"{letter.code.value}.subject", lang, **params) for lang in LANGUAGES]
        return Message(
            id=letter.id,
            written_at=letter.written_at,
            sender=MailAddress.parse(profile.mail.sender_of(letter.code)),
            sender_name=profile.title,
            to=letter.to,
            subject=f"【{profile.title}】{' / '.join(subjects)}",
            body=_RULE.join(self._body(letter, lang, params) for lang in LANGUAGES),
        )

    def _params(self, letter: Letter) -> Mapping[str, Shown]:
        """What *letter* is about; a password that is sealed in it is opened here, and stands nowhere else."""
        if letter.code is not LetterCode.MAIL_PASSWORD:
            return letter.params
        return in_clear(self._platform, letter)

    def _body(self, letter: Letter, lang: Language, params: Mapping[str, Shown]) -> str:
        profile = self._platform.profile
        institution = self._platform.directory.institution(letter.institution)
        return phrase(
            "letter.frame",
            lang,
            title=profile.title,
            institution=profile.title if institution is None else institution.name,
            contact=profile.contact.said(lang),
            written_at=letter.written_at,
            body=phrase(f"{letter.code.value}.body", lang, **params),
        )
