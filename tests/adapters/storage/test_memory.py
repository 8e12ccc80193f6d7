"""Storage in memory, beyond what every store must do: its snapshots, and failing on request."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import get_type_hints

import pytest
from attrs import evolve

from janetbank.model.case import CaseKind
from janetbank.ports.failures import PortError, Unavailable
from janetbank.ports.storage import Checkpoint, Conflict, ReportKey, Transaction
from janetbank.testing.night_conformance import NOVEMBER, TUESDAY, a_charge, a_run, an_acceptance, terms_of
from janetbank.testing.storage_conformance import (
    HERE,
    KINDS,
    LATER,
    NAMESPACE,
    NOW,
    a_case,
    a_chain,
    a_contract,
    a_customer,
    a_letter,
    a_phone_attempt,
    a_procedure,
    a_session,
    a_token,
    add,
    an_allowance,
    an_instruction,
    an_operator,
    an_operator_session,
    once,
)
from janetbank.values.identifiers import ContractId
from janetbank_adapters.storage.memory import MemoryStorage, When

AWAY = Unavailable("made up")
C = ContractId("c")


def epoch(tx: Transaction) -> int:
    """How often the contract "c" was counted up."""
    contract = tx.contracts.by_id(HERE, C)
    assert contract is not None
    return contract.session_epoch


def count_up(tx: Transaction) -> None:
    """Write the contract "c"."""
    contract = tx.contracts.by_id(HERE, C)
    assert contract is not None
    tx.contracts.put(contract.end_sessions())


def now_at(storage: MemoryStorage) -> int:
    """The count that a new reader finds."""
    return once(storage, epoch)


def test_a_reader_sees_one_moment() -> None:
    """What others commit, change, add or remove meanwhile, an open transaction does not see; the next one does."""
    storage = MemoryStorage()
    add(storage, a_contract("c", login_id="taro0001"))
    once(storage, lambda tx: tx.sessions.add(a_session("gone")))
    once(storage, lambda tx: tx.tokens.add(a_token()))

    def meanwhile(tx: Transaction) -> None:
        count_up(tx)
        tx.contracts.add(a_contract("new", login_id="hana0001"))
        tx.outbox.add([a_letter()])
        tx.audit.append(a_chain("c", 1))
        tx.phone_attempts.add(a_phone_attempt())
        tx.tokens.add(a_token(number=2, user_id="2"))
        tx.instructions.add(an_instruction("new"))
        gone = tx.sessions.by_key("gone")
        assert gone is not None
        tx.sessions.remove(gone)

    with storage.transaction() as reader:
        once(storage, meanwhile)
        assert epoch(reader) == 0
        assert reader.contracts.bearer(NAMESPACE, "hana0001") is None
        assert reader.sessions.by_key("gone") is not None
        assert reader.phone_attempts.latest_of(HERE, C) is None
        former = evolve(a_token(), version=1)
        assert reader.tokens.latest_of(HERE, C) == reader.tokens.by_ids("000", "0000001") == former
        assert reader.tokens.by_ids("000", "2") is None
        assert not reader.instructions.waiting_of(HERE, C)
        assert not list(reader.audit.heads())
        assert not list(reader.audit.chain("c"))
        assert [name for name, _ in reader.audit.owned_heads()] == ["c"]
        once(storage, count_up)  # the moment stays the one when it began
        assert epoch(reader) == 0
    with storage.transaction() as later:
        assert epoch(later) == 2
        assert later.contracts.bearer(NAMESPACE, "hana0001") is not None
        assert later.sessions.by_key("gone") is None
        assert later.phone_attempts.latest_of(HERE, C) is not None
        assert later.tokens.latest_of(HERE, C) == later.tokens.by_ids("000", "2") is not None
        assert len(later.instructions.waiting_of(HERE, C)) == 1


def test_a_reader_who_writes_what_changed_under_him_meets_conflict() -> None:
    """The first to commit wins, though the second has read before."""
    storage = MemoryStorage()
    add(storage, a_contract("c"))

    def overtaken(tx: Transaction) -> None:
        read = tx.contracts.by_id(HERE, C)
        assert read is not None
        once(storage, count_up)
        tx.contracts.put(evolve(read, session_epoch=7))

    with pytest.raises(Conflict):
        once(storage, overtaken)
    assert now_at(storage) == 1


def test_a_contended_transaction_is_alone_with_its_writing() -> None:
    """While one is open that queues, nobody else commits: he waits for it, and no longer than his patience."""
    storage = MemoryStorage(patience=0.05)
    add(storage, a_contract("c"), a_contract("d"))
    with storage.transaction(contended=True) as queueing:
        count_up(queueing)
        with pytest.raises(Conflict):
            once(storage, lambda tx: tx.sessions.add(a_session()))
        with pytest.raises(Conflict), storage.transaction(contended=True):
            pass
        assert now_at(storage) == 0  # reading waits for nobody
    assert now_at(storage) == 1


KIND = {kind.name: kind for kind in KINDS}


def _write_over(name: str) -> Callable[[Transaction], object]:
    """Write the one there is of this kind."""
    return lambda tx: KIND[name].write_over(tx, KIND[name].find(tx))


def _remove_session(tx: Transaction) -> None:
    there = tx.sessions.by_key("s")
    assert there is not None
    tx.sessions.remove(there)


def _remove_operator_session(tx: Transaction) -> None:
    there = tx.operator_sessions.by_key("s")
    assert there is not None
    tx.operator_sessions.remove(there)


CALLS: dict[str, Callable[[Transaction], object]] = {
    "contracts.by_login_id": lambda tx: tx.contracts.by_login_id(HERE, NAMESPACE, "x", "x"),
    "contracts.by_account": lambda tx: tx.contracts.by_account(HERE, "x", "x"),
    "contracts.by_id": lambda tx: tx.contracts.by_id(HERE, C),
    "contracts.again": lambda tx: tx.contracts.again(a_contract("c")),
    "contracts.bearer": lambda tx: tx.contracts.bearer(NAMESPACE, "x"),
    "contracts.add": lambda tx: tx.contracts.add(a_contract("d")),
    "contracts.put": count_up,
    "contracts.due": lambda tx: tx.contracts.due(TUESDAY, None, 1),
    "contracts.count_due": lambda tx: tx.contracts.count_due(TUESDAY),
    "contracts.live": lambda tx: tx.contracts.live(None, 1),
    "contracts.count_live": lambda tx: tx.contracts.count_live(),
    "customers.of": lambda tx: tx.customers.of(HERE, C),
    "customers.add": lambda tx: tx.customers.add(a_customer(a_contract("c"))),
    "customers.put": _write_over("customer"),
    "sessions.by_key": lambda tx: tx.sessions.by_key("s"),
    "sessions.with_contract": lambda tx: tx.sessions.with_contract("s"),
    "sessions.still": lambda tx: tx.sessions.still(evolve(a_session(), version=1)),
    "sessions.add": lambda tx: tx.sessions.add(a_session("t")),
    "sessions.put": _write_over("session"),
    "sessions.remove": _remove_session,
    "sessions.sweep": lambda tx: tx.sessions.sweep(LATER),
    "procedures.by_key": lambda tx: tx.procedures.by_key("p"),
    "procedures.add": lambda tx: tx.procedures.add(a_procedure("q")),
    "procedures.put": _write_over("procedure"),
    "procedures.sweep": lambda tx: tx.procedures.sweep(NOW),
    "phone_attempts.by_id": lambda tx: tx.phone_attempts.by_id("a"),
    "phone_attempts.by_route": lambda tx: tx.phone_attempts.by_route(a_phone_attempt().route),
    "phone_attempts.by_call": lambda tx: tx.phone_attempts.by_call("x"),
    "phone_attempts.of_caller": lambda tx: tx.phone_attempts.of_caller(a_phone_attempt().route.caller),
    "phone_attempts.latest_of": lambda tx: tx.phone_attempts.latest_of(HERE, C),
    "phone_attempts.add": lambda tx: tx.phone_attempts.add(a_phone_attempt("b", number=2, destination="0120-417-002")),
    "phone_attempts.put": _write_over("phone attempt"),
    "phone_attempts.sweep": lambda tx: tx.phone_attempts.sweep(NOW),
    "tokens.latest_of": lambda tx: tx.tokens.latest_of(HERE, C),
    "tokens.by_ids": lambda tx: tx.tokens.by_ids("000", "0000001"),
    "tokens.unfinished": lambda tx: tx.tokens.unfinished(None, 1),
    "tokens.add": lambda tx: tx.tokens.add(a_token(number=2, user_id="2")),
    "tokens.put": _write_over("token"),
    "instructions.by_reference": lambda tx: tx.instructions.by_reference("i"),
    "instructions.still": lambda tx: tx.instructions.still(evolve(an_instruction(), version=1)),
    "instructions.waiting_of": lambda tx: tx.instructions.waiting_of(HERE, C),
    "instructions.pending_of": lambda tx: tx.instructions.pending_of(HERE, C),
    "instructions.unsettled": lambda tx: tx.instructions.unsettled(NOW.date(), None, 9),
    "instructions.add": lambda tx: tx.instructions.add(an_instruction("j")),
    "instructions.put": _write_over("instruction"),
    "instructions.sweep": lambda tx: tx.instructions.sweep(LATER, executed=False),
    "allowances.of": lambda tx: tx.allowances.of(HERE, C, an_allowance().account),
    "allowances.add": lambda tx: tx.allowances.add(an_allowance("2")),
    "allowances.put": _write_over("allowance"),
    "operators.by_name": lambda tx: tx.operators.by_name("x"),
    "operators.of": lambda tx: tx.operators.of(HERE),
    "operators.add": lambda tx: tx.operators.add(an_operator("sato")),
    "operators.put": _write_over("operator"),
    "operator_sessions.by_key": lambda tx: tx.operator_sessions.by_key("s"),
    "operator_sessions.add": lambda tx: tx.operator_sessions.add(an_operator_session("t")),
    "operator_sessions.put": _write_over("operator session"),
    "operator_sessions.remove": _remove_operator_session,
    "operator_sessions.sweep": lambda tx: tx.operator_sessions.sweep(LATER),
    "cases.by_id": lambda tx: tx.cases.by_id(HERE, "k"),
    "cases.live": lambda tx: tx.cases.live(HERE, C, CaseKind.SUSPENSION),
    "cases.to_do": lambda tx: tx.cases.to_do(HERE),
    "cases.of": lambda tx: tx.cases.of(HERE, C),
    "cases.add": lambda tx: tx.cases.add(a_case("l", contract="d")),
    "cases.put": _write_over("case"),
    "acceptances.add": lambda tx: tx.acceptances.add(an_acceptance()),
    "acceptances.reports": lambda tx: tx.acceptances.reports(TUESDAY, TUESDAY),
    "acceptances.count": lambda tx: tx.acceptances.count(TUESDAY, TUESDAY),
    "acceptances.page": lambda tx: tx.acceptances.page(ReportKey(TUESDAY, "5441", "001"), None, 1),
    "acceptances.sweep": lambda tx: tx.acceptances.sweep(TUESDAY),
    "fees.terms_of": lambda tx: tx.fees.terms_of(HERE, C),
    "fees.add_terms": lambda tx: tx.fees.add_terms(terms_of("d")),
    "fees.put_terms": _write_over("fee terms"),
    "fees.terms_between": lambda tx: tx.fees.terms_between(None, (HERE, C)),
    "fees.charge": lambda tx: tx.fees.charge([a_charge()]),
    "fees.charges_of": lambda tx: tx.fees.charges_of(HERE, C),
    "fees.collected_on": lambda tx: tx.fees.collected_on(TUESDAY, None, 1),
    "fees.accrued": lambda tx: tx.fees.accrued(NOVEMBER, None, 1),
    "batch_runs.by_day": lambda tx: tx.batch_runs.by_day(TUESDAY),
    "batch_runs.latest": lambda tx: tx.batch_runs.latest(),
    "batch_runs.add": lambda tx: tx.batch_runs.add(a_run(TUESDAY.replace(day=25))),
    "batch_runs.put": _write_over("batch run"),
    "outbox.add": lambda tx: tx.outbox.add([a_letter()]),
    "outbox.claim": lambda tx: tx.outbox.claim(NOW, LATER, 1),
    "outbox.postpone": lambda tx: tx.outbox.postpone("l", LATER),
    "outbox.done": lambda tx: tx.outbox.done("l"),
    "audit.append": lambda tx: tx.audit.append(a_chain("c", 1)),
    "audit.chain": lambda tx: tx.audit.chain("c"),
    "audit.heads": lambda tx: tx.audit.heads(),
    "audit.owned_heads": lambda tx: tx.audit.owned_heads(),
    "audit.add_checkpoint": lambda tx: tx.audit.add_checkpoint(Checkpoint(1, NOW, (), "key", "seal")),
    "audit.checkpoints": lambda tx: tx.audit.checkpoints(),
}


def test_every_call_of_the_port_is_tried() -> None:
    """The list has each method of each room, so that a new one is told to fail as well."""
    rooms: dict[str, type] = {
        name: get_type_hints(room.fget)["return"]
        for name, room in vars(Transaction).items()
        if isinstance(room, property) and name != "durable"
    }
    assert set(CALLS) == {
        f"{name}.{call}" for name, room in rooms.items() for call in vars(room) if not call.startswith("_")
    }


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("call", CALLS)
def test_any_call_can_be_told_to_fail(call: str, when: When) -> None:
    """The call raises what it was told to, once; nothing of its transaction is kept, swallowed or not."""
    storage = MemoryStorage()
    for kind in KINDS:
        once(storage, kind.add)
    kept = everything(storage)
    storage.fail(call=call, when=when, with_=AWAY)

    def step(tx: Transaction) -> None:
        tx.contracts.add(a_contract("beside"))
        CALLS[call](tx)

    def swallow(tx: Transaction) -> None:
        with suppress(PortError):
            step(tx)

    with pytest.raises(Unavailable) as told:
        once(storage, swallow)
    assert told.value is AWAY
    assert everything(storage) == kept
    once(storage, step)


def everything(storage: MemoryStorage) -> dict[str, dict[object, object]]:
    """All that is committed, by table."""
    return {name: dict(table.rows) for name, table in vars(storage._tables).items()}


@pytest.mark.parametrize(("call", "when"), [("begin", "before"), ("begin", "after"), ("commit", "before")])
def test_a_transaction_that_does_not_begin_or_commit_keeps_nothing(call: str, when: When) -> None:
    """Whoever hears so may do it again."""
    storage = MemoryStorage()
    add(storage, a_contract("c"))
    storage.fail(call=call, when=when, with_=AWAY)
    with pytest.raises(Unavailable):
        once(storage, count_up)
    assert now_at(storage) == 0
    once(storage, count_up)
    assert now_at(storage) == 1


def test_a_commit_can_fail_after_it_has_worked() -> None:
    """As when the line breaks before the answer comes: it is kept, and the caller does not know."""
    storage = MemoryStorage()
    add(storage, a_contract("c"))
    storage.fail(call="commit", when="after", with_=AWAY)
    with pytest.raises(Unavailable):
        once(storage, count_up)
    assert now_at(storage) == 1


def test_failures_are_counted() -> None:
    """Any call can be meant, so many skipped and so many hit, and what was asked for first is met first."""
    storage = MemoryStorage()
    add(storage, a_contract("c"))
    other = Unavailable("another")
    storage.fail(call="*", with_=AWAY, skip=2, times=2)  # begin and by_id pass
    storage.fail(call="contracts.put", with_=other)

    def told() -> PortError | None:
        try:
            once(storage, count_up)
        except PortError as failure:
            return failure
        return None

    assert [told() for _ in range(4)] == [AWAY, AWAY, other, None]
    assert now_at(storage) == 1


def test_a_failure_in_a_queue_leaves_the_queue() -> None:
    """A contended transaction that fails at its beginning stands in nobody's way."""
    storage = MemoryStorage(patience=0.05)
    add(storage, a_contract("c"))
    storage.fail(call="begin", with_=AWAY)
    with pytest.raises(Unavailable), storage.transaction(contended=True):
        pass
    once(storage, count_up)
    assert now_at(storage) == 1


def test_readers_leave_nothing_behind() -> None:
    """What was kept for a reader goes when he goes: a store that is written for ever does not grow for ever."""
    storage = MemoryStorage()
    add(storage, a_contract("c"))
    with storage.transaction() as reader:
        for _ in range(3):
            once(storage, count_up)
        assert epoch(reader) == 0
    assert storage._open == []
    assert sum(len(table.rows) for table in vars(storage._tables).values()) == 1
    assert once(storage, lambda tx: tx.sessions.sweep(NOW + timedelta(days=1))) == 0
