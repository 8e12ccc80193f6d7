"""Mailed passwords, proved: one instruction, its letters, and whatever is typed while its text changes.

Letters are asked for at any time; the code of the last one is typed, or another code, in time, at the last instant and
too late; the text becomes another one and the former one again; one-time passwords come into use.  That an earlier
letter's code is not what the last one sealed is the flow's affair, and another code here.

Shape:  `MailPasswordMachine(rules, channel)`; time is the age of the last letter, since earlier ones count for nothing.
Source: PRF-17, MAL-10, MAL-11, OTP-21; AMB-22.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from enum import Enum

from attrs import evolve, frozen

from janetbank.policies.mail_password import Mailed, MailPasswordRules
from janetbank.profiles.profile import Profile
from janetbank.testing.explore import Machine, Way, keep
from janetbank.values.environment import Channel

SENT = datetime(2026, 4, 1, tzinfo=UTC)
TICK = timedelta(microseconds=1)
TEXTS = ("payee A", "payee B")

BOUND = "a mailed code proves nothing but the text that it was mailed for"
IN_TIME = "no mailed code counts after its time"
NO_MORE = "no more letters are written for an instruction than the rule allows"
NOT_FLOODED = "no more codes of a contract wait at once than the rule allows"
BESIDE = "where one-time passwords are in use no code is mailed, and none that was counts"
CODE_ENDS = "time alone ends what a mailed code is good for"
CODE_SERVES = "while there are letters left it can be proved"


class Act(Enum):
    """What happens."""

    ASK = "a letter is asked for"
    AMEND = "the text becomes another one"
    TYPE = "the code of the last letter is typed"
    WRONG = "another code is typed"
    USE = "one-time passwords come into use"
    WAIT = "time passes, to the next instant at which something changes"


@frozen(cache_hash=True)
class Moment:
    """What is stored of the last letter, the *text* as it is, and what a witness notes.

    He notes how many letters were *written*, the text that the last one was *for*, and the one that was *proved*;
    *others* is how many codes of the contract wait besides.
    """

    mailed: Mailed | None = None
    text: str = TEXTS[0]
    in_use: bool = False
    others: int = 0
    written: int = 0
    of: str | None = None
    proved: str | None = None
    instant: int = 0


@frozen
class MailPasswordMachine(Machine[Moment, Act]):
    """One instruction under *rules*, of somebody on this *channel*."""

    rules: MailPasswordRules
    channel: Channel

    @property
    def instants(self) -> Sequence[datetime]:
        """When the last letter was written, the last instant at which its code counts, and the first after it."""
        return (SENT, SENT + self.rules.lifetime, SENT + self.rules.lifetime + TICK)

    def starts(self) -> Iterable[Moment]:
        """Nothing was mailed for it, and for others nothing, or as much as may be, or one less."""
        return [Moment(others=others) for others in sorted({0, self.rules.waiting - 1, self.rules.waiting})]

    def events(self, state: Moment) -> Iterable[Act]:
        """Everything; time ends."""
        return (act for act in Act if act is not Act.WAIT or state.instant + 1 < len(self.instants))

    def after(self, state: Moment, event: Act) -> tuple[Moment, str]:
        """What follows, with the laws."""
        match event:
            case Act.ASK:
                return self._ask(state)
            case Act.AMEND:
                return evolve(state, text=TEXTS[state.text == TEXTS[0]]), "amended"
            case Act.USE:
                return evolve(state, in_use=True), "in use"
            case Act.WAIT:
                return evolve(state, instant=state.instant + 1), "later"
            case _:
                return self._type(state, right=event is Act.TYPE)

    def _ask(self, state: Moment) -> tuple[Moment, str]:
        now = self.instants[state.instant]
        if state.proved is not None or not self.rules.offered(self.channel, codes_in_use=state.in_use):
            return state, "not for him"
        number = self.rules.next_letter(state.mailed)
        others = [Mailed(number=1, digest=TEXTS[0], sealed="", sent_at=now)] * state.others
        if number is None or self.rules.crowded(others, now):
            return state, "no more letters"
        keep(BESIDE, not state.in_use, "one is mailed")
        keep(NO_MORE, state.written < self.rules.letters, "this is letter {}", state.written + 1)
        keep(NOT_FLOODED, state.others < self.rules.waiting, "{} wait besides", state.others)
        mailed = Mailed(number=number, digest=state.text, sealed="", sent_at=SENT)
        return evolve(state, mailed=mailed, written=state.written + 1, of=state.text, instant=0), "mailed"

    def _type(self, state: Moment, *, right: bool) -> tuple[Moment, str]:
        now, mailed = self.instants[state.instant], state.mailed
        if mailed is None or state.proved is not None:
            return state, "not awaited"
        offered = self.rules.offered(self.channel, codes_in_use=state.in_use)
        if not (right and offered and self.rules.counts(mailed, state.text, now)):
            return state, "wrong"
        keep(BOUND, state.of == state.text, "{} is proved by a letter for {}", state.text, state.of)
        keep(IN_TIME, now <= SENT + self.rules.lifetime, "it is taken {} after the letter", now - SENT)
        keep(BESIDE, not state.in_use, "it is taken")
        return evolve(state, proved=state.text), "proved"

    def ways(self) -> Sequence[Way[Moment, Act]]:
        """A code ends by itself, and serves while it does not."""
        return (
            Way(
                law=CODE_ENDS,
                of=self._counts,
                to=lambda moment: not self._counts(moment),
                by=lambda act: act is Act.WAIT,
            ),
            Way(
                law=CODE_SERVES,
                of=lambda moment: (
                    not moment.in_use
                    and (self._counts(moment) or moment.written < self.rules.letters)
                    and moment.others < self.rules.waiting
                    and self.channel in self.rules.channels
                ),
                to=lambda moment: moment.proved is not None,
            ),
        )

    def _counts(self, moment: Moment) -> bool:
        return moment.mailed is not None and self.rules.counts(
            moment.mailed, moment.mailed.digest, self.instants[moment.instant]
        )

    def say(self, event: Act) -> str:
        """The act in words."""
        return event.value

    def show(self, state: Moment) -> str:
        """The letter, and what it was for."""
        letter = f"letter {state.written} was for {state.of}" if state.mailed else "no letter yet"
        since = self.instants[state.instant] - SENT
        in_use = "; one-time passwords are in use" if state.in_use else ""
        return f"{letter}, {since} ago; the text is {state.text}; {state.others} others wait{in_use}"


def machines(profile: Profile) -> Iterable[tuple[str, Machine[Moment, Act]]]:
    """The mailed passwords of *profile*, on each channel; a bank that mails none has nothing to prove."""
    if (rules := profile.mail_password) is None:
        return
    for channel in Channel:
        yield channel.value, MailPasswordMachine(rules, channel)
