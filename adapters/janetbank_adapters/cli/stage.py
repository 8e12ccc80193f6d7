"""Stage: a whole bank over a real store, with the people of the tour's story and a clock that is turned by hand.

Everything that costs or hides something is real: Argon2id at the profile's own cost, keys in a file, tokens from the
system's randomness, letters in a Maildir, the token app with its sealed file, WebAuthn.  What stands for the world
outside is in memory: the host with the accounts, the telephone network; and a finger is one made of software.

Shape:  Stage(profile, storage, folder).  Login ids and accounts are new each time, so the store may have been used
        before, and by others at the same time; but nights are the whole store's, and whoever else is in it has them
        too.
Errors: what the store and the key file raise.
Source: ARCHITECTURE "How it should feel to import"; LGN-01 (real institutions, where the extra is installed).
"""

from datetime import UTC, date, datetime, time
from pathlib import Path

from attrs import evolve

from janetbank.bank import NetBank
from janetbank.flows.batch import BatchOutcome, NightBatch
from janetbank.flows.dispatch_mail import MailDispatcher
from janetbank.flows.enrol import Enrol
from janetbank.policies.admission import Operation
from janetbank.policies.fees import FeeRules
from janetbank.policies.service_hours import ROUND_THE_CLOCK, ServiceHours
from janetbank.ports.core_banking import HolderRecord, Payee
from janetbank.ports.directory import Directory, Institution, Terms
from janetbank.ports.storage import Storage
from janetbank.profiles.profile import Profile
from janetbank.values.account import Account, AccountType
from janetbank.values.bill import Bill, BillNumbers
from janetbank.values.environment import Channel, Environment
from janetbank.values.identifiers import InstitutionId
from janetbank.values.moment import JST
from janetbank.values.money import Yen
from janetbank.values.person import BirthDate, KanaName, KanjiName
from janetbank.values.phone import PhoneNumber
from janetbank.values.pin import Pin
from janetbank.values.secret import Secret
from janetbank_adapters.biometrics.webauthn import WebAuthn
from janetbank_adapters.cli.people import HANAKO, JIRO, TARO, Actor, Person, suited
from janetbank_adapters.clock.by_hand import HandClock
from janetbank_adapters.core_banking.books import Books
from janetbank_adapters.core_banking.memory import MemoryCoreBanking
from janetbank_adapters.directory.memory import MemoryDirectory
from janetbank_adapters.entropy.system import SystemEntropy
from janetbank_adapters.keys.file import FileKeys
from janetbank_adapters.mail.maildir import MaildirMail
from janetbank_adapters.reports.files import FileReports
from janetbank_adapters.telephony.memory import MemoryExchange
from janetbank_adapters.token_app.app import TokenApp
from janetbank_adapters.token_app.device import Device
from janetbank_adapters.token_app.memory import Memory

START = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
"""A Friday, 10:00 in Japan, whenever the tour is walked."""

INSTITUTION = Institution(
    id=InstitutionId("5448"),
    name="松本ハイランド農協",
    prefecture="長野県",
    terms=Terms(id="ja-netbank", version="2026-04"),
)
BRANCH = "004"
DOMAIN = "example.jp"
"""Of everybody's mail: nobody has it, nor ever will (JPRS keeps it for examples)."""

ORIGIN = f"https://netbank.{DOMAIN}"
"""What the app is to WebAuthn."""

BALANCE = Yen(500_000)
"""Of everybody's account: enough for some rents."""

LANDLORD = Payee(InstitutionId("0009"), Account.parse("123", "ordinary", "7654321"), "ヤマダ　ハナコ")
"""Whom Taro had registered at the counter."""
TAX_NUMBERS = BillNumbers("20160", "20261100077", Secret("13579"))
TAX = Bill(id="motor-vehicle-tax", biller="20160", name="ナガノケン　ジドウシヤゼイ", public=True, amount=Yen(39_500))

_LETTERS = "bcdfghkmnprstwxz"
_DIGITS = "23456789"
_FEWEST_DRAWN = 6


