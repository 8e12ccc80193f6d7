"""Adapters of the smaller ports with one fault each, and the laws that find it: every law stands here at least once.

Shape:  `BROKEN`: what is wrong, the suite before such an adapter, and the laws that must fail, by their names.
Source: issue 7, part 3.
"""

# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false
# A twist stands in the place of any call, whatever that takes and tells.

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any, TypeVar, cast

from attrs import evolve, frozen

from janetbank.model.biometrics import Credential
from janetbank.policies.line_change import NOTHING_SAID, LineChanges
from janetbank.ports.biometrics import Authenticators
from janetbank.ports.carriers import Carriers
from janetbank.ports.clock import Clock
from janetbank.ports.core_banking import CardVerdict, CoreBanking
from janetbank.ports.directory import Directory, Institution, Terms
from janetbank.ports.entropy import Entropy
from janetbank.ports.failures import PortError
from janetbank.ports.keys import KEY_BYTES, Key, Keys, Purpose
from janetbank.ports.mail import Mail, Message
from janetbank.ports.reports import ReportHead, Reports
from janetbank.ports.telephony import Desk, Exchange, IncomingCall, RingAndDrop
from janetbank.testing.host_conformance import EXECUTED, POOR, REGISTERED, RESERVED, SOURCE, Host, HostConformance
from janetbank.testing.port_conformance import (
    CARDED,
    FORMER,
    HEAD,
    INSTITUTION,
    KNOWN,
    PIN,
    AuthenticatorsConformance,
    CarriersConformance,
    ClockConformance,
    CoreBankingConformance,
    DirectoryConformance,
    EntropyConformance,
    KeysConformance,
    MailConformance,
    Read,
    ReportsConformance,
)
from janetbank.testing.telephony_conformance import ExchangeConformance
from janetbank.values.account import Account, Branch
from janetbank.values.caller import CallerAssurance, CallerIdentity, Presentation
from janetbank.values.email import MailAddress
from janetbank.values.host_answer import HostAnswer, HostReason, HostWord
from janetbank.values.identifiers import InstitutionId
from janetbank.values.instruction import InstructionKind, Transfer
from janetbank.values.money import Yen
from janetbank.values.phone import PhoneNumber
from janetbank.values.pin import Pin
from janetbank.values.secret import Secret
from janetbank_adapters.biometrics.webauthn import WebAuthn
from janetbank_adapters.clock.by_hand import HandClock
from janetbank_adapters.core_banking.memory import MemoryCoreBanking
from janetbank_adapters.directory.memory import MemoryDirectory
from janetbank_adapters.entropy.seeded import SeededEntropy
from janetbank_adapters.keys.memory import MemoryKeys
from janetbank_adapters.mail.memory import MemoryMail
from janetbank_adapters.reports.memory import MemoryReports
from janetbank_adapters.telephony.memory import Heard, Keying, MemoryExchange
from tests.adapters.core_banking.test_books import a_host
from tests.adapters.core_banking.test_memory import host as a_core

START = datetime(2026, 11, 21, 6, 4, tzinfo=UTC)
TARO = PhoneNumber.parse("090-1234-5678")
Twist = Callable[..., Any]
_Port = TypeVar("_Port")


class Twisted:
    """An adapter in front of a sound one, some of whose calls are twisted: given the real call and its arguments."""

    def __init__(self, sound: object, twists: Mapping[str, Twist]) -> None:
        self._sound = sound
        self._twists = twists

    def __getattr__(self, name: str) -> object:
        found = getattr(self._sound, name)
        twist = self._twists.get(name)
        return found if twist is None else lambda *given, **named: twist(found, *given, **named)


def twisted(sound: _Port, twists: Mapping[str, Twist]) -> _Port:
    """*sound* with *twists*."""
    return cast("_Port", Twisted(sound, twists))


def always(value: object) -> Twist:
    """It tells *value*, whatever is so."""
    return lambda *_, **__: value


@frozen
class Broken:
    """A suite before an adapter with a fault: *what* is wrong, the *law* that finds it, and what it is *given*."""

    what: str
    suite: Any
    law: str
    given: Mapping[str, object]


def broken(what: str, suite: object, *laws: str | tuple[str, Mapping[str, object]]) -> list[Broken]:
    """One row for each law."""
    pairs = [(one, {}) if isinstance(one, str) else one for one in laws]
    return [Broken(what, suite, name, given) for name, given in pairs]


