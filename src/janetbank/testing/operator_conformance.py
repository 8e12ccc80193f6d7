"""Operator conformance: what every storage adapter must do with operators, their sessions and their cases.

A part of the storage port's suite of its own: inherit it beside `StorageConformance`, and override the fixture
`storage` in the same way.

Errors: AssertionError where an adapter breaks a law.
Source: janetbank.ports.storage.Operators, OperatorSessions and Cases; OPS-09, SUS-28; docs/decisions/0002, 0004.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from attrs import evolve

from janetbank.model.audit import ChainHead
from janetbank.model.case import Case, CaseKind
from janetbank.model.operator import Operator, OperatorStatus, decoy_name, name_of
from janetbank.policies.dual_control import Proposal, ProposalState
from janetbank.policies.lockout import Tally
from janetbank.policies.suspension import Suspension, SuspensionState
from janetbank.ports.storage import Conflict, Storage, Transaction
from janetbank.testing.storage_conformance import (
    DUE,
    HERE,
    LATER,
    MICROSECOND,
    NOW,
    THERE,
    a_case,
    a_contract,
    a_procedure,
    a_proposal,
    a_suspension,
    an_operator,
    an_operator_session,
    at_once,
    do,
    once,
)
from janetbank.values.identifiers import ContractId, InstitutionId
from janetbank.values.operator import Hand, OperatorId, PersonId

_CROWD = 8
_C, _OTHER = ContractId("c"), ContractId("other")
_MIDNIGHT = datetime(2026, 11, 24, 15, tzinfo=UTC)
"""The end of that day in Japan."""


def _keep(storage: Storage, *cases: Case) -> None:
    """Keep each in a transaction of its own."""
    for case in cases:
        once(storage, partial(_add, case))


def _add(case: Case, tx: Transaction) -> None:
    tx.cases.add(case)


def _ids(cases: Sequence[Case]) -> list[str]:
    return [case.id for case in cases]


class OperatorConformance:
    """The laws of `janetbank.ports.storage.Operators`, `OperatorSessions` and `Cases`."""

    @pytest.fixture
    def storage(self) -> Iterator[Storage]:
        """An empty store; override this."""
        raise NotImplementedError

    # --- operators ----------------------------------------------------------------------------------------------------

    def test_an_account_is_found_by_its_name(self, storage: Storage) -> None:
        """To the letter, at its own institution, with whatever it holds."""
        full = evolve(an_operator(), tally=Tally(issued=3, failed=(3,), lockouts=1, locked_until=LATER))
        with storage.transaction() as tx:
            tx.operators.add(full)
            tx.operators.add(an_operator(institution=THERE, person="E-9"))
        with storage.transaction() as tx:
            assert tx.operators.by_name(full.name) == evolve(full, version=1)
            theirs = tx.operators.by_name(name_of(THERE, OperatorId("tanaka")))
            assert theirs is not None
            assert theirs.hand == Hand(OperatorId("tanaka"), PersonId("E-9"))
            for name in ("", "tanaka", "operator:5441:TANAKA", "operator:5441:", name_of(HERE, OperatorId("sato"))):
                assert tx.operators.by_name(name) is None

    def test_a_name_is_given_once(self, storage: Storage) -> None:
        """Whoever comes second meets Conflict; one person may have several accounts."""
        with storage.transaction() as tx:
            tx.operators.add(an_operator())
        with pytest.raises(Conflict), storage.transaction() as tx:
            tx.operators.add(an_operator(person="E-2"))
        with storage.transaction() as tx:
            tx.operators.add(an_operator("tanaka-2"))
        with storage.transaction() as tx:
            assert [one.hand and one.hand.person.text for one in tx.operators.of(HERE)] == ["E-1", "E-1"]

    def test_an_operators_decoy_is_found_where_there_is_nobody(self, storage: Storage) -> None:
        """The real account comes first, a decoy alone is found by its key, and is nobody's of the institution."""
        decoy = Operator.decoy(HERE, "key", "a hash")
        with storage.transaction() as tx:
            tx.operators.add(decoy)
            tx.operators.add(an_operator())
        with storage.transaction() as tx:
            known, unknown = an_operator().name, name_of(HERE, OperatorId("sato"))
            assert tx.operators.by_name(known, decoy.name) == evolve(an_operator(), version=1)
            assert tx.operators.by_name(unknown, decoy.name) == evolve(decoy, version=1)
            assert tx.operators.by_name(unknown, decoy_name(HERE, "another")) is None
            assert [one.name for one in tx.operators.of(HERE)] == [known]

    def test_the_accounts_of_an_institution_come_in_the_order_of_their_names(self, storage: Storage) -> None:
        """Retired ones among them, and nobody else's."""
        with storage.transaction() as tx:
            for name in ("b", "a-1", "a"):
                tx.operators.add(an_operator(name))
            tx.operators.add(evolve(an_operator("c"), status=OperatorStatus.RETIRED))
            tx.operators.add(an_operator("d", institution=THERE))
        with storage.transaction() as tx:
            assert [one.name.rpartition(":")[2] for one in tx.operators.of(HERE)] == ["a", "a-1", "b", "c"]
            assert [one.name for one in tx.operators.of(InstitutionId("0001"))] == []

    def test_operators_own_their_chains(self, storage: Storage) -> None:
        """Their heads come among those of contracts and procedures, in the order of the names; decoys' too."""
        head = ChainHead(3, "f" * 64)
        with storage.transaction() as tx:
            tx.contracts.add(evolve(a_contract("z"), chain=head))
            tx.procedures.add(evolve(a_procedure("p"), chain=head))
            tx.operators.add(evolve(an_operator(), chain=head))
            tx.operators.add(evolve(Operator.decoy(HERE, "key", "a hash"), chain=head))
        with storage.transaction() as tx:
            assert list(tx.audit.owned_heads()) == [
                ("of-p", head),
                ("operator:5441:?key", head),
                ("operator:5441:tanaka", head),
                ("z", head),
            ]

    # --- their sessions -----------------------------------------------------------------------------------------------

    def test_a_removed_operator_session_is_gone(self, storage: Storage) -> None:
        """Once: whoever removes it again, or writes over it, meets Conflict."""
        with storage.transaction() as tx:
            tx.operator_sessions.add(an_operator_session())
        with storage.transaction() as tx:
            read = tx.operator_sessions.by_key("s")
            assert read is not None
            assert read == evolve(an_operator_session(), version=1)
            tx.operator_sessions.remove(read)
        with storage.transaction() as tx:
            assert tx.operator_sessions.by_key("s") is None
        with pytest.raises(Conflict), storage.transaction() as tx:
            tx.operator_sessions.remove(read)
        with pytest.raises(Conflict), storage.transaction() as tx:
            tx.operator_sessions.put(read)

    def test_unused_operator_sessions_are_swept(self, storage: Storage) -> None:
        """Those not used since then; one used at the instant itself stays."""
        with storage.transaction() as tx:
            tx.operator_sessions.add(an_operator_session("old", used_at=NOW - MICROSECOND))
            tx.operator_sessions.add(an_operator_session("new", used_at=NOW))
        with storage.transaction() as tx:
            assert tx.operator_sessions.sweep(NOW) == 1
        with storage.transaction() as tx:
            assert tx.operator_sessions.by_key("old") is None
            assert tx.operator_sessions.by_key("new") is not None

    # --- cases --------------------------------------------------------------------------------------------------------

    def test_a_case_is_found_by_its_id_at_its_own_institution(self, storage: Storage) -> None:
        """Elsewhere there is none of this id."""
        _keep(storage, a_case())
        with storage.transaction() as tx:
            assert tx.cases.by_id(HERE, "k") == evolve(a_case(), version=1)
            assert tx.cases.by_id(THERE, "k") is tx.cases.by_id(HERE, "K") is tx.cases.by_id(HERE, "") is None

    @pytest.mark.parametrize("matter", [a_suspension(), a_proposal()], ids=["suspension", "proposal"])
    def test_a_matter_has_one_live_case(self, storage: Storage, matter: Suspension | Proposal) -> None:
        """A second one meets Conflict; another subject, contract or institution is another matter."""
        first = a_case("1", matter, subject="a")
        _keep(storage, first)
        with pytest.raises(Conflict):
            _keep(storage, a_case("2", matter, subject="a"))
        _keep(
            storage,
            a_case("3", matter, subject="b"),
            a_case("4", matter, subject="a", contract="other"),
            a_case("5", matter, subject="a", institution=THERE),
        )
        with storage.transaction() as tx:
            assert tx.cases.by_id(HERE, "2") is None
            assert tx.cases.live(HERE, _C, first.kind, "a") == evolve(first, version=1)
            assert tx.cases.live(HERE, _C, first.kind) is None
            assert tx.cases.live(HERE, _C, CaseKind.FEE_EXEMPTION, "a") is None
            theirs = tx.cases.live(THERE, _C, first.kind, "a")
            assert theirs is not None
            assert theirs.id == "5"

    def test_when_a_case_is_over_the_next_one_may_be_opened(self, storage: Storage) -> None:
        """In one transaction, too; and what is over cannot come back to life beside it."""
        _keep(storage, a_case("1", a_proposal()))

        def replace(tx: Transaction) -> None:
            old = tx.cases.live(HERE, _C, CaseKind.BLOCK_RELEASE)
            assert old is not None
            tx.cases.put(evolve(old, matter=a_proposal(ProposalState.EXPIRED)))
            tx.cases.add(a_case("2", a_proposal()))

        once(storage, replace)
        with storage.transaction() as tx:
            live = tx.cases.live(HERE, _C, CaseKind.BLOCK_RELEASE)
            assert live is not None
            assert live.id == "2"
            over = tx.cases.by_id(HERE, "1")
        assert over is not None
        with pytest.raises(Conflict), storage.transaction() as tx:
            tx.cases.put(evolve(over, matter=a_proposal()))

    def test_racing_for_a_matter_one_opens_a_case(self, storage: Storage) -> None:
        """All others meet Conflict, and find his when they look again."""

        def open_(place: int, tx: Transaction) -> str:
            live = tx.cases.live(HERE, _C, CaseKind.BLOCK_RELEASE)
            if live is not None:
                return live.id
            tx.cases.add(a_case(f"{place}", a_proposal()))
            return f"{place}"

        told = at_once([partial(do, storage, partial(open_, place)) for place in range(_CROWD)])
        assert len(set(told)) == 1

    def test_a_case_is_decided_once(self, storage: Storage) -> None:
        """Of many who write over one case as they read it, one does."""
        _keep(storage, a_case("k", a_proposal()))
        with storage.transaction() as tx:
            read = tx.cases.by_id(HERE, "k")
        assert read is not None

        def decide(state: ProposalState, tx: Transaction) -> None:
            tx.cases.put(evolve(read, matter=a_proposal(state)))

        states = [ProposalState.APPROVED, ProposalState.REJECTED, ProposalState.WITHDRAWN, ProposalState.STALE] * 2
        told = at_once([partial(once, storage, partial(decide, state)) for state in states])
        assert told.count(None) == 1
        with storage.transaction() as tx:
            found = tx.cases.by_id(HERE, "k")
        assert found is not None
        assert found.state is states[told.index(None)]

    def test_what_is_to_be_done_comes_in_the_order_in_which_it_is_due(self, storage: Storage) -> None:
        """Suspensions by the end of their day in Japan, proposals by their last instant; then by their ids."""
        _keep(
            storage,
            a_case("d", a_suspension(), contract="1"),
            a_case("c", a_proposal(expires_at=_MIDNIGHT), contract="2"),
            a_case("b", a_proposal(expires_at=_MIDNIGHT + MICROSECOND), contract="3"),
            a_case("a", a_suspension(due_on=DUE - timedelta(days=1)), contract="4"),
            a_case("e", a_proposal(expires_at=LATER), contract="5"),
            a_case("x", a_suspension(), institution=THERE),
        )
        with storage.transaction() as tx:
            assert _ids(tx.cases.to_do(HERE)) == ["e", "a", "c", "d", "b"]
            assert _ids(tx.cases.to_do(HERE, due_by=_MIDNIGHT)) == ["e", "a", "c", "d"]
            assert _ids(tx.cases.to_do(HERE, due_by=_MIDNIGHT - MICROSECOND)) == ["e", "a"]
            assert _ids(tx.cases.to_do(HERE, due_by=NOW)) == []

    @pytest.mark.parametrize("state", [*SuspensionState, *ProposalState])
    def test_what_is_done_is_not_to_be_done(self, storage: Storage, state: SuspensionState | ProposalState) -> None:
        """`put` takes a case off the list, and away from its matter, as its state says, for its own reader too."""
        matter = a_suspension(state) if isinstance(state, SuspensionState) else a_proposal(state)
        _keep(storage, a_case("k", a_suspension() if isinstance(matter, Suspension) else a_proposal()))
        with storage.transaction() as tx:
            read = tx.cases.by_id(HERE, "k")
            assert read is not None
            moved = evolve(read, matter=matter)
            tx.cases.put(moved)
            assert _ids(tx.cases.to_do(HERE)) == (["k"] if moved.due_at else [])
            assert (tx.cases.live(HERE, _C, read.kind) is not None) == moved.live
        with storage.transaction() as tx:
            assert _ids(tx.cases.to_do(HERE)) == (["k"] if moved.due_at else [])
            assert (tx.cases.live(HERE, _C, read.kind) is not None) == moved.live

    def test_the_cases_of_a_contract_come_oldest_first(self, storage: Storage) -> None:
        """Whatever has become of them; nobody else's."""
        over = a_proposal(ProposalState.REJECTED)
        _keep(
            storage,
            a_case("b", over, opened_at=LATER),
            a_case("d", over, opened_at=NOW),
            a_case("a", opened_at=LATER),
            a_case("x", contract="other"),
            a_case("y", institution=THERE),
        )
        with storage.transaction() as tx:
            assert _ids(tx.cases.of(HERE, _C)) == ["d", "a", "b"]
            assert _ids(tx.cases.of(HERE, _OTHER)) == ["x"]
