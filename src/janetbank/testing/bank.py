"""A whole bank in memory, with a clock to turn: for the tests of whoever builds on this library.

    there = bank()                                   # profiles.JA, hashes that cost nothing
    taro = there.customer("kaze48nd", "soil7+rain")  # an applicant who went through the whole application
    there.clock.advance(timedelta(minutes=60))

Shape:  `TestBank` has the `NetBank` and each adapter, so that a test can set the scene and look behind it.
Source: ARCHITECTURE "How it should feel to import".
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime

from attrs import evolve, field, frozen

from janetbank import profiles
from janetbank.bank import NetBank
from janetbank.flows.enrol import Begun, Done, Enrol, Enrolled, NewAddress, Next
from janetbank.flows.log_in import LoggedIn, LogInOutcome
from janetbank.policies.accounts import AccountState, LinkedAccount
from janetbank.policies.admission import Operation
from janetbank.policies.service_hours import ROUND_THE_CLOCK, ServiceHours
from janetbank.ports.core_banking import HolderRecord, Payee
from janetbank.ports.directory import Institution, Terms
from janetbank.ports.entropy import Entropy
from janetbank.ports.keys import Keys
from janetbank.ports.storage import Storage
from janetbank.profiles.profile import Profile
from janetbank.values.account import Account, AccountType
from janetbank.values.environment import Environment
from janetbank.values.identifiers import ContractId, InstitutionId
from janetbank.values.money import Yen
from janetbank.values.person import BirthDate, KanaName, KanjiName
from janetbank.values.phone import PhoneNumber
from janetbank.values.pin import Pin
from janetbank.values.secret import Secret
from janetbank_adapters.biometrics.webauthn import WebAuthn
from janetbank_adapters.carriers.memory import MemoryCarriers
from janetbank_adapters.clock.by_hand import HandClock
from janetbank_adapters.core_banking.memory import MemoryCoreBanking
from janetbank_adapters.directory.memory import MemoryDirectory
from janetbank_adapters.entropy.seeded import SeededEntropy
from janetbank_adapters.keys.memory import MemoryKeys
from janetbank_adapters.storage.memory import MemoryStorage
from janetbank_adapters.telephony.memory import MemoryExchange

START = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
"""A Friday, 10:00 in Japan, before a long week-end."""

INSTITUTION = Institution(
    id=InstitutionId("5441"), name="JAあおぞら", prefecture="長野県", terms=Terms("ja-netbank", "2026-04")
)
NEIGHBOUR = Institution(
    id=InstitutionId("5442"), name="JAみどり", prefecture="長野県", terms=Terms("midori", "2025-10")
)

SITE = "netbank.example.jp"
ORIGIN = f"https://{SITE}"
"""Where biometric login is done."""

HOME = Environment(device="taros-computer", network="203.0.113.7", platform="windows")
CAFE = Environment(device=None, network="198.51.100.23", platform="ios")

ANSWERS = (
    ("question.primary_school", "あおぞら小学校"),
    ("question.pet", "ポチ"),
    ("question.home_town", "松本市"),
)


PAYEE = Payee(InstitutionId("0009"), Account.parse("123", "ordinary", "7654321"), "ヤマダ　ハナコ")
"""Whom everybody has had registered at the counter."""


@frozen(kw_only=True)
class Person:
    """Somebody with a carded ordinary savings account, as the host knows him."""

    __test__ = False

    account: Account = field(factory=lambda: Account.parse("001", "ordinary", "12345"))
    pin: str = field(default="8264", repr=False)
    born: date = date(1980, 1, 2)
    kana: str = "ノウキョウタロウ"
    kanji: str = "農中太郎"
    phones: Sequence[str] = ("090-1234-5678", "026-234-5678")
    mail: str = "taro@example.jp"
    further: Sequence[str] = ()
    """Further mail addresses."""
    balance: int = 10_000_000

    @property
    def savings(self) -> Account:
        """His other account at the institution, which a contract uses once it is linked."""
        return evolve(self.account, type=AccountType.SAVINGS)


@frozen(kw_only=True)
class Enrollee:
    """A customer, with what he typed, so that a test can type it again, or something else."""

    person: Person
    institution: InstitutionId
    contract: ContractId
    login_id: str
    password: Secret
    answers: tuple[tuple[str, str], ...]
    confirmation: Secret = field(factory=lambda: Secret(""))
    """His second password, where the bank has one."""

    def answer_to(self, question: str) -> Secret:
        """What he registered as the answer to *question*."""
        return Secret(dict(self.answers)[question])


class TestBank:
    """See the module."""

    __test__ = False  # pytest: this is no test

    def __init__(
        self,
        profile: Profile | None = None,
        *,
        storage: Storage | None = None,
        keys: Keys | None = None,
        entropy: Entropy | None = None,
        seed: int = 0,
        hashes_at_once: int | None = None,
    ) -> None:
        """Make one; *storage* and *keys* in the place of new ones in memory, *entropy* in that of the *seed*'s."""
        self.clock = HandClock(START)
        entropy = entropy or SeededEntropy(seed)
        self.profile = profile or profiles.fast_for_tests(profiles.JA)
        self.storage: Storage = MemoryStorage() if storage is None else storage
        self.core = MemoryCoreBanking(self.clock)
        self.keys: Keys = MemoryKeys.fresh(entropy) if keys is None else keys
        self.entropy = entropy
        self.directory = MemoryDirectory([INSTITUTION, NEIGHBOUR])
        self.exchange = MemoryExchange(self.clock)
        self.carriers = MemoryCarriers()
        self.net = NetBank(
            self.profile,
            storage=self.storage,
            core=self.core,
            directory=self.directory,
            keys=self.keys,
            exchange=self.exchange,
            clock=self.clock,
            entropy=entropy,
            biometrics=WebAuthn(rp_id=SITE, rp_name=self.profile.title, origins=(ORIGIN,)),
            carriers=self.carriers,
            hashes_at_once=hashes_at_once,
        )
        self.exchange.connect(self.net.desk)

    def open_account(self, person: Person, institution: InstitutionId = INSTITUTION.id) -> None:
        """Let *person* hold an account with a card at the host."""
        holder = HolderRecord(
            kana=KanaName(person.kana),
            kanji=KanjiName(person.kanji),
            born=BirthDate(person.born),
            phones=tuple(PhoneNumber.parse(phone) for phone in person.phones),
        )
        self.core.open_account(institution, person.account, holder, balance=Yen(person.balance))
        self.core.open_account(institution, person.savings, holder)
        self.core.books.register(institution, person.account, PAYEE)
        self.core.issue_card(institution, person.account, Pin.parse(Secret(person.pin)))

    def link_savings(self, customer: Enrollee) -> Account:
        """Let the contract of *customer* use his other account, as it does once the addition was reflected."""
        savings = customer.person.savings
        with self.storage.transaction() as tx:
            contract = tx.contracts.by_id(customer.institution, customer.contract)
            assert contract is not None
            linked = LinkedAccount(savings, AccountState.ACTIVE, None)
            tx.contracts.put(evolve(contract, accounts=(*contract.accounts, linked)))
        return savings

    def customer(
        self,
        login_id: str = "kaze48nd",
        password: str = "soil7+rain",  # noqa: S107 -- made up
        *,
        person: Person | None = None,
        institution: Institution = INSTITUTION,
        answers: tuple[tuple[str, str], ...] = ANSWERS,
        seen_from: Environment = HOME,
        confirmation: str = "moon5gate",
    ) -> Enrollee:
        """Let somebody apply, from the terms to the contract: online, or at the counter where that is not offered."""
        person = person or Person()
        self.open_account(person, institution.id)
        enrol = self._application()
        begun = enrol.begin(seen_from=seen_from)
        assert isinstance(begun, Begun), begun
        token = begun.procedure
        _expect(enrol.agree(token, institution.terms), Next)
        _expect(enrol.choose_institution(token, institution.prefecture, institution.id), Next)
        account = person.account
        proved = enrol.prove_holder(
            token,
            branch=str(account.branch),
            number=str(account.number),
            pin=Secret(person.pin),
            born=person.born.isoformat(),
        )
        _expect(proved, Next)
        chosen = enrol.set_credentials(
            token,
            login_id=login_id,
            password=Secret(password),
            again=Secret(password),
            questions=[(question, Secret(answer)) for question, answer in answers if self.profile.asks_questions],
            acknowledged=True,
            confirmation=Secret(confirmation),
            confirmation_again=Secret(confirmation),
        )
        _expect(chosen, Next)
        further = [NewAddress(mail) for mail in person.further]
        _expect(enrol.set_customer(token, mail=NewAddress(person.mail), further=further), Next)
        enrolled = enrol.confirm(token)
        assert isinstance(enrolled, Enrolled), enrolled
        _expect(enrol.choose_otp(token, apply=False), Done)
        return Enrollee(
            person=person,
            institution=enrolled.institution,
            contract=enrolled.contract,
            login_id=login_id,
            password=Secret(password),
            answers=answers,
            confirmation=Secret(confirmation if self.profile.confirmation else ""),
        )

    def _application(self) -> Enrol:
        """What enters an application; at a counter it is open whatever hours it has online."""
        hours = {**self.profile.hours, Operation.ENROL: ServiceHours(daily=ROUND_THE_CLOCK)}
        counter = evolve(self.net.platform, profile=evolve(self.profile, hours=hours))
        return self.net.enrol if self.profile.offers(Operation.ENROL) else Enrol(counter)

    def log_in(self, customer: Enrollee, *, seen_from: Environment = HOME) -> Secret:
        """Log *customer* in from a usual place: his session's token."""
        told = self.net.log_in.with_login_id(
            customer.institution, customer.login_id, customer.password, seen_from=seen_from
        )
        assert isinstance(told, LoggedIn), told
        return told.session

    def guess(self, login_id: str, password: str, *, seen_from: Environment = CAFE) -> LogInOutcome:
        """Try *password* at *login_id*, as anybody might."""
        return self.net.log_in.with_login_id(INSTITUTION.id, login_id, Secret(password), seen_from=seen_from)


def bank(profile: Profile | None = None, *, storage: Storage | None = None) -> TestBank:
    """A bank in memory of *profile* (JA with hashes that cost nothing), or over *storage*."""
    return TestBank(profile, storage=storage)


def _expect(told: object, kind: type) -> None:
    assert isinstance(told, kind), told
