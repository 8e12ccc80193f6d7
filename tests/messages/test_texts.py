"""Texts: everything that can be said has a Japanese and an English text, and every text is said somewhere."""

import ast
import pkgutil
import re
import tomllib
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from enum import Enum
from importlib import import_module, resources
from pathlib import Path
from string import Formatter
from types import UnionType
from typing import Any, Union, cast, get_args, get_origin, get_type_hints

import attrs
import pytest

import janetbank
from janetbank import flows, model, policies, values
from janetbank.flows.batch import DayOver
from janetbank.flows.refusals import LockedOut, OutsideServiceHours, Rejected, WrongStep
from janetbank.flows.tokens import AppKey
from janetbank.messages import LANGUAGES, Language, NoText, Outcome, phrase, text
from janetbank.model.batch import Done
from janetbank.model.letter import LetterCode
from janetbank.policies.enrolment import Step
from janetbank.ports.directory import Terms
from janetbank.values.account import Account
from janetbank.values.bill import Bill
from janetbank.values.daily_limit import DailyLimit
from janetbank.values.identifiers import ContractId, InstitutionId
from janetbank.values.instruction import InstructionKind, Transfer
from janetbank.values.money import Yen
from janetbank.values.secret import Secret
from janetbank.values.violation import Violation

SOURCE = Path(janetbank.__file__).parent
TEXTS: dict[Language, dict[str, str]] = {
    lang: tomllib.loads((resources.files("janetbank.messages") / f"{lang}.toml").read_text("utf-8"))
    for lang in LANGUAGES
}
CODE = re.compile(r"(?!janetbank\.)[a-z_]+(?:\.[a-z_]+)+(?<!\.txt)")
HIDDEN = "9f3c-hidden"
NOON = datetime(2026, 11, 21, 6, 4, tzinfo=UTC)


def outcomes() -> list[type[attrs.AttrsInstance]]:
    """Every class of the flows that has a code of its own, found by looking."""
    found: set[type[Any]] = set()
    for module in pkgutil.iter_modules(flows.__path__, "janetbank.flows."):
        for one in vars(import_module(module.name)).values():
            if isinstance(one, type) and attrs.has(one) and isinstance(one.__dict__.get("code"), str):
                found.add(one)
    return sorted(found, key=lambda one: (one.__module__, one.__name__))


def trees(*rooms: str) -> Iterator[ast.Module]:
    """The source of some rooms, parsed."""
    for room in rooms:
        for path in sorted((SOURCE / room).rglob("*.py")):
            yield ast.parse(path.read_text("utf-8"))


def written_out() -> set[str]:
    """Every text in the source that looks like a code, docstrings left out."""
    found: set[str] = set()
    for tree in trees("values", "policies", "flows"):
        docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        constants = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in docs)
        found |= {node.value for node in constants if isinstance(node.value, str) and CODE.fullmatch(node.value)}
    return found


def put_together() -> set[re.Pattern[str]]:
    """The shape of every code that is put together when a violation is made."""
    found: set[re.Pattern[str]] = set()
    for tree in trees("values", "policies", "flows"):
        for node in ast.walk(tree):
            match node:
                case ast.Call(func=ast.Name(id="Violation" | "InvalidValue"), args=[ast.JoinedStr(values=parts), *_]):
                    shapes = (
                        re.escape(str(one.value)) if isinstance(one, ast.Constant) else "[a-z_]+" for one in parts
                    )
                    found.add(re.compile("".join(shapes)))
                case _:
                    pass
    return found


def placeholders(template: str) -> set[str]:
    """What a text wants to be given."""
    return {name for _, name, _, _ in Formatter().parse(template) if name}


def kinds_of(hint: object) -> tuple[object, ...]:
    """The members of a union, or the type itself."""
    return get_args(hint) if get_origin(hint) in {Union, UnionType} else (hint,)


