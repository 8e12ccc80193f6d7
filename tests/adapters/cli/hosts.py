"""Hosts that a command is connected to by their names."""

from janetbank.ports.core_banking import HolderRecord
from janetbank.testing.bank import INSTITUTION, START
from janetbank.values.account import Account
from janetbank.values.host_answer import HostAnswer, HostWord
from janetbank.values.identifiers import InstitutionId
from janetbank.values.person import BirthDate, KanaName, KanjiName
from janetbank.values.phone import PhoneNumber
from janetbank.values.pin import Pin
from janetbank.values.secret import Secret
from janetbank_adapters.clock.by_hand import HandClock
from janetbank_adapters.core_banking.memory import MemoryCoreBanking
from janetbank_adapters.core_banking.silent import SilentCoreBanking
from tests.flows.first_use_scene import JIRO


class Executing(SilentCoreBanking):
    """It has executed whatever it is asked about."""

    def standing(self, institution: InstitutionId, key: str) -> HostAnswer | None:
        """Executed."""
        _ = institution, key
        return HostAnswer(HostWord.EXECUTED)


class Merged(SilentCoreBanking):
    """All accounts that there were are one account of another branch now."""

    def renumbered(self, institution: InstitutionId, former: Account) -> Account | None:
        """What it is numbered."""
        _ = institution
        present = Account.parse("088", "ordinary", "7654321")
        return None if former == present else present


def with_jiro() -> MemoryCoreBanking:
    """Somebody who has no contract holds an account there, with a card."""
    host = MemoryCoreBanking(HandClock(START))
    holder = HolderRecord(
        kana=KanaName(JIRO.kana),
        kanji=KanjiName(JIRO.kanji),
        born=BirthDate(JIRO.born),
        phones=tuple(PhoneNumber.parse(phone) for phone in JIRO.phones),
    )
    host.open_account(INSTITUTION.id, JIRO.account, holder)
    host.issue_card(INSTITUTION.id, JIRO.account, Pin.parse(Secret(JIRO.pin)))
    return host


NO_HOST = "not something that can be called"


def wants(address: str) -> MemoryCoreBanking:
    """What cannot be made without an argument."""
    raise NotImplementedError(address)
