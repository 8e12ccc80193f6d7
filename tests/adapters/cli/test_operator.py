"""`janetbank operator` does what those behind the counter do, and says it in words and in JSON."""

import io
import json
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve, frozen

from janetbank.flows.entry import LoginIdWanted
from janetbank.flows.hand_over import Accepted, Reserved
from janetbank.flows.pay_bills import BillFound
from janetbank.flows.prove import Authorised
from janetbank.flows.refusals import Suspended
from janetbank.messages import LANGUAGES, Language
from janetbank.policies.contract_life import ContractStatus
from janetbank.policies.lockout import Tally
from janetbank.policies.suspension import Explanation
from janetbank.ports.failures import Unavailable
from janetbank.testing.bank import HOME, INSTITUTION, START, TestBank
from janetbank.values.instruction import InstructionKind
from janetbank.values.secret import Secret
from janetbank_adapters.cli import Misuse, main
from janetbank_adapters.cli.arguments import parser
from janetbank_adapters.clock.by_hand import HandClock
from janetbank_adapters.entropy.system import SystemEntropy
from janetbank_adapters.keys.file import FileKeys
from janetbank_adapters.storage.sql import connect
from tests.flows.counter_scene import INITIAL, OWN, STAFF, Desk
from tests.flows.first_use_scene import AOMORI, JIRO
from tests.flows.money_scene import books, find, send_bills
from tests.flows.scene import contract_of, kinds, rewrite, stepped_up, with_password
from tests.flows.token_scene import LATER_DAY, Telephone, order

ACCOUNT = "001-ordinary-12345"
NEW = "another#own#38"


@frozen
class Terminal:
    """A bank, and the terminal at which its staff sits."""

    desk: Desk
    where: list[str]
    capsys: pytest.CaptureFixture[str]
    monkeypatch: pytest.MonkeyPatch

    def run(self, *argv: str, by: str = "", typed: str = "", lang: Language = "en") -> int:
        """Run one command now, as `main` would, with the password of *by* or whatever is *typed*."""
        self.monkeypatch.setattr(sys, "stdin", io.StringIO(typed or f"{OWN.reveal()}\n"))
        who = ["--as", by] if by else []
        args = parser(["operator"]).parse_args(["operator", *argv, *who, *self.where, "--lang", lang])
        args.clock = HandClock(self.desk.there.clock.now())
        code: int = args.run(args)
        return code

    def said(self, *argv: str, by: str = "", typed: str = "", lang: Language = "en") -> str:
        """What is said of it, which is done."""
        assert self.run(*argv, by=by, typed=typed, lang=lang) == 0
        return self.capsys.readouterr().out

    def told(self, *argv: str, by: str = "", typed: str = "") -> dict[str, Any]:
        """What is told of it in JSON, whether or not it is done."""
        self.capsys.readouterr()
        code = self.run(*argv, "--json", by=by, typed=typed)
        found: dict[str, Any] = json.loads(self.capsys.readouterr().out)
        assert found["done"] == (code == 0)
        return found


@pytest.fixture
def terminal(
    sqlite_store: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Terminal]:
    """A store with the staff and Taro."""
    monkeypatch.setenv("COLUMNS", "500")  # what is looked at is what is said, not how it is wrapped
    keys = tmp_path / "keys.json"
    with connect(sqlite_store) as storage:
        desk = Desk.open(TestBank(storage=storage, keys=FileKeys.create(keys, SystemEntropy())))
        where = ["--store", sqlite_store, "--keys", str(keys), "--institution", "5441"]
        yield Terminal(desk, where, capsys, monkeypatch)


REQUEST = [
    *("request", ACCOUNT, "--route", "help-desk", "--name", "ノウキョウタロウ", "--cause", "lost-device"),
    *("--paper", "acceptance-slip"),
]
FROM_SUSPENSION = ["enter", "release", ACCOUNT, "--paper", "ib-3", "--finding", "no-illicit-access", "--note"]


def requested(terminal: Terminal) -> str:
    """A case that somebody has to enter."""
    case: str = terminal.told(*REQUEST, "--explained", "all", by="mori")["case"]
    return case


# --- From the request to the release ----------------------------------------------------------------------------------