EXAMPLES: dict[object, object] = {
    str: "soil",
    int: 7,
    bool: True,
    datetime: NOON,
    date: NOON.date(),
    Secret: Secret(HIDDEN),
    Terms: Terms("ja-netbank", "2026-04"),
    Yen: Yen(50_000),
    DailyLimit: DailyLimit(100),
    Account: Account.parse("001", "ordinary", "1"),
    Bill: Bill(id="b", biller="00100", name="デンリヨク", public=False, amount=Yen(1)),
    InstitutionId: InstitutionId("5441"),
    ContractId: ContractId("c-1"),
    Done: Done(activated=1),
    AppKey: AppKey(service_id="000", user_id="1234567", key=Secret(HIDDEN)),
    Transfer: Transfer(
        reference="r-1",
        kind=InstructionKind.OWN_TRANSFER,
        source=Account.parse("001", "ordinary", "1"),
        payee_bank=InstitutionId("5441"),
        payee=Account.parse("001", "ordinary", "2"),
        payee_name="タロウ",
        amount=Yen(1),
        date=NOON.date(),
    ),
}


def example(hint: object) -> object:
    """Something of the type that a field has."""
    kind = kinds_of(hint)[0]
    if isinstance(kind, type) and issubclass(kind, Enum):
        return next(iter(kind))
    return () if get_origin(kind) is tuple else EXAMPLES[kind]


def fields(kind: type[attrs.AttrsInstance]) -> dict[str, object]:
    """The types of an outcome's fields."""
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in attrs.fields(kind)}


def code_of(kind: type) -> str:
    """The code of an outcome."""
    return cast("str", kind.__dict__["code"])


def codes_of(kind: type[attrs.AttrsInstance]) -> set[str]:
    """Every text that an outcome can want: its own, those without what may be None, those of its enumerations."""
    code, found = code_of(kind), set[str]()
    optional = [name for name, hint in fields(kind).items() if type(None) in kinds_of(hint)]
    found |= {code, *(f"{code}.without_{name}" for name in optional)}
    for name in placeholders(TEXTS["ja"].get(code, "")) & fields(kind).keys():
        one = kinds_of(fields(kind)[name])[0]
        if isinstance(one, type) and issubclass(one, Enum):
            found |= {f"{one.__name__.lower()}.{member.value}" for member in one}
    return found


def enumerations() -> set[str]:
    """The members of every enumeration that has texts, whether or not an outcome shows it yet."""
    found: set[str] = set()
    for room in (values, policies, model):
        for module in pkgutil.iter_modules(room.__path__, f"{room.__name__}."):
            for one in vars(import_module(module.name)).values():
                if isinstance(one, type) and issubclass(one, Enum):
                    codes = {f"{one.__name__.lower()}.{member.value}" for member in one}
                    found |= codes if codes & TEXTS["ja"].keys() else set()
    return found


OUTCOMES = outcomes()
LETTERS = {f"{code.value}.{part}" for code in LetterCode for part in ("subject", "body")}
SAID = written_out().union(LETTERS, enumerations(), *map(codes_of, OUTCOMES))


def test_the_search_finds_what_is_known() -> None:
    """Outcomes, violations written out and violations put together are all found by looking."""
    assert {LockedOut, WrongStep, Rejected} <= set(OUTCOMES)
    assert {"locked_out", "yen.negative", "question.pet", "letter.frame", "login_id.taken", "step.holder"} <= SAID
    assert any(shape.fullmatch("password.guessable.birth_date") for shape in put_together())


def test_both_languages_say_the_same() -> None:
    """Each code has a text in both languages, with the same placeholders."""
    assert TEXTS["ja"].keys() == TEXTS["en"].keys()
    for code, template in TEXTS["ja"].items():
        assert placeholders(template) == placeholders(TEXTS["en"][code]), code


@pytest.mark.parametrize("lang", LANGUAGES)
def test_nothing_is_said_without_a_text(lang: Language) -> None:
    """Every code in the source has its text."""
    assert not SAID - TEXTS[lang].keys()
    for shape in put_together():
        assert any(shape.fullmatch(code) for code in TEXTS[lang]), shape


def test_no_text_is_never_said() -> None:
    """A text that nothing can say is dead."""
    shapes = put_together()
    never = {code for code in TEXTS["ja"] if code not in SAID and not any(shape.fullmatch(code) for shape in shapes)}
    # A letter's code has no text of its own, and is none.
    assert not never - {code.value for code in LetterCode}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("kind", OUTCOMES, ids=lambda kind: kind.__name__)
