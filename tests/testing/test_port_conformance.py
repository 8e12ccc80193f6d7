"""The conformance suites find what is wrong: an adapter with a fault fails the law that it breaks."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from janetbank.policies.line_change import NOTHING_SAID, LineChanges
from janetbank.ports.carriers import Carriers
from janetbank.ports.clock import Clock
from janetbank.ports.core_banking import CardVerdict, CoreBanking
from janetbank.ports.directory import Directory, Institution, Terms
from janetbank.ports.entropy import Entropy
from janetbank.ports.keys import KEY_BYTES, Key, Keys, Purpose
from janetbank.ports.mail import Mail, Message
from janetbank.testing.port_conformance import (
    CARDED,
    INSTITUTION,
    KNOWN,
    PIN,
    CarriersConformance,
    ClockConformance,
    CoreBankingConformance,
    DirectoryConformance,
    EntropyConformance,
    KeysConformance,
    MailConformance,
    Read,
)
from janetbank.values.account import Account
from janetbank.values.email import MailAddress
from janetbank.values.identifiers import InstitutionId
from janetbank.values.phone import PhoneNumber
from janetbank.values.pin import Pin
from janetbank_adapters.clock.by_hand import HandClock
from janetbank_adapters.core_banking.memory import MemoryCoreBanking
from janetbank_adapters.directory.memory import MemoryDirectory
from janetbank_adapters.entropy.seeded import SeededEntropy

START = datetime(2026, 11, 21, 6, 4, tzinfo=UTC)


class Backwards(ClockConformance):
    """A clock that steps back at every tenth reading."""

    def clock(self) -> Clock:
        """The clock."""
        readings = count()

        class Faulty:
            def now(self) -> datetime:
                reading = next(readings)
                return START + timedelta(seconds=reading - (reading % 10 == 9) * 5)

        return Faulty()


class Local(ClockConformance):
    """A clock that tells no zone."""

    def clock(self) -> Clock:
        """The clock."""

        class Faulty:
            def now(self) -> datetime:
                return START.replace(tzinfo=None)

        return Faulty()


class Skewed(EntropyConformance):
    """Chance whose numbers lean to the small, that repeats tokens, and takes every bound."""

    def entropy(self) -> Entropy:
        """The source."""
        good = SeededEntropy(1)

        class Faulty:
            def token(self, size: int) -> bytes:
                return good.token(1) * size

            def below(self, bound: int) -> int:
                return good.below(256) % (bound + 2) % max(bound, 1)

        return Faulty()


class OneKey(KeysConformance):
    """One key for everything, whatever id is asked for, which shows itself."""

    def keys(self) -> Keys:
        """The keys."""

        class Faulty:
            def current(self, purpose: Purpose) -> Key:
                del purpose
                return Key("a:b", b"k" * KEY_BYTES)

            def key(self, purpose: Purpose, key_id: str) -> Key:
                del key_id
                return self.current(purpose)

            def __repr__(self) -> str:
                return f"Keys({self.current(Purpose.SEAL).material!r})"

        return Faulty()


class Everybodys(MailConformance):
    """Mail that everybody reads, and that comes as often as it was sent, without its Japanese."""

    def mail(self) -> Mail:
        """The mail port."""

        class Faulty:
            def __init__(self) -> None:
                self.sent: list[Message] = []

            def send(self, message: Message) -> None:
                self.sent.append(message)

        return Faulty()

    def inbox(self, mail: Mail, address: MailAddress) -> Sequence[Read]:
        """All there is."""
        del address
        sent: list[Message] = vars(mail)["sent"]
        return [
            Read(
                sender=str(one.sender),
                sender_name=one.sender_name,
                to=str(one.to),
                subject=one.subject.encode("ascii", "replace").decode(),
                body=one.body,
                date=one.written_at,
            )
            for one in sent
        ]


class Forgetful(CoreBankingConformance):
    """A host with a counter of its own for the cash machine, and one that never locks for good."""

    def core(self) -> CoreBanking:
        """The host."""
        return _host()

    def at_the_cash_machine(self, core: CoreBanking, account: Account, pin: Pin) -> CardVerdict:
        """Another host."""
        del core
        return _host().check_card(INSTITUTION, account, pin)


def _host() -> MemoryCoreBanking:
    core = MemoryCoreBanking(HandClock(START), pin_tries=4)
    for known in KNOWN:
        core.open_account(INSTITUTION, known.account, known.report.holder)
        core.issue_card(INSTITUTION, known.account, PIN)
    return core


class Alphabetic(DirectoryConformance):
    """A directory that lists prefectures by name and institutions as they come."""

    def directory(self) -> Directory:
        """The directory."""

        class Faulty(MemoryDirectory):
            def prefectures(self) -> Sequence[str]:
                return sorted(super().prefectures(), reverse=True)

            def institutions(self, prefecture: str) -> Sequence[Institution]:
                return list(reversed(super().institutions(prefecture)))

            def institution(self, institution: InstitutionId) -> Institution | None:
                return super().institution(institution) or there[0]

        there = [
            Institution(id=InstitutionId(code), name=code, prefecture=prefecture, terms=Terms("t", "1"))
            for code, prefecture in (("3058", "北海道"), ("5441", "長野県"), ("5448", "長野県"))
        ]
        return Faulty(there)


class Careless(CarriersConformance):
    """A carrier that says of everybody what it knows of the first, calls it another change, and forgets it."""

    def carriers(self, known: Mapping[PhoneNumber, LineChanges]) -> Carriers:
        """The carrier."""

        class Faulty:
            asked = 0

            def last_changes(self, phone: PhoneNumber) -> LineChanges:
                del phone
                self.asked += 1
                first = next(iter(known.values()), LineChanges(sim=START))
                return NOTHING_SAID if self.asked > 1 else LineChanges(device=first.sim)

        return Faulty()


CARD_LAWS = Forgetful()
LINE_LAWS = Careless()
BROKEN: list[Callable[[], None]] = [
    Backwards().test_it_never_goes_backwards,
    Local().test_an_instant_is_aware_and_in_utc,
    Skewed().test_no_token_comes_twice,
    lambda: Skewed().test_each_number_below_the_bound_is_drawn_as_often(3),
    OneKey().test_no_key_serves_two_purposes,
    OneKey().test_nothing_shows_a_key,
    lambda: OneKey().test_an_id_fits_into_a_stored_text(Purpose.SEAL),
    lambda: OneKey().test_an_unknown_id_has_no_key(Purpose.SEAL, ""),
    Everybodys().test_what_was_sent_is_read,
    Everybodys().test_a_repeat_is_recognised,
    Everybodys().test_each_reader_has_his_own,
    CARD_LAWS.test_so_many_wrong_ones_in_a_row_lock_the_card,
    CARD_LAWS.test_the_cash_machine_moves_the_same_count,
    CARD_LAWS.test_where_there_is_no_card_there_is_none,
    CARD_LAWS.test_guesses_at_once_are_counted_one_by_one,
    lambda: CARD_LAWS.test_an_account_is_reported(KNOWN[1]),
    Alphabetic().test_prefectures_stand_in_the_customary_order,
    Alphabetic().test_every_prefecture_has_institutions,
    Alphabetic().test_what_there_is_not_is_not_found,
    lambda: LINE_LAWS.test_what_is_known_is_said(PhoneNumber.parse("090-1234-5678")),
    LINE_LAWS.test_of_an_unknown_number_nothing_is_said,
    LINE_LAWS.test_asking_changes_nothing,
]


@pytest.mark.parametrize("law", BROKEN)
def test_a_broken_law_is_found(law: Callable[[], None]) -> None:
    """Each fault fails the test of the law that it breaks."""
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        law()


def test_what_is_right_passes() -> None:
    """The laws that a faulty host keeps, it passes: a fault is found where it is."""
    CARD_LAWS.test_the_right_pin_is_ok()
    CARD_LAWS.test_an_account_is_reported(CARDED)
    CARD_LAWS.test_an_unknown_account_is_none()