@pytest.mark.requirement("SUS-08", "SUS-10", "SUS-28", "OPS-08")
def test_a_script_walks_a_suspension_from_the_request_to_the_release(terminal: Terminal) -> None:
    """Each of the staff with his own password, each answer with its code and its case."""
    there, taro = terminal.desk.there, terminal.desk.taro
    case = requested(terminal)
    assert terminal.told("enter", "stop", case, by="mori") == {"code": "suspend.suspended", "done": True, "case": case}
    assert with_password(there, taro) == Suspended()
    assert terminal.told("approve", case, by="sato")["state"] == "formal_pending"
    assert terminal.told("formalise", case, "--paper", "ib-1", by="kudo")["code"] == "suspend.formalised"
    proposed = terminal.told(*FROM_SUSPENSION, by="tanaka")
    assert proposed["until"] == (START + timedelta(days=4)).isoformat()
    assert terminal.told("approve", proposed["case"], by="tanaka-2") == {"code": "case.own", "done": False}
    assert terminal.told("approve", proposed["case"], by="suzuki")["code"] == "case.done"
    assert contract_of(there, taro).suspended_since is None
    assert kinds(terminal.desk.chain("suzuki"))[-3:] == ["OperatorSignedIn", "OperatorActed", "OperatorSignedOut"]


@pytest.mark.requirement("LCK-04", "LCK-09", "FEE-07")
def test_a_script_proposes_rejects_and_withdraws(terminal: Terminal) -> None:
    """Blocks and exemptions, and what is decided about them."""
    blocked = Tally(blocked_since=START, lockouts=3)
    rewrite(terminal.desk.there, terminal.desk.taro, lambda one: evolve(one, password_tally=blocked))
    block = ["enter", "block", ACCOUNT, "--block", "password_block", "--paper", "ib-3"]
    missing = terminal.told(*block, by="tanaka")
    assert [one["code"] for one in missing["violations"]] == ["case.not_examined"]
    case = terminal.told(*block, "--finding", "no_illicit_access", by="tanaka")["case"]
    rejected = terminal.told("reject", case, "--reason", "印影相違", by="sato")
    assert rejected == {"code": "case.rejected", "done": True, "case": case}
    assert terminal.told("approve", case, by="sato") == {"code": "case.closed", "done": False, "state": "rejected"}
    case = terminal.told("enter", "exemption", ACCOUNT, "--month", "2026-11", by="kudo")["case"]
    assert terminal.told("withdraw", case, by="tanaka")["code"] == "case.not_the_maker"
    assert terminal.told("approve", case, by="sato")["code"] == "case.done"


@pytest.mark.requirement("OPS-12", "PRF-03")
def test_a_script_registers_the_form_for_tokens(terminal: Terminal) -> None:
    """Where there is such a form, by two people; its kind is listed by its name."""
    form = ["enter", "token-form", ACCOUNT, "--form", "entitle", "--paper", "token-form"]
    assert [one["code"] for one in terminal.told(*form, by="kudo")["violations"]] == ["case.no_such_form"]
    akita = ["--profile", "akita"]
    case = terminal.told(*form, *akita, by="kudo")["case"]
    assert f"- {case} | registration of a form for one-time passwords | " in terminal.said("list", *akita, by="kudo")
    assert terminal.told("approve", case, *akita, by="sato")["code"] == "case.done"
    assert contract_of(terminal.desk.there, terminal.desk.taro).otp_entitled_at == START
    assert terminal.told(*form, *akita, by="kudo")["code"] == "case.nothing_to_register"


@pytest.mark.requirement("CAN-01", "CAN-09", "CAN-11", "SUS-01")
def test_a_script_cancels_a_contract_by_the_form(terminal: Terminal) -> None:
    """By two people; what stands in the way is named, and an investigation is, until it has come to something."""
    ends = ["enter", "cancellation", ACCOUNT, "--paper", "cancellation-form"]
    assert [one["code"] for one in terminal.told(*ends, by="kudo")["violations"]] == ["cannot_leave.not_active"]
    rewrite(terminal.desk.there, terminal.desk.taro, lambda one: evolve(one, status=ContractStatus.ACTIVE))
    terminal.desk.formalised()
    assert [one["code"] for one in terminal.told(*ends, by="kudo")["violations"]] == ["cannot_leave.investigation"]
    case = terminal.told(*ends, "--finding", "illicit-access", by="kudo")["case"]
    assert f"- {case} | cancellation of the contract | " in terminal.said("list", by="kudo")
    assert terminal.told("approve", case, by="sato")["code"] == "case.done"
    assert contract_of(terminal.desk.there, terminal.desk.taro).status is ContractStatus.LEAVING


