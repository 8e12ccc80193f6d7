"""Parsers: whatever turns a text from outside into a value, with what may come of it.

Shape:  `PARSERS[name].outcome(text)` is what came of *text*, in a word; anything but the value or the refusal that is
        documented comes out as it is.  A text of several fields has each on a line of its own.
Source: issue 7, part 7; STYLE.md, "bad input gets a clear outcome or InvalidValue".
"""

import atexit
from argparse import ArgumentTypeError
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cache, partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from types import MappingProxyType

from attrs import frozen

from janetbank import profiles
from janetbank.policies.ocra import Suite
from janetbank.policies.service_hours import Window
from janetbank.policies.token import display_name
from janetbank.ports.failures import PortError
from janetbank.profiles import BadProfile
from janetbank.values.account import Account, AccountNumber, AccountType, Branch
from janetbank.values.app_version import AppVersion
from janetbank.values.bill import BillNumbers
from janetbank.values.caller import CallerAssurance, CallerIdentity, Presentation
from janetbank.values.daily_limit import DailyLimit
from janetbank.values.email import MailAddress
from janetbank.values.environment import Environment
from janetbank.values.guessable import PersonalData, examine
from janetbank.values.identifiers import ContractId, InstitutionId
from janetbank.values.line import Line
from janetbank.values.login_id import LoginId
from janetbank.values.money import Yen
from janetbank.values.month import Month
from janetbank.values.operator import OperatorId, PersonId
from janetbank.values.person import BirthDate, KanaName, KanjiName
from janetbank.values.phone import PhoneNumber
from janetbank.values.pin import Pin
from janetbank.values.romaji import spellings
from janetbank.values.secret import Secret
from janetbank.values.violation import InvalidValue
from janetbank_adapters.biometrics.webauthn import WebAuthn
from janetbank_adapters.cli import batch
from janetbank_adapters.keys.file import FileKeys
from janetbank_adapters.token_app.device import Device
from janetbank_adapters.token_app.memory import Memory

JA = profiles.JA
CODES, SUITE, KEY = JA.token.codes, Suite("OCRA-1:HOTP-SHA256-8:QN08"), bytes(range(20))
NOW = datetime(2026, 11, 21, 3, tzinfo=UTC)
TARO = PersonalData(
    kana_names=("ノウチュウタロウ",), birth_date=date(1980, 1, 2), phones=("09012345678",), accounts=("0012345",)
)


REFUSED = "refused: "


@frozen(kw_only=True)
class Parser:
    """*parse* makes of a text something that is one of *gives*, or refuses it by *refuses*.

    *of* is the public callable behind it, where that takes more than a text.  *again*: what comes out can be written,
    and read as the same thing.
    """

    parse: Callable[[str], object]
    gives: type | tuple[type, ...]
    seeds: tuple[str, ...]
    of: Callable[..., object] | None = None
    refuses: type[Exception] | tuple[type[Exception], ...] = InvalidValue
    again: bool = False

    def outcome(self, text: str) -> str:
        """What comes of *text*: a value, as it is shown, or why there is none."""
        try:
            told = self.parse(text)
        except self.refuses as refused:
            said = str(refused)
            return f"{REFUSED}{said if isinstance(refused, InvalidValue) else type(refused).__name__}"
        assert isinstance(told, self.gives), f"{type(told).__name__} came out"
        assert not self.again or self.parse(str(told)) == told, "what was written is read as something else"
        return repr(told)


def lines(text: str, count: int) -> Sequence[str]:
    """So many fields of a *text*, each on its own line; the last one has what is left."""
    found = text.split("\n", count - 1)
    return [*found, *[""] * (count - len(found))]