def test_every_outcome_can_be_told(kind: type[attrs.AttrsInstance], lang: Language) -> None:
    """Each outcome of each flow becomes a sentence without a gap, and none shows a secret."""
    make = cast("Callable[..., Outcome]", kind)
    given = {name: example(hint) for name, hint in fields(kind).items()}
    told = text(make(**given), lang)
    assert told
    assert not set("{}") & set(told)
    assert HIDDEN not in told
    for name, hint in fields(kind).items():
        if type(None) in kinds_of(hint):
            assert text(make(**{**given, name: None}), lang) != told


@pytest.mark.parametrize("kind", OUTCOMES, ids=lambda kind: kind.__name__)
def test_no_text_has_a_place_for_a_secret(kind: type[attrs.AttrsInstance]) -> None:
    """What a text places is a plain field, never one that holds a secret."""
    wanted = placeholders(TEXTS["ja"][code_of(kind)])
    assert wanted <= fields(kind).keys()
    assert not any(Secret in kinds_of(fields(kind)[name]) for name in wanted)


CHECK_BOTH = """\
Please check what you entered.
Please enter an amount of 0 yen or more.
Please enter the branch number as 3 digits."""


@pytest.mark.parametrize(
    ("said", "ja", "en"),
    [
        (
            LockedOut(NOON),
            "誤った入力が続いたため、11月21日 15:04までご利用いただけません。",
            "After several wrong entries the service cannot be used until 21 November 15:04 JST.",
        ),
        (
            OutsideServiceHours(None),
            "ただいまはご利用いただけません。",
            "The service cannot be used now.",
        ),
        (
            WrongStep(Step.TERMS),
            "いまは「利用規定の確認・同意」の入力が必要です。",
            "This procedure now asks for something else: the terms of use.",
        ),
        (
            Violation("login_id.too_short", {"min": 6}),
            "ログインIDは6文字以上で入力してください。",
            "The login id needs at least 6 characters.",
        ),
        (
            Rejected((Violation("yen.negative"), Violation("branch.shape"))),
            "入力内容をご確認ください。\n金額は0円以上で入力してください。\n支店番号は3桁の数字で入力してください。",
            CHECK_BOTH,
        ),
    ],
)
def test_what_is_said(said: Violation | Outcome, ja: str, en: str) -> None:
    """Instants stand in Japanese time, steps by their names, absent fields are not mentioned, all reasons are told."""
    assert text(said) == text(said, "ja") == ja
    assert text(said, "en") == en


def test_a_day_without_a_time() -> None:
    """A date is shown as a day, the same in every zone."""
    assert phrase("enrol.enrolled", "ja", effective_on=date(2026, 1, 5)).startswith("登録が完了しました。1月5日に")
    assert phrase("enrol.enrolled", "en", effective_on=date(2026, 12, 31)).endswith("on 31 December.")


def test_a_day_with_its_year() -> None:
    """Whoever runs nights is told the whole day, which he may have typed with another year."""
    assert text(DayOver(date(2026, 11, 20)), "en").startswith("The night batch of 2026-11-20 was run already")
    assert text(DayOver(date(2026, 11, 20)), "ja").startswith("2026-11-20の夜間処理がすでに実行されている")


def test_money_is_written_as_its_readers_write_it() -> None:
    """Yen with the character or the word, and a limit in 万円 or in yen."""
    assert phrase("limit.reached", "ja", left=Yen(1_234_567)).endswith("1,234,567円までです。")
    assert phrase("limit.reached", "en", left=Yen(1_234_567)).endswith("up to 1,234,567 yen.")
    assert phrase("limit.reached", "ja", left=DailyLimit(100)).endswith("100万円までです。")
    assert phrase("limit.reached", "en", left=DailyLimit(100)).endswith("up to 1,000,000 yen.")


def test_what_has_no_text_is_a_mistake() -> None:
    """An unknown code, a missing parameter and an unknown language are the programmer's mistakes, and say which."""
    with pytest.raises(NoText, match=r"the en text 'no\.such' is missing"):
        text(Violation("no.such"), "en")
    with pytest.raises(NoText, match=r"'login_id\.too_short' is missing, or wants 'min'"):
        phrase("login_id.too_short")
    with pytest.raises(NoText, match="no language 'fr' here, only ja, en"):
        phrase("refused", cast("Language", "fr"))
