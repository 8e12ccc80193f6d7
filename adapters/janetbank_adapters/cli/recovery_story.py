"""Recovery story: the chapter of the tour in which whoever was blocked comes back, and so do her questions.

Shape:  `chapter(profile)`, as in `story`.
Source: PWR-02..14, RBR-03..09, RBA-14, TEL-05, TEL-07, TEL-08, LCK-04, LCK-09, LCK-13, MAL-15; AMB-6, AMB-18.
"""

from typing import Any

from janetbank.flows.log_in import LoggedIn, QuestionsNeeded
from janetbank.flows.phone_auth import PhoneChoices, Started, Waiting
from janetbank.flows.recover import Begun, FormRefused, Next, PinRefused
from janetbank.flows.refusals import Blocked
from janetbank.flows.reset_password import PasswordReset
from janetbank.flows.reset_questions import QuestionsReset
from janetbank.messages import Language, phrase
from janetbank.policies.eligibility import OnlineProcedure
from janetbank.policies.recovery import Step as Due
from janetbank.profiles.profile import Profile
from janetbank.values.secret import Secret
from janetbank_adapters.cli.people import suited
from janetbank_adapters.cli.scenes import Chapter, MailDelivered, Step, deliver, where
from janetbank_adapters.cli.stage import Stage
from janetbank_adapters.cli.text import Text

MAIDEN_NAME = "田中花子"
WRONG_PIN = Secret("5938")
LETTERS = 3
"""Password reset, questions reset, questions registered: to her one address."""

_RESETS = {OnlineProcedure.PASSWORD_RESET, OnlineProcedure.QUESTIONS_RESET}
_IN_WRITING = Text("初期化は、ここでは書面で。", "Left out: here nothing is reset but in writing.")


def chapter(profile: Profile) -> Chapter:
    """It follows the chapter in which she was blocked."""
    return where(offered(profile), lambda: _coming_back(profile), _IN_WRITING)


def offered(profile: Profile) -> bool:
    """Whether she comes back at all: where both resets are online."""
    return profile.resets >= (_RESETS if profile.asks_questions else {OnlineProcedure.PASSWORD_RESET})


def new_password(profile: Profile) -> Secret:
    """What she has chosen at its end."""
    return suited(profile.password, Secret("vase3#lamp"))


def _coming_back(profile: Profile) -> Chapter:
    new = new_password(profile)
    return Chapter(
        Text("花子さんが閉塞を解いて戻ってくる", "Hanako comes back from being blocked"),
        (
            *_saying_who_she_is(),
            *_calling(),
            *_choosing(new),
            *(_questions(new) if profile.asks_questions else ()),
            _told(profile),
        ),
    )


def _saying_who_she_is() -> tuple[Step, ...]:
    return (
        Step(
            does=Text("花子さんは今も入れない。", "Hanako still cannot get in."),
            act=lambda on: on.hanako.logs_in(),
            expects=(Blocked,),
            rows=("LCK-03", "LCK-04"),
        ),
        Step(
            does=Text("ログインパスワードの初期化を申し込む。", "She asks to have her password reset."),
            act=lambda on: on.hanako.begins_reset(on.bank.reset_password),
            expects=(Begun,),
            rows=("PWR-02", "PWR-09", "PWR-10"),
            shows=_cautions,
        ),
        Step(
            does=Text(
                "ご本人情報に、うっかり旧姓を書く。どこが違うかは教えてもらえない。",
                "She gives her details, with her maiden name; which item is wrong she is not told.",
            ),
            act=lambda on: on.hanako.fills_form_in(kanji=MAIDEN_NAME),
            expects=(FormRefused,),
            rows=("PWR-03", "PWR-04", "PWR-11"),
        ),
        Step(
            does=Text("今度は登録どおりに書く。", "Now as they are registered."),
            act=lambda on: on.hanako.fills_form_in(),
            expects=(Next,),
            rows=("PWR-04", "PWR-06", "PWR-07", "PWR-08"),
            holds=lambda _, outcome: outcome.step is Due.PHONE,
        ),
    )