def as_bytes(text: str) -> bytes:
    """The bytes that `as_text` made *text* of; of what it never makes, some."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def as_text(content: bytes) -> str:
    """A text of whatever bytes, with a lone surrogate for each that is of no character."""
    return content.decode("utf-8", "surrogateescape")


def _heard(text: str) -> CallerIdentity:
    return CallerIdentity.heard(text, presentation=Presentation.ALLOWED, assurance=CallerAssurance.CARRIER)


def _bill(text: str) -> BillNumbers:
    biller, customer, confirmation = lines(text, 3)
    return BillNumbers.parse(biller, customer, Secret(confirmation))


def _place(text: str) -> Environment:
    device, network, platform = lines(text, 3)
    return Environment(device or None, network, platform)


def _yen(text: str) -> Yen:
    return Yen(int.from_bytes(as_bytes(text), signed=True))


def _suite(text: str) -> str:
    return Suite(text).text


def _code(text: str) -> str:
    return type(CODES.verify(KEY, Secret(text), NOW, after=None)).__name__


def _answers(text: str) -> object:
    pairs = lines(text, 2 * JA.questions.pairs)
    return JA.questions.check([(one, Secret(other)) for one, other in zip(pairs[::2], pairs[1::2], strict=True)])


def _password(text: str) -> object:
    password, login_id = lines(text, 2)
    return JA.password.check(Secret(password), about=TARO, login_id=login_id)


def _login_id(text: str) -> object:
    return JA.login_id.acceptable_at_login(text), JA.login_id.canonical(text), JA.login_id.check(text, about=TARO)


def _suited(text: str) -> bool:
    return SUITE.verify(KEY, Secret(text), "12345678")


# --- Files and messages -----------------------------------------------------------------------------------------------


@cache
def _folder() -> Path:
    folder = TemporaryDirectory()
    atexit.register(folder.cleanup)
    return Path(folder.name)


def _written(text: str) -> Path:
    """A file of its owner's alone that holds *text*."""
    path = _folder() / "file"
    path.touch(mode=0o600)
    path.write_bytes(as_bytes(text))
    return path


def _keys(text: str) -> FileKeys:
    return FileKeys(_written(text))


def _memory(text: str) -> object:
    return Memory(_written(text), Device(key=bytes(32), machine="this one")).load()


def _profile_as_bytes(text: str) -> object:
    return profiles.loads(as_bytes(text))


def _ja_but(text: str) -> object:
    """A whole profile, of which *text* stands in the place of the line that says the same, or of some line."""
    name = text.partition("=")[0].strip()
    at = _JA_NAMES.index(name) if name in _JA_NAMES else len(text) % len(_JA_LINES)
    return profiles.loads("\n".join([*_JA_LINES[:at], text, *_JA_LINES[at + 1 :]]))


_JA_LINES = tuple(line for line in profiles.dump(JA).splitlines() if not line.startswith("#"))
_JA_NAMES = [line.partition("=")[0].strip() for line in _JA_LINES]
_FINGERS = WebAuthn(rp_id="bank.example", rp_name="Bank", origins=("https://bank.example",))


def _registered(text: str) -> object:
    return _FINGERS.registered(text, lambda _: True)