# --- clock, entropy, keys -------------------------------------------------------------------------------------------


class Clocks(ClockConformance):
    """A clock that tells what *tells* makes of the number of the reading."""

    def __init__(self, tells: Callable[[int], datetime]) -> None:
        self._tells = tells

    def clock(self) -> Clock:
        """The clock."""
        readings = count()
        return twisted(HandClock(START), {"now": lambda _: self._tells(next(readings))})


class Chance(EntropyConformance):
    """Chance with a twist."""

    def __init__(self, **twists: Twist) -> None:
        self._twists = twists

    def entropy(self) -> Entropy:
        """The source."""
        return twisted(SeededEntropy(1), self._twists)


class Rings(KeysConformance):
    """Keys with a twist, which show themselves if *shown*."""

    def __init__(self, *, shown: bool = False, **twists: Twist) -> None:
        self._shown = shown
        self._twists = twists

    def keys(self) -> Keys:
        """The keys."""
        sound = MemoryKeys.fresh(SeededEntropy(1))
        shown = self._shown

        class Showing(Twisted):
            def __repr__(self) -> str:
                return repr(sound.current(Purpose.SEAL).material) if shown else "Keys"

        return cast("Keys", Showing(sound, self._twists))


def _one_key(*_: object) -> Key:
    return Key("a:b", b"k" * KEY_BYTES)


def _some_key(_: object, purpose: Purpose, key_id: str) -> Key:
    del key_id
    return MemoryKeys.fresh(SeededEntropy(1)).current(purpose)


_SMALL = (
    *broken(
        "it steps back at every tenth reading",
        Clocks(lambda reading: START + timedelta(seconds=reading - (reading % 10 == 9) * 5)),
        "it_never_goes_backwards",
    ),
    *broken("it tells no zone", Clocks(lambda _: START.replace(tzinfo=None)), "an_instant_is_aware_and_in_utc"),
    *broken(
        "a byte too few",
        Chance(token=lambda real, size: real(max(size - 1, 0))),
        ("a_token_has_its_size", {"size": 16}),
    ),
    *broken("one byte over and over", Chance(token=lambda real, size: real(1) * size), "no_token_comes_twice"),
    *broken(
        "it leans to the small",
        Chance(below=lambda real, bound: real(256) % (bound + 2) % bound),
        ("each_number_below_the_bound_is_drawn_as_often", {"bound": 3}),
    ),
    *broken(
        "it takes every bound",
        Chance(below=lambda real, bound: real(max(bound, 1))),
        ("there_is_nothing_below_nothing", {"bound": 0}),
    ),
    *broken(
        "the key is not found by its id",
        Rings(key=_one_key),
        ("each_purpose_has_a_key", {"purpose": Purpose.SEAL}),
    ),
    *broken(
        "one key for everything",
        Rings(current=_one_key),
        "no_key_serves_two_purposes",
        ("an_id_fits_into_a_stored_text", {"purpose": Purpose.SEAL}),
    ),
    *broken(
        "another key instead",
        Rings(key=_some_key),
        ("an_unknown_id_has_no_key", {"purpose": Purpose.SEAL, "key_id": ""}),
    ),
    *broken("it shows itself", Rings(shown=True), "nothing_shows_a_key"),
)


# --- mail, directory, carriers, reports -----------------------------------------------------------------------------


class Post(MailConformance):
    """Mail of which a reader sees what *seen* makes of all that was sent and of who he is."""

    def __init__(self, seen: Callable[[Sequence[Message], MailAddress], Sequence[Message]]) -> None:
        self._seen = seen

    def mail(self) -> Mail:
        """The mail port."""
        return MemoryMail()

    def inbox(self, mail: Mail, address: MailAddress) -> Sequence[Read]:
        """What is left of it."""
        assert isinstance(mail, MemoryMail)
        return [
            Read(
                sender=str(one.sender),
                sender_name=one.sender_name,
                to=str(one.to),
                subject=one.subject,
                body=one.body,
                date=one.written_at,
            )
            for one in self._seen(mail.sent, address)
        ]


def _mine(sent: Sequence[Message], address: MailAddress) -> list[Message]:
    return [one for one in sent if one.to == address]


def _once_each(sent: Sequence[Message], address: MailAddress) -> list[Message]:
    return list({one.id: one for one in _mine(sent, address)}.values())


