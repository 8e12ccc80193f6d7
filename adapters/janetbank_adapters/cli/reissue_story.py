"""Reissue story: the chapter of the tour in which a telephone is lost, and whoever found it is left with nothing.

Shape:  `chapter(profile)`, as in `story`.
Source: TKR-03..10, LGN-05, TEL-09, TEL-16, CRD-10, APP-09, LGN-09, LGN-12, MAL-04, MAL-15; AMB-25.
"""

from janetbank.flows.instruct import ApprovalAwaited, InstructionStanding
from janetbank.flows.log_in import LoggedIn
from janetbank.flows.phone_auth import PhoneChoices, Recognised, Started
from janetbank.flows.refusals import Refused, Rejected, SessionEnded
from janetbank.flows.reissue_token import ReissueBegun, TokenReissued
from janetbank.flows.set_up_app import AppReady
from janetbank.flows.tokens import NoToken
from janetbank.policies.eligibility import OnlineProcedure
from janetbank.policies.instruction import InstructionState
from janetbank.policies.step_up import Guarded
from janetbank.profiles.profile import Profile
from janetbank.values.secret import Secret
from janetbank_adapters.cli.people import AppShows
from janetbank_adapters.cli.scenes import (
    Chapter,
    MailDelivered,
    Step,
    at_a_new_device,
    deliver,
    proof,
    turn_clock,
    where,
)
from janetbank_adapters.cli.stage import Stage
from janetbank_adapters.cli.text import Text
from janetbank_adapters.cli.token_story import KEYED, NO_APPROVAL, NO_TOKEN, approves, has_token, is_reissued, rent

NEW_START_PASSWORD = Secret("40719356")
GUESSED_PASSWORD = Secret("lamp5#tea")

NO_REISSUE = Text("トークンの再発行は、ここでは窓口で。", "Left out: here a token is reissued at the counter.")
LETTERS_OF_REISSUE = 14
"""The ids to the new address; that it happened to his two and to the one of the lost telephone; ten from before."""


def chapter(profile: Profile) -> Chapter:
    """It follows the chapters of the token, and leaves him with one in use."""
    why = NO_REISSUE if approves(profile) else NO_APPROVAL if has_token(profile) else NO_TOKEN
    return where(is_reissued(profile), lambda: _losing_a_telephone(profile), why)


def _losing_a_telephone(profile: Profile) -> Chapter:
    keyed, spoken = KEYED[profile.token.calls[OnlineProcedure.TOKEN_REISSUE].mode]
    return Chapter(
        Text("太郎さんがスマートフォンをなくす", "Taro loses his telephone"),
        (*_losing(profile), *_asking(keyed, spoken), *_completing(), *_starting_anew(profile)),
    )


def _losing(profile: Profile) -> tuple[Step, ...]:
    return (
        *proof(profile, Guarded.TRANSFERS),
        Step(
            does=Text(
                "家賃の振込を依頼し、アプリで承認する前にスマートフォンをなくす。",
                "He requests a transfer, and loses his telephone before he approves it.",
            ),
            act=lambda on: on.taro.requests(rent(on)),
            expects=(ApprovalAwaited,),
            rows=("TXA-04",),
        ),
        Step(
            does=Text(
                "拾った人が再発行を申し込むが、パスワードは当てずっぽう。",
                "Whoever found it asks for a reissue, with a password that he guesses.",
            ),
            act=lambda on: on.taro.asks_for_reissue(on.second_login_id, GUESSED_PASSWORD),
            expects=(Refused,),
            rows=("TKR-04", "LCK-01"),
        ),
    )


