"""Storage conformance: what every adapter of the storage port must do, as a pytest class.

    class TestMyStorage(StorageConformance):
        @pytest.fixture
        def storage(self) -> Iterator[Storage]:
            with my_storage(patience=0.5) as storage: yield storage

Shape:  inherit, and override the fixture `storage` with an empty store that waits for locks half a second, not longer;
        every test is a law of the port.
Errors: AssertionError where an adapter breaks a law.
Source: janetbank.ports.storage; LCK-16, CRD-04, AMB-27; docs/decisions/0002, 0003, 0004.
"""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime, timedelta
from functools import partial
from threading import Barrier
from time import sleep
from typing import Any, TypeVar, cast

import pytest
from attrs import evolve, fields, fields_dict, frozen, has
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from janetbank.model.allowance import Allowance
from janetbank.model.audit import ChainHead, Entry, record
from janetbank.model.batch import BatchRun
from janetbank.model.case import Case, CaseKind
from janetbank.model.contract import Contract
from janetbank.model.customer import Address, Customer
from janetbank.model.enrolment import Enrolment
from janetbank.model.events import GuessReserved, LoggedOut, QuestionAsked
from janetbank.model.fee import FeeTerms
from janetbank.model.instruction import Instruction
from janetbank.model.letter import Letter, LetterCode
from janetbank.model.operator import Operator, OperatorSession, OperatorStatus, name_of
from janetbank.model.phone_attempt import PhoneAttempt
from janetbank.model.procedure import Procedure
from janetbank.model.session import Assurance, Session
from janetbank.model.token import Token
from janetbank.policies.authority import Role
from janetbank.policies.contract_life import ContractStatus
from janetbank.policies.dual_control import Proposal, ProposalState
from janetbank.policies.eligibility import OnlineProcedure
from janetbank.policies.enrolment import Step
from janetbank.policies.instruction import InstructionState
from janetbank.policies.limits import Usage
from janetbank.policies.phone_auth import Mode, PhoneAuthRules, Progress
from janetbank.policies.risk import Place
from janetbank.policies.step_up import Proof
from janetbank.policies.suspension import Cause, Suspension, SuspensionState
from janetbank.policies.suspension import Route as SuspensionRoute
from janetbank.policies.token import TokenState
from janetbank.ports.failures import PortError
from janetbank.ports.storage import AccountTaken, Checkpoint, Conflict, LoginIdTaken, Storage, Transaction
from janetbank.testing import strategies
from janetbank.values.account import Account, Branch
from janetbank.values.caller import Route
from janetbank.values.daily_limit import DailyLimit
from janetbank.values.email import MailAddress
from janetbank.values.environment import Channel
from janetbank.values.identifiers import ContractId, InstitutionId
from janetbank.values.instruction import InstructionKind, Transfer
from janetbank.values.line import Line
from janetbank.values.login_id import LoginId
from janetbank.values.money import Yen
from janetbank.values.month import Month
from janetbank.values.operator import Hand, OperatorId, PersonId
from janetbank.values.paper import Paper
from janetbank.values.person import BirthDate, KanaName, KanjiName
from janetbank.values.phone import PhoneNumber

HERE, THERE = InstitutionId("5441"), InstitutionId("5448")
NOW = datetime(2026, 11, 21, 6, 4, 5, 678901, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)
MICROSECOND = timedelta(microseconds=1)
NAMESPACE = "5441"
TANAKA = Hand(OperatorId("tanaka"), PersonId("E-1"))
DUE = date(2026, 11, 24)
NOBODY = "no such decoy"

_THREADS = 8
_CROWD = range(_THREADS)
_ROUNDS = 10
_TRIES = 16
_BREATH = 0.001
"""Seconds that somebody takes in the middle of a transaction, so that others are in the middle of theirs."""
_LONG = 1_234
"""Entries of a chain that no adapter reads at once."""

_Told = TypeVar("_Told")
_property = settings(
    deadline=None,  # a store takes the time it takes
    suppress_health_check=[
        # One store serves all examples of a property, each in a transaction that comes to nothing.
        HealthCheck.function_scoped_fixture,
        # Every adapter's class runs the same property; none keeps a database of examples for another to stumble over.
        HealthCheck.differing_executors,
        HealthCheck.too_slow,
    ],
)


def a_contract(
    name: str = "c", *, login_id: str | None = None, account: str | None = None, institution: InstitutionId = HERE
) -> Contract:
    """An active contract."""
    return Contract(
        institution=institution,
        id=ContractId(name),
        status=ContractStatus.ACTIVE,
        namespace=NAMESPACE,
        login_id=LoginId.parse(login_id, case_sensitive=False) if login_id else None,
        account=Account.parse("001", "ordinary", account) if account else None,
        password="a hash",  # noqa: S106 -- made up
        applied_at=NOW,
        effective_on=date(2026, 11, 24),
    )


def a_decoy(name: str = "d", *, key: str = "key", institution: InstitutionId = HERE) -> Contract:
    """A contract that nobody has."""
    return evolve(a_contract(name, institution=institution), status=ContractStatus.DECOY, decoy_key=key)


def a_customer(contract: Contract) -> Customer:
    """Its customer."""
    return Customer(
        institution=contract.institution,
        contract=contract.id,
        kana=KanaName("ノウキョウタロウ"),
        kanji=KanjiName("農中太郎"),
        born=BirthDate(date(1980, 1, 2)),
        individual=True,
        phones=(PhoneNumber.parse("090-1234-5678"),),
        addresses=(Address(MailAddress.parse("taro@example.jp")),),
    )


def a_session(key: str = "s") -> Session:
    """A session of the contract "c"."""
    return Session(
        key=key,
        institution=HERE,
        contract=ContractId("c"),
        assurance=Assurance.FULL,
        epoch=0,
        by="login id",
        channel=Channel.PC,
        place=Place("device", "192.0.2.0/24", "windows"),
        opened_at=NOW,
        used_at=NOW,
    )


def a_procedure(key: str = "p") -> Enrolment:
    """An application in progress."""
    place = Place("device", "192.0.2.0/24", "windows")
    return Enrolment(key=key, id=f"of-{key}", step=Step.TERMS, place=place, started_at=NOW, expires_at=LATER)


def a_phone_attempt(
    name: str = "a",
    *,
    contract: str = "c",
    number: int = 1,
    caller: str = "090-1234-5678",
    destination: str = "0120-417-001",
    start: datetime = NOW,
) -> PhoneAttempt:
    """An attempt that waits for a call."""
    return PhoneAttempt(
        id=name,
        institution=HERE,
        contract=ContractId(contract),
        number=number,
        asked_by="s",
        purpose=OnlineProcedure.TOKEN_ISSUE,
        route=Route(PhoneNumber.parse(caller), PhoneNumber.parse(destination)),
        rules=PhoneAuthRules(mode=Mode.VOICE, window=timedelta(seconds=300)),
        progress=Progress(start=start),
    )


def a_token(*, contract: str = "c", number: int = 1, user_id: str = "0000001") -> Token:
    """A token whose app is not set up."""
    return Token(
        institution=HERE,
        contract=ContractId(contract),
        number=number,
        service_id="000",
        user_id=user_id,
        state=TokenState.ISSUED,
        since=NOW,
        mail=MailAddress.parse("taro@example.jp"),
        start_password="a hash",  # noqa: S106 -- made up
    )


def an_instruction(reference: str = "i", *, contract: str = "c", requested_at: datetime = NOW) -> Instruction:
    """A transfer that waits for a code."""
    transfer = Transfer(
        reference=reference,
        kind=InstructionKind.AD_HOC_TRANSFER,
        source=Account.parse("001", "ordinary", "1"),
        payee_bank=InstitutionId("0009"),
        payee=Account.parse("123", "ordinary", "7654321"),
        payee_name="ヤマダ　ハナコ",
        amount=Yen(50_000),
        date=date(2026, 11, 24),
    )
    return Instruction(
        institution=HERE,
        contract=ContractId(contract),
        content=transfer,
        proof=Proof.CODE,
        approval=None,
        state=InstructionState.PROOF_AWAITED,
        requested_at=requested_at,
    )


def an_operator(name: str = "tanaka", *, institution: InstitutionId = HERE, person: str = "E-1") -> Operator:
    """An account that may be used."""
    hand = Hand(OperatorId(name), PersonId(person))
    return Operator(
        institution=institution,
        name=name_of(institution, hand.operator),
        hand=hand,
        status=OperatorStatus.ACTIVE,
        full_name=Line("田中　実"),
        roles=frozenset({Role.OPERATOR, Role.HELP_DESK}),
        branch=Branch("001"),
        password="a hash",  # noqa: S106 -- made up
    )


def an_operator_session(key: str = "s", *, used_at: datetime = NOW) -> OperatorSession:
    """Tanaka's session."""
    return OperatorSession(
        key=key, operator=name_of(HERE, TANAKA.operator), epoch=0, opened_at=used_at, used_at=used_at
    )


