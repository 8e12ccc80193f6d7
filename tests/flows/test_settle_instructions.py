"""Settling: everything that is due is asked about, page by page, and a silent host is left in peace."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from attrs import evolve

from janetbank.flows.hand_over import AnswerAwaited, Reserved
from janetbank.flows.settle_instructions import Settled, settle
from janetbank.policies.instruction import InstructionState
from janetbank.ports.core_banking import KeyReused
from janetbank.ports.failures import Unavailable
from janetbank.testing.bank import INSTITUTION, NEIGHBOUR, bank
from janetbank.values.host_answer import HostAnswer
from janetbank.values.identifiers import InstitutionId
from janetbank.values.instruction import Content
from janetbank_adapters.core_banking.memory import MemoryCoreBanking
from tests.flows.money_scene import authorised, balance, books, stored
from tests.flows.scene import HANAKO
from tests.flows.token_scene import LATER_DAY, Telephone

NOTHING = Settled(asked=0, moved=0, silent=0)


@pytest.fixture
def phone() -> Telephone:
    """Taro, logged in."""
    there = bank()
    return Telephone.of(there, there.customer())


def left_open(phone: Telephone, count: int) -> list[str]:
    """So many transfers of a yen to which the host has not answered, and which he has not heard of."""
    references = [authorised(phone, 1) for _ in range(count)]
    books(phone.there).time_out("before", times=count)
    for reference in references:
        assert isinstance(phone.there.net.instruct.execute(phone.session, reference), AnswerAwaited)
    return references


@pytest.mark.parametrize("page", [1, 3, 7, 8])
def test_everything_is_asked_for_whatever_the_page(phone: Telephone, page: int) -> None:
    """Each once, and executed; then there is nothing left."""
    references = left_open(phone, 7)
    platform = phone.there.net.platform
    assert settle(platform, page=page) == Settled(asked=7, moved=7, silent=0)
    assert {stored(phone.there, one).state for one in references} == {InstructionState.EXECUTED}
    assert settle(platform, page=page) == NOTHING


def test_one_silence_does_not_keep_the_others_waiting(phone: Telephone) -> None:
    """What the host did not answer is found again, as it was; the others are done."""
    left_open(phone, 4)
    platform = phone.there.net.platform
    books(phone.there).time_out("after", times=1)
    assert settle(platform) == Settled(asked=4, moved=3, silent=1)
    assert settle(platform) == Settled(asked=1, moved=1, silent=0)
    assert len(books(phone.there).done) == 4


def test_a_host_that_does_not_answer_is_not_asked_about_everything(phone: Telephone) -> None:
    """After a page of silence it is enough; nothing is lost by that."""
    left_open(phone, 7)
    platform = phone.there.net.platform
    phone.there.core.reachable = False
    assert settle(platform, page=3) == Settled(asked=3, moved=0, silent=3)
    phone.there.core.reachable = True
    assert settle(platform, page=3) == Settled(asked=7, moved=7, silent=0)


class Halved(MemoryCoreBanking):
    """Hosts of several institutions, of which one does not answer."""

    def __init__(self, sound: MemoryCoreBanking, silent: InstitutionId) -> None:
        """In front of the *sound* ones."""
        self.__dict__.update(sound.__dict__)
        self.silent, self.asked = silent, 0

    def instruct(self, institution: InstitutionId, content: Content) -> HostAnswer:
        """Answer for the others."""
        if institution == self.silent:
            self.asked += 1
            raise Unavailable
        return super().instruct(institution, content)


@pytest.mark.parametrize("silent", [INSTITUTION.id, NEIGHBOUR.id])
def test_one_institutions_silence_keeps_no_other_waiting(phone: Telephone, silent: InstitutionId) -> None:
    """Whose host is silent through a page is asked no more of it, and whatever is the others' is done."""
    there = phone.there
    neighbour = Telephone.of(there, there.customer("yuki73kd", person=HANAKO, institution=NEIGHBOUR))
    mine, theirs = left_open(phone, 4), left_open(neighbour, 4)
    host = Halved(there.core, silent)
    assert settle(evolve(there.net.platform, core=host), page=1) == Settled(asked=5, moved=4, silent=1)
    assert host.asked == 1
    done = theirs if silent == INSTITUTION.id else mine
    assert {stored(there, one).state for one in done} == {InstructionState.EXECUTED}
    assert settle(there.net.platform, page=1) == Settled(asked=4, moved=4, silent=0)


class Confused(MemoryCoreBanking):
    """A host that knows something else under one key."""

    def __init__(self, sound: MemoryCoreBanking, key: str) -> None:
        """In front of the *sound* one."""
        self.__dict__.update(sound.__dict__)
        self.key = key

    def instruct(self, institution: InstitutionId, content: Content) -> HostAnswer:
        """Refuse to do it."""
        if content.reference == self.key:
            raise KeyReused
        return super().instruct(institution, content)


def test_what_cannot_be_done_under_its_key_is_left_for_people(phone: Telephone) -> None:
    """It stays open, time and again, and the others are done."""
    first, *_ = left_open(phone, 3)
    platform = evolve(phone.there.net.platform, core=Confused(phone.there.core, first))
    assert settle(platform) == Settled(asked=3, moved=2, silent=1)
    assert settle(platform) == Settled(asked=1, moved=0, silent=1)
    assert stored(phone.there, first).state is InstructionState.HANDED_OVER


def test_what_waits_for_its_day_is_not_asked_about(phone: Telephone) -> None:
    """And nor is anything that the host has nothing of."""
    authorised(phone)
    reserved = authorised(phone, day=LATER_DAY)
    assert isinstance(phone.there.net.instruct.execute(phone.session, reserved), Reserved)
    assert settle(phone.there.net.platform) == NOTHING


def test_the_day_is_the_one_in_japan(phone: Telephone) -> None:
    """A reservation is asked about from midnight in Japan on, to the instant."""
    reserved, there = authorised(phone, day=LATER_DAY), phone.there
    assert isinstance(there.net.instruct.execute(phone.session, reserved), Reserved)
    midnight = there.clock.now().replace(day=23, hour=15)
    there.clock.set(midnight - timedelta.resolution)
    assert settle(there.net.platform) == NOTHING
    there.clock.set(midnight)
    assert settle(there.net.platform) == Settled(asked=1, moved=1, silent=0)


def test_many_may_settle_at_once(phone: Telephone) -> None:
    """However many do, the host pays each once."""
    left_open(phone, 8)
    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(settle, [phone.there.net.platform] * 8))
    assert all(one.silent == 0 for one in told)
    assert len(books(phone.there).done) == 8
    assert balance(phone.there, phone.taro) == 10_000_000 - 8
    assert settle(phone.there.net.platform) == NOTHING
