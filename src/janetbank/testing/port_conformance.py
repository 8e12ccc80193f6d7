"""Port conformance: what every adapter of the smaller ports must do, as pytest classes.

    class TestMyMail(MailConformance):
        def mail(self) -> Mail: ...
        def inbox(self, mail: Mail, address: MailAddress) -> Sequence[Read]: ...

Shape:  inherit, and give a fresh adapter from the method that bears the port's name; every test is a law of the port.
        The storage port has a suite of its own, `storage_conformance`.
Errors: AssertionError where an adapter breaks a law.
Source: ARCHITECTURE "Ports"; the ports' own docstrings.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest
from attrs import evolve, frozen

from janetbank.model.acceptance import Acceptance
from janetbank.model.biometrics import Credential
from janetbank.policies.line_change import NOTHING_SAID, LineChange, LineChanges
from janetbank.ports.biometrics import Authenticators
from janetbank.ports.carriers import Carriers
from janetbank.ports.clock import Clock
from janetbank.ports.core_banking import AccountReport, CardVerdict, CoreBanking, HolderRecord
from janetbank.ports.directory import Directory
from janetbank.ports.entropy import Entropy
from janetbank.ports.failures import Unavailable
from janetbank.ports.keys import KEY_BYTES, KeyMissing, Keys, Purpose
from janetbank.ports.mail import Mail, Message
from janetbank.ports.reports import ReportHead, Reports
from janetbank.testing.night_conformance import TUESDAY, an_acceptance
from janetbank.values.account import Account, Branch
from janetbank.values.email import MailAddress
from janetbank.values.identifiers import InstitutionId
from janetbank.values.person import BirthDate, KanaName, KanjiName
from janetbank.values.phone import PhoneNumber
from janetbank.values.pin import Pin
from janetbank.values.secret import Secret
from janetbank_adapters.biometrics.software import Passkey, made, used
from janetbank_adapters.directory.prefectures import PREFECTURES

_THREADS = 8
_READS = 500
_DRAWS = 2_000


class ClockConformance(ABC):
    """The laws of `janetbank.ports.clock`."""

    @abstractmethod
    def clock(self) -> Clock:
        """A clock."""

    def test_an_instant_is_aware_and_in_utc(self) -> None:
        """What a clock tells names an instant, in UTC."""
        assert self.clock().now().utcoffset() == timedelta(0)

    def test_it_never_goes_backwards(self) -> None:
        """Nobody is told an earlier time than anybody was told before, however many ask at once."""
        clock = self.clock()

        def read(_: int) -> list[datetime]:
            return [clock.now() for _ in range(_READS)]

        with ThreadPoolExecutor(_THREADS) as pool:
            told = list(pool.map(read, range(_THREADS)))
        assert all(times == sorted(times) for times in told)
        assert clock.now() >= max(times[-1] for times in told)


class EntropyConformance(ABC):
    """The laws of `janetbank.ports.entropy`; that nobody can predict it, no test can show."""

    @abstractmethod
    def entropy(self) -> Entropy:
        """A source of chance."""

    @pytest.mark.parametrize("size", [0, 1, 12, 16, 32, 1000])
    def test_a_token_has_its_size(self, size: int) -> None:
        """As many bytes come as were asked for."""
        assert len(self.entropy().token(size)) == size

    def test_no_token_comes_twice(self) -> None:
        """Tokens differ, also when many draw at once."""
        entropy = self.entropy()
        with ThreadPoolExecutor(_THREADS) as pool:
            drawn = list(pool.map(entropy.token, [16] * _DRAWS))
        assert len(set(drawn)) == _DRAWS

    @pytest.mark.parametrize("bound", [1, 2, 3, 10])
    def test_each_number_below_the_bound_is_drawn_as_often(self, bound: int) -> None:
        """Every number from 0 up to but without the bound comes about equally often, and no other."""
        entropy = self.entropy()
        drawn = [entropy.below(bound) for _ in range(_DRAWS)]
        assert set(drawn) == set(range(bound))
        fair = _DRAWS / bound
        assert all(0.6 * fair < drawn.count(number) < 1.4 * fair for number in range(bound))  # some six sigma

    @pytest.mark.parametrize("bound", [0, -1])
    def test_there_is_nothing_below_nothing(self, bound: int) -> None:
        """A bound below 1 is the programmer's mistake."""
        with pytest.raises(ValueError):  # noqa: PT011 -- each adapter words it in its own way
            self.entropy().below(bound)


