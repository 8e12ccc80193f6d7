"""Money story: the chapter of the tour in which Taro sets a limit, pays, and is told what the host says.

Shape:  `chapter(profile)`, as in `story`.
Source: TRF-01..06, TRF-09..11, LCK-05, LCK-06, OTP-06, PRF-11, PRF-16; AMB-24, 34; docs/decisions/0008.
"""

from datetime import date, timedelta
from typing import Any

from attrs import evolve

from janetbank.flows.allowances import LimitReached
from janetbank.flows.hand_over import AnswerAwaited, Cancelled, Executed, Reserved
from janetbank.flows.instruct import Order
from janetbank.flows.log_in import LoggedIn
from janetbank.flows.pay_bills import BillFound
from janetbank.flows.prove import Authorised
from janetbank.flows.refusals import Refused, Rejected, StepUpNeeded
from janetbank.flows.set_limits import Limits, LimitsSet
from janetbank.flows.view_account import Balance, Statement
from janetbank.messages import Language
from janetbank.policies.admission import Operation
from janetbank.policies.step_up import Guarded
from janetbank.profiles.profile import Profile
from janetbank.values.instruction import InstructionKind
from janetbank.values.moment import in_japan
from janetbank.values.money import Yen
from janetbank.values.secret import Secret
from janetbank_adapters.cli.scenes import Chapter, MailDelivered, Step, deliver, proof, short, where
from janetbank_adapters.cli.stage import LANDLORD, TAX_NUMBERS, Stage
from janetbank_adapters.cli.text import Text

LETTERS = 10
"""That the limits were changed; what was executed, reserved, cancelled and paid: each to both of his addresses."""
LIMIT = "5"
RENT = Yen(30_000)
"""Once a day it is within the limit, twice it is not."""
WRONG_NUMBER = Secret("13580")

_NOT_HERE = Text("振込や払込は、ここにはありません。", "Left out: here nobody transfers or pays online.")


def chapter(profile: Profile) -> Chapter:
    """It follows the one in which he gave his token up, and needs none."""
    offered = all(profile.offers(one) for one in (Operation.INSTRUCT, Operation.PAY, Operation.SET_LIMITS))
    return where(offered, lambda: _paying(profile), _NOT_HERE)


def _paying(profile: Profile) -> Chapter:
    return Chapter(
        Text("太郎さんが限度額を決めて支払う", "Taro sets a limit, and pays"),
        (
            *_setting_a_limit(profile),
            *_transferring(profile),
            *_reserving(profile),
            *_paying_a_tax(),
            *_looking_back(),
        ),
    )


def _setting_a_limit(profile: Profile) -> tuple[Step, ...]:
    too_high = str(profile.limits.highest(token=False).man + 1)
    return (
        Step(
            does=Text("自宅でログインする。", "At home he logs in."),
            act=lambda on: on.taro.logs_in(login_id=on.second_login_id),
            expects=(LoggedIn,),
            rows=("LGN-01",),
        ),
        Step(
            does=Text("残高を見る。", "He looks at his balance."),
            act=lambda on: on.bank.view_account.balance(on.taro.token, on.taro.account),
            expects=(Balance,),
            rows=("TRF-06",),
        ),
        Step(
            does=Text(
                "1日あたりの限度額を見る。トークンがないので低い。", "And at his daily limit: low, without a token."
            ),
            act=lambda on: on.bank.limits.standing(on.taro.token),
            expects=(Limits,),
            rows=("TRF-03", "AMB-24"),
            shows=lambda outcome, _: "\n".join(str(one.limit) for one in outcome.accounts),
        ),
        *short(
            profile,
            Guarded.CUSTOMER_DATA,
            Step(
                does=Text("限度額を変えようとする。", "He wants another one."),
                act=lambda on: on.taro.sets_limit(LIMIT),
                expects=(StepUpNeeded,),
                rows=("PRF-16",),
            ),
        ),
        *proof(profile, Guarded.CUSTOMER_DATA),
        Step(
            does=Text(f"{too_high}万円にする。", f"He enters {too_high} times 10,000 yen."),
            act=lambda on: on.taro.sets_limit(too_high),
            expects=(Rejected,),
            rows=("TRF-03", "PRF-11"),
        ),
        Step(
            does=Text(f"必要な分だけにする：{LIMIT}万円。", f"As little as he needs: {LIMIT} times 10,000."),
            act=lambda on: on.taro.sets_limit(LIMIT),
            expects=(LimitsSet,),
            rows=("TRF-03",),
        ),
    )