def _ascii(sent: Sequence[Message], address: MailAddress) -> list[Message]:
    return [evolve(one, subject=one.subject.encode("ascii", "replace").decode()) for one in _once_each(sent, address)]


def _by_text(sent: Sequence[Message], address: MailAddress) -> list[Message]:
    return list({one.body: one for one in _mine(sent, address)}.values())


def _tidy(sent: Sequence[Message], address: MailAddress) -> list[Message]:
    tidy = [evolve(one, to=MailAddress.parse(str(one.to).replace("..", "."))) for one in sent]
    return _once_each(tidy, MailAddress.parse(str(address).replace("..", ".")))


class Places(DirectoryConformance):
    """A directory with a twist."""

    def __init__(self, **twists: Twist) -> None:
        self._twists = twists

    def directory(self) -> Directory:
        """The directory."""
        there = [
            Institution(id=InstitutionId(code), name=code, prefecture=prefecture, terms=Terms("t", "1"))
            for code, prefecture in (("3058", "北海道"), ("5441", "長野県"), ("5448", "長野県"))
        ]
        return twisted(MemoryDirectory(there), self._twists)


class Lines(CarriersConformance):
    """Carriers who tell what *says* makes of what is known, the number, and how often they were asked before."""

    def __init__(self, says: Callable[[Mapping[PhoneNumber, LineChanges], PhoneNumber, int], LineChanges]) -> None:
        self._says = says

    def carriers(self, known: Mapping[PhoneNumber, LineChanges]) -> Carriers:
        """The carriers."""
        asked = count()
        return twisted(self, {"last_changes": lambda _, phone: self._says(known, phone, next(asked))})

    def last_changes(self, phone: PhoneNumber) -> LineChanges:
        """Nobody comes here."""
        raise NotImplementedError(phone)


class Shelves(ReportsConformance):
    """Reports of which *write* makes something: given the shelf, the head and the lines."""

    def __init__(self, write: Callable[[MemoryReports, ReportHead, Any], None]) -> None:
        self._write = write

    def reports(self) -> Reports:
        """A shelf."""
        shelf = MemoryReports()
        return twisted(shelf, {"write": lambda _, head, lines: self._write(shelf, head, lines)})

    def read(self, reports: Reports, head: ReportHead) -> Sequence[str] | None:
        """What is there."""
        written: Mapping[ReportHead, Sequence[Any]] = vars(reports)["_sound"].written
        found = written.get(head)
        return None if found is None else [one.contract.text for one in found]


def _line_by_line(shelf: MemoryReports, head: ReportHead, lines: Any) -> None:  # noqa: ANN401 -- an iterable
    shelf.written[head] = kept = []
    for line in lines:
        kept.append(line)
        HandClock(START).now()  # somebody else's turn


def _more_and_more(shelf: MemoryReports, head: ReportHead, lines: Any) -> None:  # noqa: ANN401 -- an iterable
    shelf.write(head, [*shelf.written.get(head, ()), *lines])


def _one_branch(shelf: MemoryReports, head: ReportHead, lines: Any) -> None:  # noqa: ANN401 -- an iterable
    shelf.write(evolve(head, branch=Branch("001")), lines)


def _backwards(shelf: MemoryReports, head: ReportHead, lines: Any) -> None:  # noqa: ANN401 -- an iterable
    shelf.write(head, list(lines)[::-1])