PARSERS: Mapping[str, Parser] = MappingProxyType(
    {
        "branch": Parser(parse=Branch.parse, gives=Branch, seeds=("001", "１２３", "1234"), again=True),
        "account type": Parser(parse=AccountType.parse, gives=AccountType, seeds=("ordinary", "普通", "x")),
        "account number": Parser(
            parse=AccountNumber.parse, gives=AccountNumber, seeds=("1", "0012345", "１２"), again=True
        ),
        "account": Parser(
            parse=lambda text: Account.parse(*lines(text, 3)),
            of=Account.parse,
            gives=Account,
            seeds=("001\nordinary\n1234567", "００１\n当座\n1"),
        ),
        "app version": Parser(
            parse=AppVersion.reported, of=AppVersion.reported, gives=AppVersion, seeds=("4.1", "4.10.0"), again=True
        ),
        "bill": Parser(parse=_bill, of=BillNumbers.parse, gives=BillNumbers, seeds=("00100\n1234-5678-90\n123456",)),
        "caller": Parser(
            parse=_heard, of=CallerIdentity.heard, gives=CallerIdentity, seeds=("090-1234-5678", "+819012345678")
        ),
        "daily limit": Parser(parse=DailyLimit.parse, gives=DailyLimit, seeds=("100", "０", "99999")),
        "mail": Parser(
            parse=MailAddress.parse,
            gives=MailAddress,
            seeds=("taro@example.jp", "a..b@docomo.ne.jp", "taro@日本語.jp", '"a b"@example.jp'),
            again=True,
        ),
        "place": Parser(
            parse=_place, of=Environment, gives=Environment, seeds=("token\n192.0.2.1\nios", "\n::ffff:192.0.2.1\nx")
        ),
        "institution": Parser(parse=InstitutionId.parse, gives=InstitutionId, seeds=("5441", "５４４１"), again=True),
        "contract": Parser(parse=ContractId, gives=ContractId, seeds=("c-1", "abc"), again=True),
        "line": Parser(
            parse=Line.parse,
            gives=Line,
            seeds=("印影相違", " a ", "か\N{COMBINING KATAKANA-HIRAGANA VOICED SOUND MARK}"),
            again=True,
        ),
        "login id": Parser(
            parse=partial(LoginId.parse, case_sensitive=False),
            of=LoginId.parse,
            gives=LoginId,
            seeds=("kaze48nd", "TARO0001"),
        ),
        "login id, told apart by case": Parser(
            parse=partial(LoginId.parse, case_sensitive=True),
            of=LoginId.parse,
            gives=LoginId,
            seeds=("kaze48nd", "Taro1"),
        ),
        "month": Parser(parse=Month.parse, gives=Month, seeds=("2026-11", "0001-01", "2026-13"), again=True),
        "operator": Parser(parse=OperatorId.parse, gives=OperatorId, seeds=("tanaka-2", "ＴＡＮＡＫＡ"), again=True),
        "person": Parser(parse=PersonId.parse, gives=PersonId, seeds=("E-1001", "ｅ１"), again=True),
        "kana name": Parser(parse=KanaName.parse, gives=KanaName, seeds=("ノウチュウタロウ", "カ\u3099"), again=True),
        "kanji name": Parser(parse=KanjiName.parse, gives=KanjiName, seeds=("農中太郎", "髙﨑𠮷ノヶ々"), again=True),
        "birth date": Parser(
            parse=BirthDate.parse, gives=BirthDate, seeds=("1980-01-02", "1980/1/2", "１９８００１０２"), again=True
        ),
        "birth date, not to come": Parser(
            parse=partial(BirthDate.parse, today=date(2026, 11, 21)),
            of=BirthDate.parse,
            gives=BirthDate,
            seeds=("2026-11-21", "2026-11-22"),
        ),
        "phone": Parser(
            parse=PhoneNumber.parse,
            gives=PhoneNumber,
            seeds=("090-1234-5678", "+81 3 3234 5678", "０１２０１２３４５６"),
        ),
        "pin": Parser(
            parse=lambda text: Pin.parse(Secret(text)), of=Pin.parse, gives=Pin, seeds=("0123", "１２３４", "12345")
        ),
        "yen": Parser(parse=_yen, of=Yen, gives=Yen, seeds=("\0", "\x01\0", "\x7f\x7f\x7f\x7f\x7f")),
        "window": Parser(
            parse=Window.of, gives=Window, seeds=("06:30-23:40", "00:00-24:00"), refuses=ValueError, again=True
        ),
        "romaji": Parser(parse=spellings, gives=tuple, seeds=("サトウ", "ホンマ", "ﾄｳｷｮｳ", "おおの")),
        "what is guessable": Parser(
            parse=partial(examine, about=TARO, service_words=("janet",)),
            of=examine,
            gives=object,
            seeds=("taro1980", "9012"),
        ),
        "a login id that is wanted": Parser(parse=_login_id, gives=tuple, seeds=("kaze48nd", "ab123456", "İstanbul9")),
        "a password that is wanted": Parser(parse=_password, gives=tuple, seeds=("soil7+rain\nkaze48nd", "aaaa1111")),
        "answers": Parser(
            parse=_answers,
            gives=tuple,
            seeds=("\n".join(one for pair in zip(JA.questions.catalogue, "アイウ", strict=False) for one in pair),),
        ),
        "start password": Parser(
            parse=lambda text: JA.token.start_password.check(Secret(text), about=TARO),
            gives=tuple,
            seeds=("7351", "１２３４"),
        ),
        "one-time password": Parser(
            parse=_code, gives=str, seeds=(CODES.code(KEY, CODES.step_at(NOW)).reveal(), "１２３４５６")
        ),
        "answer of an app": Parser(
            parse=_suited, gives=bool, seeds=(SUITE.answer(KEY, "12345678"), "１２３４５６７８")
        ),
        "suite": Parser(
            parse=_suite,
            gives=str,
            refuses=ValueError,
            seeds=("OCRA-1:HOTP-SHA256-8:C-QN08-PSHA1", "OCRA-1:HOTP-SHA512-0:QH40-S064-T1H"),
        ),
        "wording of a token": Parser(
            parse=partial(display_name, "銀行"), gives=str, seeds=("家計", "\u3000a", "x" * 31)
        ),
        "day of a batch": Parser(
            parse=batch._day, gives=date, refuses=ArgumentTypeError, seeds=("2026-11-24", "2026-W01-1")
        ),
        "profile": Parser(
            parse=profiles.loads,
            gives=profiles.Profile,
            refuses=BadProfile,
            seeds=('name = "x"', "[lockouts.password]\ntolerated = 6"),
        ),
        "profile, as bytes": Parser(
            parse=_profile_as_bytes,
            gives=profiles.Profile,
            refuses=BadProfile,
            seeds=('name = "x"\n', "\udcff = 1", "a = [[[["),
        ),
        "profile, but for a line": Parser(
            parse=_ja_but,
            gives=profiles.Profile,
            refuses=BadProfile,
            seeds=tuple(dict.fromkeys(line for line in _JA_LINES if "=" in line)),
        ),
        "key file": Parser(
            parse=_keys,
            gives=FileKeys,
            refuses=PortError,
            seeds=('{"pepper": [{"id": "k", "key": "AAAA"}]}', "[[[[", "{}"),
        ),
        "the app's file": Parser(
            parse=_memory,
            gives=tuple,
            refuses=PortError,
            seeds=('{"form": 1, "salt": "AAAA", "sealed": "AAAAAAAAAAAAAAAAAAAA"}', "[[[["),
        ),
        "response of a finger": Parser(
            parse=_registered,
            gives=(object, type(None)),
            seeds=(
                '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {}}',
                '{"id": "AA", "rawId": "AA", "response": {"clientDataJSON": "e30", "attestationObject": "oA"}}',
            ),
        ),
    }
)