class KeysConformance(ABC):
    """The laws of `janetbank.ports.keys`."""

    @abstractmethod
    def keys(self) -> Keys:
        """Keys for every purpose."""

    @pytest.mark.parametrize("purpose", Purpose)
    def test_each_purpose_has_a_key(self, purpose: Purpose) -> None:
        """There is a current key, long enough, and it is found again by its id."""
        keys = self.keys()
        key = keys.current(purpose)
        assert len(key.material) >= KEY_BYTES
        assert keys.key(purpose, key.id) == key

    @pytest.mark.parametrize("purpose", Purpose)
    def test_an_id_fits_into_a_stored_text(self, purpose: Purpose) -> None:
        """An id has no colon: stored texts are taken apart at colons."""
        assert ":" not in self.keys().current(purpose).id

    def test_no_key_serves_two_purposes(self) -> None:
        """The keys of different purposes are different."""
        keys = self.keys()
        assert len({keys.current(purpose).material for purpose in Purpose}) == len(Purpose)

    @pytest.mark.parametrize("purpose", Purpose)
    @pytest.mark.parametrize("key_id", ["", "no such key", "../../etc/passwd"])
    def test_an_unknown_id_has_no_key(self, purpose: Purpose, key_id: str) -> None:
        """KeyMissing is raised, and no other key given instead."""
        with pytest.raises(KeyMissing):
            self.keys().key(purpose, key_id)

    def test_nothing_shows_a_key(self) -> None:
        """Neither a key's repr nor that of the adapter holds material."""
        keys = self.keys()
        for purpose in Purpose:
            key = keys.current(purpose)
            assert key.material.hex() not in f"{key!r}{keys!r}"
            assert repr(key.material) not in f"{key!r}{keys!r}"


@frozen(kw_only=True)
class Read:
    """A mail as its reader sees it."""

    sender: str
    sender_name: str
    to: str
    subject: str
    body: str
    date: datetime


LETTER = Message(
    id="0123456789abcdef0123456789abcdef",
    written_at=datetime(2026, 11, 21, 6, 4, tzinfo=UTC),
    sender=MailAddress.parse("janetbank@otp-auth.net"),
    sender_name="JAネットバンク",
    to=MailAddress.parse("taro@example.jp"),
    subject="【JAネットバンク】ログインパスワード変更のお知らせ / Your password has been changed",
    body="ログインパスワードが変更されました。\n\n.\nFrom us: your login password has been changed. 髙﨑 😀\n",
)


