"""Token conformance: what every storage adapter must do with software tokens, and with instructions.

A part of the storage port's suite of its own: inherit it beside `StorageConformance`, and override the fixture
`storage` in the same way.

Errors: AssertionError where an adapter breaks a law.
Source: janetbank.ports.storage.Tokens and Instructions; TKN-05, TKN-07, TXA-04; docs/decisions/0002.
"""

from collections.abc import Iterator
from functools import partial
from time import sleep

import pytest
from attrs import evolve

from janetbank.model.instruction import Instruction
from janetbank.model.token import Token
from janetbank.policies.instruction import PENDING, InstructionState
from janetbank.policies.token import TokenState
from janetbank.ports.storage import Conflict, Storage, Transaction
from janetbank.testing.storage_conformance import (
    HERE,
    LATER,
    MICROSECOND,
    NOW,
    THERE,
    a_token,
    an_instruction,
    at_once,
    do,
    once,
)
from janetbank.values.identifiers import ContractId

_CROWD = 8
_BREATH = 0.001
"""Seconds that somebody takes in the middle of a transaction, so that others are in the middle of theirs."""
_C, _OTHER = ContractId("c"), ContractId("other")


def _add_token(token: Token, tx: Transaction) -> None:
    tx.tokens.add(token)


def _add_instruction(instruction: Instruction, tx: Transaction) -> None:
    tx.instructions.add(instruction)


def _keep(storage: Storage, *those: Token | Instruction) -> None:
    """Keep each in a transaction of its own."""
    for one in those:
        add = partial(_add_token, one) if isinstance(one, Token) else partial(_add_instruction, one)
        once(storage, add)


def _waiting(storage: Storage, contract: ContractId = _C) -> list[str]:
    with storage.transaction() as tx:
        return [one.reference for one in tx.instructions.waiting_of(HERE, contract)]


def _unfinished(storage: Storage, after: Token | None = None, *, limit: int = 99) -> list[Token]:
    with storage.transaction() as tx:
        return list(tx.tokens.unfinished(after, limit))


def _named(state: InstructionState) -> str:
    return state.value.replace("_", "-")


class _MadeUpError(Exception):
    """Something that has nothing to do with storage."""


