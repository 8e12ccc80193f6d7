"""Days story: the chapter of the tour in which days pass, each with its night, until Taro leaves.

The nights are real: the batch runs over the whole store, and writes its reports to files.  So the tour is for a store
that has no other customers.

Shape:  `chapter(profile)`, as in `story`.
Source: ENR-09, ENR-17, ACC-03..06, 08, 09, CAN-03..08, FEE-08, FEE-10, TRF-09, OPS-02, OPS-03, HRS-08; AMB-13, 15, 27,
        38; requirements.md part 7.
"""

import csv
from collections.abc import Callable
from datetime import date
from typing import Any

from janetbank.flows.accounts import AdditionAccepted, DeletionAccepted, UsedAccounts
from janetbank.flows.batch import BatchDone
from janetbank.flows.enrol import Enrolled
from janetbank.flows.hand_over import Reserved
from janetbank.flows.instruct import Order
from janetbank.flows.leave import CannotLeave, LeavingAccepted
from janetbank.flows.log_in import LoggedIn
from janetbank.flows.prove import Authorised
from janetbank.flows.refusals import Leaving, Refused
from janetbank.flows.view_account import Statement
from janetbank.messages import Language, phrase
from janetbank.model.contract import Contract
from janetbank.model.fee import ChargeKind
from janetbank.policies.accounts import AccountState
from janetbank.policies.admission import Operation
from janetbank.policies.contract_life import ContractStatus
from janetbank.policies.fees import FeeRules
from janetbank.policies.instruction import InstructionState
from janetbank.policies.step_up import Guarded
from janetbank.profiles.profile import Profile
from janetbank.values.instruction import InstructionKind
from janetbank.values.money import Yen
from janetbank.values.month import Month
from janetbank_adapters.cli.money_story import RENT
from janetbank_adapters.cli.scenes import (
    Chapter,
    ClockTurned,
    MailDelivered,
    ReportRead,
    Step,
    deliver,
    proof,
    where,
)
from janetbank_adapters.cli.stage import LANDLORD, Stage
from janetbank_adapters.cli.text import Text

FEE = Yen(110)
"""What a month costs in the story; none of the banks that we know says what it costs."""


_SHOWN = ("受付日時", "受付区分", "漢字氏名", "対象口座 科目", "対象口座 口座番号", "利用開始日")

_NOT_HERE = Text(
    "利用口座の追加や解約は、窓口で行います。", "Left out: accounts and contracts change at the counter here."
)


def chapter(profile: Profile) -> Chapter:
    """It is the last one: when it ends he is no customer any more, and one anew."""
    offered = profile.offers(Operation.CHANGE_ACCOUNTS) and profile.offers(Operation.LEAVE)
    return where(offered, lambda: _passing(profile), _NOT_HERE)


def _passing(profile: Profile) -> Chapter:
    return Chapter(
        Text("日が変わり、月が変わり、太郎さんが解約する", "Days pass, a month ends, and Taro leaves"),
        (
            *_adding_an_account(),
            *(_reserving(profile) if profile.offers(Operation.INSTRUCT) else ()),
            *_the_first_night(profile),
            *_a_month_ends(),
            *_leaving(_letters(profile)),
            *_coming_back(),
        ),
    )


def _adding_an_account() -> tuple[Step, ...]:
    return (
        _comes(Text("別の日の朝。", "The morning of another day."), lambda on: on.next_day()),
        _logs_in(),
        Step(
            does=Text("貯蓄口座も使えるようにする。", "He wants to use his savings account as well."),
            act=lambda on: on.taro.adds_account(),
            expects=(AdditionAccepted,),
            rows=("ACC-03", "ACC-04"),
            holds=lambda on, outcome: outcome.effective_on == on.next_day(),
        ),
        Step(
            does=Text("使えるのは翌稼働日から。今日は受付中。", "He may from the next operating day; it is pending."),
            act=lambda on: on.bank.accounts.list(on.taro.token),
            expects=(UsedAccounts,),
            rows=("ACC-05", "HRS-08"),
            holds=_stands(AccountState.ADD_PENDING),
            shows=_used,
        ),
    )