def _calling() -> tuple[Step, ...]:
    return (
        Step(
            does=Text("かける電話を選ぶ。", "She sees from which telephone she can call."),
            act=lambda on: on.hanako.sees_phones_for_reset(),
            expects=(PhoneChoices,),
            rows=("PWR-11", "TEL-02", "TEL-05"),
            shows=lambda outcome, _: " · ".join(choice.shown for choice in outcome.choices),
        ),
        Step(
            does=Text("かける先の番号が表示される。", "The screen tells her where to call."),
            act=lambda on: on.hanako.chooses_phone_for_reset(),
            expects=(Started,),
            rows=("PWR-12", "TEL-07", "TEL-11"),
        ),
        Step(
            does=Text(
                "太郎さんの電話からかけてもらっても、認証されない。", "A call from Taro's telephone is of no use."
            ),
            act=lambda on: on.hanako.calls_for_reset(on.taro.line),
            expects=(Waiting,),
            rows=("TEL-05",),
        ),
        Step(
            does=Text("自分の電話からかける。", "She calls from her own."),
            act=lambda on: on.hanako.calls_for_reset(),
            expects=(Next,),
            rows=("PWR-12", "TEL-07", "TEL-15"),
            holds=lambda _, outcome: outcome.step is Due.SECRET,
        ),
    )


def _choosing(new: Secret) -> tuple[Step, ...]:
    return (
        Step(
            does=Text(
                "新しいパスワードは正しく、キャッシュカードの暗証番号を間違える。",
                "She enters a new password, and the wrong PIN of her card.",
            ),
            act=lambda on: on.hanako.completes_reset(WRONG_PIN, new=new),
            expects=(PinRefused,),
            rows=("PWR-13", "LCK-13", "CRD-18"),
        ),
        Step(
            does=Text("正しい暗証番号を入力する。", "She enters the right one."),
            act=lambda on: on.hanako.completes_reset(new=new),
            expects=(PasswordReset,),
            rows=("PWR-13", "PWR-14", "LCK-04"),
        ),
        Step(
            does=Text("新しいパスワードで入れる。閉塞は解けている。", "With it she gets in: she is blocked no more."),
            act=lambda on: on.hanako.logs_in(new),
            expects=(LoggedIn,),
            rows=("PWR-14", "LCK-04"),
        ),
    )


def _questions(new: Secret) -> tuple[Step, ...]:
    return (
        Step(
            does=Text(
                "質問の答えも忘れたので、同じ手順でリスクベース認証も初期化する。",
                "She has forgotten her answers, too: in the same way she has the questions reset.",
            ),
            act=_resets_questions,
            expects=(QuestionsReset,),
            rows=("RBR-03", "RBR-04", "RBR-07", "RBR-08", "RBR-09"),
        ),
        Step(
            does=Text(
                "次のログインでは、まず質問と回答の登録を求められる。",
                "At the next login she must register new ones before anything else.",
            ),
            act=lambda on: on.hanako.logs_in(new),
            expects=(QuestionsNeeded,),
            rows=("RBA-14", "RBR-09"),
        ),
        Step(
            does=Text("質問と回答を登録すると、そのまま入れる。", "She registers them, and is in."),
            act=lambda on: on.hanako.registers_questions(),
            expects=(LoggedIn,),
            rows=("RBA-03", "RBA-08", "RBA-14"),
        ),
    )


def _told(profile: Profile) -> Step:
    return Step(
        does=Text("どの手続きも、メールで知らされる。", "Of each of these she is told by mail."),
        act=deliver,
        expects=(MailDelivered,),
        rows=("PWR-14", "MAL-15"),
        holds=lambda _, outcome: outcome.letters == (LETTERS if profile.asks_questions else 1),
        shows=lambda outcome, _: "\n".join(outcome.subjects),
    )


def _resets_questions(on: Stage) -> object:
    """The whole way, from the form to the PIN."""
    on.hanako.begins_reset(on.bank.reset_questions)
    on.hanako.fills_form_in()
    on.hanako.chooses_phone_for_reset()
    on.hanako.calls_for_reset()
    return on.hanako.completes_reset()


def _cautions(outcome: Any, lang: Language) -> str:  # noqa: ANN401 -- `Begun`, as the step expects
    return "\n".join(phrase(hint, lang, gaiji_until=outcome.gaiji_until) for hint in outcome.hints)