class TokenConformance:
    """The laws of `janetbank.ports.storage.Tokens` and `Instructions`."""

    @pytest.fixture
    def storage(self) -> Iterator[Storage]:
        """An empty store; override this."""
        raise NotImplementedError

    # --- tokens -------------------------------------------------------------------------------------------------------

    def test_a_token_is_found_by_its_ids_and_as_the_latest(self, storage: Storage) -> None:
        """Both ids together, to the letter, and its contract at its own institution; before, there was none."""
        with storage.transaction() as tx:
            assert tx.tokens.by_ids("000", "0000001") is tx.tokens.latest_of(HERE, _C) is None
        _keep(storage, a_token())
        kept = evolve(a_token(), version=1)
        with storage.transaction() as tx:
            assert tx.tokens.by_ids("000", "0000001") == tx.tokens.latest_of(HERE, _C) == kept
            for service_id, user_id in (("0", "0000001"), ("000", "1"), ("0000001", "000"), ("000", ""), ("", "")):
                assert tx.tokens.by_ids(service_id, user_id) is None
            assert tx.tokens.latest_of(THERE, _C) is tx.tokens.latest_of(HERE, _OTHER) is None

    def test_the_latest_token_is_the_one_with_the_highest_number(self, storage: Storage) -> None:
        """In whatever order they came and whatever has become of them; the others are found by their ids."""
        ninth, tenth = a_token(number=9, user_id="9"), a_token(number=10, user_id="10")
        first = a_token(number=1, user_id="1")
        _keep(storage, ninth, evolve(tenth, state=TokenState.CANCELLED), first, a_token(contract="other", number=11))
        with storage.transaction() as tx:
            latest = tx.tokens.latest_of(HERE, _C)
            assert latest == evolve(tenth, state=TokenState.CANCELLED, version=1)
            assert tx.tokens.by_ids("000", "9") == evolve(ninth, version=1)
            assert tx.tokens.by_ids("000", "1") == evolve(first, version=1)

    def test_a_tokens_number_is_given_once(self, storage: Storage) -> None:
        """A contract has no two tokens of one number; another contract may, and another institution's."""
        elsewhere = evolve(a_token(user_id="3"), institution=THERE)
        _keep(storage, a_token(user_id="1"), a_token(contract="other", user_id="2"), elsewhere)
        with pytest.raises(Conflict):
            _keep(storage, a_token(user_id="4"))
        with storage.transaction() as tx:
            assert tx.tokens.by_ids("000", "4") is None
            latest, theirs = tx.tokens.latest_of(HERE, _C), tx.tokens.latest_of(THERE, _C)
        assert latest is not None
        assert latest.user_id == "1"
        assert theirs is not None
        assert theirs.user_id == "3"

    def test_the_ids_are_one_tokens(self, storage: Storage) -> None:
        """Nobody else's token has the same two, not even after that one has ended; one of the two may be the same."""
        _keep(storage, evolve(a_token(), state=TokenState.VOID))
        with pytest.raises(Conflict):
            _keep(storage, a_token(contract="other"))
        with pytest.raises(Conflict):
            _keep(storage, a_token(number=2))
        _keep(storage, evolve(a_token(contract="other"), service_id="001"))
        with storage.transaction() as tx:
            found = tx.tokens.by_ids("000", "0000001")
        assert found is not None
        assert (found.contract, found.number) == (_C, 1)

    def test_other_ids_take_the_place_of_the_former(self, storage: Storage) -> None:
        """A token written over with other ids is found by these alone; the former ones are another one's to have."""
        _keep(storage, a_token())
        with storage.transaction() as tx:
            latest = tx.tokens.latest_of(HERE, _C)
            assert latest is not None
            tx.tokens.put(evolve(latest, user_id="0000002"))
            assert tx.tokens.by_ids("000", "0000001") is None
        kept = evolve(a_token(user_id="0000002"), version=2)
        with storage.transaction() as tx:
            assert tx.tokens.by_ids("000", "0000002") == tx.tokens.latest_of(HERE, _C) == kept
            assert tx.tokens.by_ids("000", "0000001") is None
        _keep(storage, a_token(contract="other"))
        with pytest.raises(Conflict), storage.transaction() as tx:
            tx.tokens.put(evolve(kept, user_id="0000001"))
        with storage.transaction() as tx:
            assert tx.tokens.latest_of(HERE, _C) == kept
            assert tx.tokens.by_ids("000", "0000001") == evolve(a_token(contract="other"), version=1)

    def test_what_was_rolled_back_has_no_name(self, storage: Storage) -> None:
        """What a transaction added or wrote is found by its own reader under every name, and by nobody afterwards."""
        _keep(storage, a_token(), an_instruction("i"))

        def come_to_nothing(tx: Transaction) -> None:
            read, there = tx.tokens.by_ids("000", "0000001"), tx.instructions.by_reference("i")
            assert read is not None
            assert there is not None
            tx.tokens.put(evolve(read, user_id="3"))
            tx.tokens.add(a_token(number=2, user_id="2"))
            tx.instructions.put(evolve(there, state=InstructionState.REFUSED))
            tx.instructions.add(an_instruction("j"))
            assert tx.tokens.latest_of(HERE, _C) == tx.tokens.by_ids("000", "2") is not None
            assert tx.tokens.by_ids("000", "3") == evolve(a_token(user_id="3"), version=2)
            assert [one.reference for one in tx.instructions.waiting_of(HERE, _C)] == ["j"]
            raise _MadeUpError

        with pytest.raises(_MadeUpError):
            once(storage, come_to_nothing)
        with storage.transaction() as tx:
            assert tx.tokens.latest_of(HERE, _C) == tx.tokens.by_ids("000", "0000001") == evolve(a_token(), version=1)
            assert tx.tokens.by_ids("000", "2") is tx.tokens.by_ids("000", "3") is None
            assert tx.instructions.by_reference("j") is None
        assert _waiting(storage) == ["i"]
        _keep(storage, a_token(number=2, user_id="2"), an_instruction("j"))

    def test_the_latest_token_is_put_and_the_next_one_added_together(self, storage: Storage) -> None:
        """An end and a new beginning are one transaction, or nothing."""
        _keep(storage, a_token())

        def replace(user_id: str, tx: Transaction) -> None:
            latest = tx.tokens.latest_of(HERE, _C)
            assert latest is not None
            tx.tokens.put(evolve(latest, state=TokenState.REPLACED))
            tx.tokens.add(a_token(number=2, user_id=user_id))

        with pytest.raises(Conflict):
            once(storage, partial(replace, "0000001"))
        with storage.transaction() as tx:
            assert tx.tokens.latest_of(HERE, _C) == evolve(a_token(), version=1)
        once(storage, partial(replace, "0000002"))
        with storage.transaction() as tx:
            former, latest = tx.tokens.by_ids("000", "0000001"), tx.tokens.latest_of(HERE, _C)
        assert former == evolve(a_token(), state=TokenState.REPLACED, version=2)
        assert latest == evolve(a_token(number=2, user_id="0000002"), version=1)

    def test_of_a_contracts_tokens_that_are_added_at_once_one_is(self, storage: Storage) -> None:
        """Each takes the number after the latest; after they have tried until they could, no number is missing."""

        def apply(place: int, tx: Transaction) -> int:
            latest = tx.tokens.latest_of(HERE, _C)
            number = 1 if latest is None else latest.number + 1
            tx.tokens.add(a_token(number=number, user_id=f"{place}"))
            return number

        told = at_once([partial(do, storage, partial(apply, place)) for place in range(_CROWD)])
        assert sorted(number for number in told if isinstance(number, int)) == list(range(1, _CROWD + 1))

    def test_racing_for_ids_one_gets_them(self, storage: Storage) -> None:
        """Of many contracts whose tokens are given the same ids at once one has them, added or written over."""
        contracts = [f"c{place}" for place in range(_CROWD)]
        _keep(storage, *[a_token(contract=name, user_id=name) for name in contracts[::2]])

        def take(name: str, tx: Transaction) -> None:
            latest = tx.tokens.latest_of(HERE, ContractId(name))
            if latest is None:
                tx.tokens.add(a_token(contract=name))
            else:
                tx.tokens.put(evolve(latest, user_id="0000001"))

        told = at_once([partial(once, storage, partial(take, name)) for name in contracts])
        assert told.count(None) == 1
        assert {type(one) for one in told if one is not None} == {Conflict}
        with storage.transaction() as tx:
            found = tx.tokens.by_ids("000", "0000001")
        assert found is not None
        assert found.contract == ContractId(contracts[told.index(None)])

    def test_every_step_is_taken_once(self, storage: Storage) -> None:
        """Of many who take the next step, trying again as the flows do, each takes one of his own, and none is lost."""
        _keep(storage, a_token())

        def take(tx: Transaction) -> int:
            read = tx.tokens.latest_of(HERE, _C)
            assert read is not None
            step = (read.last_step or 0) + 1
            sleep(_BREATH)
            tx.tokens.put(evolve(read, last_step=step))
            return step

        told = at_once([partial(do, storage, take)] * _CROWD)
        assert sorted(step for step in told if isinstance(step, int)) == list(range(1, _CROWD + 1))
        with storage.transaction() as tx:
            assert tx.tokens.latest_of(HERE, _C) == evolve(a_token(), last_step=_CROWD, version=_CROWD + 1)

    def test_the_unfinished_are_those_that_wait(self, storage: Storage) -> None:
        """For a call or for an app; whoever goes on, or ends, waits no longer, and his own reader sees it at once."""
        assert _unfinished(storage) == []
        for number, state in enumerate(TokenState, start=1):
            _keep(storage, evolve(a_token(number=number, user_id=f"{number}"), state=state))
        waiting = [
            number
            for number, state in enumerate(TokenState, start=1)
            if state in {TokenState.PHONE_PENDING, TokenState.ISSUED}
        ]
        assert [token.number for token in _unfinished(storage)] == waiting
        with storage.transaction() as tx:
            for token in tx.tokens.unfinished(None, 9):
                tx.tokens.put(evolve(token, state=TokenState.VOID))
            assert not tx.tokens.unfinished(None, 9)
        assert _unfinished(storage) == []

    def test_the_unfinished_come_in_pages(self, storage: Storage) -> None:
        """In the order of institution, contract and number, each page behind the last one of the page before."""
        keys = [(THERE, "a", 1), (HERE, "b", 10), (HERE, "b", 9), (HERE, "a", 1), (HERE, "c", 1)]
        for place, (institution, contract, number) in enumerate(keys):
            token = a_token(contract=contract, number=number, user_id=f"{place}")
            _keep(storage, evolve(token, institution=institution))
        seen, last, size = list[Token](), None, 2
        while page := _unfinished(storage, last, limit=size):
            assert len(page) <= size
            seen += page
            last = page[-1]
        told = [(one.institution.code, one.contract.text, one.number) for one in seen]
        assert told == sorted((institution.code, contract, number) for institution, contract, number in keys)
        assert all(one.version == 1 for one in seen)

    # --- instructions -------------------------------------------------------------------------------------------------

    def test_an_instruction_is_found_by_its_reference(self, storage: Storage) -> None:
        """Whosever it is and whatever has become of it, and by nothing else."""
        done = evolve(an_instruction("done"), state=InstructionState.EXECUTED)
        _keep(storage, an_instruction("i"), done)
        with storage.transaction() as tx:
            assert tx.instructions.by_reference("i") == evolve(an_instruction("i"), version=1)
            assert tx.instructions.by_reference("done") == evolve(done, version=1)
            assert tx.instructions.by_reference("") is tx.instructions.by_reference("I") is None

    def test_a_reference_is_given_once(self, storage: Storage) -> None:
        """Whoever comes second meets Conflict, and the first one's stays."""
        _keep(storage, an_instruction("i"))
        with pytest.raises(Conflict):
            _keep(storage, an_instruction("i", contract="other"))
        with storage.transaction() as tx:
            found = tx.instructions.by_reference("i")
            assert not tx.instructions.waiting_of(HERE, _OTHER)
        assert found is not None
        assert found.contract == _C

    def test_racing_for_a_reference_one_gets_it(self, storage: Storage) -> None:
        """Of many who keep an instruction of one reference at once one does, and it waits for its own contract."""
        contracts = [f"c{place}" for place in range(_CROWD)]
        added = [partial(_add_instruction, an_instruction("i", contract=name)) for name in contracts]
        told = at_once([partial(once, storage, add) for add in added])
        assert told.count(None) == 1
        assert {type(one) for one in told if one is not None} == {Conflict}
        winner = contracts[told.index(None)]
        assert [name for name in contracts if _waiting(storage, ContractId(name))] == [winner]

    def test_an_instruction_is_executed_once(self, storage: Storage) -> None:
        """Of many who execute what is authorised, trying again as the flows do, one does, and the others see it."""
        _keep(storage, evolve(an_instruction("i"), state=InstructionState.AUTHORISED))

        def execute(tx: Transaction) -> bool:
            read = tx.instructions.by_reference("i")
            assert read is not None
            sleep(_BREATH)
            if read.state is not InstructionState.AUTHORISED:
                return False
            tx.instructions.put(evolve(read, state=InstructionState.EXECUTED))
            return True

        told = at_once([partial(do, storage, execute)] * _CROWD)
        assert sorted(told, key=bool) == [False] * (_CROWD - 1) + [True]

    def test_the_instructions_of_a_contract_do_not_drive_each_other_out(self, storage: Storage) -> None:
        """Many that are requested for one contract at once are all kept, and all wait."""
        names = [f"i{place}" for place in range(_CROWD)]
        added = [partial(_add_instruction, an_instruction(name)) for name in names]
        assert at_once([partial(do, storage, add) for add in added]) == [None] * _CROWD
        assert _waiting(storage) == names

    def test_the_waiting_come_oldest_first(self, storage: Storage) -> None:
        """By when they were requested, however they were kept, to the microsecond."""
        requested = {"b": LATER, "d": NOW, "a": LATER + MICROSECOND, "c": NOW + MICROSECOND}
        assert _waiting(storage) == []
        _keep(storage, *[an_instruction(name, requested_at=at) for name, at in requested.items()])
        assert _waiting(storage) == ["d", "c", "b", "a"]

    def test_those_of_one_instant_come_by_their_references(self, storage: Storage) -> None:
        """So that two who look see the same; and whoever is written over with another instant has his place by that."""
        _keep(storage, *[an_instruction(name) for name in ("c", "a", "9", "b")])
        assert _waiting(storage) == ["9", "a", "b", "c"]
        with storage.transaction() as tx:
            found = tx.instructions.by_reference("a")
            assert found is not None
            tx.instructions.put(evolve(found, requested_at=LATER))
        assert _waiting(storage) == ["9", "b", "c", "a"]

    def test_only_ones_own_that_wait_are_waiting(self, storage: Storage) -> None:
        """Not another contract's, not another institution's, not what is authorised, executed or refused."""
        over = [evolve(an_instruction(_named(state)), state=state) for state in InstructionState]
        elsewhere = evolve(an_instruction("elsewhere"), institution=THERE)
        _keep(storage, *over, elsewhere, an_instruction("theirs", contract="other"))
        assert _waiting(storage) == [_named(InstructionState.PROOF_AWAITED)]
        assert _waiting(storage, _OTHER) == ["theirs"]

    def test_who_is_served_waits_no_longer(self, storage: Storage) -> None:
        """`put` takes an instruction off those that wait, and on again, as its state says, for its own reader too."""
        _keep(storage, an_instruction("i"), an_instruction("j"))
        for state, waiting in (
            (InstructionState.AUTHORISED, ["j"]),
            (InstructionState.PROOF_AWAITED, ["i", "j"]),
            (InstructionState.REFUSED, ["j"]),
        ):
            with storage.transaction() as tx:
                found = tx.instructions.by_reference("i")
                assert found is not None
                tx.instructions.put(evolve(found, state=state))
                assert [one.reference for one in tx.instructions.waiting_of(HERE, _C)] == waiting
            assert _waiting(storage) == waiting

    @pytest.mark.parametrize("executed", [True, False])
    def test_old_instructions_are_swept(self, storage: Storage, executed: bool) -> None:  # noqa: FBT001 -- a parameter
        """The executed apart from what came to nothing; what was requested at the instant, or later, stays."""
        ages = {"old": NOW - MICROSECOND, "at": NOW, "new": NOW + MICROSECOND}
        every = [
            evolve(an_instruction(f"{_named(state)}-{age}", requested_at=at), state=state)
            for state in InstructionState
            for age, at in ages.items()
        ]
        _keep(storage, *every)
        over = [one for one in every if one.requested_at < NOW and one.state not in PENDING]
        old = [one for one in over if (one.state is InstructionState.EXECUTED) is executed]
        with storage.transaction() as tx:
            assert tx.instructions.sweep(NOW, executed=executed) == len(old)
        gone = {one.reference for one in old}
        with storage.transaction() as tx:
            for one in every:
                reference = one.reference
                assert (tx.instructions.by_reference(reference) is None) == (reference in gone)
            assert tx.instructions.sweep(NOW, executed=executed) == 0
        waiting = {f"{_named(InstructionState.PROOF_AWAITED)}-{age}" for age in ages} - gone
        assert set(_waiting(storage)) == waiting
        _keep(storage, *old)