def _reserving(profile: Profile) -> tuple[Step, ...]:
    return (
        *proof(profile, Guarded.TRANSFERS),
        Step(
            does=Text("明日の日付で、大家さんへの振込を依頼する。", "For that day he requests the rent."),
            act=lambda on: on.taro.requests(_rent(on.next_day())),
            expects=(Authorised,),
            rows=("TRF-02", "AMB-34"),
        ),
        Step(
            does=Text("予約される。", "It is reserved."),
            act=lambda on: on.taro.executes(),
            expects=(Reserved,),
            rows=("TRF-09",),
        ),
    )


def _the_first_night(profile: Profile) -> tuple[Step, ...]:
    pays = profile.offers(Operation.INSTRUCT)
    return (
        Step(
            does=Text("やはり解約しようとする。", "He would rather leave, and is told all that is in the way."),
            act=lambda on: on.bank.leave(on.taro.token),
            expects=(CannotLeave,),
            rows=("CAN-03", "CAN-04"),
            holds=lambda _, outcome: _reasons(outcome) >= {"other_accounts", *(["reserved_transfers"] if pays else [])},
        ),
        _comes(Text("翌稼働日の朝になる。", "The morning of the next operating day comes."), lambda on: on.next_day()),
        _night(
            Text("夜間処理：受付中のものが反映される。", "The night batch: whatever was accepted is done."),
            ("ENR-09", "ACC-05", "TRF-09", "OPS-02"),
            lambda on: (
                _contract(on).status is ContractStatus.ACTIVE
                and [one.state for one in _contract(on).accounts] == [AccountState.ACTIVE]
                and (not pays or _paid(on))
            ),
        ),
        Step(
            does=Text("支店が「申込受付票」を読む。", "The branch reads the acceptance report."),
            act=_reads_report,
            expects=(ReportRead,),
            rows=("ENR-17", "ACC-06", "OPS-03"),
            holds=lambda on, outcome: any(one["契約番号"] == _contract(on).id.text for one in outcome.lines),
            shows=lambda outcome, _: "\n".join(" · ".join(one[column] for column in _SHOWN) for one in outcome.lines),
        ),
    )


def _a_month_ends() -> tuple[Step, ...]:
    return (
        _comes(
            Text("月が変わり、最初の稼働日になる。", "A month ends, and its next operating day comes."),
            lambda on: on.profile.calendar.next_operating_day(Month.of(on.today()).last),
        ),
        _night(
            Text(
                f"夜間処理：月額利用手数料が{FEE.amount}円なら、月末の契約から収納する。",
                f"The night: where a month costs {FEE.amount} yen, whoever was there on its last day pays.",
            ),
            ("FEE-08", "FEE-10"),
            lambda on: _charged(on) == [FEE],
            fees=FeeRules(monthly=FEE),
        ),
    )


def _letters(profile: Profile) -> int:
    """Of an account added and deleted, of his leaving, of a transfer reserved and executed: to both his addresses."""
    return 10 if profile.offers(Operation.INSTRUCT) else 6


def _leaving(letters: int) -> tuple[Step, ...]:
    return (
        _logs_in(),
        Step(
            does=Text("追加した口座を削除する。", "He has the account deleted again."),
            act=lambda on: on.taro.deletes_account(),
            expects=(DeletionAccepted,),
            rows=("ACC-08", "ACC-09"),
        ),
        Step(
            does=Text("解約する。削除は受付中でもよい。", "He leaves: it is enough that the deletion is accepted."),
            act=lambda on: on.bank.leave(on.taro.token),
            expects=(LeavingAccepted,),
            rows=("CAN-03", "CAN-04", "AMB-15"),
        ),
        Step(
            does=Text("それまでは、明細だけは見られる。", "Until then he sees his statements …"),
            act=lambda on: on.bank.view_account.statement(on.taro.token, on.taro.account, on.today(), on.today()),
            expects=(Statement,),
            rows=("CAN-08",),
        ),
        Step(
            does=Text("残高の照会など、勘定系の取引はできない。", "… and nothing that the host would have to do."),
            act=lambda on: on.bank.view_account.balance(on.taro.token, on.taro.account),
            expects=(Leaving,),
            rows=("CAN-08",),
        ),
        _comes(Text("翌稼働日の朝になる。", "The next operating day."), lambda on: on.next_day()),
        _night(
            Text("夜間処理：解約が反映される。", "The night: the cancellation takes effect."),
            ("CAN-07", "ACC-09", "OPS-02"),
            lambda on: _contract(on).status is ContractStatus.CANCELLED,
        ),
        Step(
            does=Text("もう入れない。", "Nobody logs in any more; the bank does not say why."),
            act=lambda on: on.taro.logs_in(login_id=on.second_login_id),
            expects=(Refused,),
            rows=("CAN-07",),
        ),
        Step(
            does=Text("お知らせが届く。", "Word of all that arrives."),
            act=deliver,
            expects=(MailDelivered,),
            rows=("MAL-06",),
            holds=lambda _, outcome: outcome.letters == letters,
            shows=lambda outcome, _: "\n".join(outcome.subjects),
        ),
    )