@pytest.mark.requirement("SUS-11")
def test_a_script_refuses_a_request(terminal: Terminal) -> None:
    """What cannot be entered is rejected by the same word."""
    case = requested(terminal)
    assert terminal.told("reject", case, "--reason", " ", by="tanaka")["code"] == "rejected"
    assert terminal.told("reject", case, "--reason", "加入者登録なし", by="tanaka")["code"] == "suspend.refused"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_is_to_be_explained_is_listed(terminal: Terminal, lang: Language) -> None:
    """Each item with the word by which it is confirmed, in both languages; confirmed one by one it is enough."""
    assert terminal.run(*REQUEST, by="mori", lang=lang) == 1
    listed = terminal.capsys.readouterr().out.splitlines()
    words = [one.value.replace("_", "-") for one in Explanation]
    for word in words:
        assert any(line.startswith(f"- {word}: ") for line in listed)
    confirmed = [part for word in words for part in ("--explained", word)]
    assert terminal.told(*REQUEST, *confirmed, by="mori")["code"] == "suspend.requested"


# --- Lists ------------------------------------------------------------------------------------------------------------


@pytest.mark.requirement("SUS-28", "SUS-29", "SUS-01", "SUS-05")
def test_work_and_history_are_listed(terminal: Terminal) -> None:
    """In words, one line each, and in JSON; what is late is marked; what is none is said."""
    assert terminal.said("list", by="kudo") == "What is to be done:\nThere is none.\n"
    case = requested(terminal)
    exemption = terminal.told("enter", "exemption", ACCOUNT, "--month", "2026-11", by="kudo")["case"]
    listed = terminal.said("list", by="kudo").splitlines()
    assert listed[1] == (
        f"- {exemption} | exemption from a month's fee | 2026-11 | waiting for another person's approval | by kudo"
        " | due 2026-11-24 10:00"
    )
    assert listed[2] == f"- {case} | suspension | asked for | by mori | due 2026-11-25 00:00"
    assert terminal.said("list", "--overdue", by="kudo").endswith("There is none.\n")
    terminal.desk.there.clock.set(START + timedelta(days=5))
    late = terminal.said("list", "--overdue", by="kudo", lang="ja").splitlines()
    assert all("期限超過" in line for line in late[1:])
    in_json = terminal.told("list", by="kudo")["cases"]
    assert [(one["case"], one["kind"], one["by"], one["overdue"]) for one in in_json] == [
        (exemption, "fee_exemption", "kudo", True),
        (case, "suspension", "mori", True),
    ]
    assert "CaseMoved" in terminal.said("history", ACCOUNT, by="tanaka")
    entries = terminal.told("history", ACCOUNT, by="tanaka")["entries"]
    assert [one["seq"] for one in entries] == list(range(1, len(entries) + 1))
    assert terminal.said("transfers", ACCOUNT, by="mori") == "What is pending:\nThere is none.\n"
    assert terminal.told("transfers", ACCOUNT, by="mori")["transfers"] == []


@pytest.mark.requirement("SUS-04", "SUS-29", "TRF-09", "OPS-08")
def test_what_is_pending_can_be_read_to_its_customer(terminal: Terminal) -> None:
    """Each transfer and payment with what he is asked about: which day, how much, from where, to whom."""
    there, taro = terminal.desk.there, terminal.desk.taro
    session = stepped_up(there, taro, there.log_in(taro))
    wanted = order(InstructionKind.REGISTERED_PAYEE_TRANSFER, day=LATER_DAY)
    asked = there.net.instruct.request(session, wanted)
    assert isinstance(asked, Authorised)
    assert isinstance(there.net.instruct.execute(session, asked.reference), Reserved)
    send_bills(there)
    books(there).processing = False
    bill = find(Telephone(there, taro, session))
    assert isinstance(bill, BillFound)
    assert isinstance(there.net.pay_bills.pay(session, bill.reference), Accepted)
    said = terminal.said("transfers", ACCOUNT, by="tanaka", lang="ja").splitlines()
    source = "001-ordinary-0012345"
    what = f"{asked.reference} | 予約中 | 2026-11-24 | 振込（事前登録方式） | ¥50,000"
    whom = "0009-123-ordinary-7654321 ヤマダ　ハナコ"
    assert any(line.endswith(f"{what} | {source} -> {whom}") for line in said)
    assert any(line.endswith(f"¥39,500 | {source} -> ナガノケン") for line in said)
    told = {one.pop("reference"): one for one in terminal.told("transfers", ACCOUNT, by="tanaka")["transfers"]}
    assert told[asked.reference] == {
        "state": "reserved",
        "date": "2026-11-24",
        "kind": "registered_payee_transfer",
        "amount": 50_000,
        "source": source,
        "payee": "0009-123-ordinary-7654321",
        "payee_name": "ヤマダ　ハナコ",
    }
    assert (told[bill.reference]["payee"], told[bill.reference]["payee_name"]) == (None, "ナガノケン")


# --- Notices ----------------------------------------------------------------------------------------------------------