# --- Without a fuzzer -------------------------------------------------------------------------------------------------

ODD = (
    "", " ", "\0", "\ud800", "\udcff", "\u202e", "\N{ZERO WIDTH SPACE}", "'; --", "%s{0}{}", "../", "１２", "٣", "²",
    "-1", "9" * 400, "1e9", "NaN", "a" * 5_000, "ｶﾅ", "\u3099", "ﷺ", "İ", "ß", "\r\n", "\n\n\n\n\n\n", "[" * 2_000,
    '{"a":' * 2_000, "0000", "\U0001f4a3", "\u2028", "=", "@", ".", ":", "+81", "#", '"""',
)  # fmt: skip
"""Pieces that texts of no good are made of."""


def variants(parser: Parser, count: int) -> Sequence[str]:
    """The seeds, the odd pieces, and so many texts that are made of both; always the same ones."""
    chance, made = Random(repr(parser.seeds)), [*parser.seeds, *ODD]
    for _ in range(count):
        seed, other = chance.choice(parser.seeds), chance.choice((*parser.seeds, *ODD))
        at, to = sorted([chance.randrange(len(seed) + 1), chance.randrange(len(seed) + 1)])
        made.append(seed[:at] + chance.choice(("", other, chr(chance.randrange(0x3000)))) + seed[to:])
    return made