def _coming_back() -> tuple[Step, ...]:
    return (
        Step(
            does=Text(
                "同じ代表口座なら、元のログインIDでもう一度申し込める。",
                "For the same account he may apply anew, and have his former login id.",
            ),
            act=lambda on: on.taro.applies(on.second_login_id),
            expects=(Enrolled,),
            rows=("CAN-05", "CAN-06", "AMB-27"),
        ),
        _logs_in(),
    )


def _rent(day: date) -> Order:
    return Order(
        kind=InstructionKind.REGISTERED_PAYEE_TRANSFER,
        payee_bank=LANDLORD.bank,
        payee=LANDLORD.account,
        payee_name=LANDLORD.name,
        amount=RENT,
        date=day,
    )


def _logs_in() -> Step:
    return Step(
        does=Text("ログインする。", "He logs in."),
        act=lambda on: on.taro.logs_in(login_id=on.second_login_id),
        expects=(LoggedIn,),
        rows=("LGN-03",),
    )


def _comes(does: Text, day: Callable[[Stage], date]) -> Step:
    """It is the morning of a *day*."""

    def come(on: Stage) -> ClockTurned:
        on.come(day(on))
        return ClockTurned(on.clock.now())

    return Step(does=does, act=come, expects=(ClockTurned,), rows=())


def _night(does: Text, rows: tuple[str, ...], holds: Callable[[Stage], bool], fees: FeeRules | None = None) -> Step:
    """The night batch of today."""
    return Step(
        does=does,
        act=lambda on: on.night(fees),
        expects=(BatchDone,),
        rows=rows,
        holds=lambda on, _: holds(on),
        shows=_counts,
    )


def _used(outcome: Any, lang: Language) -> str:  # noqa: ANN401 -- `UsedAccounts`, as the step expects
    return "\n".join(f"{one.account} · {phrase(f'accountstate.{one.state.value}', lang)}" for one in outcome.accounts)


def _counts(outcome: Any, _: Language) -> str:  # noqa: ANN401 -- `BatchDone`, as the step expects
    done = outcome.done
    names = ("activated", "cancelled", "accounts_added", "accounts_removed", "charged", "yen", "reported", "reports")
    return " · ".join(f"{name} {count:,}" for name in names if (count := getattr(done, name)))


def _contract(on: Stage) -> Contract:
    assert on.taro.contract is not None
    contract = on.taro.contract
    found = on.bank.platform.transact(lambda tx: tx.contracts.by_id(on.institution.id, contract), durable=False)
    assert found is not None, "it is never deleted"
    return found


def _charged(on: Stage) -> list[Yen]:
    there = _contract(on)
    charges = on.bank.platform.transact(lambda tx: tx.fees.charges_of(there.institution, there.id), durable=False)
    return [one.amount for one in charges if one.kind is ChargeKind.MONTHLY]


def _paid(on: Stage) -> bool:
    found = on.bank.platform.transact(lambda tx: tx.instructions.by_reference(on.taro.reference), durable=False)
    return found is not None and found.state is InstructionState.EXECUTED


def _stands(state: AccountState) -> Callable[[Stage, Any], bool]:
    return lambda _, outcome: [one.state for one in outcome.accounts if not one.representative] == [state]


def _reasons(outcome: CannotLeave) -> set[str]:
    return {violation.code.removeprefix("cannot_leave.") for violation in outcome.violations}


def _reads_report(on: Stage) -> ReportRead:
    path = on.reports / on.today().isoformat() / f"{on.institution.id}-{on.taro.account.branch}.csv"
    with path.open(encoding="utf-8-sig", newline="") as table:
        return ReportRead(tuple(csv.DictReader(table)))