class MailConformance(ABC):
    """The laws of `janetbank.ports.mail`."""

    @abstractmethod
    def mail(self) -> Mail:
        """A mail port whose mail can be read again."""

    @abstractmethod
    def inbox(self, mail: Mail, address: MailAddress) -> Sequence[Read]:
        """What the reader at *address* sees of what was sent through *mail*."""

    def test_what_was_sent_is_read(self) -> None:
        """Sender, subject, text and date arrive as they were given, in Japanese too."""
        mail = self.mail()
        mail.send(LETTER)
        (read,) = self.inbox(mail, LETTER.to)
        assert read == Read(
            sender=str(LETTER.sender),
            sender_name=LETTER.sender_name,
            to=str(LETTER.to),
            subject=LETTER.subject,
            body=LETTER.body,
            date=LETTER.written_at,
        )

    def test_a_repeat_is_recognised(self) -> None:
        """The same message sent again, as after a crash, is read once."""
        mail = self.mail()
        mail.send(LETTER)
        mail.send(LETTER)
        assert len(self.inbox(mail, LETTER.to)) == 1

    def test_two_messages_are_two(self) -> None:
        """Messages that differ in nothing but their id are two."""
        mail = self.mail()
        mail.send(LETTER)
        mail.send(evolve(LETTER, id="another"))
        assert len(self.inbox(mail, LETTER.to)) == len("ab")

    @pytest.mark.parametrize(
        "address", ["a..b@docomo.ne.jp", "ab.@ezweb.ne.jp", ".ab@docomo.ne.jp", "o'neil+x@example.jp"]
    )
    def test_odd_addresses_are_reached(self, address: str) -> None:
        """The old addresses of the mobile carriers are addresses like any other."""
        mail = self.mail()
        mail.send(evolve(LETTER, to=MailAddress.parse(address)))
        (read,) = self.inbox(mail, MailAddress.parse(address))
        assert read.to == address

    def test_each_reader_has_his_own(self) -> None:
        """Nobody reads what was sent to somebody else."""
        mail = self.mail()
        mail.send(LETTER)
        assert not self.inbox(mail, MailAddress.parse("hanako@example.jp"))


INSTITUTION = InstitutionId("5441")
ELSEWHERE = InstitutionId("5448")
PIN, WRONG = Pin(Secret("8264")), Pin(Secret("4628"))

_HOLDER = HolderRecord(
    kana=KanaName("ノウキョウタロウ"),
    kanji=KanjiName("農中太郎"),
    born=BirthDate(date(1980, 1, 2)),
    phones=(PhoneNumber.parse("090-1234-5678"), PhoneNumber.parse("026-234-5678")),
)
_PLAIN = AccountReport(holder=_HOLDER, individual=True, card_issued=True, caution=False, restricted=False)


@frozen
class Known:
    """An account that the host knows, by its number, with what it reports; a card that is issued has the PIN `PIN`."""

    number: str
    report: AccountReport

    @property
    def account(self) -> Account:
        """The account."""
        return Account.parse("001", "ordinary", self.number)


CARDED = Known("1", _PLAIN)
CARDLESS = Known("2", evolve(_PLAIN, card_issued=False))
CAUTIONED = Known("3", evolve(_PLAIN, caution=True))
COMPANY = Known("4", evolve(_PLAIN, individual=False))
OTHER_CARD = Known("5", _PLAIN)
RARE_NAME = Known("6", evolve(_PLAIN, holder=evolve(_HOLDER, kanji_has_gaiji=True), online_since=date(2021, 2, 15)))
KNOWN = (CARDED, CARDLESS, CAUTIONED, COMPANY, OTHER_CARD, RARE_NAME)
UNKNOWN = Account.parse("001", "ordinary", "9")
FORMER, BETWEEN = (Account.parse(branch, "ordinary", "51") for branch in ("007", "008"))
"""What the account of `CARDED` was numbered at first, and what later, before it had its present number."""