def _asking(keyed: Text, spoken: int) -> tuple[Step, ...]:
    return (
        Step(
            does=Text(
                "太郎さんが自宅で、ログインIDとパスワードを入力して再発行を申し込む。コードは要らない。",
                "At home he asks for a reissue, by login id and password; it takes no code.",
            ),
            act=lambda on: on.taro.asks_for_reissue(on.second_login_id),
            expects=(ReissueBegun,),
            rows=("TKR-03", "TKR-04", "LGN-05"),
        ),
        Step(
            does=Text("かける電話を選ぶ。", "He chooses the telephone to call from."),
            act=lambda on: on.taro.sees_phones_for_reissue(),
            expects=(PhoneChoices,),
            rows=("TKR-06", "TEL-05"),
            shows=lambda outcome, _: " · ".join(choice.shown for choice in outcome.choices),
        ),
        Step(
            does=Text(
                "新しいスマートフォンのメールアドレスの、確認用の入力を間違える。",
                "The mail address of his new telephone, wrong the second time.",
            ),
            act=lambda on: on.taro.gives_details(NEW_START_PASSWORD, mail_again=on.taro.phone_mail),
            expects=(Rejected,),
            rows=("TKR-06",),
        ),
        Step(
            does=Text(
                "メールアドレスも利用開始パスワードも、二度とも同じに。", "Now address and start password alike."
            ),
            act=lambda on: on.taro.gives_details(NEW_START_PASSWORD),
            expects=(Started,),
            rows=("TKR-06", "TKR-07", "TEL-09"),
        ),
        Step(
            does=Text(
                "まだ前のトークンが有効。拾った人がアプリを開くと、承認待ちの振込が見える。",
                "The old token still counts: whoever found it opens the app, and sees the transfer waiting.",
            ),
            act=lambda on: on.taro.looks(),
            expects=(AppShows,),
            rows=("TKR-10",),
            holds=lambda _, outcome: len(outcome.waiting) == 1,
        ),
        Step(
            does=keyed,
            act=lambda on: on.taro.calls_for_reissue(),
            expects=(Recognised,),
            rows=("TKR-08", "TEL-16"),
            holds=lambda on, _: len(on.exchange.calls[-1][1].spoken) == spoken,
        ),
    )


def _completing() -> tuple[Step, ...]:
    return (
        Step(
            does=Text("画面が次へ進む。", "The screen goes on."),
            act=lambda on: on.taro.completes_reissue(),
            expects=(TokenReissued,),
            rows=("TKR-09", "TKR-10"),
        ),
        Step(
            does=Text(
                "拾った人がもう一度アプリを開く。トークンはもうない。",
                "Whoever found it opens the app again: its token is no more.",
            ),
            act=lambda on: on.taro.looks(),
            expects=(NoToken,),
            rows=("TKR-10", "AMB-25"),
        ),
        Step(
            does=Text(
                "ログインしたままだった画面も、もう使えない。",
                "What was left logged in on it has ended, too.",
            ),
            act=lambda on: on.taro.uses_former_session(),
            expects=(SessionEnded,),
            rows=("TKR-10",),
        ),
        Step(
            does=Text(
                "新しいアドレスにIDのメールが届く。登録済みのアドレスにも、前のアドレスにもお知らせが届く。",
                "The ids come to the new address; that it happened to every address that was known before.",
            ),
            act=deliver,
            expects=(MailDelivered,),
            rows=("TKR-06", "TKR-09", "MAL-04", "MAL-15"),
            holds=lambda _, outcome: outcome.letters == LETTERS_OF_REISSUE,
            shows=lambda outcome, _: "\n".join(outcome.subjects),
        ),
    )


def _starting_anew(profile: Profile) -> tuple[Step, ...]:
    period = profile.token.codes.period
    return (
        Step(
            does=Text("新しいスマートフォンでアプリの初期設定をする。", "He sets the app up on his new telephone."),
            act=_on_new_telephone,
            expects=(AppReady,),
            rows=("TKR-09", "APP-09", "APP-10"),
        ),
        turn_clock(period),
        *at_a_new_device(profile, "新しいスマートフォンからログインする。", "He logs in from it"),
        Step(
            does=Text(
                "新しいアプリのコードで入る。これで利用が始まる。", "The new app's code lets in, and its use begins."
            ),
            act=lambda on: on.taro.enters_code(),
            expects=(LoggedIn,),
            rows=("LGN-12", "TKR-10"),
        ),
        Step(
            does=Text(
                "承認待ちだった振込は、もうだれにも承認できない。",
                "The transfer that waited can be approved by nobody any more.",
            ),
            act=lambda on: on.bank.instruct.standing(on.taro.token, on.taro.reference),
            expects=(InstructionStanding,),
            rows=("AMB-25", "TXA-04"),
            holds=lambda _, outcome: outcome.state is InstructionState.REFUSED,
        ),
    )


def _on_new_telephone(on: Stage) -> object:
    on.give_telephone(on.taro)
    return on.taro.sets_app_up(NEW_START_PASSWORD)
