"""Token story: the chapters of the tour in which a telephone becomes a token, and a finger a way in.

Shape:  `chapters(profile)`, as in `story`, and `giving_up(profile)`, which comes last of all.
Source: TEL-01..16, TKN-05..07, APP-09..13, OTP-03, 11, 15, 20, TXA-01..07, BIO-01..12, LGN-05, 06, 09, 12, 17, CRD-10,
        RBA-13, MAL-04, 05; AMB-8, 10, 12, 31.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from janetbank.flows.approve import Approved, Declined
from janetbank.flows.biometrics import BiometricsNotSetUp, BiometricsSetUp
from janetbank.flows.change_password import PasswordChanged
from janetbank.flows.entry import TokenWanted
from janetbank.flows.hand_over import Executed
from janetbank.flows.instruct import AppConfirmationNeeded, ApprovalAwaited, InstructionStanding, Order, TokenNeeded
from janetbank.flows.instructions import NotAuthorised
from janetbank.flows.issue_token import NotYet, TokenIssued
from janetbank.flows.log_in import LoggedIn
from janetbank.flows.mail_password import MailPasswordSent
from janetbank.flows.phone_auth import PhoneAborted, PhoneChoices, Recognised, Started, Waiting
from janetbank.flows.prove import Authorised
from janetbank.flows.refusals import Refused, Rejected, StepUpNeeded
from janetbank.flows.set_up_app import AppReady
from janetbank.flows.use_token import MethodChanged, TokenCancelled, UseStarted
from janetbank.messages import Language, phrase
from janetbank.policies.admission import Operation
from janetbank.policies.eligibility import OnlineProcedure
from janetbank.policies.instruction import InstructionState
from janetbank.policies.phone_auth import Mode
from janetbank.policies.step_up import Guarded
from janetbank.policies.token import TokenForm
from janetbank.profiles.profile import Profile
from janetbank.values.account import Account
from janetbank.values.environment import Channel
from janetbank.values.identifiers import InstitutionId
from janetbank.values.instruction import InstructionKind, Transfer
from janetbank.values.money import Yen
from janetbank.values.otp_method import OtpMethod
from janetbank.values.secret import Secret
from janetbank_adapters.cli import branch_story
from janetbank_adapters.cli.people import AppShows
from janetbank_adapters.cli.scenes import (
    Chapter,
    MailDelivered,
    Step,
    at_a_new_device,
    deliver,
    mailed_password,
    proof,
    second_password,
    short,
    turn_clock,
    where,
)
from janetbank_adapters.cli.stage import Stage
from janetbank_adapters.cli.text import Text

START_PASSWORD = Secret("61840529")
WRONG_START_PASSWORD = Secret("61840592")
BIRTH_DATE = Secret("19800102")
THIRD_PASSWORD = Secret("lamp4#tea")

LETTERS_OF_ISSUE = 3
"""The ids to the address that Taro named, a notice to each of his two."""

NO_TOKEN = Text(
    "スマートフォンのトークンは、ここではオンラインで申請できません。",
    "Left out: a token on a smartphone is not to be had online here.",
)
NO_APPROVAL = Text(
    "ソフトウェアトークン取引認証は、ここにはありません。", "Left out: there is no transaction authentication here."
)
KEYED: Mapping[Mode, tuple[Text, int]] = {
    Mode.SILENT: (
        Text("登録した電話でかける。呼出音のあと切れる。", "He calls with his own: it rings, and is dropped."),
        0,
    ),
    Mode.VOICE: (
        Text(
            "登録した電話でかけ、読み上げられた番号を押す。",
            "He calls with his own, and keys the digits that are read out.",
        ),
        1,
    ),
    Mode.SCREEN_CODE: (
        Text(
            "登録した電話でかけ、画面の番号を押す。",
            "He calls with his own, and keys the digits that the screen shows.",
        ),
        0,
    ),
}
"""How a call goes, and how often digits are read out in it."""

_NEXT_DAY = timedelta(days=1)


def chapters(profile: Profile) -> tuple[Chapter, ...]:
    """They follow one another."""
    return (
        where(has_token(profile), lambda: _first(profile), NO_TOKEN),
        where(has_token(profile), lambda: _logging_in(profile), NO_TOKEN),
        where(approves(profile), lambda: _approving(profile), NO_APPROVAL if has_token(profile) else NO_TOKEN),
        where(has_token(profile), lambda: _by_finger(profile), NO_TOKEN),
    )


def _first(profile: Profile) -> Chapter:
    """By a call, or by a form."""
    if not profile.token.issued_by_call:
        return branch_story.getting(profile, rent)
    return _getting(profile, profile.token.calls[OnlineProcedure.TOKEN_ISSUE].mode)


def has_token(profile: Profile) -> bool:
    """Whether a token is applied for online, and logging in from a smartphone takes its code."""
    return profile.offers(Operation.ISSUE_TOKEN) and Channel.SMARTPHONE in profile.token.login_channels


def approves(profile: Profile) -> bool:
    """Whether transactions are approved in the app."""
    return has_token(profile) and profile.token.method.txa_from is not None


def is_reissued(profile: Profile) -> bool:
    """Whether the chapter of the reissue is told."""
    return approves(profile) and OnlineProcedure.TOKEN_REISSUE in profile.resets


def _getting(profile: Profile, mode: Mode) -> Chapter:
    period = profile.token.codes.period
    told, spoken = KEYED[mode]
    return Chapter(
        Text("太郎さんがトークンを手に入れる", "Taro gets a token"),
        (
            *_without(profile),
            *short(
                profile,
                Guarded.TOKEN_ISSUE,
                Step(
                    does=Text("トークンを申請する。", "He applies for a token."),
                    act=lambda on: on.taro.applies_for_token(START_PASSWORD),
                    expects=(StepUpNeeded,),
                    rows=("RBA-13", "TKN-06", "CRD-16"),
                ),
            ),
            *proof(profile, Guarded.TOKEN_ISSUE),
            Step(
                does=Text("かける電話を選ぶ。", "He chooses the telephone to call from."),
                act=lambda on: on.taro.sees_phones(),
                expects=(PhoneChoices,),
                rows=("TEL-02", "TEL-05"),
                shows=lambda outcome, _: " · ".join(choice.shown for choice in outcome.choices),
            ),
            Step(
                does=Text("生年月日を利用開始パスワードにする。", "His birth date for a start password."),
                act=lambda on: on.taro.applies_for_token(BIRTH_DATE),
                expects=(Rejected,),
                rows=("CRD-10",),
            ),
            Step(
                does=Text(
                    "スマートフォンのメールアドレスと、推測されにくい利用開始パスワードを登録する。",
                    "The mail address of his smartphone, and a start password that nobody guesses.",
                ),
                act=lambda on: on.taro.applies_for_token(START_PASSWORD),
                expects=(Started,),
                rows=("TKN-05", "TKN-06", "TEL-06", "TEL-10", "TEL-11"),
            ),
            Step(
                does=Text(
                    "花子さんの電話でその番号にかける。呼出音も鳴らない。",
                    "He calls with Hanako's telephone: it does not even ring.",
                ),
                act=lambda on: on.taro.calls(on.hanako.line),
                expects=(Waiting,),
                rows=("TEL-01", "TEL-05", "TEL-13"),
                holds=lambda on, _: not on.exchange.calls[-1][1].rings,
            ),
            Step(
                does=told,
                act=lambda on: on.taro.calls(),
                expects=(Recognised,),
                rows=("TEL-01", "TEL-06", "TEL-16", "AMB-4"),
                holds=lambda on, _: len(on.exchange.calls[-1][1].spoken) == spoken,
            ),
            Step(
                does=Text("画面が次へ進む。", "The screen goes on."),
                act=lambda on: on.taro.goes_on(),
                expects=(TokenIssued,),
                rows=("TKN-07",),
            ),
            Step(
                does=Text(
                    "サービスIDとユーザIDのメールが届く。登録済みのアドレスにもお知らせが届く。",
                    "The ids come by mail, and a notice to every address that was registered.",
                ),
                act=deliver,
                expects=(MailDelivered,),
                rows=("TKN-07", "MAL-04", "MAL-05"),
                holds=lambda _, outcome: outcome.letters == LETTERS_OF_ISSUE,
                shows=lambda outcome, _: "\n".join(outcome.subjects),
            ),
            Step(
                does=Text(
                    "アプリの初期設定で、利用開始パスワードを間違える。",
                    "He sets the app up, and gets the start password wrong.",
                ),
                act=lambda on: on.taro.sets_app_up(WRONG_START_PASSWORD),
                expects=(Refused,),
                rows=("APP-09", "CRD-11"),
            ),
            Step(
                does=Text(
                    "正しい利用開始パスワードを入力する。アプリが鍵を受け取り、最初のコードを送る。",
                    "Now the right one: the app takes its key, and answers with its first code.",
                ),
                act=lambda on: on.taro.sets_app_up(START_PASSWORD),
                expects=(AppReady,),
                rows=("APP-09", "APP-10", "APP-11", "APP-13", "APP-18"),
                holds=lambda on, _: on.taro.app.names == (on.institution.name,),
            ),
            turn_clock(period),
            Step(
                does=Text("次のコードで利用を開始する。", "With the next one he starts the use."),
                act=lambda on: on.taro.starts_use(),
                expects=(UseStarted,),
                rows=("OTP-01", "OTP-03", "OTP-05", "OTP-10"),
                shows=lambda outcome, lang: "\n".join(phrase(hint, lang) for hint in outcome.hints),
            ),
        ),
    )


def _without(profile: Profile) -> tuple[Step, ...]:
    """What becomes of a transfer without a token: nothing, or a password comes by mail."""
    does = Text("初めての相手に振り込もうとする。", "He wants to send money to somebody unknown to the bank.")
    if profile.mail_password is None:
        needed = Step(
            does=does, act=lambda on: on.taro.requests(rent(on)), expects=(TokenNeeded,), rows=("ENR-11", "AMB-8")
        )
        return (needed,)
    return (
        *proof(profile, Guarded.TRANSFERS),
        Step(
            does=does,
            act=lambda on: on.taro.requests(rent(on)),
            expects=(MailPasswordSent,),
            rows=("PRF-17", "MAL-10", "AMB-22"),
        ),
        Step(
            does=Text("メール通知パスワードのメールが届く。", "The password for it comes by mail."),
            act=deliver,
            expects=(MailDelivered,),
            rows=("MAL-11", "AMB-22"),
            holds=lambda _, outcome: outcome.letters == 1,
            shows=lambda outcome, _: "\n".join(outcome.subjects),
        ),
        Step(
            does=Text("メールのパスワードを入力する。", "He enters it."),
            act=lambda on: on.taro.proves_by_mail(mailed_password(on)),
            expects=(Authorised,),
            rows=("PRF-17", "MAL-10"),
        ),
    )


def _logging_in(profile: Profile) -> Chapter:
    period = profile.token.codes.period
    return Chapter(
        Text("スマートフォンからログインする", "He logs in from his smartphone"),
        (
            *at_a_new_device(
                profile, "スマートフォンからIDとパスワードで。", "On his smartphone he enters login id and password"
            ),
            Step(
                does=Text(
                    "利用開始に使ったコードをもう一度。まだ表示されていても、二度は使えない。",
                    "The code that started the use: the app still shows it, but it has served.",
                ),
                act=lambda on: on.taro.enters_code(),
                expects=(Refused,),
                rows=("OTP-11",),
            ),
            turn_clock(period),
            Step(
                does=Text("次のコードを入力する。", "The next one."),
                act=lambda on: on.taro.enters_code(),
                expects=(LoggedIn,),
                rows=("LGN-09", "OTP-12"),
            ),
        ),
    )


def _approving(profile: Profile) -> Chapter:
    period = profile.token.codes.period
    return Chapter(
        Text("振込をアプリで承認する", "He approves a transfer in the app"),
        (
            turn_clock(period),
            Step(
                does=Text(
                    "認証方式をソフトウェアトークン取引認証に変える。", "He changes to transaction authentication."
                ),
                act=lambda on: on.taro.chooses_approval(),
                expects=(MethodChanged,),
                rows=("OTP-19", "OTP-20", "TXA-01"),
                holds=lambda _, outcome: outcome.method is OtpMethod.TXA_PENDING_APP,
            ),
            Step(
                does=Text("アプリで確認する前に振込を依頼する。", "He requests the transfer too soon."),
                act=lambda on: on.taro.requests(rent(on)),
                expects=(AppConfirmationNeeded,),
                rows=("TXA-07",),
            ),
            Step(
                does=Text("アプリの［取引認証確認］で［OK］を押す。", "He taps OK in the app."),
                act=lambda on: on.taro.app.confirm_method(),
                expects=(MethodChanged,),
                rows=("TXA-05", "TXA-07"),
                holds=lambda _, outcome: outcome.method is OtpMethod.TXA_ENABLED,
            ),
            *proof(profile, Guarded.TRANSFERS),
            _requests("家賃の振込を依頼する。", "He requests a transfer: his rent."),
            _looks("山田さんへの振込がアプリに表示される。", "The app shows what he requested.", "ヤマダ　ハナコ"),
            _approves(),
            Step(
                does=Text("振込が実行される。", "The transfer is executed."),
                act=lambda on: on.taro.executes(),
                expects=(Executed,),
                rows=("TXA-04",),
                shows=lambda outcome, _: _written(outcome.content),
            ),
            Step(
                does=Text(
                    "もう一度実行を求めても、同じ結果が示されるだけで、二度は実行されない。",
                    "He asks once more: he is told the same, and nothing is done twice.",
                ),
                act=lambda on: on.taro.executes(),
                expects=(Executed,),
                rows=("TXA-04", "AMB-32", "TRF-09"),
            ),
            *proof(profile, Guarded.TRANSFERS),
            _requests("もう一件、翌月分の振込を依頼する。", "He requests another one, for the month after."),
            _looks("その一件がアプリに表示される。", "The app shows that one, too.", "ヤマダ　ハナコ"),
            _approves(),
            Step(
                does=Text(
                    "実行の前に、だれかが受取人と金額を書き換える。",
                    "Before it is executed somebody changes payee and amount.",
                ),
                act=lambda on: on.taro.amends(_thief(on)),
                expects=(ApprovalAwaited,),
                rows=("TXA-04", "AMB-32"),
            ),
            Step(
                does=Text("前の承認では実行されない。", "The former approval does not execute that."),
                act=lambda on: on.taro.executes(),
                expects=(NotAuthorised,),
                rows=("TXA-04", "AMB-32"),
            ),
            _looks("書き換えられた内容がアプリに表示される。", "The app shows what it has become.", "ドロボウ"),
            Step(
                does=Text("知らない受取人なので拒否する。", "He knows no such payee, and declines."),
                act=lambda on: on.taro.declines(),
                expects=(Declined,),
                rows=("TXA-04",),
            ),
            Step(
                does=Text("その振込はもう実行されない。", "That transfer will never be executed."),
                act=lambda on: on.bank.instruct.standing(on.taro.token, on.taro.reference),
                expects=(InstructionStanding,),
                rows=("TXA-04",),
                holds=lambda _, outcome: outcome.state is InstructionState.REFUSED,
            ),
        ),
    )


def _by_finger(profile: Profile) -> Chapter:
    period = profile.token.codes.period
    return Chapter(
        Text("指でログインする", "He logs in by his finger"),
        (
            Step(
                does=Text(
                    "アプリで指を当て、ログインIDとパスワードを入力して、生体認証を設定する。",
                    "In the app he lays his finger on the telephone, and enters login id and password, this once.",
                ),
                act=lambda on: on.taro.sets_finger_up(on.second_login_id),
                expects=(BiometricsSetUp,),
                rows=("BIO-02", "BIO-03", "BIO-05"),
            ),
            turn_clock(period),
            Step(
                does=Text(
                    "次からは指だけ。電話の鍵が問いに答え、アプリがコードを添える。",
                    "From now on his finger alone: the telephone's key answers, and the app adds its code.",
                ),
                act=lambda on: on.taro.logs_in_by_finger(),
                expects=(LoggedIn,),
                rows=("BIO-01", "BIO-06", "BIO-07"),
            ),
            *second_password(profile),
            Step(
                does=Text("パスワードを変える。", "He changes his password."),
                act=lambda on: on.taro.changes_password(THIRD_PASSWORD),
                expects=(PasswordChanged,),
                rows=("CRD-09", "BIO-12"),
            ),
            Step(
                does=Text("同じ指で、もう入れない。", "The same finger does not let him in any more."),
                act=lambda on: on.taro.logs_in_by_finger(),
                expects=(BiometricsNotSetUp,),
                rows=("BIO-12", "AMB-31"),
            ),
            turn_clock(period),
            Step(
                does=Text(
                    "指がなくても道はある。アプリから新しいパスワードで入る。コードはアプリが入力する。",
                    "There is always another way: by the new password, from the app, which fills in the code.",
                ),
                act=lambda on: on.taro.logs_in_by_app(on.second_login_id),
                expects=(LoggedIn,),
                rows=("BIO-06", "LGN-12", "LGN-17"),
            ),
        ),
    )


def giving_up(profile: Profile) -> Chapter:
    """He has one in use, and gives it up."""
    if TokenForm.CANCEL in profile.token.by_form:
        return branch_story.giving_up(profile)
    return where(has_token(profile), lambda: _giving_up(profile, _letters(profile)), NO_TOKEN)


def _letters(profile: Profile) -> int:
    """To both addresses: two notices since a reissue, or without one all those of the chapters before."""
    return 4 if is_reissued(profile) else 8 + 4 * approves(profile)


def _without_token(profile: Profile, ja: str, en: str) -> tuple[Step, ...]:
    """He logs in from his smartphone, where that takes a token that he does not have."""
    if Channel.SMARTPHONE not in profile.token.required_on:
        return ()
    step = Step(
        does=Text(ja, en),
        act=lambda on: on.taro.logs_in_by_app(on.second_login_id),
        expects=(TokenWanted,),
        rows=("LGN-11", "OTP-15"),
    )
    return (step,)


def _giving_up(profile: Profile, letters: int) -> Chapter:
    period = profile.token.codes.period
    return Chapter(
        Text("機種変更の前にトークンを解除する", "He gives the token up before he changes telephones"),
        (
            turn_clock(period),
            Step(
                does=Text("コードを入力して利用を解除する。", "He gives it up, by a code."),
                act=lambda on: on.taro.gives_token_up(),
                expects=(TokenCancelled,),
                rows=("LGN-05", "OTP-15"),
            ),
            *_without_token(
                profile,
                "ログアウトされ、スマートフォンから入り直す。",
                "He is out, and logs in again from his smartphone.",
            ),
            *proof(profile, Guarded.TOKEN_ISSUE),
            Step(
                does=Text("すぐに新しいトークンを申請する。", "At once he applies for another one."),
                act=lambda on: on.taro.applies_for_token(START_PASSWORD),
                expects=(NotYet,),
                rows=("LGN-06", "AMB-12"),
            ),
            turn_clock(_NEXT_DAY),
            *(
                _without_token(
                    profile,
                    "翌日も、トークンの申請だけができる。",
                    "The next day, too, he can do nothing there but apply for a token.",
                )
                or (
                    Step(
                        does=Text(
                            "翌日、スマートフォンからログインする。コードは求められない。",
                            "The next day he logs in from his smartphone, and is asked for no code.",
                        ),
                        act=lambda on: on.taro.logs_in_by_app(on.second_login_id),
                        expects=(LoggedIn,),
                        rows=("LGN-09", "OTP-15"),
                    ),
                )
            ),
            *proof(profile, Guarded.TOKEN_ISSUE),
            Step(
                does=Text("もう一度申請する。", "Once more he applies."),
                act=lambda on: on.taro.applies_for_token(START_PASSWORD),
                expects=(Started,),
                rows=("LGN-06", "AMB-12"),
            ),
            Step(
                does=Text("気が変わって中止する。", "He changes his mind, and gives the application up."),
                act=lambda on: on.taro.gives_application_up(),
                expects=(PhoneAborted,),
                rows=("TEL-18", "TEL-25"),
            ),
            Step(
                does=Text("その間のお知らせが届く。", "What the bank wrote meanwhile arrives."),
                act=deliver,
                expects=(MailDelivered,),
                rows=("MAL-04",),
                holds=lambda _, outcome: outcome.letters == letters,
                shows=lambda outcome, _: "\n".join(outcome.subjects),
            ),
        ),
    )


def _requests(ja: str, en: str) -> Step:
    return Step(
        does=Text(ja, en),
        act=lambda on: on.taro.requests(rent(on)),
        expects=(ApprovalAwaited,),
        rows=("OTP-06", "TXA-04", "AMB-8"),
    )


def _looks(ja: str, en: str, payee: str) -> Step:
    def shows(outcome: Any, _: Language) -> str:  # noqa: ANN401 -- `AppShows`, as the step expects
        return "\n".join(_written(one.transfer) for one in outcome.waiting)

    return Step(
        does=Text(ja, en),
        act=lambda on: on.taro.looks(),
        expects=(AppShows,),
        rows=("TXA-04",),
        holds=lambda _, outcome: [one.transfer.payee_name for one in outcome.waiting] == [payee],
        shows=shows,
    )


def _approves() -> Step:
    return Step(
        does=Text("受取人と金額を確かめて承認する。", "Payee and amount are right: he approves."),
        act=lambda on: on.taro.approves(),
        expects=(Approved,),
        rows=("TXA-04", "AMB-32"),
    )


def rent(on: Stage) -> Order:
    """His rent."""
    return _order(on, "7654321", "ヤマダ　ハナコ", _rent_of(on))


def _thief(on: Stage) -> Order:
    return _order(on, "6660001", "ドロボウ", min(980_000, _limit(on) - _rent_of(on)))


def _rent_of(on: Stage) -> int:
    """So much that it can be paid three times a day."""
    return min(68_000, _limit(on) // 3_000 * 1_000)


def _limit(on: Stage) -> int:
    """Of a day, for somebody with a token who never set it."""
    return on.profile.limits.effective(None, token=True).yen.amount


def _order(on: Stage, number: str, payee: str, yen: int) -> Order:
    return Order(
        kind=InstructionKind.AD_HOC_TRANSFER,
        payee_bank=InstitutionId("0009"),
        payee=Account.parse("123", "ordinary", number),
        payee_name=payee,
        amount=Yen(yen),
        date=on.profile.calendar.business_date(on.clock.now()),
    )


def _written(transfer: Transfer) -> str:
    payee = transfer.payee
    account = f"{payee.branch.code} {payee.type.label} {payee.number.digits}"
    return " · ".join((transfer.payee_name, str(transfer.payee_bank), account, f"¥{transfer.amount.amount:,}"))