class CoreBankingConformance(ABC):
    """The laws of `janetbank.ports.core_banking`."""

    tries = 3
    """How many wrong PINs in a row lock a card at this host."""

    @abstractmethod
    def core(self) -> CoreBanking:
        """A host that has the accounts `KNOWN` at `INSTITUTION`, none at `ELSEWHERE`, and no wrong PIN counted yet.

        The account of `CARDED` was once numbered `FORMER`, and later `BETWEEN`.
        """

    @abstractmethod
    def at_the_cash_machine(self, core: CoreBanking, account: Account, pin: Pin) -> CardVerdict:
        """What the cash machine says when somebody enters *pin* with the card of *account* at `INSTITUTION`."""

    @pytest.mark.parametrize("known", KNOWN, ids=lambda known: known.number)
    def test_an_account_is_reported(self, known: Known) -> None:
        """The host reports its holder, whether he is an individual, the card and what stands against it."""
        assert self.core().account(INSTITUTION, known.account) == known.report

    def test_an_unknown_account_is_none(self) -> None:
        """There is no report on an account that there is not, nor on one of another institution."""
        core = self.core()
        assert core.account(INSTITUTION, UNKNOWN) is None
        assert core.account(ELSEWHERE, CARDED.account) is None

    def test_the_right_pin_is_ok(self) -> None:
        """The right PIN is ok, time and again, and nothing is counted."""
        core = self.core()
        told = [core.check_card(INSTITUTION, CARDED.account, PIN) for _ in range(self.tries + 1)]
        assert set(told) == {CardVerdict.OK}

    def test_so_many_wrong_ones_in_a_row_lock_the_card(self) -> None:
        """The last of so many wrong PINs locks the card, and the right one does not open it, here or at the machine."""
        core = self.core()
        told = [core.check_card(INSTITUTION, CARDED.account, WRONG) for _ in range(self.tries)]
        assert told == [CardVerdict.WRONG] * (self.tries - 1) + [CardVerdict.LOCKED]
        assert core.check_card(INSTITUTION, CARDED.account, PIN) is CardVerdict.LOCKED
        assert self.at_the_cash_machine(core, CARDED.account, PIN) is CardVerdict.LOCKED

    def test_a_right_one_between_clears_the_count(self) -> None:
        """Wrong ones count in a row: a right one in between, and they start anew."""
        core = self.core()
        almost = [CardVerdict.WRONG] * (self.tries - 1)
        assert [core.check_card(INSTITUTION, CARDED.account, WRONG) for _ in almost] == almost
        assert core.check_card(INSTITUTION, CARDED.account, PIN) is CardVerdict.OK
        assert [core.check_card(INSTITUTION, CARDED.account, WRONG) for _ in almost] == almost

    def test_the_cash_machine_moves_the_same_count(self) -> None:
        """Wrong PINs at the cash machine and here add up."""
        core = self.core()
        for _ in range(self.tries - 1):
            assert self.at_the_cash_machine(core, CARDED.account, WRONG) is CardVerdict.WRONG
        assert core.check_card(INSTITUTION, CARDED.account, WRONG) is CardVerdict.LOCKED

    def test_each_card_has_its_own_count(self) -> None:
        """A locked card locks no other."""
        core = self.core()
        for _ in range(self.tries):
            core.check_card(INSTITUTION, CARDED.account, WRONG)
        assert core.check_card(INSTITUTION, OTHER_CARD.account, PIN) is CardVerdict.OK

    def test_where_there_is_no_card_there_is_none(self) -> None:
        """No card was issued, or there is no such account: the PIN is compared with nothing."""
        core = self.core()
        assert core.check_card(INSTITUTION, CARDLESS.account, PIN) is CardVerdict.NO_CARD
        assert core.check_card(INSTITUTION, UNKNOWN, PIN) is CardVerdict.NO_CARD

    @pytest.mark.parametrize("former", [FORMER, BETWEEN], ids=str)
    def test_a_former_number_leads_to_the_present_one(self, former: Account) -> None:
        """An account that was renumbered, once or more, is found by its present number; a former one tells it."""
        core = self.core()
        assert core.renumbered(INSTITUTION, former) == CARDED.account
        assert core.account(INSTITUTION, former) is None
        assert core.check_card(INSTITUTION, former, PIN) is CardVerdict.NO_CARD

    def test_what_was_never_renumbered_has_no_other_number(self) -> None:
        """A present number is no former one, nor is one that no account ever had, nor one of another institution."""
        core = self.core()
        assert core.renumbered(INSTITUTION, CARDED.account) is None
        assert core.renumbered(INSTITUTION, UNKNOWN) is None
        assert core.renumbered(ELSEWHERE, FORMER) is None

    def test_guesses_at_once_are_counted_one_by_one(self) -> None:
        """However many guess at once, no more than the allowed number is compared."""
        core = self.core()
        check = partial(core.check_card, INSTITUTION, CARDED.account)
        with ThreadPoolExecutor(_THREADS) as pool:
            told = list(pool.map(check, [WRONG] * 4 * _THREADS))
        assert told.count(CardVerdict.WRONG) == self.tries - 1
        assert told.count(CardVerdict.LOCKED) == len(told) - (self.tries - 1)