_OFFICE = (
    *broken("no Japanese", Post(_ascii), "what_was_sent_is_read"),
    *broken("a repeat is another mail", Post(_mine), "a_repeat_is_recognised"),
    *broken("what says the same is the same", Post(_by_text), "two_messages_are_two"),
    *broken("no odd addresses", Post(_tidy), ("odd_addresses_are_reached", {"address": "a..b@docomo.ne.jp"})),
    *broken("everybody reads everything", Post(lambda sent, _: sent[:1]), "each_reader_has_his_own"),
    *broken(
        "by the alphabet",
        Places(prefectures=lambda real: sorted(real(), reverse=True)),
        "prefectures_stand_in_the_customary_order",
    ),
    *broken(
        "as they come",
        Places(institutions=lambda real, prefecture: real(prefecture)[::-1]),
        "every_prefecture_has_institutions",
    ),
    *broken(
        "some institution for every code",
        Places(institution=lambda real, code: real(code) or real(InstitutionId("3058"))),
        "what_there_is_not_is_not_found",
    ),
    *broken(
        "another change",
        Lines(lambda known, phone, _: LineChanges(device=known.get(phone, NOTHING_SAID).sim)),
        ("what_is_known_is_said", {"phone": TARO}),
    ),
    *broken(
        "of everybody what is known of the first",
        Lines(lambda known, _, __: next(iter(known.values()), NOTHING_SAID)),
        "of_an_unknown_number_nothing_is_said",
    ),
    *broken(
        "what was told once is forgotten",
        Lines(lambda known, phone, asked: known[phone] if asked < len(known) else NOTHING_SAID),
        "asking_changes_nothing",
    ),
    *broken("the other way round", Shelves(_backwards), "what_was_written_is_read"),
    *broken(
        "one shelf for all branches",
        Shelves(_one_branch),
        ("each_day_and_branch_has_its_own", {"other": evolve(HEAD, branch=Branch("002"))}),
    ),
    *broken("more and more", Shelves(_more_and_more), "a_report_takes_the_place_of_the_one_before"),
    *broken("line by line", Shelves(_line_by_line), ("half_a_report_is_none", {"before": None})),
    *broken("all into one", Shelves(_more_and_more), "of_two_who_write_one_report_at_once_it_is_one_whole"),
)


# --- biometrics -----------------------------------------------------------------------------------------------------


class Sensors(AuthenticatorsConformance):
    """A bank's authenticators with a twist, which believe that every site of *origins* is theirs."""

    origin = "https://netbank.example.jp"

    def __init__(self, *, origins: tuple[str, ...] = (), **twists: Twist) -> None:
        self._origins = (self.origin, *origins)
        self._twists = twists

    def authenticators(self) -> Authenticators:
        """What speaks for the bank."""
        return twisted(WebAuthn(rp_id="netbank.example.jp", rp_name="銀行", origins=self._origins), self._twists)


def _uncounted(real: Twist, response: str, recognise: object, credential: Credential) -> Credential | None:
    return credential if real(response, recognise, evolve(credential, count=0)) else None


def _trusting(real: Twist, response: str, _: object, *credential: Credential) -> Credential | None:
    found: Credential | None = real(response, lambda _: True, *credential)
    return found


def _strict(real: Twist, response: str, *rest: object) -> object:
    found = real(response, *rest)
    if not response.startswith("{"):
        raise AssertionError(response)
    return found


_SENSORS = (
    *broken(
        "uses are not counted",
        Sensors(authenticated=_uncounted),
        "the_owners_answers_verify",
        ("a_count_that_does_not_rise_is_a_copys", {"kept": 7, "shown": 7}),
    ),
    *broken("any challenge is ours", Sensors(registered=_trusting), "no_credential_without_its_owner"),
    *broken("any challenge is ours", Sensors(authenticated=_trusting), "nobody_else_verifies"),
    *broken(
        "a phisher's site is ours",
        Sensors(origins=("https://netbank.example.jp.example.com",)),
        "no_credential_without_its_owner",
        "nobody_else_verifies",
    ),
    *broken("nonsense is an error", Sensors(registered=_strict), "what_is_no_response_does_not_verify"),
)


# --- core banking ---------------------------------------------------------------------------------------------------


class Cores(CoreBankingConformance):
    """A host with a twist; its cash machine asks *machine*, or the host."""

    def __init__(self, machine: Twist | None = None, **twists: Twist) -> None:
        self._machine = machine
        self._twists = twists

    def core(self) -> CoreBanking:
        """The host."""
        return twisted(a_core(), self._twists)

    def at_the_cash_machine(self, core: CoreBanking, account: Account, pin: Pin) -> CardVerdict:
        """The host's, or another one's."""
        if self._machine is not None:
            verdict: CardVerdict = self._machine(INSTITUTION, account, pin)
            return verdict
        return core.check_card(INSTITUTION, account, pin)


def _counting_all() -> Twist:
    """One count for all cards."""
    return lambda real, institution, _, pin: real(institution, CARDED.account, pin)


def _right_counts() -> Twist:
    """Every entry is a wrong one for the count."""
    asked = count()

    def check(real: Twist, institution: InstitutionId, account: Account, pin: Pin) -> object:
        return CardVerdict.LOCKED if next(asked) >= 3 else real(institution, account, pin)

    return check


def _never_cleared() -> Twist:
    """A right entry clears nothing."""
    return lambda real, institution, account, pin: CardVerdict.OK if pin == PIN else real(institution, account, pin)


