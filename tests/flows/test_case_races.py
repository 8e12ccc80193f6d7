"""Cases where several come at once: one decision, whoever makes it, and everybody is told what it was.

Threads over each of the stores; a store without the version check must fail these (`tests/faults/operators.toml`).
"""

from collections import Counter as Tallied
from collections.abc import Callable, Iterator, Sequence
from functools import partial

import pytest
from attrs import evolve

from janetbank.flows.audit import Intact, verify
from janetbank.flows.operating import OwnCase
from janetbank.flows.operators import SignedIn
from janetbank.flows.release import (
    AlreadyProposed,
    Done,
    ProposalClosed,
    ProposalRejected,
    ProposalStale,
    ProposalWithdrawn,
    Proposed,
)
from janetbank.flows.suspend import (
    AlreadySuspended,
    ContractSuspended,
    SuspensionChecked,
    SuspensionRefused,
    SuspensionRequested,
    SuspensionStandsAt,
)
from janetbank.model.contract import Contract
from janetbank.policies.dual_control import ProposalState
from janetbank.policies.lockout import Tally
from janetbank.policies.suspension import PAPERS, TO_EXPLAIN, Cause, Route, SuspensionState
from janetbank.ports.storage import Storage, Transaction
from janetbank.testing.bank import START, bank
from janetbank.testing.storage_conformance import at_once
from janetbank.values.secret import Secret
from janetbank_adapters.storage.memory import MemoryStorage
from janetbank_adapters.storage.sql import connect
from tests.flows.counter_scene import FROM_PASSWORD_BLOCK, HOME, Desk
from tests.flows.scene import contract_of, entries_of, rewrite

CROWD = 8
ROUNDS = 6
PATIENCE = 60.0
"""Seconds: what is looked at is who wins, not how long a crowd waits on a slow machine."""


@pytest.fixture(params=["memory", "sqlite", pytest.param("postgres", marks=pytest.mark.loopback)])
def storage(request: pytest.FixtureRequest) -> Iterator[Storage]:
    """Each of the three stores, empty."""
    if request.param == "memory":
        yield MemoryStorage(patience=PATIENCE)
    else:
        with connect(request.getfixturevalue(f"{request.param}_store"), patience=PATIENCE) as opened:
            yield opened


@pytest.fixture
def desk(storage: Storage) -> Desk:
    """A bank over that store."""
    return Desk.open(bank(storage=storage), "kudo", "tanaka", "tanaka-2", "sato", "suzuki", "mori")


def block(desk: Desk) -> None:
    """Block the customer's password, anew each time."""
    blocked = Tally(blocked_since=START, lockouts=3)
    rewrite(desk.there, desk.taro, lambda contract: evolve(contract, password_tally=blocked))


def raced(acts: Sequence[Callable[[], object]]) -> Tallied[type]:
    """How often those who act all at once are told what."""
    return Tallied(type(told) for told in at_once(acts))


def sessions(desk: Desk, *names: str, each: int = 1) -> list[Secret]:
    """Sessions of some of the staff, one beside the other."""
    found = list[Secret]()
    for name in names:
        for _ in range(each):
            signed_in = desk.there.net.operators.sign_in(HOME, name, Secret("chosen#alone#27"))
            assert isinstance(signed_in, SignedIn)
            found.append(signed_in.session)
    return found


def moves(desk: Desk, case: str) -> list[object]:
    """The states that a case has come to, as the contract's chain has them."""
    return [entry.data["state"] for entry in entries_of(desk.there, desk.taro) if entry.data.get("case") == case]


