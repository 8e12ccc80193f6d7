"""Collecting: what a day brings to collect, from whom, and from when on that is known."""

from datetime import date, datetime

import pytest
from attrs import evolve

from janetbank.flows.collect import PAGE, Collected, TooEarly, collect
from janetbank.flows.fees import charge_transfer
from janetbank.model.batch import BatchRun, BatchStep
from janetbank.model.fee import Charge, ChargeKind, FeeTerms
from janetbank.testing.bank import TestBank, bank
from janetbank.testing.night_conformance import a_charge
from janetbank.testing.storage_conformance import THERE, an_instruction
from janetbank.values.instruction import Transfer
from janetbank.values.money import Yen
from tests.flows.money_scene import authorised, balance, executed, stored
from tests.flows.nights import CURRENT, DAY, FRIDAY, TUESDAY, WEDNESDAY, Nights, charging, morning
from tests.flows.scene import HANAKO, TAKASHI, contract_of
from tests.flows.token_scene import Telephone

FIRST = date(2026, 12, 1)
"""A Tuesday, the first operating day after November."""


def collected(there: TestBank, day: date, size: int = PAGE) -> tuple[object, list[Charge]]:
    """What is told of *day*, and what was drawn."""
    drawn = list[Charge]()
    return collect(there.net.platform, day, drawn.extend, size), drawn


@pytest.mark.requirement("FEE-03")
def test_a_transfers_fee_is_an_entry_beside_its_funds() -> None:
    """即納: the host moved the amount alone; the fee is to be collected on that day, by the account's branch."""
    there = bank(charging(monthly=0))
    taro = there.customer()
    before = balance(there, taro)
    phone = Telephone.of(there, taro)
    reference = authorised(phone)
    executed(phone, reference)
    assert balance(there, taro) == before - 50_000
    day = stored(there, reference).content.date
    assert day == FRIDAY
    Nights(there).come(TUESDAY)
    told, (fee,) = collected(there, day)
    assert told == Collected(day, branches=1, charges=1, yen=220)
    assert (fee.kind, fee.reference, fee.amount, fee.on) == (ChargeKind.TRANSFER, reference, Yen(220), day)
    assert (fee.account, fee.collected_by) == (taro.person.account, taro.person.account.branch)


@pytest.mark.requirement("FEE-03", "FEE-04")
@pytest.mark.parametrize("size", [1, 2, PAGE])
def test_a_day_collects_from_everybody(size: int) -> None:
    """The months' fees, the sums of what was deferred and the day's transfers; each once, whatever fits on a page."""
    there = bank(charging())
    taro, hanako = there.customer(), there.customer("yuki73kd", person=HANAKO)
    takashi = there.customer("ken48qzt", person=TAKASHI)
    with there.storage.transaction() as tx:
        tx.fees.add_terms(FeeTerms(institution=taro.institution, contract=taro.contract, deferred_to=CURRENT))
    transfers = [("a", taro, WEDNESDAY), ("b", taro, WEDNESDAY), ("c", hanako, WEDNESDAY), ("d", takashi, FIRST)]
    for reference, who, day in transfers:
        contract = contract_of(there, who)
        content = an_instruction(reference).content
        assert isinstance(content, Transfer)
        with there.storage.transaction() as tx:
            charge_transfer(there.net.platform, tx, contract, evolve(content, source=who.person.account, date=day))
    Nights(there).pass_until(FIRST)
    told, drawn = collected(there, FIRST, size)
    expected = {
        (taro.contract.text, ChargeKind.MONTHLY, 110, taro.person.account),
        (taro.contract.text, ChargeKind.DEFERRED, 440, CURRENT),
        (hanako.contract.text, ChargeKind.MONTHLY, 110, HANAKO.account),
        (takashi.contract.text, ChargeKind.MONTHLY, 110, TAKASHI.account),
        (takashi.contract.text, ChargeKind.TRANSFER, 220, TAKASHI.account),
    }
    assert {(one.contract.text, one.kind, one.amount.amount, one.account) for one in drawn} == expected
    assert len(drawn) == len(expected)
    branches = len({one.account.branch for one in drawn})
    assert told == Collected(FIRST, branches, charges=5, yen=990)
    told, (fee,) = collected(there, WEDNESDAY, size)
    assert (told, fee.reference) == (Collected(WEDNESDAY, branches=1, charges=1, yen=220), "c")


