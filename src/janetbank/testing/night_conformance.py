"""Night conformance: what every storage adapter must do for the night batch.

A part of the storage port's suite of its own: inherit it beside `StorageConformance`, and override the fixture
`storage` in the same way.

Errors: AssertionError where an adapter breaks a law.
Source: janetbank.ports.storage.Contracts.due and live, Acceptances, Fees, BatchRuns; ENR-17, ACC-05, FEE-04.
"""

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date, timedelta

import pytest
from attrs import evolve
from hypothesis import HealthCheck, given, settings

from janetbank.model.acceptance import Acceptance, AcceptanceKind
from janetbank.model.audit import Entry
from janetbank.model.batch import BatchRun, BatchStep, Done
from janetbank.model.contract import Contract
from janetbank.model.events import LoggedOut
from janetbank.model.fee import Accrued, Charge, ChargeKind, Exemption, FeeTerms
from janetbank.policies.accounts import AccountState, LinkedAccount
from janetbank.policies.contract_life import ContractStatus
from janetbank.ports.storage import Conflict, ReportKey, Storage, Transaction
from janetbank.testing import strategies
from janetbank.testing.storage_conformance import HERE, NOW, THERE, a_contract, a_decoy, add, once
from janetbank.values.account import Account
from janetbank.values.identifiers import ContractId, InstitutionId
from janetbank.values.money import Yen
from janetbank.values.month import Month
from janetbank.values.person import KanaName, KanjiName

_DAY = timedelta(days=1)
TUESDAY = date(2026, 11, 24)
NOVEMBER = Month(2026, 11)
_MINE, _OTHER = Account.parse("001", "ordinary", "1"), Account.parse("002", "savings", "2")
_AFTER_ALL = date(2199, 12, 31)


def an_acceptance(
    contract: str = "c",
    seq: int = 1,
    *,
    on: date = TUESDAY,
    branch: str = "001",
    institution: InstitutionId = HERE,
) -> Acceptance:
    """An application that is reported on a day to a branch."""
    account = Account.parse(branch, "ordinary", "1")
    return Acceptance(
        institution=institution,
        contract=ContractId(contract),
        seq=seq,
        kind=AcceptanceKind.APPLICATION,
        report_on=on,
        accepted_at=NOW,
        effective_on=on,
        kana=KanaName("ノウキョウタロウ"),
        kanji=KanjiName("農中太郎"),
        representative=account,
        account=account,
        unusable=None,
    )


def a_charge(
    contract: str = "c",
    reference: str = "r",
    *,
    kind: ChargeKind = ChargeKind.ACCRUED,
    month: Month = NOVEMBER,
    account: Account = _MINE,
    yen: int = 220,
    institution: InstitutionId = HERE,
) -> Charge:
    """A transfer's fee."""
    on = None if kind is ChargeKind.ACCRUED else TUESDAY
    return Charge(
        institution=institution,
        contract=ContractId(contract),
        kind=kind,
        reference=reference,
        month=month,
        account=account,
        amount=Yen(yen),
        on=on,
    )


def terms_of(contract: str, *, institution: InstitutionId = HERE) -> FeeTerms:
    """Terms with an exemption."""
    return FeeTerms(institution=institution, contract=ContractId(contract), exemptions=(Exemption(NOVEMBER, TUESDAY),))


def a_run(day: date = TUESDAY) -> BatchRun:
    """A run that has just begun."""
    return BatchRun(day=day, previous=day - _DAY, begun_at=NOW)


def _due(name: str, day: date, *, institution: InstitutionId = HERE) -> Contract:
    return evolve(a_contract(name, institution=institution), status=ContractStatus.APPLIED, effective_on=day)


def _names(contracts: Sequence[Contract]) -> list[str]:
    return [one.id.text for one in contracts]


@contextmanager
def _for_nothing(storage: Storage) -> Generator[Transaction]:
    """A transaction that comes to nothing, so that one store serves all examples of a property."""
    with suppress(_MadeUpError), storage.transaction() as tx:
        yield tx
        raise _MadeUpError