def _unknown_cards(real: Twist, institution: InstitutionId, account: Account, pin: Pin) -> object:
    found = real(institution, account, pin)
    return CardVerdict.WRONG if found is CardVerdict.NO_CARD else found


def _generous() -> Twist:
    """Nobody is locked."""

    def check(real: Twist, institution: InstitutionId, account: Account, pin: Pin) -> object:
        found = real(institution, account, pin)
        return CardVerdict.WRONG if found is CardVerdict.LOCKED else found

    return check


_CORES = (
    *broken(
        "everybody is an individual",
        Cores(account=lambda real, *of: evolve(found, individual=True) if (found := real(*of)) else None),
        ("an_account_is_reported", {"known": KNOWN[3]}),
    ),
    *broken(
        "every account is reported anywhere",
        Cores(account=lambda real, _, account: real(INSTITUTION, account)),
        "an_unknown_account_is_none",
    ),
    *broken("right ones count, too", Cores(check_card=_right_counts()), "the_right_pin_is_ok"),
    *broken(
        "nobody is locked",
        Cores(check_card=_generous()),
        "so_many_wrong_ones_in_a_row_lock_the_card",
        "guesses_at_once_are_counted_one_by_one",
    ),
    *broken("nothing clears the count", Cores(check_card=_never_cleared()), "a_right_one_between_clears_the_count"),
    *broken(
        "the machine has its own count",
        Cores(lambda *of: a_core().check_card(*of)),
        "the_cash_machine_moves_the_same_count",
    ),
    *broken("one count for all cards", Cores(check_card=_counting_all()), "each_card_has_its_own_count"),
    *broken("no card is a wrong PIN", Cores(check_card=_unknown_cards), "where_there_is_no_card_there_is_none"),
    *broken(
        "former numbers are forgotten",
        Cores(renumbered=always(None)),
        ("a_former_number_leads_to_the_present_one", {"former": FORMER}),
    ),
    *broken(
        "everybody was renumbered",
        Cores(renumbered=always(CARDED.account)),
        "what_was_never_renumbered_has_no_other_number",
    ),
)


class Hosts(HostConformance):
    """A host with a twist, or several."""

    def __init__(self, *make: Callable[[MemoryCoreBanking], Mapping[str, Twist]], **twists: Twist) -> None:
        self._make = make
        self._twists = twists

    def host(self) -> Host:
        """The host."""
        core, sound = a_host()
        twists = dict(self._twists)
        for make in self._make:
            twists |= make(core)
        return evolve(sound, core=twisted(core, twists))


def _oblivious(core: MemoryCoreBanking) -> Mapping[str, Twist]:
    """It keeps no keys: whatever it is asked it does again."""
    asked = count(1)
    return {
        "instruct": lambda _, institution, content: core.instruct(
            institution, evolve(content, reference=f"{content.reference}-{next(asked)}")
        ),
        "standing": lambda _, institution, key: core.standing(institution, f"{key}-1"),
        "cancel": lambda _, institution, key: core.cancel(institution, f"{key}-1"),
    }


def _hasty(core: MemoryCoreBanking) -> Mapping[str, Twist]:
    """It does everything at once, whatever the day."""

    def instruct(real: Twist, institution: InstitutionId, content: Any) -> object:  # noqa: ANN401 -- a content
        core.books.processing = True
        return real(institution, evolve(content, date=date(2026, 11, 20)))

    return {"instruct": instruct}


def _forgiving(real: Twist, institution: InstitutionId, key: str) -> HostAnswer:
    """It says that everything can be cancelled."""
    real(institution, key)
    return HostAnswer(HostWord.CANCELLED)


def _deaf(core: MemoryCoreBanking) -> Mapping[str, Twist]:
    """It forgets to cancel what it has not heard of."""
    return {
        "cancel": lambda real, institution, key: (
            real(institution, key) if core.standing(institution, key) else HostAnswer(HostWord.CANCELLED)
        )
    }


def _trusting_kind(real: Twist, institution: InstitutionId, content: Any) -> object:  # noqa: ANN401 -- a content
    """It takes everybody's word for the kind of a transfer."""
    if isinstance(content, Transfer):
        content = evolve(content, kind=InstructionKind.AD_HOC_TRANSFER)
    return real(institution, content)


def _one_key_for_all(real: Twist, institution: InstitutionId, content: Any) -> object:  # noqa: ANN401 -- a content
    """It knows one key."""
    return real(institution, evolve(content, reference="k-1"))