class DirectoryConformance(ABC):
    """The laws of `janetbank.ports.directory`."""

    @abstractmethod
    def directory(self) -> Directory:
        """A directory with institutions in two prefectures at least."""

    def test_prefectures_stand_in_the_customary_order(self) -> None:
        """From Hokkaido to Okinawa, as the standard numbers them, each once, and whatever is none behind."""
        found = self.directory().prefectures()
        assert len(found) > 1
        assert list(found) == list(dict.fromkeys(found))
        numbered = [PREFECTURES.index(one) for one in found if one in PREFECTURES]
        assert numbered == sorted(numbered)
        assert all(one not in PREFECTURES for one in found[len(numbered) :])

    def test_every_prefecture_has_institutions(self) -> None:
        """Each lists its institutions by code, and each of them is found by its code."""
        directory = self.directory()
        for prefecture in directory.prefectures():
            there = directory.institutions(prefecture)
            assert there
            assert [one.id.code for one in there] == sorted({one.id.code for one in there})
            assert all(one.prefecture == prefecture for one in there)
            assert all(directory.institution(one.id) == one for one in there)

    def test_what_there_is_not_is_not_found(self) -> None:
        """An unknown prefecture is empty; an unknown institution or branch is None."""
        directory = self.directory()
        nowhere = InstitutionId("9998")
        assert not directory.institutions("アトランティス県")
        assert directory.institution(nowhere) is None
        assert directory.branch_name(nowhere, "001") is None
        known = directory.institutions(directory.prefectures()[0])[0].id
        assert directory.branch_name(known, "no branch") is None


_CHANGED_AT = datetime(2026, 11, 3, 0, 30, tzinfo=UTC)
_LINES: Mapping[PhoneNumber, LineChanges] = {
    PhoneNumber.parse("090-1234-5678"): LineChanges(sim=_CHANGED_AT),
    PhoneNumber.parse("080-8765-4321"): LineChanges(device=_CHANGED_AT),
    PhoneNumber.parse("026-234-5678"): LineChanges(subscriber=_CHANGED_AT),
    PhoneNumber.parse("070-1111-2222"): LineChanges(**{one.value: _CHANGED_AT for one in LineChange}),
    PhoneNumber.parse("03-5555-0199"): NOTHING_SAID,
}


class CarriersConformance(ABC):
    """The laws of `janetbank.ports.carriers`; that what a carrier says is true, no test can show."""

    @abstractmethod
    def carriers(self, known: Mapping[PhoneNumber, LineChanges]) -> Carriers:
        """Carriers of whose numbers exactly this is *known*."""

    @pytest.mark.parametrize("phone", _LINES, ids=str)
    def test_what_is_known_is_said(self, phone: PhoneNumber) -> None:
        """Each change of a number is told as it was, and no other one."""
        assert self.carriers(_LINES).last_changes(phone) == _LINES[phone]

    def test_of_an_unknown_number_nothing_is_said(self) -> None:
        """Whoever knows nothing of a number says so, and raises nothing: that is no failure."""
        assert self.carriers(_LINES).last_changes(PhoneNumber.parse("090-9999-0000")) == NOTHING_SAID
        assert self.carriers({}).last_changes(PhoneNumber.parse("090-1234-5678")) == NOTHING_SAID

    def test_asking_changes_nothing(self) -> None:
        """However many ask, and however often, each is told the same."""
        carriers = self.carriers(_LINES)
        with ThreadPoolExecutor(_THREADS) as pool:
            told = list(pool.map(carriers.last_changes, [*_LINES] * _THREADS))
        assert told == [*_LINES.values()] * _THREADS