class Stage:
    """See the module; *folder* is for the keys, the letters and what each telephone keeps."""

    def __init__(self, profile: Profile, storage: Storage, folder: Path) -> None:
        self._entropy = SystemEntropy()
        self._folder = folder
        self.keys = folder / "keys.json"
        self.letters = folder / "Maildir"
        self.reports = folder / "reports"
        self.profile = profile
        self.clock = HandClock(START)
        self._core = MemoryCoreBanking(self.clock)
        directory, self.institution = _directory()
        self.exchange = MemoryExchange(self.clock, name=self._entropy.token(8).hex())
        self.bank = NetBank(
            profile,
            storage=storage,
            core=self._core,
            directory=directory,
            keys=FileKeys.create(self.keys, self._entropy),
            exchange=self.exchange,
            clock=self.clock,
            entropy=self._entropy,
            biometrics=WebAuthn(rp_id=DOMAIN, rp_name=profile.title, origins=(ORIGIN,)),
        )
        self.exchange.connect(self.bank.desk)
        self.dispatch_mail = MailDispatcher(self.bank.platform, MaildirMail(self.letters))
        self.taro = self._actor(TARO, "sora", addresses=2)
        self.hanako = self._actor(HANAKO, "yuki", addresses=1)
        self._jiro: Actor | None = None
        self.books.register(self.institution.id, self.taro.account, LANDLORD)
        self.books.send_bill(self.institution.id, TAX_NUMBERS, TAX)
        self.second_login_id = self._fresh("kumo")
        self.nobodys_login_id = self._fresh("kage")

    @property
    def jiro(self) -> Actor:
        """Somebody who comes by a notice; he holds an account from when he is first wanted."""
        if self._jiro is None:
            self._jiro = self._actor(JIRO, "mori", addresses=1)
        return self._jiro

    @property
    def books(self) -> Books:
        """The host's, to look into, and to let his answers get lost."""
        return self._core.books

    def today(self) -> date:
        """The day that it is for the bank."""
        return self.profile.calendar.business_date(self.clock.now())

    def next_day(self) -> date:
        """The next operating day whose night has not been run."""
        latest = self.bank.platform.transact(lambda tx: tx.batch_runs.latest(), durable=False)
        over = self.today() if latest is None else max(self.today(), latest.day)
        return self.profile.calendar.next_operating_day(over)

    def come(self, day: date) -> None:
        """It is ten o'clock on *day*."""
        self.clock.set(datetime.combine(day, time(10), JST))

    def night(self, fees: FeeRules | None = None) -> BatchOutcome:
        """The night batch of today, at the profile's fees unless others are given."""
        platform, profile = self.bank.platform, self.profile
        charging = evolve(platform, profile=evolve(profile, fees=fees or profile.fees))
        return NightBatch(charging, FileReports(self.reports))(self.today())

    def _actor(self, person: Person, word: str, *, addresses: int) -> Actor:
        """*person* with an account of his own, which the host knows, and with what he will choose."""
        login_id = self._fresh(word)
        account = Account.parse(BRANCH, "ordinary", str(1 + self._entropy.below(9_999_999)))
        holder = HolderRecord(
            kana=KanaName(person.kana),
            kanji=KanjiName(person.kanji),
            born=BirthDate(person.born),
            phones=(PhoneNumber.parse(person.phone),),
        )
        self._core.open_account(self.institution.id, account, holder, balance=BALANCE)
        self._core.open_account(self.institution.id, evolve(account, type=AccountType.SAVINGS), holder)
        self._core.issue_card(self.institution.id, account, Pin(person.pin))
        return Actor(
            person=person,
            bank=self.bank,
            institution=self.institution,
            account=account,
            mails=tuple(f"{login_id}.{which}@{DOMAIN}" for which in ("home", "work")[:addresses]),
            login_id=login_id,
            password=suited(self.profile.password, Secret("soil7+rain")),
            enrol=self._application(),
            phone_mail=f"{login_id}.phone@{DOMAIN}",
            new_phone_mail=f"{login_id}.new@{DOMAIN}",
            line=self.exchange.telephone(person.phone),
            app=self._app(f"telephone-of-{word}"),
            home=Environment(device=f"computer-of-{login_id}", network="203.0.113.7", platform="windows"),
            outside=Environment(
                device=f"telephone-of-{login_id}",
                network="203.0.113.7",
                platform="android",
                channel=Channel.SMARTPHONE,
            ),
        )

    def give_telephone(self, actor: Actor) -> None:
        """Let *actor* have another telephone in the place of the one that he lost: another app, another device."""
        device = f"new-telephone-of-{actor.login_id}"
        actor.app = self._app("new-telephone")
        actor.outside = evolve(actor.outside, device=device)

    def _app(self, telephone: str) -> TokenApp:
        """The token app on a *telephone* that keeps its files apart from the others."""
        there = self._folder / telephone
        there.mkdir()
        memory = Memory(there / "app.json", Device.at(there / "device.key"))
        return TokenApp(self.bank, memory, self.clock, name=lambda _: self.institution.name, origin=ORIGIN)

    def _fresh(self, word: str) -> str:
        """A login id that begins with *word*, that nobody guesses and, as good as surely, nobody else has."""
        drawn = "".join(self._one_of(_LETTERS if place % 3 else _DIGITS) for place in range(self._drawn(word)))
        return self._fresh(word) if self.profile.login_id.check(f"{word}{drawn}") else f"{word}{drawn}"

    def _drawn(self, word: str) -> int:
        return max(_FEWEST_DRAWN, self.profile.login_id.length.min - len(word))

    def _application(self) -> Enrol:
        """Online; where that is not offered, at the counter, which enters what the customer's form says."""
        if self.profile.offers(Operation.ENROL):
            return self.bank.enrol
        hours = {**self.profile.hours, Operation.ENROL: ServiceHours(daily=ROUND_THE_CLOCK)}
        return Enrol(evolve(self.bank.platform, profile=evolve(self.profile, hours=hours)))

    def _one_of(self, signs: str) -> str:
        return signs[self._entropy.below(len(signs))]


def _directory() -> tuple[Directory, Institution]:
    """The real directory, with the one institution of the story; that one alone where the extra is not installed."""
    try:
        from janetbank_adapters.directory.zengin import ZenginDirectory

        directory: Directory = ZenginDirectory({INSTITUTION.id: INSTITUTION.terms})
    except ModuleNotFoundError:
        directory = MemoryDirectory([INSTITUTION], {INSTITUTION.id: {BRANCH: "新村"}})
    return directory, directory.institution(INSTITUTION.id) or INSTITUTION