class _MadeUpError(Exception):
    """Something that has nothing to do with storage."""


_property = settings(
    deadline=None,  # a store takes the time it takes
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.differing_executors,
        HealthCheck.too_slow,
    ],
)


class NightConformance:
    """The laws of what the night batch reads and writes."""

    @pytest.fixture
    def storage(self) -> Iterator[Storage]:
        """An empty store; override this."""
        raise NotImplementedError

    # --- contracts that are due ---------------------------------------------------------------------------------------

    def test_what_is_due_is_found_by_its_day(self, storage: Storage) -> None:
        """Applications, cancellations and accounts, each from its own day on; the first of several days counts."""
        pending = LinkedAccount.added(_OTHER, TUESDAY)
        add(
            storage,
            _due("applied", TUESDAY),
            _due("later", TUESDAY + _DAY),
            a_contract("at-rest"),
            evolve(a_contract("leaving"), status=ContractStatus.LEAVING, ends_on=TUESDAY),
            evolve(a_contract("left"), status=ContractStatus.CANCELLED, ends_on=TUESDAY),
            evolve(a_contract("linked"), accounts=(LinkedAccount(_MINE, AccountState.ACTIVE, None), pending)),
            evolve(_due("both", TUESDAY + _DAY), accounts=(pending,)),
            a_decoy(),
        )
        with storage.transaction() as tx:
            assert _names(tx.contracts.due(TUESDAY - _DAY, None, 9)) == []
            assert _names(tx.contracts.due(TUESDAY, None, 9)) == ["applied", "both", "leaving", "linked"]
            assert _names(tx.contracts.due(TUESDAY + _DAY, None, 9)) == [
                "applied",
                "both",
                "later",
                "leaving",
                "linked",
            ]
            assert [tx.contracts.count_due(TUESDAY + ahead * _DAY) for ahead in (-1, 0, 1)] == [0, 4, 5]

    def test_what_was_reflected_is_due_no_more(self, storage: Storage) -> None:
        """In the transaction that writes it already, and afterwards."""
        add(storage, _due("a", TUESDAY), _due("b", TUESDAY))
        with storage.transaction() as tx:
            first, second = tx.contracts.due(TUESDAY, None, 9)
            tx.contracts.put(evolve(first, status=ContractStatus.ACTIVE))
            assert _names(tx.contracts.due(TUESDAY, None, 9)) == ["b"]
            assert [tx.contracts.count_due(TUESDAY)] == [1]
        with storage.transaction() as tx:
            assert tx.contracts.due(TUESDAY, None, 9) == [second]
            tx.contracts.put(evolve(second, effective_on=TUESDAY + _DAY))
        with storage.transaction() as tx:
            assert _names(tx.contracts.due(TUESDAY, None, 9)) == []
            assert _names(tx.contracts.due(TUESDAY + _DAY, None, 9)) == ["b"]

    def test_pages_come_in_the_order_of_the_keys(self, storage: Storage) -> None:
        """By institution, then by contract, code point by code point; page after page nobody is missed or met twice."""
        here, there = ["-", "0", "9", "a", "a-", "a0", "b", "z"], ["0", "a"]
        add(storage, *[_due(name, TUESDAY) for name in reversed(here)])
        # A contract's id is given once, whichever institution it is at.
        add(storage, *[_due(f"there-{name}", TUESDAY, institution=THERE) for name in there])
        expected = here + [f"there-{name}" for name in there]
        for size in (1, 2, 3, 7, 10, 11):
            for page in ("due", "live"):
                found: list[str] = []
                after = None
                with storage.transaction() as tx:
                    while part := (
                        tx.contracts.due(TUESDAY, after, size) if page == "due" else tx.contracts.live(after, size)
                    ):
                        assert len(part) <= size
                        found += _names(part)
                        after = part[-1].institution, part[-1].id
                assert found == expected

    def test_the_living_are_neither_tombstones_nor_decoys(self, storage: Storage) -> None:
        """Whoever has applied, is active or leaving, is counted and found."""
        for status in ContractStatus:
            add(
                storage,
                a_decoy() if status is ContractStatus.DECOY else evolve(a_contract(status.value), status=status),
            )
        with storage.transaction() as tx:
            assert _names(tx.contracts.live(None, 9)) == ["active", "applied", "leaving"]
            assert [tx.contracts.count_live()] == [3]

    def test_a_page_that_is_contended_waits_for_nobody_else(self, storage: Storage) -> None:
        """Read in a contended transaction a page is what it is, and can be written over."""
        add(storage, _due("a", TUESDAY), _due("b", TUESDAY))
        with storage.transaction(contended=True) as tx:
            for contract in tx.contracts.due(TUESDAY, None, 9):
                tx.contracts.put(evolve(contract, status=ContractStatus.ACTIVE))
        with storage.transaction() as tx:
            assert [tx.contracts.count_due(TUESDAY)] == [0]

    def test_a_page_of_which_one_was_written_over_is_not_kept(self, storage: Storage) -> None:
        """Of many contracts written over in one transaction all are, or none."""
        add(storage, *[_due(f"c{number}", TUESDAY) for number in range(20)])

        def race() -> None:
            with storage.transaction() as tx:
                page = tx.contracts.due(TUESDAY, None, 50)
                with storage.transaction() as other:
                    (one,) = [one for one in other.contracts.due(TUESDAY, None, 50) if one.id.text == "c7"]
                    other.contracts.put(one.end_sessions())
                entries: list[Entry] = []
                for contract in page:
                    changed, more = evolve(contract, status=ContractStatus.ACTIVE).recorded(NOW, LoggedOut())
                    tx.contracts.put(changed)
                    entries += more
                tx.audit.append(entries)

        with pytest.raises(Conflict):
            race()
        with storage.transaction() as tx:
            assert [tx.contracts.count_due(TUESDAY)] == [20]
            assert list(tx.audit.heads()) == []

    @settings(_property, max_examples=20)
    @given(strategies.contracts(), strategies.contracts())
    def test_every_field_of_many_at_once_comes_back(self, storage: Storage, one: Contract, other: Contract) -> None:
        """Whatever many contracts hold that are kept together, and written over together, each of them holds."""

        def named(name: str, version: int) -> list[Contract]:
            """Twelve of them, with names of their own and nothing that only one of them may bear."""
            return [
                evolve(
                    (one, other)[number % 2],
                    institution=HERE,
                    id=ContractId(f"{name}{number}"),
                    login_id=None,
                    account=None,
                    decoy_key=f"{name}{number}" if (one, other)[number % 2].status is ContractStatus.DECOY else None,
                    version=version,
                )
                for number in range(12)
            ]

        with storage.transaction() as tx:
            if tx.contracts.by_id(HERE, ContractId("kept0")) is None:
                for number in range(12):
                    tx.contracts.add(a_contract(f"kept{number}"))
        with _for_nothing(storage) as tx:
            for contract in named("new", 0):
                tx.contracts.add(contract)
            for contract in named("kept", 1):
                tx.contracts.put(contract)
            for contract in (*named("new", 1), *named("kept", 2)):
                assert tx.contracts.by_id(HERE, contract.id) == contract

    # --- acceptances --------------------------------------------------------------------------------------------------

    def test_acceptances_are_found_by_their_report(self, storage: Storage) -> None:
        """Reports come in the order of day, institution and branch, what they hold in that of its acceptance."""
        early = evolve(an_acceptance("z", 5), accepted_at=NOW - _DAY)
        kept = [
            an_acceptance("b", 2),
            an_acceptance("b", 11),
            an_acceptance("a", 3),
            an_acceptance("x", branch="002"),
            an_acceptance("t", institution=THERE, branch="000"),
            an_acceptance("y", on=TUESDAY + _DAY),
        ]
        with storage.transaction() as tx:
            for one in (*kept, early):
                tx.acceptances.add(one)
        today = [
            ReportKey(TUESDAY, "5441", "001"),
            ReportKey(TUESDAY, "5441", "002"),
            ReportKey(TUESDAY, "5448", "000"),
        ]
        tomorrow = ReportKey(TUESDAY + _DAY, "5441", "001")
        with storage.transaction() as tx:
            assert tx.acceptances.reports(TUESDAY - _DAY, TUESDAY) == today
            assert tx.acceptances.reports(TUESDAY, TUESDAY + _DAY) == [tomorrow]
            assert tx.acceptances.reports(TUESDAY - _DAY, TUESDAY + _DAY) == [*today, tomorrow]
            assert list(tx.acceptances.reports(TUESDAY, TUESDAY)) == []
            assert [tx.acceptances.count(TUESDAY - _DAY, TUESDAY)] == [6]
            assert [tx.acceptances.count(TUESDAY, TUESDAY + _DAY)] == [1]
            whole = tx.acceptances.page(today[0], None, 9)
            assert whole == [early, kept[2], kept[0], kept[1]]
            for behind in range(4):
                assert list(tx.acceptances.page(today[0], whole[behind], 2)) == whole[behind + 1 : behind + 3]
            assert tx.acceptances.page(today[0], None, 2) == whole[:2]
            assert list(tx.acceptances.page(ReportKey(TUESDAY, "5441", "003"), None, 9)) == []

    def test_an_acceptance_is_kept_once(self, storage: Storage) -> None:
        """A contract has one of each number, whatever day it is reported on; another institution's is another."""
        with storage.transaction() as tx:
            tx.acceptances.add(an_acceptance())
            tx.acceptances.add(an_acceptance(institution=THERE))
        for again in (an_acceptance(), an_acceptance(on=TUESDAY + _DAY), an_acceptance(branch="002")):
            with pytest.raises(Conflict), storage.transaction() as tx:
                tx.acceptances.add(again)

    def test_old_acceptances_are_swept(self, storage: Storage) -> None:
        """What belongs to an earlier day's report is forgotten, and that day's own is not."""
        with storage.transaction() as tx:
            for ahead in (-1, 0, 1):
                tx.acceptances.add(an_acceptance(f"c{ahead}", on=TUESDAY + ahead * _DAY))
        with storage.transaction() as tx:
            assert [tx.acceptances.sweep(TUESDAY)] == [1]
        with storage.transaction() as tx:
            assert [tx.acceptances.count(date(1970, 1, 1), _AFTER_ALL)] == [2]
            assert [tx.acceptances.sweep(TUESDAY)] == [0]

    # --- fees ---------------------------------------------------------------------------------------------------------

    def test_charges_are_a_contracts_own(self, storage: Storage) -> None:
        """They come in the order of month, kind and reference, and are kept once."""
        december = NOVEMBER.following
        mine = [
            a_charge(reference="b", month=december),
            a_charge(reference="b", kind=ChargeKind.MONTHLY),
            a_charge(reference="a", kind=ChargeKind.MONTHLY),
            a_charge(reference="z"),
        ]
        with storage.transaction() as tx:
            tx.fees.charge(mine)
            tx.fees.charge([a_charge("other"), a_charge(institution=THERE)])
            tx.fees.charge([])
        with storage.transaction() as tx:
            assert tx.fees.charges_of(HERE, ContractId("c")) == [mine[3], mine[2], mine[1], mine[0]]
            assert tx.fees.charges_of(HERE, ContractId("other")) == [a_charge("other")]
            assert list(tx.fees.charges_of(HERE, ContractId("nobody"))) == []
        with pytest.raises(Conflict), storage.transaction() as tx:
            tx.fees.charge([a_charge(reference="new"), a_charge(reference="z", yen=1)])
        with storage.transaction() as tx:
            assert [len(tx.fees.charges_of(HERE, ContractId("c")))] == [4]

    def test_what_a_day_collects_is_found(self, storage: Storage) -> None:
        """Whosever it is, in the order of institution, contract, kind and reference, page after page; no other day's.

        What accrues is collected on no day.
        """
        kept = [
            a_charge("a", "2", kind=ChargeKind.DEFERRED),
            a_charge("a", "1", kind=ChargeKind.MONTHLY),
            a_charge("a", "1", kind=ChargeKind.TRANSFER, account=_OTHER),
            a_charge("a", "11", kind=ChargeKind.TRANSFER, month=NOVEMBER.following),
            a_charge("a-", "1", kind=ChargeKind.TRANSFER),
            a_charge("b", "0", kind=ChargeKind.MONTHLY),
            a_charge("a", "0", kind=ChargeKind.MONTHLY, institution=THERE),
        ]
        others = [evolve(kept[0], reference=f"{ahead}", on=TUESDAY + ahead * _DAY) for ahead in (-1, 1)]
        with storage.transaction() as tx:
            tx.fees.charge([*others, *reversed(kept), a_charge("a", "1")])
        with storage.transaction() as tx:
            assert tx.fees.collected_on(TUESDAY, None, 9) == kept
            assert tx.fees.collected_on(TUESDAY, None, 2) == kept[:2]
            for behind in range(7):
                assert list(tx.fees.collected_on(TUESDAY, kept[behind], 2)) == kept[behind + 1 : behind + 3]
            assert list(tx.fees.collected_on(TUESDAY + 2 * _DAY, None, 9)) == []

    def test_what_accrued_is_summed(self, storage: Storage) -> None:
        """For each contract and account what accrued in the month, in order, page after page; nothing else counts."""
        with storage.transaction() as tx:
            tx.fees.charge(
                [
                    a_charge("b", "1", yen=3_000_000_000_000),
                    a_charge("b", "2", yen=4_000_000_000_000),
                    a_charge("b", "3", account=_OTHER, yen=7),
                    a_charge("a", "4", yen=5),
                    a_charge("t", "5", institution=THERE, yen=2),
                    a_charge("a", "6", month=NOVEMBER.following),
                    a_charge("a", "7", kind=ChargeKind.TRANSFER),
                    a_charge("a", "8", kind=ChargeKind.DEFERRED),
                ]
            )

        def sums(institution: InstitutionId, contract: str, account: Account, yen: int) -> Accrued:
            return Accrued(institution=institution, contract=ContractId(contract), account=account, amount=Yen(yen))

        expected = [
            sums(HERE, "a", _MINE, 5),
            sums(HERE, "b", _MINE, 7_000_000_000_000),
            sums(HERE, "b", _OTHER, 7),
            sums(THERE, "t", _MINE, 2),
        ]
        with storage.transaction() as tx:
            assert tx.fees.accrued(NOVEMBER, None, 9) == expected
            for behind in range(4):
                last = expected[behind]
                key = last.institution, last.contract, last.account
                assert list(tx.fees.accrued(NOVEMBER, key, 2)) == expected[behind + 1 : behind + 3]
            assert list(tx.fees.accrued(Month(2026, 10), None, 9)) == []

    def test_terms_are_found_between_keys(self, storage: Storage) -> None:
        """Those behind one key, up to another one and with it, in their order; most contracts have none."""
        with storage.transaction() as tx:
            for name in ("c", "a", "b", "a-"):
                tx.fees.add_terms(terms_of(name))
            tx.fees.add_terms(terms_of("a", institution=THERE))
        kept = [evolve(terms_of(name), version=1) for name in ("a", "a-", "b", "c")]
        with storage.transaction() as tx:
            assert tx.fees.terms_of(HERE, ContractId("a-")) == kept[1]
            assert tx.fees.terms_of(HERE, ContractId("d")) is None
            assert tx.fees.terms_between(None, (HERE, ContractId("b"))) == kept[:3]
            assert tx.fees.terms_between((HERE, ContractId("a")), (HERE, ContractId("bb"))) == kept[1:3]
            assert list(tx.fees.terms_between((HERE, ContractId("c")), (HERE, ContractId("z")))) == []
            assert [len(tx.fees.terms_between(None, (THERE, ContractId("z"))))] == [5]

    # --- runs ---------------------------------------------------------------------------------------------------------

    def test_the_latest_run_is_that_of_the_latest_day(self, storage: Storage) -> None:
        """In whatever order they were made; each is found by its day."""
        with storage.transaction() as tx:
            assert tx.batch_runs.latest() is tx.batch_runs.by_day(TUESDAY) is None
        for day in (TUESDAY, TUESDAY + _DAY, TUESDAY - _DAY):
            with storage.transaction() as tx:
                tx.batch_runs.add(a_run(day))
        with storage.transaction() as tx:
            assert tx.batch_runs.latest() == evolve(a_run(TUESDAY + _DAY), version=1)
            assert tx.batch_runs.by_day(TUESDAY) == evolve(a_run(), version=1)

    def test_a_run_knows_its_head(self, storage: Storage) -> None:
        """The chain of a run has its owner, as that of a contract has."""
        run, entries = a_run().recorded(NOW, LoggedOut())
        with storage.transaction() as tx:
            tx.batch_runs.add(run)
            tx.audit.append(entries)
        with storage.transaction() as tx:
            assert list(tx.audit.owned_heads()) == list(tx.audit.heads()) == [("batch:2026-11-24", run.chain)]

    # --- every field --------------------------------------------------------------------------------------------------

    @_property
    @given(strategies.acceptances)
    def test_every_field_of_an_acceptance_comes_back(self, storage: Storage, acceptance: Acceptance) -> None:
        """Whatever an acceptance can hold, it holds when it is read back."""
        report = ReportKey(acceptance.report_on, acceptance.institution.code, acceptance.branch)
        with _for_nothing(storage) as tx:
            tx.acceptances.add(acceptance)
            assert tx.acceptances.page(report, None, 1) == [acceptance]

    @_property
    @given(strategies.charges)
    def test_every_field_of_a_charge_comes_back(self, storage: Storage, charge: Charge) -> None:
        """Whatever a charge can hold, it holds when it is read back."""
        with _for_nothing(storage) as tx:
            tx.fees.charge([charge])
            assert tx.fees.charges_of(charge.institution, charge.contract) == [charge]

    @_property
    @given(strategies.fee_terms)
    def test_every_field_of_terms_comes_back(self, storage: Storage, terms: FeeTerms) -> None:
        """Whatever terms can hold, they hold when they are read back, new or written over."""
        with _for_nothing(storage) as tx:
            tx.fees.add_terms(terms)
            assert tx.fees.terms_of(terms.institution, terms.contract) == evolve(terms, version=1)

    @_property
    @given(strategies.batch_runs)
    def test_every_field_of_a_run_comes_back(self, storage: Storage, run: BatchRun) -> None:
        """Whatever a run can hold, it holds when it is read back."""
        with _for_nothing(storage) as tx:
            tx.batch_runs.add(run)
            assert tx.batch_runs.by_day(run.day) == evolve(run, version=1)

    def test_a_run_that_is_written_over_is_what_was_written(self, storage: Storage) -> None:
        """Step, cursor and what is done move; the day stays."""
        once(storage, lambda tx: tx.batch_runs.add(a_run()))
        moved = evolve(a_run(), step=BatchStep.REFLECT, cursor=("5441", "c"), done=Done(activated=7), version=1)
        once(storage, lambda tx: tx.batch_runs.put(moved))
        assert once(storage, lambda tx: tx.batch_runs.latest()) == evolve(moved, version=2)

    def test_terms_that_are_written_over_are_what_was_written(self, storage: Storage) -> None:
        """An exemption more is there afterwards."""
        once(storage, lambda tx: tx.fees.add_terms(terms_of("c")))
        more = evolve(terms_of("c"), version=1).exempted(NOVEMBER.following, TUESDAY)
        once(storage, lambda tx: tx.fees.put_terms(more))
        assert once(storage, lambda tx: tx.fees.terms_of(HERE, ContractId("c"))) == evolve(more, version=2)