def _cut(real: Twist, institution: InstitutionId, content: Any) -> object:  # noqa: ANN401 -- a content
    """It pays a little less."""
    return real(institution, evolve(content, amount=Yen(content.amount.amount - 1)))


def _rich(core: MemoryCoreBanking) -> Mapping[str, Twist]:
    """It lends to everybody."""

    def instruct(real: Twist, institution: InstitutionId, content: Any) -> object:  # noqa: ANN401 -- a content
        if core.balance(institution, content.source) is not None:
            core.books.deposit(institution, content.source, content.amount)
        return real(institution, content)

    return {"instruct": instruct}


def _anybody(real: Twist, institution: InstitutionId, content: Any) -> object:  # noqa: ANN401 -- a content
    """It pays into accounts that there are not."""
    told = real(institution, content)
    return EXECUTED if told == HostAnswer(HostWord.REFUSED, HostReason.PAYEE) else told


def _some_bill(core: MemoryCoreBanking) -> Mapping[str, Twist]:
    """It finds a bill by its biller, paid or not."""
    return {
        "bill": lambda real, institution, numbers: next(
            (bill for printed, bill in core.books._bills[INSTITUTION] if printed.biller == numbers.biller),
            real(institution, numbers),
        )
    }


def _any_bill(core: MemoryCoreBanking) -> Mapping[str, Twist]:
    """It takes everybody's word for a bill."""

    def instruct(real: Twist, institution: InstitutionId, content: Any) -> object:  # noqa: ANN401 -- a content
        if not isinstance(content, Transfer):
            core.books.send_bill(institution, content_numbers, content.bill)
        return real(institution, content)

    content_numbers: Any = None
    return {"instruct": instruct}


_HOSTS = (
    *broken(
        "it keeps no keys",
        Hosts(_oblivious),
        "todays_is_executed_once",
        "many_who_ask_at_once_are_one",
        "a_key_is_one_text",
        "a_bill_is_paid_once",
    ),
    *broken("it knows one key", Hosts(instruct=_one_key_for_all), "two_keys_are_two_instructions"),
    *broken(
        "a key is known everywhere",
        Hosts(standing=lambda real, _, key: real(INSTITUTION, key)),
        "a_key_is_known_at_its_institution",
    ),
    *broken("it pays a little less", Hosts(instruct=_cut), "what_stays_here_arrives_here"),
    *broken(
        "it takes everybody's word for the kind",
        Hosts(instruct=_trusting_kind),
        "ones_own_account_is_ones_own",
        "a_registered_payee_is_registered",
    ),
    *broken(
        "everybody's payees are everybody's", Hosts(payees=always((REGISTERED,))), "a_registered_payee_is_registered"
    ),
    *broken(
        "it lends to everybody",
        Hosts(_rich),
        ("there_is_nothing_to_take", {"account": POOR, "reason": HostReason.FUNDS}),
        "the_last_yen_can_go_and_no_more",
    ),
    *broken("it pays nobody", Hosts(instruct=_anybody), "nobody_is_nobody"),
    *broken(
        "it does everything at once",
        Hosts(_hasty),
        "another_days_waits_for_its_day",
        "a_reservation_needs_the_money_on_its_day",
        "yesterdays_is_over",
        "what_comes_after_hours_is_accepted",
    ),
    *broken("it cancels nothing", Hosts(cancel=always(RESERVED)), "a_reservation_is_cancelled_for_good"),
    *broken("it forgets what it has not heard of", Hosts(_deaf), "what_was_never_heard_of_never_will_be"),
    *broken(
        "everything can be cancelled",
        Hosts(cancel=_forgiving),
        "what_is_done_is_not_undone",
    ),
    *broken(
        "it cancels and does it", Hosts(standing=always(RESERVED)), "paying_and_cancelling_at_once_is_one_or_the_other"
    ),
    *broken("a biller's bill is anybody's", Hosts(_some_bill), "a_bill_is_found_by_all_its_numbers"),
    *broken("it takes everybody's word for a bill", Hosts(_any_bill), "no_bill_is_paid_but_as_it_is"),
    *broken(
        "a statement has every day in it",
        Hosts(statement=lambda real, there, account, *_: real(there, account, date.min, date.max)),
        "a_statement_says_what_happened",
    ),
    *broken(
        "it knows every account",
        Hosts(balance=lambda real, _, __: real(INSTITUTION, SOURCE)),
        "of_an_unknown_account_nothing_is_said",
    ),
)