HEAD = ReportHead(
    title="JAネットバンク",
    on=TUESDAY,
    institution=INSTITUTION,
    institution_name="JA<あおぞら>",
    branch=Branch("001"),
    branch_name="本店",
)
_MANY = 300


class ReportsConformance(ABC):
    """The laws of `janetbank.ports.reports`."""

    @abstractmethod
    def reports(self) -> Reports:
        """A place for reports, in which there are none."""

    @abstractmethod
    def read(self, reports: Reports, head: ReportHead) -> Sequence[str] | None:
        """The contracts in the report of *head*, line by line as a branch would read it; None where there is none."""

    def test_what_was_written_is_read(self) -> None:
        """Every line, in its order, however many; a report without lines is a report."""
        reports = self.reports()
        lines = [an_acceptance(f"c-{number}", number) for number in range(1, _MANY)]
        reports.write(HEAD, iter(lines))
        assert self.read(reports, HEAD) == [one.contract.text for one in lines]
        reports.write(evolve(HEAD, branch=Branch("002")), [])
        assert self.read(reports, evolve(HEAD, branch=Branch("002"))) == []

    @pytest.mark.parametrize(
        "other",
        [
            evolve(HEAD, on=TUESDAY + timedelta(days=1)),
            evolve(HEAD, institution=ELSEWHERE),
            evolve(HEAD, branch=Branch("002")),
        ],
        ids=["day", "institution", "branch"],
    )
    def test_each_day_and_branch_has_its_own(self, other: ReportHead) -> None:
        """Nobody's report stands in the place of another one's."""
        reports = self.reports()
        reports.write(HEAD, [an_acceptance("mine")])
        assert self.read(reports, other) is None
        reports.write(other, [an_acceptance("theirs")])
        assert self.read(reports, HEAD) == ["mine"]
        assert self.read(reports, other) == ["theirs"]

    def test_a_report_takes_the_place_of_the_one_before(self) -> None:
        """Made again, as after a crash, it is the one that there is."""
        reports = self.reports()
        for names in (["a", "b"], ["a", "b"], ["b"]):
            reports.write(HEAD, [an_acceptance(name) for name in names])
            assert self.read(reports, HEAD) == names

    @pytest.mark.parametrize("before", [None, ["before"]], ids=["none", "one"])
    def test_half_a_report_is_none(self, before: list[str] | None) -> None:
        """Where its lines fail that goes through, and an earlier one stays, as it does until the new one is whole."""
        reports = self.reports()
        if before:
            reports.write(HEAD, [an_acceptance(name) for name in before])
        seen: list[Sequence[str] | None] = []

        def failing() -> Iterator[Acceptance]:
            for number in range(1, _MANY):
                yield an_acceptance(f"c-{number}", number)
            seen.append(self.read(reports, HEAD))
            raise Unavailable

        with pytest.raises(Unavailable):
            reports.write(HEAD, failing())
        assert seen == [before]
        assert self.read(reports, HEAD) == before

    def test_of_two_who_write_one_report_at_once_it_is_one_whole(self) -> None:
        """Never a mixture."""
        reports = self.reports()
        kept = [[an_acceptance(f"{letter}-{number}", number) for number in range(1, 50)] for letter in "ab"]
        with ThreadPoolExecutor(_THREADS) as pool:
            list(pool.map(partial(reports.write, HEAD), kept * 4))
        assert self.read(reports, HEAD) in [[one.contract.text for one in lines] for lines in kept]


_CHALLENGE, _ANOTHER = Secret("soil-and-rain"), Secret("sand-and-wind")
_NONSENSE = ["", "{}", "[]", "null", '"', "[" * 10_000, "{}" + " " * 20_000]


def _ours(shown: Secret) -> bool:
    return shown == _CHALLENGE


def _owner() -> bool:
    return True