def _transferring(profile: Profile) -> tuple[Step, ...]:
    return (
        Step(
            does=Text("知らない人を「事前登録」の振込先だと言う。", "He calls somebody registered who is not."),
            act=lambda on: on.taro.requests(evolve(_rent(on), payee_name="ドロボウ")),
            expects=(Rejected,),
            rows=("TRF-02",),
        ),
        *proof(profile, Guarded.TRANSFERS),
        Step(
            does=Text("窓口で登録した大家さんへの振込を依頼する。", "A transfer to his landlord, who is."),
            act=lambda on: on.taro.requests(_rent(on)),
            expects=(Authorised,),
            rows=("TRF-02", "AMB-8"),
        ),
        Step(
            does=Text(
                "実行する。勘定系は処理するが、返事が届かない。",
                "He has it executed. The host does it, and his answer is lost.",
            ),
            act=_with_the_answer_lost,
            expects=(AnswerAwaited,),
            rows=("TRF-09",),
        ),
        Step(
            does=Text(
                "もう一度尋ねる。同じ番号なので、二度は支払われない。",
                "He asks again: under one key nothing is paid twice.",
            ),
            act=lambda on: on.taro.executes(),
            expects=(Executed,),
            rows=("TRF-09",),
            holds=lambda on, _: len([one for one in on.books.done if one.reference == on.taro.reference]) == 1,
        ),
        Step(
            does=Text("同じ日に、もう一件。", "Another one on the same day."),
            act=lambda on: on.taro.requests(_rent(on)),
            expects=(LimitReached,),
            rows=("TRF-03",),
            holds=lambda _, outcome: outcome.left == Yen(20_000),
        ),
    )


def _reserving(profile: Profile) -> tuple[Step, ...]:
    return (
        *proof(profile, Guarded.TRANSFERS),
        Step(
            does=Text("翌月分は来月の日付で依頼する。", "The next month's he requests for a day of next month."),
            act=lambda on: on.taro.requests(_rent(on, days=30)),
            expects=(Authorised,),
            rows=("AMB-34",),
        ),
        Step(
            does=Text("予約される。限度額はその日の分を使う。", "It is reserved, and counts on that day."),
            act=lambda on: on.taro.executes(),
            expects=(Reserved,),
            rows=("TRF-09", "AMB-34"),
        ),
        Step(
            does=Text("引っ越すことになり、予約を取り消す。", "He is going to move, and cancels it."),
            act=lambda on: on.bank.instruct.cancel(on.taro.token, on.taro.reference),
            expects=(Cancelled,),
            rows=("CAN-04", "TRF-10"),
        ),
    )


def _paying_a_tax() -> tuple[Step, ...]:
    return (
        Step(
            does=Text(
                "自動車税の納付書の確認番号を写し間違える。", "Of a tax bill he copies the confirmation number wrong."
            ),
            act=lambda on: on.taro.finds_bill(evolve(TAX_NUMBERS, confirmation=WRONG_NUMBER)),
            expects=(Refused,),
            rows=("LCK-05", "TRF-08"),
        ),
        Step(
            does=Text("正しい番号を入力する。", "Now the right one."),
            act=lambda on: on.taro.finds_bill(TAX_NUMBERS),
            expects=(BillFound,),
            rows=("TRF-01",),
            shows=lambda outcome, _: f"{outcome.bill.name} · ¥{outcome.bill.amount.amount:,}",
        ),
        Step(
            does=Text("税金なのでコードは要らない。支払う。", "A tax takes no code: he pays it."),
            act=lambda on: on.bank.pay_bills.pay(on.taro.token, on.taro.reference),
            expects=(Executed,),
            rows=("TRF-01", "LCK-06"),
        ),
    )


def _looking_back() -> tuple[Step, ...]:
    return (
        Step(
            does=Text("明細を見る。", "He looks at what happened today."),
            act=lambda on: on.bank.view_account.statement(on.taro.token, on.taro.account, _today(on), _today(on)),
            expects=(Statement,),
            rows=("TRF-06", "CAN-08"),
            holds=lambda _, outcome: [line.paid_out for line in outcome.lines][-2:] == [RENT, Yen(39_500)],
            shows=_lines,
        ),
        Step(
            does=Text(
                "限度額の変更と、各取引のお知らせが届く。",
                "Word of the changed limit, and of each transaction, arrives.",
            ),
            act=deliver,
            expects=(MailDelivered,),
            rows=("ENR-08", "MAL-01", "MAL-15"),
            holds=lambda _, outcome: outcome.letters == LETTERS,
            shows=lambda outcome, _: "\n".join(outcome.subjects),
        ),
    )


def _with_the_answer_lost(on: Stage) -> object:
    on.books.time_out("after")
    return on.taro.executes()


def _rent(on: Stage, days: int = 0) -> Order:
    return Order(
        kind=InstructionKind.REGISTERED_PAYEE_TRANSFER,
        payee_bank=LANDLORD.bank,
        payee=LANDLORD.account,
        payee_name=LANDLORD.name,
        amount=RENT,
        date=on.profile.calendar.business_date(on.clock.now()) + timedelta(days=days),
    )


def _today(on: Stage) -> date:
    return in_japan(on.clock.now()).date()


def _lines(outcome: Any, _: Language) -> str:  # noqa: ANN401 -- `Statement`, as the step expects
    return "\n".join(f"{line.note} · ¥{line.paid_out.amount:,} → ¥{line.balance.amount:,}" for line in outcome.lines)