def ran(day: date, step: BatchStep, previous: date | None = None) -> BatchRun:
    """A night that has come as far as *step*."""
    return BatchRun(day=day, previous=previous, step=step, begun_at=morning(day))


@pytest.mark.requirement("FEE-04")
@pytest.mark.parametrize(
    ("latest", "day", "known"),
    [
        (None, "2026-12-01", False),
        (ran(FIRST - DAY, BatchStep.DONE), "2026-11-30", True),
        (ran(FIRST - DAY, BatchStep.DONE), "2026-12-01", False),
        # The night of the day has to have computed the fees, and no more.
        (ran(FIRST, BatchStep.SETTLE), "2026-12-01", False),
        (ran(FIRST, BatchStep.FEES), "2026-12-01", False),
        (ran(FIRST, BatchStep.REFLECT), "2026-12-01", True),
        (ran(FIRST, BatchStep.REPORTS), "2026-12-01", True),
        (ran(FIRST, BatchStep.DONE), "2026-12-01", True),
        # Where a night was left out, the next one computes what is collected on its day.
        (ran(FIRST + DAY, BatchStep.FEES, FIRST - DAY), "2026-11-30", True),
        (ran(FIRST + DAY, BatchStep.FEES, FIRST - DAY), "2026-12-01", False),
        (ran(FIRST + DAY, BatchStep.REFLECT, FIRST - DAY), "2026-12-01", True),
        # On a day on which the host does not work no month's fee is collected, and there is no night to wait for.
        (None, "2026-11-29", True),
        (ran(date(2026, 11, 27), BatchStep.DONE), "2026-11-28", True),
        (None, "2026-12-05", False),
        (None, "1948-12-30", False),
    ],
)
def test_what_is_to_be_collected_is_known_when_the_night_has_computed_it(
    latest: BatchRun | None,
    day: str,
    known: bool,  # noqa: FBT001 -- a table's column
) -> None:
    """Until then nothing is drawn: half of what a day brings would be taken for the whole."""
    there, asked = bank(), date.fromisoformat(day)
    there.clock.set(morning(date(2026, 12, 4)))
    fee = a_charge(kind=ChargeKind.TRANSFER)
    with there.storage.transaction() as tx:
        tx.fees.charge([evolve(fee, on=asked)])
        if latest is not None:
            tx.batch_runs.add(latest)
    told, drawn = collected(there, asked)
    assert told == (Collected(asked, branches=1, charges=1, yen=220) if known else TooEarly(asked))
    assert len(drawn) == int(known)


@pytest.mark.parametrize(("now", "known"), [("2026-11-28T23:59:59+09:00", False), ("2026-11-29T00:00:00+09:00", True)])
def test_a_day_without_a_night_is_known_when_it_has_begun(now: str, known: bool) -> None:  # noqa: FBT001 -- a column
    """So whoever asks each day is told nothing wrong on a Sunday."""
    there, sunday = bank(), date(2026, 11, 29)
    there.clock.set(datetime.fromisoformat(now))
    told, drawn = collected(there, sunday)
    assert told == (Collected(sunday, branches=0, charges=0, yen=0) if known else TooEarly(sunday))
    assert drawn == []


@pytest.mark.requirement("FEE-03")
def test_the_same_number_of_two_institutions_is_two_branches() -> None:
    """A branch is its institution's."""
    there = bank()
    here = a_charge(kind=ChargeKind.TRANSFER)
    with there.storage.transaction() as tx:
        tx.fees.charge([here, evolve(here, institution=THERE), evolve(here, reference="2")])
        tx.batch_runs.add(ran(TUESDAY, BatchStep.DONE))
    assert collected(there, TUESDAY)[0] == Collected(TUESDAY, branches=2, charges=3, yen=660)