def a_suspension(state: SuspensionState = SuspensionState.REQUESTED, *, due_on: date = DUE) -> Suspension:
    """What Tanaka took on the telephone."""
    return Suspension(
        route=SuspensionRoute.HELP_DESK,
        cause=Cause.LOST_DEVICE,
        requested_by=TANAKA,
        requested_at=NOW,
        due_on=due_on,
        state=state,
    )


def a_proposal(state: ProposalState = ProposalState.OPEN, *, expires_at: datetime = LATER) -> Proposal:
    """What Tanaka proposed."""
    return Proposal(digest="a" * 64, maker=TANAKA, made_at=NOW, expires_at=expires_at, state=state)


def a_case(
    name: str = "k",
    matter: Suspension | Proposal | None = None,
    *,
    contract: str = "c",
    subject: str = "",
    institution: InstitutionId = HERE,
    opened_at: datetime = NOW,
) -> Case:
    """A suspension, or with a proposal the release of a block."""
    matter = matter or a_suspension()
    kind = CaseKind.SUSPENSION if isinstance(matter, Suspension) else CaseKind.BLOCK_RELEASE
    return Case(
        institution=institution,
        id=name,
        contract=ContractId(contract),
        kind=kind,
        subject=subject,
        matter=matter,
        paper=Paper.IB_3,
        opened_at=opened_at,
    )


def an_allowance(account: str = "1", *, contract: str = "c") -> Allowance:
    """What an account may transfer, and has."""
    return Allowance(
        institution=HERE,
        contract=ContractId(contract),
        account=Account.parse("001", "ordinary", account),
        limit=DailyLimit(70),
        usage=Usage(((date(2026, 11, 24), Yen(50_000)),)),
    )


def a_letter(name: str = "l", *, due_at: datetime = NOW) -> Letter:
    """A letter that waits."""
    return Letter(
        id=name,
        institution=HERE,
        to=MailAddress.parse("taro@example.jp"),
        code=LetterCode.LOCKED_OUT,
        written_at=due_at,
        due_at=due_at,
    )


def a_chain(name: str, length: int) -> tuple[Entry, ...]:
    """The first *length* entries of a chain."""
    head, entries = ChainHead(), list[Entry]()
    for number in range(length):
        head, entry = record(head, name, NOW, GuessReserved("password", number))
        entries.append(entry)
    return tuple(entries)


def do(storage: Storage, step: Callable[[Transaction], _Told], *, durable: bool = True) -> _Told:
    """What *step* tells, tried as a flow tries: queueing after it has lost a race."""
    for tried in range(_TRIES):
        try:
            with storage.transaction(durable=durable, contended=tried > 0) as tx:
                return step(tx)
        except (LoginIdTaken, AccountTaken):
            raise
        except Conflict:
            continue
    msg = "writers met too often"
    raise AssertionError(msg)


def once(storage: Storage, step: Callable[[Transaction], _Told]) -> _Told:
    """What *step* tells in one transaction."""
    with storage.transaction() as tx:
        return step(tx)


def add(storage: Storage, *contracts: Contract) -> None:
    """Keep new contracts, in one transaction."""
    with storage.transaction() as tx:
        for contract in contracts:
            tx.contracts.add(contract)


def apply(storage: Storage, contract: Contract) -> None:
    """Keep a new contract, unhurriedly."""
    with storage.transaction() as tx:
        tx.contracts.add(contract)
        sleep(_BREATH)


def at_once(acts: Sequence[Callable[[], _Told]]) -> list[_Told | PortError]:
    """What each of *acts*, all started together, tells or raises."""
    start = Barrier(len(acts))

    def act(one: Callable[[], _Told]) -> _Told | PortError:
        start.wait()
        try:
            return one()
        except PortError as failure:
            return failure

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(act, acts))


@frozen
class Kind:
    """A kind of aggregate with a version: how to make one, keep it, find it, change it and write it over."""

    name: str
    new: object
    add: Callable[[Transaction], None]
    find: Callable[
        [Transaction],
        Contract
        | Customer
        | Session
        | Procedure
        | PhoneAttempt
        | Token
        | Instruction
        | Allowance
        | Operator
        | OperatorSession
        | Case
        | FeeTerms
        | BatchRun
        | None,
    ]
    write_over: Callable[[Transaction, object], None]
    """Change what was read and write it over."""


def _put_contract(tx: Transaction, read: object) -> None:
    assert isinstance(read, Contract)
    tx.contracts.put(read.end_sessions())


def _put_customer(tx: Transaction, read: object) -> None:
    assert isinstance(read, Customer)
    tx.customers.put(evolve(read, individual=not read.individual))


def _put_session(tx: Transaction, read: object) -> None:
    assert isinstance(read, Session)
    tx.sessions.put(evolve(read, used_at=read.used_at + MICROSECOND))


def _put_procedure(tx: Transaction, read: object) -> None:
    assert isinstance(read, Enrolment)
    tx.procedures.put(evolve(read, step=Step.INSTITUTION))


def _put_phone_attempt(tx: Transaction, read: object) -> None:
    assert isinstance(read, PhoneAttempt)
    tx.phone_attempts.put(evolve(read, progress=evolve(read.progress, wrong=read.progress.wrong + 1)))


def _put_token(tx: Transaction, read: object) -> None:
    assert isinstance(read, Token)
    tx.tokens.put(evolve(read, last_step=(read.last_step or 0) + 1))


def _put_instruction(tx: Transaction, read: object) -> None:
    assert isinstance(read, Instruction)
    tx.instructions.put(evolve(read, requested_at=read.requested_at + MICROSECOND))


def _put_allowance(tx: Transaction, read: object) -> None:
    assert isinstance(read, Allowance)
    tx.allowances.put(evolve(read, usage=read.usage.with_(date(2026, 11, 25), Yen(read.version + 1))))


def _put_operator(tx: Transaction, read: object) -> None:
    assert isinstance(read, Operator)
    tx.operators.put(read.end_sessions())


def _put_operator_session(tx: Transaction, read: object) -> None:
    assert isinstance(read, OperatorSession)
    tx.operator_sessions.put(evolve(read, used_at=read.used_at + MICROSECOND))


def _put_case(tx: Transaction, read: object) -> None:
    assert isinstance(read, Case)
    assert isinstance(read.matter, Suspension)
    tx.cases.put(evolve(read, matter=evolve(read.matter, why=Line(f"{read.matter.why or ''}."))))


def _put_terms(tx: Transaction, read: object) -> None:
    assert isinstance(read, FeeTerms)
    tx.fees.put_terms(read.exempted(Month(2026, read.version), NOW.date()))


def _put_batch_run(tx: Transaction, read: object) -> None:
    assert isinstance(read, BatchRun)
    tx.batch_runs.put(evolve(read, cursor=(*read.cursor, "on")))


_TERMS = FeeTerms(institution=HERE, contract=ContractId("c"))
_RUN = BatchRun(day=date(2026, 11, 24), previous=date(2026, 11, 20), begun_at=NOW)
_CONTRACT, _OWNER = a_contract("c"), a_contract("owner")


def _add_customer(tx: Transaction) -> None:
    tx.contracts.add(_OWNER)
    tx.customers.add(a_customer(_OWNER))


KINDS = (
    Kind(
        "contract",
        _CONTRACT,
        lambda tx: tx.contracts.add(_CONTRACT),
        lambda tx: tx.contracts.by_id(HERE, _CONTRACT.id),
        _put_contract,
    ),
    Kind("customer", a_customer(_OWNER), _add_customer, lambda tx: tx.customers.of(HERE, _OWNER.id), _put_customer),
    Kind(
        "session",
        a_session(),
        lambda tx: tx.sessions.add(a_session()),
        lambda tx: tx.sessions.by_key("s"),
        _put_session,
    ),
    Kind(
        "procedure",
        a_procedure(),
        lambda tx: tx.procedures.add(a_procedure()),
        lambda tx: tx.procedures.by_key("p"),
        _put_procedure,
    ),
    Kind(
        "phone attempt",
        a_phone_attempt(),
        lambda tx: tx.phone_attempts.add(a_phone_attempt()),
        lambda tx: tx.phone_attempts.by_id("a"),
        _put_phone_attempt,
    ),
    Kind(
        "token",
        a_token(),
        lambda tx: tx.tokens.add(a_token()),
        lambda tx: tx.tokens.by_ids("000", "0000001"),
        _put_token,
    ),
    Kind(
        "instruction",
        an_instruction(),
        lambda tx: tx.instructions.add(an_instruction()),
        lambda tx: tx.instructions.by_reference("i"),
        _put_instruction,
    ),
    Kind(
        "allowance",
        an_allowance(),
        lambda tx: tx.allowances.add(an_allowance()),
        lambda tx: tx.allowances.of(HERE, ContractId("c"), an_allowance().account),
        _put_allowance,
    ),
    Kind(
        "operator",
        an_operator(),
        lambda tx: tx.operators.add(an_operator()),
        lambda tx: tx.operators.by_name(an_operator().name),
        _put_operator,
    ),
    Kind(
        "operator session",
        an_operator_session(),
        lambda tx: tx.operator_sessions.add(an_operator_session()),
        lambda tx: tx.operator_sessions.by_key("s"),
        _put_operator_session,
    ),
    Kind(
        "case",
        a_case(),
        lambda tx: tx.cases.add(a_case()),
        lambda tx: tx.cases.by_id(HERE, "k"),
        _put_case,
    ),
    Kind(
        "fee terms",
        _TERMS,
        lambda tx: tx.fees.add_terms(_TERMS),
        lambda tx: tx.fees.terms_of(HERE, _TERMS.contract),
        _put_terms,
    ),
    Kind(
        "batch run",
        _RUN,
        lambda tx: tx.batch_runs.add(_RUN),
        lambda tx: tx.batch_runs.by_day(_RUN.day),
        _put_batch_run,
    ),
)

