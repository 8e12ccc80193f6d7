"""The proof of mailed passwords: it holds, and finds whatever is planted."""

from collections.abc import Iterable
from datetime import datetime

import pytest
from attrs import evolve, frozen

from janetbank.policies.mail_password import Mailed, MailPasswordRules
from janetbank.testing.explore import explore
from janetbank.testing.proofs import MachineOfProfile
from janetbank.testing.proofs import mail_password as proof
from janetbank.testing.proofs.mail_password import Act, MailPasswordMachine
from janetbank.values.environment import Channel
from tests.testing.proofs.planted import laws, never, story_of


@pytest.mark.requirement("MAL-10", "OTP-21")
def test_mailed_passwords_keep_every_law() -> None:
    """Every law holds in every order of asking, changing, waiting and typing; where none is offered nothing happens."""
    report = explore(MailPasswordMachine(MailPasswordRules(), Channel.PC))
    assert report.proven, report.story
    assert set(report.outcomes) >= {"mailed", "proved", "wrong", "no more letters", "not for him", "not awaited"}
    elsewhere = explore(MailPasswordMachine(MailPasswordRules(), Channel.SMARTPHONE))
    assert elsewhere.proven, elsewhere.story
    assert elsewhere.outcomes.keys().isdisjoint({"mailed", "proved"})


@frozen(kw_only=True)
class ForAnyText(MailPasswordRules):
    """A code counts for whatever the text has become."""

    def counts(self, mailed: Mailed | None, digest: str, now: datetime) -> bool:
        """Of this instruction."""
        return super().counts(mailed, mailed.digest if mailed else digest, now)


@frozen(kw_only=True)
class ForEver(MailPasswordRules):
    """A code counts whenever it is typed."""

    def counts(self, mailed: Mailed | None, digest: str, now: datetime) -> bool:
        """As if it had just been sent."""
        return super().counts(mailed and evolve(mailed, sent_at=now), digest, now)


@frozen(kw_only=True)
class AlwaysAnother(MailPasswordRules):
    """Letters are written as often as somebody asks, until the machine's own end."""

    def next_letter(self, last: Mailed | None) -> int | None:
        """One, again."""
        del last
        return 1


@frozen(kw_only=True)
class Crowd(MailPasswordRules):
    """However many wait, there is room."""

    def crowded(self, others: Iterable[Mailed], now: datetime) -> bool:
        """Never."""
        del others, now
        return False


@frozen(kw_only=True)
class BesideCodes(MailPasswordRules):
    """Whoever has one-time passwords proves by mail, too."""

    def offered(self, channel: Channel, *, codes_in_use: bool) -> bool:
        """On these channels."""
        del codes_in_use
        return super().offered(channel, codes_in_use=False)


def _at(rules: MailPasswordRules) -> MailPasswordMachine:
    return MailPasswordMachine(rules, Channel.PC)


FAULTS = [
    (_at(ForAnyText()), proof.BOUND),
    (_at(ForEver()), proof.IN_TIME),
    (_at(AlwaysAnother()), proof.NO_MORE),
    (_at(Crowd()), proof.NOT_FLOODED),
    (_at(BesideCodes()), proof.BESIDE),
    (never(_at(MailPasswordRules()), Act.WAIT), proof.CODE_ENDS),
    (never(_at(MailPasswordRules()), Act.ASK), proof.CODE_SERVES),
]


@pytest.mark.parametrize(("machine", "law"), FAULTS)
def test_a_planted_fault_is_told(machine: MachineOfProfile, law: str) -> None:
    """Each fault ends in a story of the law that it breaks."""
    assert story_of(machine).law == law


def test_every_law_has_a_fault() -> None:
    """There is no law that nothing was ever found to break."""
    assert {law for _, law in FAULTS} == laws(proof)