@pytest.mark.requirement("OPS-08", "SUS-10")
def test_of_many_checkers_one_approves(desk: Desk) -> None:
    """It is done once, all others are told that it is, and it stands in the chain once."""
    block(desk)
    case = desk.proposed(FROM_PASSWORD_BLOCK)
    checkers = sessions(desk, "sato", "suzuki", each=CROWD // 2)
    assert raced([partial(desk.there.net.release.approve, one, case) for one in checkers]) == {
        Done: 1,
        ProposalClosed: CROWD - 1,
    }
    assert moves(desk, case) == ["open", "approved"]
    assert isinstance(verify(desk.there.net.platform), Intact)


@pytest.mark.requirement("OPS-08", "SUS-10")
def test_of_all_decisions_one_is_made(desk: Desk) -> None:
    """Two checkers, one of them against it, the maker taking it back, and the maker in disguise, all at once."""
    release = desk.there.net.release
    sato, suzuki, tanaka, disguised = sessions(desk, "sato", "suzuki", "tanaka", "tanaka-2")
    for _ in range(ROUNDS):
        block(desk)
        case = desk.proposed(FROM_PASSWORD_BLOCK)
        told = raced(
            [
                partial(release.approve, sato, case),
                partial(release.reject, suzuki, case, "印影相違"),
                partial(release.withdraw, tanaka, case),
                partial(release.approve, disguised, case),
            ]
        )
        decisions = {Done: "approved", ProposalRejected: "rejected", ProposalWithdrawn: "withdrawn"}
        made = [state for kind, state in decisions.items() if told[kind]]
        assert sum(told[kind] for kind in decisions) == len(made) == 1
        assert told[ProposalClosed] + told[OwnCase] == 3
        assert moves(desk, case) == ["open", *made]
        blocked = contract_of(desk.there, desk.taro).password_tally.blocked_since
        assert (blocked is None) == (made == ["approved"])


def test_what_changes_meanwhile_is_approved_before_or_not_at_all(desk: Desk) -> None:
    """The customer resets his password while somebody approves: whoever is first, nothing is decided on what was."""
    release = desk.there.net.release
    (sato,) = sessions(desk, "sato")
    for _ in range(ROUNDS):
        block(desk)
        case = desk.proposed(FROM_PASSWORD_BLOCK)

        def reset(tx: Transaction) -> None:
            contract = tx.contracts.by_id(HOME, desk.taro.contract)
            assert isinstance(contract, Contract)
            tx.contracts.put(evolve(contract, password_tally=Tally(), must_change_password=False))

        approved, _ = at_once([partial(release.approve, sato, case), partial(desk.there.net.platform.transact, reset)])
        contract = contract_of(desk.there, desk.taro)
        assert contract.password_tally == Tally()
        # Who resets last has chosen his password himself; what were approved after a reset would have undone that.
        assert not contract.must_change_password
        if isinstance(approved, ProposalStale):
            assert moves(desk, case) == ["open", "stale"]
        else:
            assert approved == Done(case)
            assert moves(desk, case) == ["open", "approved"]


def test_of_many_makers_one_proposes(desk: Desk) -> None:
    """All others are told of his case."""
    block(desk)
    makers = sessions(desk, "tanaka", each=CROWD)
    propose = desk.there.net.release.propose
    told = at_once([partial(propose, one, desk.account, FROM_PASSWORD_BLOCK) for one in makers])
    (proposed,) = [one for one in told if isinstance(one, Proposed)]
    assert told.count(AlreadyProposed(proposed.case)) == CROWD - 1


@pytest.mark.requirement("SUS-08")
def test_of_many_requests_one_is_taken(desk: Desk) -> None:
    """At the counter and on the telephone at once."""
    takers = [
        *[(one, Route.COUNTER) for one in sessions(desk, "kudo", each=CROWD // 2)],
        *[(one, Route.HELP_DESK) for one in sessions(desk, "mori", each=CROWD // 2)],
    ]
    acts = [
        partial(
            desk.there.net.suspend.request,
            session,
            route=route,
            heard=desk.heard(),
            cause=Cause.LOST_DEVICE,
            paper=PAPERS[route],
            explained=TO_EXPLAIN[route],
        )
        for session, route in takers
    ]
    assert raced(acts) == {SuspensionRequested: 1, AlreadySuspended: CROWD - 1}


@pytest.mark.requirement("SUS-08", "SUS-11")
def test_a_stop_is_entered_or_refused(desk: Desk) -> None:
    """Whoever is first; the customer is suspended just if it was entered."""
    tanaka, mori = sessions(desk, "tanaka", "mori")
    suspend = desk.there.net.suspend
    for _ in range(ROUNDS):
        case = desk.requested()
        told = raced([partial(suspend.enter, tanaka, case), partial(suspend.refuse, mori, case, "no subscriber")])
        assert told[ContractSuspended] + told[SuspensionRefused] == told[SuspensionStandsAt] == 1
        entered = bool(told[ContractSuspended])
        assert (contract_of(desk.there, desk.taro).suspended_since is not None) == entered
        if entered:
            break
        assert desk.case(case).state is SuspensionState.REJECTED


@pytest.mark.requirement("SUS-10")
def test_of_many_checkers_one_checks_a_stop(desk: Desk) -> None:
    """All others are told where it stands; so is the help desk, which entered it."""
    case = desk.suspended()
    checkers = sessions(desk, "sato", "suzuki", each=CROWD // 2)
    told = raced([partial(desk.there.net.suspend.check, one, case) for one in checkers])
    assert told == {SuspensionChecked: 1, SuspensionStandsAt: CROWD - 1}
    assert desk.case(case).state is SuspensionState.FORMAL_PENDING
    assert moves(desk, case) == ["requested", "stop_entered", "formal_pending"]


def test_whatever_is_told_is_true_afterwards(desk: Desk) -> None:
    """Who is told that a proposal is closed is told how."""
    block(desk)
    case = desk.proposed(FROM_PASSWORD_BLOCK)
    sato, suzuki = sessions(desk, "sato", "suzuki")
    release = desk.there.net.release
    acts: list[Callable[[], object]] = [
        partial(release.approve, sato, case),
        partial(release.reject, suzuki, case, "印影相違"),
    ]
    told = at_once(acts)
    state = desk.case(case).state
    assert isinstance(state, ProposalState)
    assert told.count(ProposalClosed(state)) == 1