class AuthenticatorsConformance(ABC):
    """The laws of `janetbank.ports.biometrics`; a telephone of software answers, with real keys."""

    origin: str
    """The bank's site or app, as a telephone names it."""
    telephone = "000-1234567"

    @abstractmethod
    def authenticators(self) -> Authenticators:
        """What speaks for the bank whose site or app is `origin`."""

    def registered(self, bank: Authenticators) -> tuple[Credential, Passkey]:
        """A credential, and the passkey in the telephone."""
        options = bank.registration(_CHALLENGE, user=self.telephone)
        response, passkey = made(options, origin=self.origin, finger=_owner)
        credential = bank.registered(response, _ours)
        assert credential is not None
        return credential, passkey

    def test_the_owners_answers_verify(self) -> None:
        """Time and again, and each use is counted."""
        bank = self.authenticators()
        credential, passkey = self.registered(bank)
        for uses in range(1, 4):
            options = bank.authentication(_CHALLENGE, credential)
            response, passkey = used(passkey, options, origin=self.origin, finger=_owner)
            told = bank.authenticated(response, _ours, credential)
            assert told == evolve(credential, count=uses)
            assert told is not None
            credential = told

    def test_no_credential_without_its_owner(self) -> None:
        """Not of a telephone that asked nobody, not for another challenge, not from another site."""
        bank = self.authenticators()
        ours, another = (bank.registration(one, user=self.telephone) for one in (_CHALLENGE, _ANOTHER))
        for options, origin, verifies in (
            (ours, self.origin, False),
            (another, self.origin, True),
            (ours, f"{self.origin}.example.com", True),
        ):
            response, _ = made(options, origin=origin, finger=_owner, verifies=verifies)
            assert bank.registered(response, _ours) is None

    def test_nobody_else_verifies(self) -> None:
        """Not who asked nobody, not another challenge, site, bank, key or credential."""
        bank = self.authenticators()
        credential, passkey = self.registered(bank)
        ours, another = (bank.authentication(one, credential) for one in (_CHALLENGE, _ANOTHER))
        stranger = evolve(passkey, private=Passkey.fresh(passkey.rp_id).private)
        for key, options, origin, verifies in (
            (passkey, ours, self.origin, False),
            (passkey, another, self.origin, True),
            (passkey, ours, f"{self.origin}.example.com", True),
            (evolve(passkey, rp_id="phisher.example.com"), ours, self.origin, True),
            (stranger, ours, self.origin, True),
            (evolve(passkey, id=bytes(32)), ours, self.origin, True),
        ):
            response, _ = used(key, options, origin=origin, finger=_owner, verifies=verifies)
            assert bank.authenticated(response, _ours, credential) is None

    @pytest.mark.parametrize(("kept", "shown"), [(1, 1), (5, 3), (1, 0), (7, 7)])
    def test_a_count_that_does_not_rise_is_a_copys(self, kept: int, shown: int) -> None:
        """Where either side counts, the count must be higher than the last one."""
        bank = self.authenticators()
        credential, passkey = self.registered(bank)
        options = bank.authentication(_CHALLENGE, credential)
        response, _ = used(evolve(passkey, count=shown - 1), options, origin=self.origin, finger=_owner)
        assert bank.authenticated(response, _ours, evolve(credential, count=kept)) is None

    def test_what_is_no_response_does_not_verify(self) -> None:
        """Whatever a telephone sends nothing is raised; a response to the other ceremony is none, either."""
        bank = self.authenticators()
        credential, passkey = self.registered(bank)
        making, _ = made(bank.registration(_CHALLENGE, user=self.telephone), origin=self.origin, finger=_owner)
        using, _ = used(passkey, bank.authentication(_CHALLENGE, credential), origin=self.origin, finger=_owner)
        for nonsense in (*_NONSENSE, using):
            assert bank.registered(nonsense, _ours) is None
        for nonsense in (*_NONSENSE, making):
            assert bank.authenticated(nonsense, _ours, credential) is None
