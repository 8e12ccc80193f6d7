"""The laws of the host find a host that breaks them."""

from collections.abc import Callable
from datetime import date

import pytest
from attrs import evolve

from janetbank.ports.core_banking import Payee
from janetbank.testing.host_conformance import HERE, REGISTERED, SOURCE, Host, HostConformance
from janetbank.values.account import Account
from janetbank.values.bill import Bill, BillNumbers
from janetbank.values.host_answer import HostAnswer, HostWord
from janetbank.values.identifiers import InstitutionId
from janetbank.values.instruction import Content, InstructionKind, Transfer
from janetbank.values.money import Yen
from janetbank_adapters.core_banking.memory import MemoryCoreBanking
from tests.adapters.core_banking.test_books import a_host


class Faulty(MemoryCoreBanking):
    """A host that may break the laws: it does what the sound one does."""

    def __init__(self, sound: MemoryCoreBanking) -> None:
        """In front of the *sound* one."""
        self.__dict__.update(sound.__dict__)


class Oblivious(Faulty):
    """It keeps no keys: whatever it is asked it does again."""

    asked = 0

    def instruct(self, institution: InstitutionId, content: Content) -> HostAnswer:
        """Do it."""
        self.asked += 1
        return super().instruct(institution, evolve(content, reference=f"{content.reference}-{self.asked}"))

    def standing(self, institution: InstitutionId, key: str) -> HostAnswer | None:
        """It is always the first one."""
        return super().standing(institution, f"{key}-1")

    def cancel(self, institution: InstitutionId, key: str) -> HostAnswer:
        """It is always the first one."""
        return super().cancel(institution, f"{key}-1")


class Hasty(Faulty):
    """It does everything at once, whatever the day."""

    def instruct(self, institution: InstitutionId, content: Content) -> HostAnswer:
        """Do it."""
        self.books.processing = True
        return super().instruct(institution, evolve(content, date=date(2026, 11, 20)))


class Forgiving(Faulty):
    """It says that everything can be cancelled, and forgets what it has not heard of."""

    def cancel(self, institution: InstitutionId, key: str) -> HostAnswer:
        """Of course."""
        if super().standing(institution, key) is not None:
            super().cancel(institution, key)
        return HostAnswer(HostWord.CANCELLED)


class Trusting(Faulty):
    """It takes everybody's word: for the kind of a transfer, and for a bill's numbers."""

    def instruct(self, institution: InstitutionId, content: Content) -> HostAnswer:
        """Do it."""
        if isinstance(content, Transfer):
            content = evolve(content, kind=InstructionKind.AD_HOC_TRANSFER)
        return super().instruct(institution, content)

    def payees(self, institution: InstitutionId, account: Account) -> tuple[Payee, ...]:
        """Everybody's."""
        del institution, account
        return (REGISTERED,)

    def bill(self, institution: InstitutionId, numbers: BillNumbers) -> Bill | None:
        """Some bill of that biller."""
        for printed, bill in self.books._bills[HERE]:
            if printed.biller == numbers.biller:
                return bill
        return super().bill(institution, numbers)


class Vague(Faulty):
    """It knows every account."""

    def balance(self, institution: InstitutionId, account: Account) -> Yen | None:
        """What is on some account."""
        return super().balance(institution, account) or super().balance(HERE, SOURCE)


def laws(kind: type[Faulty]) -> HostConformance:
    """The laws, before a host of this *kind*."""

    class Before(HostConformance):
        def host(self) -> Host:
            core, sound = a_host()
            return evolve(sound, core=kind(core))

    return Before()


BROKEN: list[Callable[[], None]] = [
    laws(Oblivious).test_todays_is_executed_once,
    laws(Oblivious).test_many_who_ask_at_once_are_one,
    laws(Oblivious).test_a_key_is_one_text,
    laws(Oblivious).test_a_bill_is_paid_once,
    laws(Hasty).test_another_days_waits_for_its_day,
    laws(Hasty).test_a_reservation_needs_the_money_on_its_day,
    laws(Hasty).test_yesterdays_is_over,
    laws(Hasty).test_what_comes_after_hours_is_accepted,
    laws(Hasty).test_a_reservation_is_cancelled_for_good,
    laws(Forgiving).test_what_was_never_heard_of_never_will_be,
    laws(Forgiving).test_what_is_done_is_not_undone,
    laws(Trusting).test_a_registered_payee_is_registered,
    laws(Trusting).test_ones_own_account_is_ones_own,
    laws(Trusting).test_a_bill_is_found_by_all_its_numbers,
    laws(Vague).test_of_an_unknown_account_nothing_is_said,
]


@pytest.mark.parametrize("law", BROKEN)
def test_a_broken_law_is_found(law: Callable[[], None]) -> None:
    """Each fault fails the test of the law that it breaks."""
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        law()


def test_what_is_right_passes() -> None:
    """The laws that a faulty host keeps, it passes: a fault is found where it is."""
    laws(Oblivious).test_two_keys_are_two_instructions()
    laws(Hasty).test_todays_is_executed_once()
    laws(Trusting).test_no_bill_is_paid_but_as_it_is()