NOTICES = ["--profile", "aomori"]
JIROS = str(JIRO.account)


@pytest.mark.requirement("ENR-19", "ENR-20", "ENR-22", "ENR-23", "ENR-39")
def test_two_people_admit_a_customer_by_a_notice(terminal: Terminal, tmp_path: Path) -> None:
    """One asks for the host's customer, another has it printed: it is in the file alone, and leads to a login id."""
    paper = tmp_path / "notice.txt"
    host = ["--core", "tests.adapters.cli.hosts:with_jiro"]
    give = ["notice", "give", JIROS, "--to", str(paper), *NOTICES]
    assert terminal.told(*give, by="sato")["code"] == "case.no_contract"
    asked = terminal.told("notice", "ask", JIROS, *host, *NOTICES, by="tanaka")
    assert asked == {"code": "notice.asked", "done": True, "until": (START + timedelta(days=4)).isoformat()}
    assert terminal.told(*give, by="tanaka")["code"] == "operator.no_authority"
    assert not paper.exists()  # nothing was given, and nothing stays
    given = terminal.told(*give, by="sato")
    assert given == {"code": "notice.given", "done": True, "until": (START + timedelta(days=90)).isoformat()}
    assert paper.stat().st_mode & 0o777 == 0o600
    title, *lines = paper.read_text(encoding="utf-8").splitlines()
    assert title == "Notice of provisional passwords"
    first, second, until = (line.partition(": ")[2] for line in lines)
    assert until == "2027-02-18 10:00 JST"
    there = terminal.desk.there
    bank = TestBank(AOMORI, storage=there.storage, keys=there.keys)
    account = JIRO.account
    told = bank.net.obtain_login_id.prove(
        INSTITUTION.id, account.branch.code, account.number.digits, Secret(first), Secret(second), seen_from=HOME
    )
    assert isinstance(told, LoginIdWanted)


@pytest.mark.requirement("ENR-23", "ENR-29", "CAN-11")
def test_who_is_a_customer_is_given_another_notice_or_loses_his_login_id(terminal: Terminal, tmp_path: Path) -> None:
    """For a contract that is there no host is asked; a file that is there is not written over."""
    paper = tmp_path / "notice.txt"
    give = ["notice", "give", ACCOUNT, "--to", str(paper), *NOTICES]
    assert terminal.told(*give, by="sato")["code"] == "notice.nothing_to_give"
    assert terminal.told("notice", "ask", ACCOUNT, *NOTICES, by="kudo")["code"] == "notice.asked"
    said = terminal.said(*give, by="sato", lang="ja")
    kept = paper.read_text(encoding="utf-8")
    assert kept.startswith("仮パスワード通知書\n（仮）ログインパスワード: ")
    secrets = [line.partition(": ")[2] for line in kept.splitlines()[1:3]]
    assert not [secret for secret in secrets if secret in said]
    with pytest.raises(Misuse, match="there is a file"):
        terminal.run(*give, by="sato")
    assert paper.read_text(encoding="utf-8") == kept
    initialise = ["notice", "initialise", ACCOUNT, *NOTICES]
    assert terminal.told(*initialise, by="tanaka")["code"] == "notice.login_id_initialised"
    assert terminal.told(*initialise, by="tanaka")["code"] == "notice.nothing_to_initialise"
    assert contract_of(terminal.desk.there, terminal.desk.taro).login_id is None


@pytest.mark.requirement("ENR-39")
def test_nobody_is_admitted_whom_the_host_does_not_confirm(terminal: Terminal) -> None:
    """Without a host it cannot be asked; a host who knows no such account says no; at JA there are no notices."""
    ask = ["notice", "ask", JIROS]
    with pytest.raises(Unavailable):
        terminal.run(*ask, *NOTICES, by="tanaka")
    stranger = ["notice", "ask", "009-ordinary-1", "--core", "tests.adapters.cli.hosts:with_jiro"]
    assert terminal.told(*stranger, *NOTICES, by="tanaka")["code"] == "enrol.not_accepted"
    assert terminal.told(*ask, by="tanaka")["code"] == "outside_service_hours"


# --- Accounts ---------------------------------------------------------------------------------------------------------