# --- telephony ------------------------------------------------------------------------------------------------------


class Switches(ExchangeConformance):
    """An exchange that tells a desk something else, or whose caller notices something else."""

    def __init__(self, heard: Callable[[Heard], Heard] = lambda heard: heard, **twists: Twist) -> None:
        self._heard = heard
        self._twists = twists

    def exchange(self, desk: Desk) -> Exchange:
        """The exchange."""
        exchange = MemoryExchange(HandClock(START))
        exchange.connect(twisted(desk, self._twists))
        return exchange

    def dial(self, exchange: Exchange, who: CallerIdentity, destination: PhoneNumber, keying: Keying) -> Heard:
        """Its lines."""
        assert isinstance(exchange, MemoryExchange)
        return self._heard(exchange.take(who, destination, keying))


def _call(**changes: object) -> Twist:
    """It reports a call with something else in it."""
    return lambda real, call: real(evolve(call, **changes))


def _identity(**changes: object) -> Twist:
    """It reports somebody else."""
    return lambda real, call: real(evolve(call, identity=evolve(call.identity, **changes)))


def _unzoned(real: Twist, call: IncomingCall) -> object:
    """It reports when, and not where that is the time."""
    bare = evolve(call)
    object.__setattr__(bare, "at", call.at.replace(tzinfo=None))
    return real(bare)


def _twice(real: Twist, *given: object) -> None:
    real(*given)
    real(*given)


def _anyway(real: Twist, call: IncomingCall) -> object:
    """Whoever cannot be judged is let ring."""
    try:
        return real(call)
    except PortError:
        return RingAndDrop(1)


_ALL_KEYS = Switches(report_keys=lambda real, call, keys, at: real(call, Secret(keys.reveal().lstrip("0*")), at))

_SWITCHES = (
    *broken(
        "one number for all",
        Switches(report_call=_call(dialled=PhoneNumber.parse("0120-417-001"))),
        "a_call_is_reported_with_where_it_goes",
    ),
    *broken(
        "everybody is trusted",
        Switches(report_call=_identity(assurance=CallerAssurance.CARRIER)),
        ("who_calls_is_reported_with_who_says_so", {"assurance": CallerAssurance.NONE}),
    ),
    *broken(
        "nobody is anonymous",
        Switches(report_call=_identity(presentation=Presentation.ALLOWED)),
        "a_withheld_number_is_withheld",
    ),
    *broken("no zone", Switches(report_call=_unzoned), "an_instant_is_aware"),
    *broken("one name for all", Switches(report_call=_call(id="call")), "no_call_has_the_name_of_another"),
    *broken(
        "it rings first",
        Switches(lambda heard: evolve(heard, rings=max(heard.rings, 1))),
        "a_rejected_call_neither_rings_nor_is_answered",
    ),
    *broken(
        "it is answered",
        Switches(lambda heard: evolve(heard, answered=True)),
        ("a_silent_call_rings_and_is_never_answered", {"rings": 1}),
    ),
    *broken(
        "nothing is said", Switches(lambda heard: evolve(heard, said=())), "a_script_is_said_and_the_keys_are_reported"
    ),
    *broken("some keys are no keys", _ALL_KEYS, "keys_are_reported_as_they_were_pressed"),
    *broken(
        "the digits are said once",
        Switches(lambda heard: evolve(heard, spoken=heard.spoken[:1])),
        "what_is_asked_again_is_said_again",
    ),
    *broken(
        "some digits are always said",
        Switches(lambda heard: evolve(heard, spoken=(Secret("0"),))),
        "digits_from_the_screen_are_not_spoken",
    ),
    *broken("twice", Switches(report_hangup=_twice), "hanging_up_is_reported_once"),
    *broken("who cannot be judged is let ring", Switches(report_call=_anyway), "a_desk_that_fails_lets_nobody_in"),
)

BROKEN = (*_SMALL, *_OFFICE, *_SENSORS, *_CORES, *_HOSTS, *_SWITCHES)
SUITES = (
    AuthenticatorsConformance,
    CarriersConformance,
    ClockConformance,
    CoreBankingConformance,
    DirectoryConformance,
    EntropyConformance,
    ExchangeConformance,
    HostConformance,
    KeysConformance,
    MailConformance,
    ReportsConformance,
)