each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
each_believed = pytest.mark.parametrize(
    "kind", [kind for kind in KINDS if isinstance(kind.new, Session | Instruction)], ids=lambda kind: kind.name
)


def _still(tx: Transaction, read: object) -> Session | Instruction | None:
    if isinstance(read, Session):
        return tx.sessions.still(read)
    assert isinstance(read, Instruction)
    return tx.instructions.still(read)


class _MadeUpError(Exception):
    """Something that has nothing to do with storage."""


class StorageConformance:
    """The laws of `janetbank.ports.storage`."""

    @pytest.fixture
    def storage(self) -> Iterator[Storage]:
        """An empty store; override this."""
        raise NotImplementedError

    # --- transactions -------------------------------------------------------------------------------------------------

    @each_kind
    def test_what_was_committed_is_found(self, storage: Storage, kind: Kind) -> None:
        """A new aggregate comes back as it was kept, at version 1; before, there was none."""
        with storage.transaction() as tx:
            assert kind.find(tx) is None
        with storage.transaction() as tx:
            kind.add(tx)
        with storage.transaction() as tx:
            found = kind.find(tx)
        assert found is not None
        assert found.version == 1
        assert evolve(found, version=0) == kind.new

    @each_kind
    def test_each_write_raises_the_version_by_one(self, storage: Storage, kind: Kind) -> None:
        """`put` writes over the version that was read, and the next reader finds the next version."""
        with storage.transaction() as tx:
            kind.add(tx)
        for version in (1, 2, 3):
            with storage.transaction() as tx:
                found = kind.find(tx)
                assert found is not None
                assert found.version == version
                kind.write_over(tx, found)

    @each_kind
    def test_a_stale_write_meets_conflict(self, storage: Storage, kind: Kind) -> None:
        """Who writes over what somebody else wrote meanwhile meets Conflict, and nothing of his is kept."""
        with storage.transaction() as tx:
            kind.add(tx)
        with storage.transaction() as tx:
            stale = kind.find(tx)
        with storage.transaction() as tx:
            kind.write_over(tx, kind.find(tx))

        def write_over_what_was(tx: Transaction) -> None:
            tx.contracts.add(a_contract("other"))
            kind.write_over(tx, stale)

        with pytest.raises(Conflict):
            once(storage, write_over_what_was)
        with storage.transaction() as tx:
            found = kind.find(tx)
            assert found is not None
            assert found.version == 2  # noqa: PLR2004 -- written once
            assert tx.contracts.by_id(HERE, ContractId("other")) is None

    @each_kind
    def test_what_is_not_there_cannot_be_written_over(self, storage: Storage, kind: Kind) -> None:
        """`put` of what nobody has kept is Conflict."""
        with storage.transaction() as tx:
            kind.add(tx)
        with storage.transaction() as tx:
            found = kind.find(tx)
        assert found is not None
        with pytest.raises(Conflict), storage.transaction() as tx:
            kind.write_over(tx, evolve(found, version=7))

    @each_kind
    def test_the_same_name_twice_meets_conflict(self, storage: Storage, kind: Kind) -> None:
        """Adding what is there already is Conflict."""
        with storage.transaction() as tx:
            kind.add(tx)
        with pytest.raises(Conflict), storage.transaction() as tx:
            kind.add(tx)

    @each_kind
    def test_nobody_sees_what_is_not_committed(self, storage: Storage, kind: Kind) -> None:
        """Until the block ends, nobody else sees anything of it (or he cannot look at all, and meets Conflict)."""

        def look() -> object:
            with storage.transaction() as other:
                return kind.find(other)

        with storage.transaction() as tx:
            kind.add(tx)
            with ThreadPoolExecutor(1) as pool:
                seen = pool.submit(look)
                assert seen.exception() is None or isinstance(seen.exception(), Conflict)
                assert seen.exception() or seen.result() is None
        with storage.transaction() as tx:
            assert kind.find(tx) is not None

    @each_kind
    def test_an_exception_rolls_back(self, storage: Storage, kind: Kind) -> None:
        """Whatever leaves the block by an exception has never been."""

        def stumble(tx: Transaction) -> None:
            kind.add(tx)
            tx.outbox.add([a_letter()])
            tx.audit.append(a_chain("c", 1))
            raise _MadeUpError

        with pytest.raises(_MadeUpError):
            once(storage, stumble)
        with storage.transaction() as tx:
            assert kind.find(tx) is None
            assert not tx.outbox.claim(LATER, LATER, 10)
            assert not list(tx.audit.chain("c"))

    @each_kind
    def test_it_sees_its_own_writes(self, storage: Storage, kind: Kind) -> None:
        """A transaction reads what it has written."""
        with storage.transaction() as tx:
            kind.add(tx)
            found = kind.find(tx)
            assert found is not None
            assert evolve(found, version=0) == kind.new

    def test_a_failure_that_is_swallowed_keeps_nothing(self, storage: Storage) -> None:
        """After a failure nothing of the transaction is kept, though the caller goes on as if nothing had been."""
        add(storage, a_contract("c"))

        def careless(tx: Transaction) -> None:
            tx.sessions.add(a_session())
            with suppress(Conflict):  # here or at commit
                tx.contracts.put(evolve(a_contract("c"), version=7))

        with pytest.raises(Conflict), storage.transaction() as tx:
            careless(tx)
        with storage.transaction() as tx:
            assert tx.sessions.by_key("s") is None

    def test_all_or_none_of_two_are_written_over(self, storage: Storage) -> None:
        """Where one of two aggregates was overtaken, the other one, written over in the same transaction, stays too."""
        with storage.transaction() as tx:
            tx.contracts.add(a_contract("c"))
            tx.sessions.add(a_session())
        with storage.transaction() as tx:
            contract, session = tx.contracts.by_id(HERE, ContractId("c")), tx.sessions.by_key("s")
            assert contract is not None
            assert session is not None
        with storage.transaction() as tx:
            tx.sessions.put(session)
        for first_contract in (True, False):

            def both(tx: Transaction, *, first_contract: bool = first_contract) -> None:
                if first_contract:
                    tx.contracts.put(contract.end_sessions())
                tx.sessions.remove(session)
                if not first_contract:
                    tx.contracts.put(contract.end_sessions())
                tx.audit.append(a_chain("c", 1))

            with pytest.raises(Conflict):
                once(storage, both)
        with storage.transaction() as tx:
            assert tx.contracts.by_id(HERE, ContractId("c")) == contract
            assert tx.sessions.by_key("s") is not None
            assert not list(tx.audit.chain("c"))

    def test_all_of_it_or_nothing(self, storage: Storage) -> None:
        """What one transaction wrote in every room is there as a whole."""
        owner = a_contract("c", login_id="taro0001", account="1")
        with storage.transaction() as tx:
            owner, entries = owner.recorded(NOW, LoggedOut())
            tx.customers.add(a_customer(owner))  # before its contract: the order is nobody's business
            tx.contracts.add(owner)
            tx.sessions.add(a_session())
            tx.procedures.add(a_procedure())
            tx.phone_attempts.add(a_phone_attempt())
            tx.tokens.add(a_token())
            tx.instructions.add(an_instruction())
            tx.outbox.add([a_letter()])
            tx.audit.append(entries)
        with storage.transaction() as tx:
            assert tx.contracts.by_id(HERE, owner.id) == evolve(owner, version=1)
            assert tx.customers.of(HERE, owner.id) == evolve(a_customer(owner), version=1)
            assert tx.sessions.by_key("s") == evolve(a_session(), version=1)
            assert tx.procedures.by_key("p") == evolve(a_procedure(), version=1)
            assert tx.phone_attempts.by_id("a") == evolve(a_phone_attempt(), version=1)
            assert tx.tokens.latest_of(HERE, owner.id) == evolve(a_token(), version=1)
            assert list(tx.instructions.waiting_of(HERE, owner.id)) == [evolve(an_instruction(), version=1)]
            assert [letter.id for letter in tx.outbox.claim(NOW, LATER, 10)] == ["l"]
            assert tuple(tx.audit.chain("c")) == entries

    @pytest.mark.parametrize("durable", [True, False])
    @pytest.mark.parametrize("contended", [True, False])
    def test_durable_or_not_it_is_seen_at_once(self, storage: Storage, *, durable: bool, contended: bool) -> None:
        """A commit is visible to the next reader, whatever a power cut would do to it; the transaction says which."""
        with storage.transaction(durable=durable, contended=contended) as tx:
            assert tx.durable is durable
            tx.contracts.add(a_contract("c"))
        with storage.transaction(durable=durable, contended=contended) as tx:
            found = tx.contracts.by_id(HERE, ContractId("c"))
            assert found is not None
            tx.contracts.put(found.end_sessions())
        with storage.transaction() as tx:
            found = tx.contracts.by_id(HERE, ContractId("c"))
            assert found is not None
            assert found.session_epoch == 1

    @each_kind
    def test_an_aggregate_is_written_once(self, storage: Storage, kind: Kind) -> None:
        """A second `put` of the same aggregate in a transaction is the programmer's mistake; nothing is kept."""
        once(storage, kind.add)

        def write_twice(tx: Transaction) -> None:
            found = kind.find(tx)
            kind.write_over(tx, found)
            kind.write_over(tx, found)

        with pytest.raises(RuntimeError):
            once(storage, write_twice)
        with storage.transaction() as tx:
            found = kind.find(tx)
            assert found is not None
            assert found.version == 1

    def test_a_transaction_ends_with_its_block(self, storage: Storage) -> None:
        """Who uses a transaction after its end made a mistake, and reaches nobody else's."""
        with storage.transaction() as over:
            pass
        with pytest.raises(RuntimeError):
            over.contracts.by_id(HERE, ContractId("c"))
        with pytest.raises(RuntimeError):
            over.sessions.add(a_session())

    # --- two writers --------------------------------------------------------------------------------------------------

    @each_kind
    def test_of_those_who_add_the_same_at_once_one_does(self, storage: Storage, kind: Kind) -> None:
        """All others meet Conflict, and it is there once."""
        told = at_once([partial(once, storage, kind.add)] * _THREADS)
        assert told.count(None) == 1
        assert {type(one) for one in told if one is not None} == {Conflict}
        with storage.transaction() as tx:
            found = kind.find(tx)
        assert found is not None
        assert evolve(found, version=0) == kind.new

    @each_kind
    def test_of_those_who_write_over_what_they_read_one_does(self, storage: Storage, kind: Kind) -> None:
        """Compare-and-set: of many who have read the same version one writes over it, all others meet Conflict."""
        once(storage, kind.add)
        read = once(storage, kind.find)

        def write_over(tx: Transaction) -> None:
            kind.write_over(tx, read)

        told = at_once([partial(once, storage, write_over)] * _THREADS)
        assert told.count(None) == 1
        assert {type(one) for one in told if one is not None} == {Conflict}
        with storage.transaction() as tx:
            found = kind.find(tx)
            assert found is not None
            assert found.version == 2  # noqa: PLR2004 -- written once

    @pytest.mark.parametrize("contended_first", [True, False])
    def test_no_write_is_lost(self, storage: Storage, *, contended_first: bool) -> None:
        """However many count on one contract at once, every count that was told as kept is there."""
        add(storage, a_contract("c"))

        def count_up(tx: Transaction) -> None:
            found = tx.contracts.by_id(HERE, ContractId("c"))
            assert found is not None
            sleep(_BREATH)
            tx.contracts.put(found.end_sessions())

        def work() -> int:
            kept = 0
            for _ in range(_ROUNDS):
                try:
                    with storage.transaction(contended=contended_first) as tx:
                        count_up(tx)
                    kept += 1
                except Conflict:
                    pass
            return kept

        kept = [told for told in at_once([work] * _THREADS) if isinstance(told, int)]
        with storage.transaction() as tx:
            found = tx.contracts.by_id(HERE, ContractId("c"))
        assert found is not None
        assert len(kept) == _THREADS
        assert found.session_epoch == sum(kept) > 0

    def test_who_queues_gets_his_turn(self, storage: Storage) -> None:
        """Whoever tries again contended, as the flows do, is not driven out however many others write."""
        add(storage, a_contract("c"))

        def count_up(tx: Transaction) -> None:
            found = tx.contracts.by_id(HERE, ContractId("c"))
            assert found is not None
            sleep(_BREATH)
            tx.contracts.put(found.end_sessions())

        def work() -> None:
            for _ in range(_ROUNDS):
                do(storage, count_up)

        assert at_once([work] * _THREADS) == [None] * _THREADS
        with storage.transaction() as tx:
            found = tx.contracts.by_id(HERE, ContractId("c"))
        assert found is not None
        assert found.session_epoch == _THREADS * _ROUNDS

    def test_two_contracts_do_not_meet(self, storage: Storage) -> None:
        """Writers of different contracts do not drive each other out."""
        ids = [ContractId(f"c{number}") for number in range(_THREADS)]
        add(storage, *[a_contract(one.text) for one in ids])

        def work(one: ContractId) -> None:
            def count_up(tx: Transaction) -> None:
                found = tx.contracts.by_id(HERE, one)
                assert found is not None
                tx.contracts.put(found.end_sessions())

            for _ in range(_ROUNDS):
                do(storage, count_up)

        assert at_once([partial(work, one) for one in ids]) == [None] * _THREADS
        with storage.transaction() as tx:
            found = [tx.contracts.by_id(HERE, one) for one in ids]
        assert {contract and contract.session_epoch for contract in found} == {_ROUNDS}

    @pytest.mark.parametrize("contended", [True, False])
    def test_what_was_written_is_written_again(self, storage: Storage, *, contended: bool) -> None:
        """A contract that one transaction added or wrote can be written by the next without being read."""
        contract = a_contract("c", login_id="taro0001", account="1")
        add(storage, contract)
        for version in (2, 3):
            with storage.transaction(contended=contended) as tx:
                contract = tx.contracts.again(contract).end_sessions()
                tx.contracts.put(contract)
            with storage.transaction() as tx:
                found = tx.contracts.by_id(HERE, contract.id)
            assert found == evolve(contract, version=version)
            assert contract.session_epoch == version - 1

    def test_what_was_written_over_meanwhile_is_not_written_again(self, storage: Storage) -> None:
        """Where somebody else was there in between, it is Conflict, and in a contended transaction what he wrote."""
        contract = a_contract("c")
        add(storage, contract)
        with storage.transaction() as tx:
            other = tx.contracts.by_id(HERE, contract.id)
            assert other is not None
            tx.contracts.put(evolve(other, asked=7))

        def write_again(tx: Transaction) -> None:
            tx.contracts.put(tx.contracts.again(contract).end_sessions())
            tx.audit.append(a_chain("c", 1))

        with pytest.raises(Conflict):
            once(storage, write_again)
        with storage.transaction(contended=True) as tx:
            assert tx.contracts.again(contract) == evolve(contract, asked=7, version=2)
        do(storage, write_again)
        with storage.transaction() as tx:
            assert tx.contracts.by_id(HERE, contract.id) == evolve(contract, asked=7, session_epoch=1, version=3)
            assert len(list(tx.audit.chain("c"))) == 1

    def test_nothing_is_decided_on_what_was_written_over_meanwhile(self, storage: Storage) -> None:
        """Where somebody else was there in between, it is Conflict though nothing of the contract is written now."""
        add(storage, a_contract("c"))
        with storage.transaction() as tx:
            assert tx.contracts.again(a_contract("c")) == evolve(a_contract("c"), version=1)
        with storage.transaction() as tx:
            tx.contracts.put(tx.contracts.again(a_contract("c")).end_sessions())

        def decide(tx: Transaction) -> None:
            tx.contracts.again(a_contract("c"))
            tx.sessions.add(a_session())

        with pytest.raises(Conflict):
            once(storage, decide)
        with pytest.raises(Conflict):
            once(storage, lambda tx: tx.contracts.again(a_contract("c")))
        with storage.transaction() as tx:
            assert tx.sessions.by_key("s") is None

    @pytest.mark.parametrize("contended", [True, False])
    def test_what_is_gone_is_not_written_again(self, storage: Storage, *, contended: bool) -> None:
        """A contract that nobody kept, whatever its bearer believes, is Conflict."""

        def write_again(tx: Transaction) -> None:
            tx.contracts.put(tx.contracts.again(a_contract("c")).end_sessions())

        with pytest.raises(Conflict), storage.transaction(contended=contended) as tx:
            write_again(tx)

    @pytest.mark.parametrize("contended", [True, False])
    @each_believed
    def test_what_was_read_still_stands(self, storage: Storage, kind: Kind, *, contended: bool) -> None:
        """What one transaction read is written over by the next one, or decides with it, without being read again."""
        once(storage, kind.add)
        read = once(storage, kind.find)
        with storage.transaction(contended=contended) as tx:
            assert _still(tx, read) == read
        with storage.transaction(contended=contended) as tx:
            kind.write_over(tx, _still(tx, read))
        with storage.transaction() as tx:
            found = kind.find(tx)
        assert found is not None
        assert found.version == 2  # noqa: PLR2004 -- written once

    @each_believed
    def test_what_was_written_over_meanwhile_stands_no_more(self, storage: Storage, kind: Kind) -> None:
        """Where somebody else was there in between, it is Conflict, and in a contended transaction what he wrote."""
        once(storage, kind.add)
        read = once(storage, kind.find)
        with storage.transaction() as tx:
            kind.write_over(tx, read)

        def decide(tx: Transaction) -> None:
            _still(tx, read)
            tx.procedures.add(a_procedure())

        def write_over(tx: Transaction) -> None:
            kind.write_over(tx, _still(tx, read))

        def look(tx: Transaction) -> None:
            _still(tx, read)

        for act in (decide, write_over, look):
            with pytest.raises(Conflict):
                once(storage, act)
        with storage.transaction(contended=True) as tx:
            assert _still(tx, read) == kind.find(tx) != read
        do(storage, write_over)
        with storage.transaction() as tx:
            found = kind.find(tx)
            assert found is not None
            assert found.version == 3  # noqa: PLR2004 -- written twice
            assert tx.procedures.by_key("p") is None

    def test_a_session_that_is_gone_stands_no_more(self, storage: Storage) -> None:
        """Where it was removed meanwhile, it is Conflict, and in a contended transaction there is none."""
        with storage.transaction() as tx:
            tx.sessions.add(a_session())
        with storage.transaction() as tx:
            read = tx.sessions.by_key("s")
            assert read is not None
            tx.sessions.remove(read)
        with pytest.raises(Conflict):
            once(storage, lambda tx: tx.sessions.still(read))
        with storage.transaction(contended=True) as tx:
            assert tx.sessions.still(read) is None

    def test_a_session_is_found_with_its_contract(self, storage: Storage) -> None:
        """Both as they stand, by the session's key, and as they may be written over; without one of them neither."""
        with storage.transaction() as tx:
            tx.contracts.add(a_contract("c"))
            tx.contracts.add(a_contract("d"))
            tx.sessions.add(a_session("s"))
            tx.sessions.add(evolve(a_session("t"), contract=ContractId("nobodys")))
        for version in (1, 2):
            with storage.transaction(contended=version > 1) as tx:
                found = tx.sessions.with_contract("s")
                assert found is not None
                session, contract = found
                assert session == evolve(a_session("s"), version=version)
                assert contract == evolve(a_contract("c"), version=version, session_epoch=version - 1)
                tx.contracts.put(contract.end_sessions())
                tx.sessions.put(session)
        with storage.transaction() as tx:
            assert tx.sessions.with_contract("t") is None
            assert tx.sessions.with_contract("u") is None

    # --- contracts ----------------------------------------------------------------------------------------------------

    def test_a_contract_is_found_by_what_it_bears(self, storage: Storage) -> None:
        """By its login id in its canonical form, its account and its id, each at its own institution only."""
        contract = a_contract("c", login_id="Taro0001", account="1")
        add(storage, contract)
        kept = evolve(contract, version=1)
        account = str(contract.account)
        with storage.transaction() as tx:
            assert tx.contracts.by_login_id(HERE, NAMESPACE, "taro0001", NOBODY) == kept
            assert tx.contracts.by_account(HERE, account, NOBODY) == kept
            assert tx.contracts.by_id(HERE, contract.id) == kept
            assert tx.contracts.bearer(NAMESPACE, "taro0001") == kept

            assert tx.contracts.by_login_id(HERE, NAMESPACE, "Taro0001", NOBODY) is None
            assert tx.contracts.by_login_id(HERE, NAMESPACE, "", NOBODY) is None
            assert tx.contracts.by_login_id(HERE, "elsewhere", "taro0001", NOBODY) is None
            assert tx.contracts.by_login_id(THERE, NAMESPACE, "taro0001", NOBODY) is None
            assert tx.contracts.by_account(THERE, account, NOBODY) is None
            assert tx.contracts.by_account(HERE, "", NOBODY) is None
            assert tx.contracts.by_id(THERE, contract.id) is None
            assert tx.contracts.bearer("elsewhere", "taro0001") is None

    def test_a_login_id_is_borne_once(self, storage: Storage) -> None:
        """A login id that somebody bears is taken in his namespace, however it is typed, and free in another one."""
        add(storage, a_contract("c", login_id="taro0001"))
        with pytest.raises(LoginIdTaken):
            add(storage, a_contract("d", login_id="TARO0001"))
        with pytest.raises(LoginIdTaken):
            add(storage, a_contract("d", login_id="taro0001", institution=THERE))
        add(storage, evolve(a_contract("d", login_id="taro0001"), namespace="elsewhere"))
        with storage.transaction() as tx:
            found = tx.contracts.by_login_id(HERE, NAMESPACE, "taro0001", NOBODY)
        assert found is not None
        assert found.id.text == "c"

    def test_a_login_id_cannot_be_changed_into_a_taken_one(self, storage: Storage) -> None:
        """`put` is bound by the same rule; a free one is borne from then on, and the former one is free."""
        add(storage, a_contract("c", login_id="taro0001"), a_contract("d", login_id="hana0001"))

        def change(name: str, to: str) -> None:
            with storage.transaction() as tx:
                found = tx.contracts.by_id(HERE, ContractId(name))
                assert found is not None
                tx.contracts.put(evolve(found, login_id=LoginId.parse(to, case_sensitive=False)))

        with pytest.raises(LoginIdTaken):
            change("d", "taro0001")
        change("c", "ichi0001")
        change("d", "taro0001")
        with storage.transaction() as tx:
            for login_id, bearer in (("ichi0001", "c"), ("taro0001", "d")):
                found = tx.contracts.by_login_id(HERE, NAMESPACE, login_id, NOBODY)
                assert found is not None
                assert found.id.text == bearer
            assert tx.contracts.by_login_id(HERE, NAMESPACE, "hana0001", NOBODY) is None

    def test_racing_for_a_login_id_one_gets_it(self, storage: Storage) -> None:
        """Of many who register the same login id at the same moment, exactly one does; the others hear it is taken."""
        for n in range(_ROUNDS):
            crowd = [a_contract(f"c{n}-{who}", login_id=f"taro000{n}") for who in _CROWD]
            told = at_once([partial(apply, storage, one) for one in crowd])
            assert sorted(type(one).__name__ for one in told) == ["LoginIdTaken"] * (_THREADS - 1) + ["NoneType"]

    def test_a_tombstone_keeps_its_login_id(self, storage: Storage) -> None:
        """A cancelled contract is found by its id and as the bearer, by no login and no account; its id stays taken."""
        contract = a_contract("c", login_id="taro0001", account="1")
        tomb = evolve(contract, status=ContractStatus.CANCELLED)
        add(storage, tomb)
        with storage.transaction() as tx:
            assert tx.contracts.by_login_id(HERE, NAMESPACE, "taro0001", NOBODY) is None
            assert tx.contracts.by_account(HERE, str(contract.account), NOBODY) is None
            assert tx.contracts.by_id(HERE, contract.id) == evolve(tomb, version=1)
            assert tx.contracts.bearer(NAMESPACE, "taro0001") == evolve(tomb, version=1)
        with pytest.raises(LoginIdTaken):
            add(storage, a_contract("d", login_id="taro0001"))

    def test_a_tombstone_may_release_its_login_id(self, storage: Storage) -> None:
        """In one transaction a tombstone gives its login id up and a new contract takes it."""
        add(storage, evolve(a_contract("c", login_id="taro0001"), status=ContractStatus.CANCELLED))
        with storage.transaction() as tx:
            tomb = tx.contracts.bearer(NAMESPACE, "taro0001")
            assert tomb is not None
            tx.contracts.put(evolve(tomb, login_id=None))
            assert tx.contracts.bearer(NAMESPACE, "taro0001") is None
            tx.contracts.add(a_contract("d", login_id="taro0001"))
        with storage.transaction() as tx:
            bearer = tx.contracts.bearer(NAMESPACE, "taro0001")
            assert bearer is not None
            assert bearer.id.text == "d"

    def test_a_login_id_changes_hands_in_one_go(self, storage: Storage) -> None:
        """Whoever gives a login id and an account up before another takes them in the same transaction, has let go."""
        add(storage, a_contract("c", login_id="taro0001", account="1"))
        with storage.transaction() as tx:
            first = tx.contracts.by_id(HERE, ContractId("c"))
            assert first is not None
            tx.contracts.put(evolve(first, login_id=None, status=ContractStatus.CANCELLED))
            tx.contracts.add(a_contract("d", login_id="taro0001", account="1"))
        with storage.transaction() as tx:
            for found in (
                tx.contracts.bearer(NAMESPACE, "taro0001"),
                tx.contracts.by_account(HERE, str(first.account), NOBODY),
            ):
                assert found is not None
                assert found.id.text == "d"

    def test_an_account_has_one_live_contract(self, storage: Storage) -> None:
        """An account is taken while a contract of it lives, at its institution; a cancelled one frees it."""
        add(storage, a_contract("c", account="1"))
        with pytest.raises(AccountTaken):
            add(storage, a_contract("d", account="1"))
        add(storage, a_contract("e", account="1", institution=THERE))
        with storage.transaction() as tx:
            found = tx.contracts.by_id(HERE, ContractId("c"))
            assert found is not None
            tx.contracts.put(evolve(found, status=ContractStatus.CANCELLED))
        add(storage, a_contract("d", account="1"))
        with storage.transaction() as tx:
            found = tx.contracts.by_account(HERE, str(Account.parse("001", "ordinary", "1")), NOBODY)
            assert found is not None
            assert found.id.text == "d"

        def revive(tx: Transaction) -> None:
            tomb = tx.contracts.by_id(HERE, ContractId("c"))
            assert tomb is not None
            tx.contracts.put(evolve(tomb, status=ContractStatus.ACTIVE))

        with pytest.raises(AccountTaken):
            once(storage, revive)

    def test_racing_for_an_account_one_gets_it(self, storage: Storage) -> None:
        """Of many who apply for the same account at the same moment, exactly one does."""
        for n in range(_ROUNDS):
            told = at_once([partial(apply, storage, a_contract(f"c{n}-{who}", account=f"{n + 1}")) for who in _CROWD])
            assert sorted(type(one).__name__ for one in told) == ["AccountTaken"] * (_THREADS - 1) + ["NoneType"]

    def test_a_decoy_is_found_where_there_is_nobody(self, storage: Storage) -> None:
        """By its key, at its institution, where neither login id nor account is anybody's; the real one comes first."""
        add(storage, a_decoy("d", key="key"), a_decoy("e", key="key", institution=THERE))
        account = Account.parse("001", "ordinary", "1")
        kept = evolve(a_decoy("d", key="key"), version=1)
        with storage.transaction() as tx:
            assert tx.contracts.by_login_id(HERE, NAMESPACE, "taro0001", "key") == kept
            assert tx.contracts.by_login_id(HERE, NAMESPACE, "", "key") == kept
            assert tx.contracts.by_account(HERE, str(account), "key") == kept
            assert tx.contracts.by_login_id(HERE, NAMESPACE, "taro0001", NOBODY) is None
            assert tx.contracts.by_account(HERE, str(account), NOBODY) is None
            found = tx.contracts.by_account(THERE, str(account), "key")
            assert found is not None
            assert found.id.text == "e"
        add(storage, a_contract("c", login_id="taro0001", account="1"))
        with storage.transaction() as tx:
            for found in (
                tx.contracts.by_login_id(HERE, NAMESPACE, "taro0001", "key"),
                tx.contracts.by_account(HERE, str(account), "key"),
            ):
                assert found is not None
                assert found.id.text == "c"

    def test_a_decoy_steps_in_for_a_tombstone(self, storage: Storage) -> None:
        """A cancelled contract is nobody to who logs in: the decoy is found."""
        tomb = evolve(a_contract("c", login_id="taro0001", account="1"), status=ContractStatus.CANCELLED)
        add(storage, tomb, a_decoy("d", key="key"))
        with storage.transaction() as tx:
            for found in (
                tx.contracts.by_login_id(HERE, NAMESPACE, "taro0001", "key"),
                tx.contracts.by_account(HERE, str(tomb.account), "key"),
            ):
                assert found is not None
                assert found.id.text == "d"

    def test_a_decoys_key_is_its_own(self, storage: Storage) -> None:
        """Two who miss the same name at once make one decoy: the second meets Conflict, and nothing more particular."""
        told = at_once([partial(apply, storage, a_decoy(f"d{who}", key="key")) for who in _CROWD])
        assert told.count(None) == 1
        assert {type(one) for one in told if one is not None} == {Conflict}

    # --- sessions and procedures --------------------------------------------------------------------------------------

    def test_a_removed_session_is_gone(self, storage: Storage) -> None:
        """A session is removed over the version that was read, once."""
        with storage.transaction() as tx:
            tx.sessions.add(a_session())
        with storage.transaction() as tx:
            read = tx.sessions.by_key("s")
            assert read is not None
        with storage.transaction() as tx:
            tx.sessions.put(evolve(read, used_at=LATER))
        with pytest.raises(Conflict), storage.transaction() as tx:
            tx.sessions.remove(read)
        with storage.transaction() as tx:
            newer = tx.sessions.by_key("s")
            assert newer is not None
            tx.sessions.remove(newer)
            assert tx.sessions.by_key("s") is None
        with pytest.raises(Conflict), storage.transaction() as tx:
            tx.sessions.remove(newer)

    def test_a_session_is_exchanged_as_a_whole(self, storage: Storage) -> None:
        """Of many who rotate one session at once, one does; nobody ends up with two."""
        with storage.transaction() as tx:
            tx.sessions.add(a_session("s"))

        def rotate(who: int) -> None:
            with storage.transaction() as tx:
                read = tx.sessions.by_key("s")
                if read is None:
                    raise Conflict
                sleep(_BREATH)
                tx.sessions.remove(read)
                tx.sessions.add(evolve(read, key=f"s{who}", version=0))

        told = at_once([partial(rotate, who) for who in _CROWD])
        assert told.count(None) == 1
        with storage.transaction() as tx:
            left = [tx.sessions.by_key(f"s{who}") for who in range(_THREADS)]
            assert tx.sessions.by_key("s") is None
        assert sum(one is not None for one in left) == 1

    def test_unused_sessions_are_swept(self, storage: Storage) -> None:
        """Those last used before the instant are forgotten and counted, the one used at it is not."""
        with storage.transaction() as tx:
            for key, used_at in (("a", NOW - MICROSECOND), ("b", NOW), ("c", NOW + MICROSECOND)):
                tx.sessions.add(evolve(a_session(key), used_at=used_at))
        with storage.transaction() as tx:
            assert tx.sessions.sweep(NOW) == 1
        with storage.transaction() as tx:
            assert tx.sessions.sweep(NOW) == 0
            assert [key for key in "abc" if tx.sessions.by_key(key)] == ["b", "c"]

    def test_expired_procedures_are_swept(self, storage: Storage) -> None:
        """Those that expired before the instant are forgotten and counted, the one that expires at it is not."""
        with storage.transaction() as tx:
            for key, expires_at in (("a", NOW - MICROSECOND), ("b", NOW), ("c", NOW + MICROSECOND)):
                tx.procedures.add(evolve(a_procedure(key), expires_at=expires_at))
        with storage.transaction() as tx:
            assert tx.procedures.sweep(NOW) == 1
        with storage.transaction() as tx:
            assert tx.procedures.sweep(NOW) == 0
            assert [key for key in "abc" if tx.procedures.by_key(key)] == ["b", "c"]

    # --- outbox -------------------------------------------------------------------------------------------------------

    def test_letters_are_taken_when_due_oldest_first(self, storage: Storage) -> None:
        """So many as asked for, of those that are due, the longest waiting first, each with one more try."""
        due = [NOW - timedelta(minutes=minutes) for minutes in (1, 3, 0, 2)]
        letters = [a_letter(f"l{number}", due_at=at) for number, at in enumerate(due)]
        with storage.transaction() as tx:
            tx.outbox.add([*letters, a_letter("not yet", due_at=NOW + MICROSECOND)])
        with storage.transaction() as tx:
            first = tx.outbox.claim(NOW, LATER, 3)
        with storage.transaction() as tx:
            rest = tx.outbox.claim(NOW, LATER, 3)
        assert [letter.id for letter in first] == ["l1", "l3", "l0"]
        assert [letter.id for letter in rest] == ["l2"]
        assert list(first) == [evolve(letters[n], tries=1, due_at=LATER) for n in (1, 3, 0)]

    def test_a_taken_letter_comes_back_when_nobody_says_it_is_done(self, storage: Storage) -> None:
        """Until then nobody else gets it; a dispatcher that died loses no letter."""
        with storage.transaction() as tx:
            tx.outbox.add([a_letter()])
        with storage.transaction() as tx:
            tx.outbox.claim(NOW, LATER, 1)
        with storage.transaction() as tx:
            assert not tx.outbox.claim(LATER - MICROSECOND, LATER, 1)
            (again,) = tx.outbox.claim(LATER, LATER + MICROSECOND, 1)
        assert again.tries == 2  # noqa: PLR2004 -- taken twice

    def test_a_refused_letter_waits(self, storage: Storage) -> None:
        """A postponed letter is due at the instant given, with its tries."""
        with storage.transaction() as tx:
            tx.outbox.add([a_letter()])
        with storage.transaction() as tx:
            tx.outbox.claim(NOW, LATER, 1)
            tx.outbox.postpone("l", LATER + MICROSECOND)
            tx.outbox.postpone("no such letter", LATER)
        with storage.transaction() as tx:
            assert not tx.outbox.claim(LATER, LATER, 1)
            (again,) = tx.outbox.claim(LATER + MICROSECOND, LATER, 1)
        assert again.tries == 2  # noqa: PLR2004 -- taken twice

    def test_a_letter_that_is_done_is_gone(self, storage: Storage) -> None:
        """What was handed over is never taken again; saying so twice does no harm."""
        with storage.transaction() as tx:
            tx.outbox.add([a_letter("a"), a_letter("b")])
        for _ in range(2):
            with storage.transaction() as tx:
                tx.outbox.done("a")
        with storage.transaction() as tx:
            assert [letter.id for letter in tx.outbox.claim(LATER, LATER, 10)] == ["b"]

    def test_no_letters_are_no_letters(self, storage: Storage) -> None:
        """Writing none and finding none is nothing special."""
        with storage.transaction() as tx:
            tx.outbox.add([])
            assert not tx.outbox.claim(NOW, LATER, 10)

    def test_a_letter_is_written_once(self, storage: Storage) -> None:
        """The same id twice is Conflict."""
        with storage.transaction() as tx:
            tx.outbox.add([a_letter()])
        with pytest.raises(Conflict), storage.transaction() as tx:
            tx.outbox.add([a_letter()])

    def test_dispatchers_do_not_take_the_same_letter(self, storage: Storage) -> None:
        """However many dispatchers there are, each letter is one's, and none is left."""
        names = {f"l{number:03}" for number in range(_THREADS * _ROUNDS)}
        with storage.transaction() as tx:
            tx.outbox.add([a_letter(name) for name in sorted(names)])

        def dispatch() -> list[str]:
            taken: list[str] = []
            while found := do(storage, lambda tx: tx.outbox.claim(NOW, LATER, 3)):
                taken += [letter.id for letter in found]
            return taken

        taken = [name for told in at_once([dispatch] * 4) if isinstance(told, list) for name in told]
        with storage.transaction() as tx:
            taken += [letter.id for letter in tx.outbox.claim(NOW, LATER, len(names))]
        assert len(taken) == len(set(taken))
        assert set(taken) == names

    # --- audit --------------------------------------------------------------------------------------------------------

    def test_a_chain_is_read_in_its_order(self, storage: Storage) -> None:
        """However it was written, and beside others, each chain comes back from its first entry, intact."""
        mine, other = a_chain("mine", 5), a_chain("other", 3)
        with storage.transaction() as tx:
            tx.audit.append(mine[:2])
            tx.audit.append([])
        with storage.transaction() as tx:
            tx.audit.append((*mine[2:], *other))
        with storage.transaction() as tx:
            assert tuple(tx.audit.chain("mine")) == mine
            assert tuple(tx.audit.chain("other")) == other
            assert not list(tx.audit.chain("no such chain"))
            assert all(entry.intact for entry in tx.audit.chain("mine"))

    def test_a_long_chain_is_whole(self, storage: Storage) -> None:
        """No entry is lost or doubled however long a chain is."""
        chain = a_chain("long", _LONG)
        with storage.transaction() as tx:
            tx.audit.append(chain)
        with storage.transaction() as tx:
            assert tuple(tx.audit.chain("long")) == chain

    def test_a_chain_does_not_fork(self, storage: Storage) -> None:
        """A second entry with a number that the chain has is Conflict, and the first stays."""
        first = a_chain("c", 2)
        _, fork = record(ChainHead(1, first[0].digest), "c", NOW, LoggedOut())
        with storage.transaction() as tx:
            tx.audit.append(first)
        with pytest.raises(Conflict), storage.transaction() as tx:
            tx.audit.append([fork])
        with storage.transaction() as tx:
            assert tuple(tx.audit.chain("c")) == first

    def test_racing_for_the_next_entry_one_writes_it(self, storage: Storage) -> None:
        """Of many who continue one chain at once, exactly one does."""
        (entry,) = a_chain("c", 1)

        def append() -> None:
            with storage.transaction() as tx:
                tx.audit.append([entry])
                sleep(_BREATH)

        told = at_once([append] * _THREADS)
        assert told.count(None) == 1
        assert {type(one) for one in told if one is not None} == {Conflict}

    def test_the_heads_are_the_last_entries(self, storage: Storage) -> None:
        """Each chain with its last entry, in the order of the names' code points, however many there are."""
        names = sorted(f"{letter}{number}" for letter in "az-9" for number in range(_LONG // 4))
        last = {name: a_chain(name, 2)[-1] for name in names}
        with storage.transaction() as tx:
            for name in reversed(names):
                tx.audit.append(a_chain(name, 2))
        with storage.transaction() as tx:
            heads = list(tx.audit.heads())
        assert heads == [(name, ChainHead(2, last[name].digest)) for name in names]

    def test_the_owners_know_their_heads(self, storage: Storage) -> None:
        """Every contract, decoys and tombstones too, and every procedure, with its head, in the order of the names."""
        head = ChainHead(3, "f" * 64)
        contracts = [evolve(a_contract(f"c{number:04}"), chain=ChainHead(number)) for number in range(_LONG)]
        with storage.transaction() as tx:
            for contract in contracts:
                tx.contracts.add(contract)
            tx.contracts.add(evolve(a_decoy("z"), chain=head))
            tx.contracts.add(evolve(a_contract("a"), status=ContractStatus.CANCELLED, chain=head))
            tx.procedures.add(evolve(a_procedure("p"), chain=head))
        with storage.transaction() as tx:
            owned = list(tx.audit.owned_heads())
        assert owned == [
            ("a", head),
            *[(contract.id.text, contract.chain) for contract in contracts],
            ("of-p", head),
            ("z", head),
        ]

    def test_checkpoints_come_in_their_order(self, storage: Storage) -> None:
        """Checkpoints are kept whole, from the first; a number is given once."""
        kept = [
            Checkpoint(number, NOW, (("c", ChainHead(number, "a" * 64)),) * number, "key", f"seal {number}")
            for number in (1, 2, 3)
        ]
        for checkpoint in (kept[1], kept[0], kept[2]):
            with storage.transaction() as tx:
                tx.audit.add_checkpoint(checkpoint)
        with pytest.raises(Conflict), storage.transaction() as tx:
            tx.audit.add_checkpoint(evolve(kept[0], seal="another"))
        with storage.transaction() as tx:
            assert list(tx.audit.checkpoints()) == kept

    def test_a_recorded_event_is_intact_when_it_comes_back(self, storage: Storage) -> None:
        """The digest of what is read back is the digest of what was written, tuples and all."""
        contract, entries = a_contract("c").recorded(NOW, QuestionAsked(3, 1, ("device", "ネットワーク")), LoggedOut())
        with storage.transaction() as tx:
            tx.contracts.add(contract)
            tx.audit.append(entries)
        with storage.transaction() as tx:
            found = tuple(tx.audit.chain("c"))
        assert found == entries
        assert all(entry.intact for entry in found)

    # --- nothing is lost on the way -----------------------------------------------------------------------------------

    @_property
    @given(contract=strategies.contracts())
    def test_every_field_of_a_new_contract_comes_back(self, storage: Storage, contract: Contract) -> None:
        """Whatever a contract holds when it is added is found again, to the microsecond and in UTC."""
        with _for_nothing(storage) as tx:
            tx.contracts.add(contract)
            _assert_same(tx.contracts.by_id(contract.institution, contract.id), evolve(contract, version=1))

    @_property
    @given(contract=strategies.contracts())
    def test_every_field_of_a_written_contract_comes_back(self, storage: Storage, contract: Contract) -> None:
        """Whatever a contract holds when it is written over another is found again, whether or not that was read."""
        contract = evolve(contract, institution=HERE, id=ContractId("before"), version=1)
        with storage.transaction() as tx:
            if tx.contracts.by_id(HERE, contract.id) is None:
                tx.contracts.add(a_contract("before", login_id="taro0001", account="1"))
        for read_first in (True, False):
            with _for_nothing(storage) as tx:
                if read_first:
                    tx.contracts.by_id(HERE, contract.id)
                tx.contracts.put(contract)
                _assert_same(tx.contracts.by_id(HERE, contract.id), evolve(contract, version=2))

    @_property
    @given(contract=strategies.contracts(), data=st.data())
    def test_every_single_change_of_a_contract_comes_back(
        self, storage: Storage, contract: Contract, data: st.DataObject
    ) -> None:
        """One field changed is one field changed, and all the others stay."""
        name = data.draw(st.sampled_from(_CHANGEABLE))
        before = a_contract("before", login_id="taro0001", account="1")
        with storage.transaction() as tx:
            if tx.contracts.by_id(HERE, before.id) is None:
                tx.contracts.add(before)
        with _for_nothing(storage) as tx:
            read = tx.contracts.by_id(HERE, before.id)
            assert read is not None
            changed = evolve(read, **{name: getattr(contract, name)})
            tx.contracts.put(changed)
            _assert_same(tx.contracts.by_id(HERE, before.id), evolve(changed, version=2))

    def test_how_a_login_id_is_typed_comes_back(self, storage: Storage) -> None:
        """A login id that is only written otherwise is written."""
        add(storage, a_contract("c", login_id="taro0001"))
        with storage.transaction() as tx:
            read = tx.contracts.by_id(HERE, ContractId("c"))
            assert read is not None
            tx.contracts.put(evolve(read, login_id=LoginId.parse("TARO0001", case_sensitive=False)))
        with storage.transaction() as tx:
            found = tx.contracts.by_login_id(HERE, NAMESPACE, "taro0001", NOBODY)
        assert found is not None
        assert str(found.login_id) == "TARO0001"

    @_property
    @given(customer=strategies.customers)
    def test_every_field_of_a_customer_comes_back(self, storage: Storage, customer: Customer) -> None:
        """Whatever a customer's record holds is found again, names in kanji and kana too."""
        with _for_nothing(storage) as tx:
            tx.contracts.add(a_contract(customer.contract.text, institution=customer.institution))
            tx.customers.add(customer)
            _assert_same(tx.customers.of(customer.institution, customer.contract), evolve(customer, version=1))

    @_property
    @given(session=strategies.sessions)
    def test_every_field_of_a_session_comes_back(self, storage: Storage, session: Session) -> None:
        """Whatever a session holds is found again."""
        with _for_nothing(storage) as tx:
            tx.sessions.add(session)
            _assert_same(tx.sessions.by_key(session.key), evolve(session, version=1))

    @_property
    @given(procedure=strategies.procedures)
    def test_every_field_of_a_procedure_comes_back(self, storage: Storage, procedure: Procedure) -> None:
        """Whatever a procedure of any kind holds is found again."""
        with _for_nothing(storage) as tx:
            tx.procedures.add(procedure)
            _assert_same(tx.procedures.by_key(procedure.key), evolve(procedure, version=1))

    @_property
    @given(attempt=strategies.phone_attempts)
    def test_every_field_of_a_phone_attempt_comes_back(self, storage: Storage, attempt: PhoneAttempt) -> None:
        """Whatever an attempt holds is found again."""
        with _for_nothing(storage) as tx:
            tx.phone_attempts.add(attempt)
            _assert_same(tx.phone_attempts.by_id(attempt.id), evolve(attempt, version=1))

    @_property
    @given(token=strategies.tokens)
    def test_every_field_of_a_token_comes_back(self, storage: Storage, token: Token) -> None:
        """Whatever a token holds is found again, the ids with their leading zeros."""
        with _for_nothing(storage) as tx:
            tx.tokens.add(token)
            _assert_same(tx.tokens.by_ids(token.service_id, token.user_id), evolve(token, version=1))

    @_property
    @given(token=strategies.tokens)
    def test_every_field_of_a_written_token_comes_back(self, storage: Storage, token: Token) -> None:
        """Whatever a token holds when it is written over another is found again, by its ids and as the latest."""
        before = a_token()
        token = evolve(token, institution=HERE, contract=before.contract, number=1, version=1)
        with storage.transaction() as tx:
            if tx.tokens.latest_of(HERE, before.contract) is None:
                tx.tokens.add(before)
        with _for_nothing(storage) as tx:
            tx.tokens.put(token)
            _assert_same(tx.tokens.by_ids(token.service_id, token.user_id), evolve(token, version=2))
            _assert_same(tx.tokens.latest_of(HERE, token.contract), evolve(token, version=2))

    @_property
    @given(instruction=strategies.instructions)
    def test_every_field_of_a_written_instruction_comes_back(self, storage: Storage, instruction: Instruction) -> None:
        """Whatever an instruction holds when it is written over another is found again, and waits if it says so."""
        before = an_instruction()
        content = evolve(instruction.content, reference=before.reference)
        written = evolve(instruction, institution=HERE, contract=before.contract, content=content, version=1)
        with storage.transaction() as tx:
            if tx.instructions.by_reference(before.reference) is None:
                tx.instructions.add(before)
        with _for_nothing(storage) as tx:
            tx.instructions.put(written)
            _assert_same(tx.instructions.by_reference(before.reference), evolve(written, version=2))
            waits = written.state is InstructionState.PROOF_AWAITED
            assert len(tx.instructions.waiting_of(HERE, before.contract)) == waits

    @_property
    @given(allowance=strategies.allowances)
    def test_every_field_of_an_allowance_comes_back(self, storage: Storage, allowance: Allowance) -> None:
        """Whatever an allowance holds is found again, day by day."""
        with _for_nothing(storage) as tx:
            tx.allowances.add(allowance)
            found = tx.allowances.of(allowance.institution, allowance.contract, allowance.account)
            _assert_same(found, evolve(allowance, version=1))

    @_property
    @given(instruction=strategies.instructions)
    def test_every_field_of_an_instruction_comes_back(self, storage: Storage, instruction: Instruction) -> None:
        """Whatever an instruction holds is found again, and has the same digest."""
        with _for_nothing(storage) as tx:
            tx.instructions.add(instruction)
            found = tx.instructions.by_reference(instruction.reference)
            _assert_same(found, evolve(instruction, version=1))
            assert found is not None
            assert found.content.digest == instruction.content.digest

    @_property
    @given(operator=strategies.operators())
    def test_every_field_of_an_operator_comes_back(self, storage: Storage, operator: Operator) -> None:
        """Whatever an account behind the counter holds is found again, a decoy's too."""
        with _for_nothing(storage) as tx:
            tx.operators.add(operator)
            _assert_same(tx.operators.by_name(operator.name), evolve(operator, version=1))

    @_property
    @given(session=strategies.operator_sessions)
    def test_every_field_of_an_operator_session_comes_back(self, storage: Storage, session: OperatorSession) -> None:
        """Whatever an operator's session holds is found again."""
        with _for_nothing(storage) as tx:
            tx.operator_sessions.add(session)
            _assert_same(tx.operator_sessions.by_key(session.key), evolve(session, version=1))

    @_property
    @given(case=strategies.cases)
    def test_every_field_of_a_case_comes_back(self, storage: Storage, case: Case) -> None:
        """Whatever a case holds is found again, to the microsecond."""
        with _for_nothing(storage) as tx:
            tx.cases.add(case)
            _assert_same(tx.cases.by_id(case.institution, case.id), evolve(case, version=1))

    @_property
    @given(letter=strategies.letters)
    def test_every_field_of_a_letter_comes_back(self, storage: Storage, letter: Letter) -> None:
        """Whatever a letter holds is found again."""
        with _for_nothing(storage) as tx:
            tx.outbox.add([letter])
            (found,) = tx.outbox.claim(letter.due_at, LATER, 1)
            _assert_same(found, evolve(letter, tries=letter.tries + 1, due_at=LATER))

    @_property
    @given(entry=strategies.entries)
    def test_every_field_of_an_entry_comes_back(self, storage: Storage, entry: Entry) -> None:
        """Whatever an entry of the audit log holds is found again."""
        with _for_nothing(storage) as tx:
            tx.audit.append([entry])
            _assert_same(list(tx.audit.heads()), [(entry.chain, ChainHead(entry.seq, entry.digest))])
            if entry.seq == 1:
                _assert_same(list(tx.audit.chain(entry.chain)), [entry])

    @_property
    @given(checkpoint=strategies.checkpoints)
    def test_every_field_of_a_checkpoint_comes_back(self, storage: Storage, checkpoint: Checkpoint) -> None:
        """Whatever a checkpoint holds is found again."""
        with _for_nothing(storage) as tx:
            tx.audit.add_checkpoint(checkpoint)
            _assert_same(list(tx.audit.checkpoints()), [checkpoint])


_CHANGEABLE = tuple(
    name
    for name in fields_dict(Contract)
    # What says who it is stays; a status and a decoy's key change together with others.
    if name not in {"institution", "id", "version", "status", "decoy_key"}
)


@contextmanager
def _for_nothing(storage: Storage) -> Generator[Transaction]:
    """A transaction that comes to nothing, so that one store serves all examples of a property."""
    with suppress(_MadeUpError), storage.transaction() as tx:
        yield tx
        raise _MadeUpError


def _assert_same(found: object, expected: object) -> None:
    """Equal, and in everything that does not count for being equal too: how a login id was typed, an instant's zone."""
    assert found == expected
    assert _plain(found) == _plain(expected)


def _plain(value: Any) -> object:  # noqa: ANN401 -- anything that an aggregate is made of
    """*value* taken apart, field by field."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in cast("Mapping[str, Any]", value).items()}
    if isinstance(value, tuple | list):
        return isinstance(value, tuple), [_plain(one) for one in cast("Sequence[Any]", value)]
    if has(value.__class__):
        return [(field.name, _plain(getattr(value, field.name))) for field in fields(value.__class__)]
    return value.__class__.__name__, value
