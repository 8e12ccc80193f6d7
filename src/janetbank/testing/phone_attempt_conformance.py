"""Phone attempt conformance: what every storage adapter must do with attempts at phone authentication.

A part of the storage port's suite of its own, since its laws are about routes and races: inherit it beside
`StorageConformance`, and override the fixture `storage` in the same way.

Errors: AssertionError where an adapter breaks a law.
Source: janetbank.ports.storage.PhoneAttempts; TEL-10, AMB-3; docs/decisions/0002.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import count

import pytest
from attrs import evolve

from janetbank.model.phone_attempt import PhoneAttempt
from janetbank.policies.phone_auth import Phase
from janetbank.ports.storage import Conflict, Storage, Transaction
from janetbank.testing.storage_conformance import HERE, NOW, THERE, a_phone_attempt, at_once, do, once
from janetbank.values.identifiers import ContractId
from janetbank.values.phone import PhoneNumber

_MICROSECOND = timedelta(microseconds=1)
_FIRST = a_phone_attempt("first")
_END = _FIRST.window_end
_ROUTE = _FIRST.route
_TARO = _ROUTE.caller
_CROWD = 8
_ROUNDS = 5


def _calling(attempt: PhoneAttempt, call: str) -> PhoneAttempt:
    return evolve(attempt, progress=evolve(attempt.progress, call=call))


def _ids(attempts: Sequence[PhoneAttempt]) -> list[str]:
    return sorted(attempt.id for attempt in attempts)


def _add(storage: Storage, *attempts: PhoneAttempt) -> None:
    """Keep each in a transaction of its own."""
    for attempt in attempts:
        once(storage, partial(_added, attempt))


def _added(attempt: PhoneAttempt, tx: Transaction) -> None:
    tx.phone_attempts.add(attempt)


class PhoneAttemptConformance:
    """The laws of `janetbank.ports.storage.PhoneAttempts`."""

    @pytest.fixture
    def storage(self) -> Iterator[Storage]:
        """An empty store; override this."""
        raise NotImplementedError

    def test_an_attempt_is_found_by_all_that_names_it(self, storage: Storage) -> None:
        """By id, by route, by its call, among its caller's, and as the latest of its contract; before, by none."""
        attempt = _calling(_FIRST, "call")
        with storage.transaction() as tx:
            room = tx.phone_attempts
            assert room.by_id("first") is room.by_route(_ROUTE) is room.by_call("call") is None
            assert room.latest_of(HERE, attempt.contract) is None
            assert not room.of_caller(_TARO)
        _add(storage, attempt)
        kept = evolve(attempt, version=1)
        with storage.transaction() as tx:
            room = tx.phone_attempts
            assert room.by_id("first") == room.by_route(_ROUTE) == room.by_call("call") == kept
            assert room.latest_of(HERE, attempt.contract) == kept
            assert list(room.of_caller(_TARO)) == [kept]

    def test_what_is_not_its_name_finds_nothing(self, storage: Storage) -> None:
        """Neither half of a route, nor the other way round, nor another institution's contract of the same name."""
        _add(storage, _FIRST)
        other = a_phone_attempt(caller="026-234-5678", destination="0120-417-002").route
        with storage.transaction() as tx:
            room = tx.phone_attempts
            assert room.by_route(evolve(_ROUTE, caller=other.caller)) is None
            assert room.by_route(evolve(_ROUTE, destination=other.destination)) is None
            assert room.by_route(evolve(_ROUTE, caller=_ROUTE.destination, destination=_TARO)) is None
            assert room.latest_of(THERE, _FIRST.contract) is None
            assert room.latest_of(HERE, ContractId("other")) is None
            assert room.by_call("") is room.by_call("call") is None
            assert not room.of_caller(_ROUTE.destination)

    @pytest.mark.parametrize("phase", Phase)
    @pytest.mark.parametrize("start", [NOW, _END])
    def test_a_route_is_one_attempts_until_the_window_ends(
        self, storage: Storage, phase: Phase, start: datetime
    ) -> None:
        """Whatever has become of it: who was told to dial a number may dial it until then."""
        _add(storage, _FIRST)
        with storage.transaction() as tx:
            found = tx.phone_attempts.by_id("first")
            assert found is not None
            tx.phone_attempts.put(evolve(found, progress=evolve(found.progress, phase=phase)))
        late = evolve(_FIRST, id="late", contract=ContractId("other"))
        late = evolve(late, progress=evolve(late.progress, start=start))
        with pytest.raises(Conflict):
            _add(storage, late)
        with storage.transaction() as tx:
            assert tx.phone_attempts.by_id("late") is None
            found = tx.phone_attempts.by_route(_ROUTE)
            assert found is not None
            assert found.id == "first"

    def test_a_route_is_taken_over_after_the_window(self, storage: Storage) -> None:
        """The newest attempt has it; the one before is found by id alone, and can still be written."""
        _add(storage, _FIRST, a_phone_attempt("second", contract="other", start=_END + _MICROSECOND))
        with storage.transaction() as tx:
            room = tx.phone_attempts
            newest, first = room.by_route(_ROUTE), room.by_id("first")
            assert newest is not None
            assert newest.id == "second"
            assert _ids(room.of_caller(_TARO)) == ["second"]
            assert first is not None
            room.put(_calling(first, "late"))
        with storage.transaction() as tx:
            newest, first = tx.phone_attempts.by_route(_ROUTE), tx.phone_attempts.by_call("late")
            assert newest is not None
            assert newest.id == "second"
            assert first is not None
            assert first.id == "first"

    def test_a_caller_has_an_attempt_on_each_of_his_routes(self, storage: Storage) -> None:
        """And nobody else's."""
        _add(
            storage,
            _FIRST,
            a_phone_attempt("second", contract="other", destination="0120-417-002"),
            a_phone_attempt("not his", contract="third", caller="026-234-5678"),
        )
        with storage.transaction() as tx:
            assert _ids(tx.phone_attempts.of_caller(_TARO)) == ["first", "second"]

    def test_the_latest_is_the_one_with_the_highest_number(self, storage: Storage) -> None:
        """Whatever the instants say."""
        ninth = a_phone_attempt("ninth", number=9, destination="0120-417-002")
        tenth = a_phone_attempt("tenth", number=10, destination="0120-417-003", start=NOW - timedelta(seconds=1))
        _add(storage, ninth, tenth)
        with storage.transaction() as tx:
            latest = tx.phone_attempts.latest_of(HERE, ninth.contract)
        assert latest == evolve(tenth, version=1)

    def test_a_number_is_given_once(self, storage: Storage) -> None:
        """A contract has no two attempts of one number; another contract may."""
        _add(storage, _FIRST, a_phone_attempt("theirs", contract="other", destination="0120-417-002"))
        with pytest.raises(Conflict):
            _add(storage, a_phone_attempt("again", destination="0120-417-003"))
        with storage.transaction() as tx:
            assert tx.phone_attempts.by_id("again") is None

    def test_a_call_is_one_attempts(self, storage: Storage) -> None:
        """The newest call of an attempt finds it, the one before finds nobody, and no call has two attempts."""
        _add(storage, _FIRST, a_phone_attempt("second", contract="other", destination="0120-417-002"))
        for call in ("one", "two", "two"):
            with storage.transaction() as tx:
                found = tx.phone_attempts.by_id("first")
                assert found is not None
                tx.phone_attempts.put(_calling(found, call))
        with storage.transaction() as tx:
            found, second = tx.phone_attempts.by_call("two"), tx.phone_attempts.by_id("second")
            assert found is not None
            assert found.id == "first"
            assert tx.phone_attempts.by_call("one") is None
        assert second is not None
        with pytest.raises(Conflict), storage.transaction() as tx:
            tx.phone_attempts.put(_calling(second, "two"))

    def test_one_may_end_and_the_next_begin_in_one_transaction(self, storage: Storage) -> None:
        """An attempt is written over and its successor added together, or neither."""
        _add(storage, _FIRST)
        with storage.transaction() as tx:
            found = tx.phone_attempts.latest_of(HERE, _FIRST.contract)
            assert found is not None
            tx.phone_attempts.put(evolve(found, progress=evolve(found.progress, phase=Phase.ABORTED)))
            tx.phone_attempts.add(a_phone_attempt("second", number=2, destination="0120-417-002"))
        with storage.transaction() as tx:
            first, latest = tx.phone_attempts.by_id("first"), tx.phone_attempts.latest_of(HERE, _FIRST.contract)
        assert first is not None
        assert first.progress.phase is Phase.ABORTED
        assert latest is not None
        assert latest.id == "second"

    def test_of_those_who_start_on_one_route_at_once_one_does(self, storage: Storage) -> None:
        """On a route that is free, and on one that has just become so."""
        names = count(1)
        start = NOW
        for _ in range(_ROUNDS):
            attempts = [
                a_phone_attempt(f"{next(names)}", contract=f"c-{next(names)}", start=start) for _ in range(_CROWD)
            ]
            told = at_once([partial(once, storage, partial(_added, attempt)) for attempt in attempts])
            assert [one for one in told if one is not None and not isinstance(one, Conflict)] == []
            assert told.count(None) == 1
            with storage.transaction() as tx:
                found = tx.phone_attempts.by_route(_ROUTE)
            assert found is not None
            assert found.id == attempts[told.index(None)].id
            start = found.window_end + _MICROSECOND

    def test_of_a_contracts_attempts_that_start_at_once_one_does(self, storage: Storage) -> None:
        """Each takes the number after the latest; after they have tried until they could, no number is missing."""
        destinations = [PhoneNumber.parse(f"0120-417-{number:03}") for number in range(_CROWD)]

        def start(place: int, tx: Transaction) -> int:
            latest = tx.phone_attempts.latest_of(HERE, _FIRST.contract)
            number = latest.number + 1 if latest else 1
            route = evolve(_ROUTE, destination=destinations[place])
            tx.phone_attempts.add(evolve(_FIRST, id=f"a-{place}", number=number, route=route))
            return number

        told = at_once([partial(do, storage, partial(start, place)) for place in range(_CROWD)])
        assert sorted(number for number in told if isinstance(number, int)) == list(range(1, _CROWD + 1))

    def test_the_old_ones_are_swept(self, storage: Storage) -> None:
        """Those started before are forgotten, under every name; those of the instant itself, and later ones, stay."""
        old = _calling(a_phone_attempt("old", start=NOW - _MICROSECOND), "call")
        new = a_phone_attempt("new", number=2, destination="0120-417-002")
        _add(storage, old, new, a_phone_attempt("newest", number=3, destination="0120-417-003"))
        with storage.transaction() as tx:
            assert tx.phone_attempts.sweep(NOW) == 1
        with storage.transaction() as tx:
            room = tx.phone_attempts
            assert room.by_id("old") is room.by_route(_ROUTE) is room.by_call("call") is None
            assert _ids(room.of_caller(_TARO)) == ["new", "newest"]
            assert room.sweep(NOW) == 0
        _add(storage, a_phone_attempt("again", number=4))

    def test_the_latest_of_each_contract_is_never_swept(self, storage: Storage) -> None:
        """However old it is: it says how often digits were wrong since the last success, and which number is next."""
        last = _calling(a_phone_attempt("last", number=2, start=_END + _MICROSECOND), "call")
        theirs = a_phone_attempt("theirs", contract="other", number=7, destination="0120-417-002")
        elsewhere = evolve(a_phone_attempt("elsewhere", destination="0120-417-003"), institution=THERE)
        _add(storage, _FIRST, last, theirs, elsewhere)
        with storage.transaction() as tx:
            assert tx.phone_attempts.sweep(_END + timedelta(days=1)) == 1
        with storage.transaction() as tx:
            room = tx.phone_attempts
            assert room.by_id("first") is None
            found = [room.latest_of(one.institution, one.contract) for one in (last, theirs, elsewhere)]
            assert [one and one.id for one in found] == ["last", "theirs", "elsewhere"]
            assert room.by_route(_ROUTE) == room.by_call("call") == found[0]
            assert _ids(room.of_caller(_TARO)) == ["elsewhere", "last", "theirs"]

    def test_no_digits_outlive_their_sweep(self, storage: Storage) -> None:
        """An old attempt that stays loses them, and nothing else; one that may be gone on by keeps its own."""
        old = _calling(evolve(a_phone_attempt("old", start=NOW - _MICROSECOND), digits="sealed"), "call")
        none = a_phone_attempt("none", contract="other", start=NOW - _MICROSECOND, destination="0120-417-002")
        new = evolve(a_phone_attempt("new", contract="third", destination="0120-417-003"), digits="sealed")
        _add(storage, old, none, new)
        for _ in range(2):
            with storage.transaction() as tx:
                assert tx.phone_attempts.sweep(NOW) == 0
        with storage.transaction() as tx:
            room = tx.phone_attempts
            assert room.by_id("old") == evolve(old, digits=None, version=2)
            assert room.by_id("none") == evolve(none, version=1)
            assert room.by_id("new") == evolve(new, version=1)

    def test_sweeping_leaves_a_route_with_its_newest(self, storage: Storage) -> None:
        """Forgetting whoever had a route before takes it from nobody."""
        _add(storage, _FIRST, a_phone_attempt("second", number=2, start=_END + _MICROSECOND))
        with storage.transaction() as tx:
            assert tx.phone_attempts.sweep(_END) == 1
        with storage.transaction() as tx:
            found = tx.phone_attempts.by_route(_ROUTE)
            assert found is not None
            assert found == tx.phone_attempts.latest_of(HERE, _FIRST.contract)
            assert _ids(tx.phone_attempts.of_caller(_TARO)) == ["second"]