@pytest.mark.requirement("OPS-09", "OPS-10", "SUS-13")
def test_the_first_operator_is_registered_and_chooses_a_password(terminal: Terminal) -> None:
    """With the bank's keys alone; the password that was given out is for choosing another."""
    register = ["register", "yamada", "--person", "E-10", "--full-name", "山田", "--role", "teller", "--branch", "001"]
    given = f"{INITIAL.reveal()}\n"
    assert terminal.told(*register, typed=given) == {"code": "operator.registered", "done": True, "operator": "yamada"}
    again = terminal.told(*register, typed=given)
    assert [one["code"] for one in again["violations"]] == ["operator.taken"]
    assert terminal.told("list", by="yamada", typed=given)["code"] == "operator.new_password_needed"
    three = f"{INITIAL.reveal()}\n{NEW}\n{NEW}\n"
    assert terminal.told("password", by="yamada", typed=f"wrong\n{NEW}\n{NEW}\n")["code"] == "refused"
    assert terminal.told("password", by="yamada", typed=three) == {"code": "operator.password_changed", "done": True}
    assert terminal.told("list", by="yamada", typed=f"{NEW}\n")["cases"] == []
    assert terminal.told("password", by="yamada", typed=f"{NEW}\nshort\nshort\n")["code"] == "rejected"
    assert terminal.told("renew", "yamada", typed=given)["code"] == "operator.renewed"
    assert terminal.told("list", by="yamada", typed=given)["code"] == "operator.new_password_needed"
    assert terminal.told("retire", "yamada")["code"] == "operator.retired"
    assert terminal.told("retire", "yamada")["code"] == "operator.none"
    assert terminal.told("list", by="yamada", typed=given)["code"] == "refused"


def test_on_a_terminal_the_password_is_asked_for(terminal: Terminal) -> None:
    """Without echo, in both languages."""
    asked = list[str]()

    class Tty(io.StringIO):
        def isatty(self) -> bool:
            return True

    def getpass(prompt: str) -> str:
        asked.append(prompt)
        return OWN.reveal()

    terminal.monkeypatch.setattr("janetbank_adapters.cli.operator.getpass", getpass)
    terminal.monkeypatch.setattr(io, "StringIO", Tty)
    assert terminal.run("list", by="kudo") == 0
    assert asked == ["パスワード / password: "]


# --- What is refused, and what cannot be asked ------------------------------------------------------------------------


def test_what_is_refused_is_said_with_exit_code_one(terminal: Terminal) -> None:
    """A wrong password, a role that may not, a case that is none, and a terminal that rests."""
    case = requested(terminal)
    assert terminal.told("list", by="kudo", typed="wrong#wrong#0\n") == {"code": "refused", "done": False}
    assert terminal.told("enter", "stop", case, by="kudo")["code"] == "operator.no_authority"
    for none in ("x", "f" * 32):
        assert terminal.told("approve", none, by="sato")["code"] == "case.none"
        assert terminal.told("reject", none, "--reason", "why", by="sato")["code"] == "case.none"
    terminal.desk.there.clock.set(START + timedelta(hours=13))
    rests = terminal.told("list", by="kudo")
    assert rests == {
        "code": "outside_service_hours",
        "done": False,
        "opens_at": (START + timedelta(hours=21)).isoformat(),
    }


@pytest.mark.parametrize(
    ("argv", "why"),
    [
        (["enter", "release", "001-12345", "--as", "tanaka"], "an account looks like 001-ordinary-12345"),
        (["enter", "exemption", ACCOUNT, "--month", "11", "--as", "kudo"], "argument --month"),
        (["register", "x", "--person", "1", "--full-name", "x", "--role", "boss"], "there is no 'boss', only teller"),
        ([*REQUEST[:-1], "ib-9", "--as", "mori"], "there is no 'ib-9', only ib-1, ib-3, acceptance-slip"),
        ([*REQUEST, "--explained", "nothing", "--as", "mori"], "there is no 'nothing'"),
        (["list"], "required: --as"),
    ],
)
def test_what_cannot_be_asked_is_misuse(terminal: Terminal, argv: list[str], why: str) -> None:
    """Exit code 2, one reason on stderr, and nothing done."""
    terminal.capsys.readouterr()
    assert main(["operator", *argv, *terminal.where]) == 2
    said = terminal.capsys.readouterr()
    assert said.out == ""
    assert why in said.err


def test_no_secret_is_an_argument_or_is_said(terminal: Terminal) -> None:
    """Neither a password nor a token stands in anything that is told."""
    said = [
        terminal.run("list", by="kudo"),
        terminal.run("password", by="kudo", typed=f"{OWN.reveal()}\n{NEW}\n{NEW}\n"),
        terminal.run("password", "--json", by="kudo", typed=f"{NEW}\n{OWN.reveal()}\n{OWN.reveal()}\n"),
    ]
    assert said == [0, 0, 0]
    out = "".join(terminal.capsys.readouterr())
    assert not [secret for secret in (OWN.reveal(), NEW) if secret in out]
    assert "session" not in out
    assert set(STAFF) >= {"kudo"}
