"""Money conformance: what every storage adapter must do with what the host has, and with what may be transferred.

A part of the storage port's suite of its own: inherit it beside `StorageConformance`, and override the fixture
`storage` in the same way.

Errors: AssertionError where an adapter breaks a law.
Source: janetbank.ports.storage.Instructions and Allowances; TRF-03, TRF-09; docs/decisions/0002.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial

import pytest
from attrs import evolve

from janetbank.model.instruction import Instruction
from janetbank.policies.instruction import IN_BETWEEN, PENDING, InstructionState
from janetbank.policies.limits import Usage
from janetbank.ports.storage import Conflict, Storage, Transaction
from janetbank.testing.storage_conformance import (
    HERE,
    LATER,
    NOW,
    THERE,
    an_allowance,
    an_instruction,
    at_once,
    do,
    once,
)
from janetbank.values.account import Account
from janetbank.values.identifiers import ContractId
from janetbank.values.money import Yen

_C, _OTHER = ContractId("c"), ContractId("other")
_CROWD = 8
_DAY = timedelta(days=1)
_TODAY = an_instruction().content.date
_EVERY = 100


def _in(state: InstructionState, name: str | None = None, *, days: int = 0) -> Instruction:
    """One in *state*, to be executed in so many days, whose reference is *name*, or says so."""
    new = an_instruction(name or f"{state.value.replace('_', '-')}-{days}")
    return evolve(new, content=evolve(new.content, date=_TODAY + days * _DAY), state=state)


def _keep(storage: Storage, *those: Instruction) -> None:
    with storage.transaction() as tx:
        for one in those:
            tx.instructions.add(one)


def _pending(storage: Storage, contract: ContractId = _C) -> list[str]:
    with storage.transaction() as tx:
        return [one.reference for one in tx.instructions.pending_of(HERE, contract)]


def _unsettled(storage: Storage, day: date, limit: int) -> list[list[str]]:
    """The pages, one after the other."""
    pages: list[list[str]] = []
    after: Instruction | None = None
    with storage.transaction() as tx:
        while page := tx.instructions.unsettled(day, after, limit):
            pages.append([one.reference for one in page])
            after = page[-1]
    return pages


def _move(storage: Storage, reference: str, state: InstructionState) -> None:
    with storage.transaction() as tx:
        read = tx.instructions.by_reference(reference)
        assert read is not None
        tx.instructions.put(evolve(read, state=state))


class MoneyConformance:
    """The laws of `janetbank.ports.storage.Instructions`, as far as the host has them, and of `Allowances`."""

    @pytest.fixture
    def storage(self) -> Iterator[Storage]:
        """An empty store; override this."""
        raise NotImplementedError

    # --- instructions -------------------------------------------------------------------------------------------------

    def test_what_the_host_has_is_pending(self, storage: Storage) -> None:
        """What he has or may have, oldest first; not what is before him, or over, nor anybody else's."""
        later = evolve(_in(InstructionState.RESERVED, "a"), requested_at=LATER)
        theirs = evolve(_in(InstructionState.ACCEPTED, "theirs"), contract=_OTHER)
        elsewhere = evolve(_in(InstructionState.ACCEPTED, "there"), institution=THERE)
        _keep(storage, *[_in(state) for state in InstructionState], later, theirs, elsewhere)
        named = sorted(_in(state).reference for state in PENDING)
        assert _pending(storage) == [*named, "a"]
        assert _pending(storage, _OTHER) == ["theirs"]
        _move(storage, "a", InstructionState.EXECUTED)
        assert _pending(storage) == named

    @pytest.mark.parametrize("limit", [1, 2, _EVERY])
    def test_whom_to_ask_the_host_about(self, storage: Storage, limit: int) -> None:
        """At once about what is in between; about the others from their day on; page by page, none twice."""
        _keep(storage, *[_in(state, days=days) for state in InstructionState for days in (-1, 0, 1)])
        between = [_in(state, days=days).reference for state in IN_BETWEEN for days in (-1, 0, 1)]
        wait = [state for state in InstructionState if state in PENDING - IN_BETWEEN]
        for ahead in (-2, -1, 0, 1, 9):
            due = [sorted(_in(state, days=days).reference for state in wait) for days in (-1, 0, 1) if days <= ahead]
            expected = [*sorted(between), *[reference for day in due for reference in day]]
            pages = _unsettled(storage, _TODAY + ahead * _DAY, limit)
            assert [reference for page in pages for reference in page] == expected
            assert all(len(page) == limit for page in pages[:-1])

    def test_a_page_goes_on_where_the_last_one_ended(self, storage: Storage) -> None:
        """Whatever has become meanwhile of the one that ended it."""
        _keep(storage, *[_in(InstructionState.HANDED_OVER, name) for name in ("a", "b", "c")])
        with storage.transaction() as tx:
            first, second = tx.instructions.unsettled(_TODAY, None, 2)
            assert [one.reference for one in tx.instructions.unsettled(_TODAY, first, 1)] == ["b"]
        assert (first.reference, second.reference) == ("a", "b")
        _move(storage, "a", InstructionState.EXECUTED)
        _move(storage, "b", InstructionState.RESERVED)
        with storage.transaction() as tx:
            assert [one.reference for one in tx.instructions.unsettled(_TODAY, second, 2)] == ["c", "b"]

    def test_who_is_answered_is_asked_about_no_more(self, storage: Storage) -> None:
        """`put` takes an instruction off those to ask about, and on again, as its state says."""
        _keep(storage, _in(InstructionState.AUTHORISED, "a", days=1))
        for state, unsettled in (
            (InstructionState.HANDED_OVER, True),
            (InstructionState.RESERVED, False),
            (InstructionState.CANCELLING, True),
            (InstructionState.CANCELLED, False),
        ):
            _move(storage, "a", state)
            assert bool(_unsettled(storage, _TODAY, _EVERY)) == unsettled
            assert bool(_pending(storage)) == (state in PENDING)

    @pytest.mark.parametrize("executed", [True, False])
    def test_what_the_host_has_is_not_swept(self, storage: Storage, executed: bool) -> None:  # noqa: FBT001 -- a parameter
        """However old it is, and whichever kind is swept."""
        _keep(storage, *[_in(state) for state in InstructionState])
        with storage.transaction() as tx:
            tx.instructions.sweep(LATER, executed=executed)
        assert _pending(storage) == sorted(_in(state).reference for state in PENDING)

    # --- allowances ---------------------------------------------------------------------------------------------------

    def test_an_allowance_is_found_by_its_account(self, storage: Storage) -> None:
        """In its contract, at its institution; before it was kept there was none."""
        allowance = an_allowance()
        with storage.transaction() as tx:
            assert tx.allowances.of(HERE, _C, allowance.account) is None
        once(storage, lambda tx: tx.allowances.add(allowance))
        savings = Account.parse("001", "savings", "1")
        with storage.transaction() as tx:
            assert tx.allowances.of(HERE, _C, allowance.account) == evolve(allowance, version=1)
            assert tx.allowances.of(HERE, _C, savings) is tx.allowances.of(HERE, _OTHER, allowance.account) is None
            assert tx.allowances.of(THERE, _C, allowance.account) is None

    def test_an_account_has_one_allowance(self, storage: Storage) -> None:
        """Of two that are kept the second meets Conflict; another account has its own, another contract too."""
        once(storage, lambda tx: tx.allowances.add(an_allowance()))
        with pytest.raises(Conflict):
            once(storage, lambda tx: tx.allowances.add(an_allowance()))
        once(storage, lambda tx: tx.allowances.add(an_allowance("2")))
        once(storage, lambda tx: tx.allowances.add(an_allowance(contract="other")))

    def test_what_many_count_at_once_is_all_counted(self, storage: Storage) -> None:
        """Each counts upon what it has read, new or not; after they have tried until they could, nothing is missing."""
        nothing = evolve(an_allowance(), usage=Usage())
        day = NOW.date()

        def count(tx: Transaction) -> None:
            read = tx.allowances.of(HERE, _C, nothing.account)
            if read is None:
                tx.allowances.add(evolve(nothing, usage=nothing.usage.with_(day, Yen(1))))
            else:
                tx.allowances.put(evolve(read, usage=read.usage.with_(day, read.usage.on(day) + Yen(1))))

        told = at_once([partial(do, storage, count)] * _CROWD)
        assert told == [None] * _CROWD
        with storage.transaction() as tx:
            counted = tx.allowances.of(HERE, _C, nothing.account)
        assert counted is not None
        assert counted.usage.on(day) == Yen(_CROWD)
