"""Branch story: the chapters of the tour at a bank where one-time passwords are asked for on paper.

Shape:  `getting(profile)` and `giving_up(profile)`, in the place of those of `token_story`.
Source: PRF-03, PRF-04, TKN-08..12, TEL-23, OTP-07..10, OTP-13, OTP-16, SUS-33, OPS-12, MAL-07, MAL-08; AMB-17.
"""

from collections.abc import Callable
from datetime import timedelta

from janetbank.flows.instruct import Order, TokenNeeded
from janetbank.flows.issue_token import NotEntitled, NotYet, TokenIssued
from janetbank.flows.log_in import LoggedIn
from janetbank.flows.operators import NewOperator, NewPasswordNeeded, OperatorPasswordChanged, register
from janetbank.flows.refusals import Blocked, Refused
from janetbank.flows.release import Done, OfToken, Proposed
from janetbank.flows.set_up_app import AppReady
from janetbank.flows.use_token import TakesForm, UseStarted
from janetbank.model.contract import Counter
from janetbank.policies.authority import Role
from janetbank.policies.step_up import Guarded
from janetbank.policies.token import TokenForm
from janetbank.profiles.profile import Profile
from janetbank.values.paper import Paper
from janetbank.values.secret import Secret
from janetbank_adapters.cli.scenes import Chapter, MailDelivered, Step, deliver, proof, turn_clock
from janetbank_adapters.cli.stage import Stage
from janetbank_adapters.cli.text import Text

START_PASSWORD = Secret("61840529")
_GIVEN, _OWN = Secret("given#out#by#the#bank"), Secret("chosen#alone#27#lamps")
_LATER = timedelta(days=2)


def getting(profile: Profile, order: Callable[[Stage], Order]) -> Chapter:
    """The form, the notice, the token without a call; ten wrong codes, the stop, and another token for his *order*."""
    period, tries = profile.token.codes.period, profile.lockout(Counter.CODE).trips_at
    return Chapter(
        Text("太郎さんが申込書でトークンを手に入れる", "Taro gets a token by a form"),
        (
            Step(
                does=Text(
                    "初めての相手に振り込もうとする。",
                    "He wants to send money to somebody unknown to the bank.",
                ),
                act=lambda on: on.taro.requests(order(on)),
                expects=(TokenNeeded,),
                rows=("ENR-11", "AMB-8"),
            ),
            Step(
                does=Text("トークンを申請する。まだ登録がない。", "He applies for a token: nothing is registered yet."),
                act=lambda on: on.taro.applies_for_token(START_PASSWORD),
                expects=(NotEntitled,),
                rows=("PRF-03", "TKN-08"),
            ),
            Step(
                does=Text(
                    "窓口に申込書を出す。一人が登録し、もう一人が検印する。",
                    "He hands the form in at the counter: one person registers it, another one checks it.",
                ),
                act=lambda on: _by_two(on, TokenForm.ENTITLE),
                expects=(Done,),
                rows=("PRF-03", "OPS-12", "OPS-08"),
            ),
            _delivered("「お取扱い開始のご案内」が届く。", "The notice comes: he may apply.", ("MAL-07", "OPS-12"), 2),
            *_issued(profile),
            _delivered(
                "サービスIDとユーザID、アプリの入手先のメールが届く。",
                "The ids come by mail, with where the app is to be had.",
                ("MAL-08", "TKN-12", "APP-14"),
                3,
            ),
            _set_up(),
            Step(
                does=Text(
                    f"パソコンで違うワンタイムパスワードを{tries}回入力する。",
                    f"On his computer he enters {tries} wrong codes.",
                ),
                act=lambda on: on.bank.use_token.start(on.taro.token, Secret("no code")),
                expects=(*(Refused for _ in range(tries - 1)), Blocked),
                rows=("OTP-13", "LCK-12"),
            ),
            *proof(profile, Guarded.TOKEN_ISSUE),
            Step(
                does=Text("新しいトークンは、まだ発行されない。", "Nor is he given another token."),
                act=lambda on: on.taro.applies_for_token(START_PASSWORD),
                expects=(NotYet,),
                rows=("OTP-13",),
            ),
            Step(
                does=Text(
                    "窓口に利用停止の申込書を出す。登録と同時に停止される。",
                    "At the counter he asks for the stop: it counts from its entry.",
                ),
                act=lambda on: _by_two(on, TokenForm.STOP),
                expects=(Done,),
                rows=("SUS-33", "OTP-13", "AMB-17"),
            ),
            Step(
                does=Text("もう一度ログインする。", "He logs in again."),
                act=lambda on: on.taro.logs_in(login_id=on.second_login_id),
                expects=(LoggedIn,),
                rows=("SUS-33",),
            ),
            *_issued(profile),
            _set_up(),
            turn_clock(period),
            Step(
                does=Text(
                    "「ワンタイムパスワード利用開始」で、次のコードを入力する。",
                    "With the next code he starts the use.",
                ),
                act=lambda on: on.taro.starts_use(),
                expects=(UseStarted,),
                rows=("OTP-07", "OTP-08", "OTP-09", "OTP-10"),
            ),
            _delivered("その間のお知らせが届く。", "What the bank wrote meanwhile arrives.", ("MAL-08",), 9),
        ),
    )


def giving_up(profile: Profile) -> Chapter:
    """By the form, and no other way."""
    return Chapter(
        Text("申込書でワンタイムパスワードを解除する", "He gives one-time passwords up, by a form"),
        (
            turn_clock(profile.token.codes.period),
            Step(
                does=Text("パソコンで解除しようとする。", "On his computer he tries to."),
                act=lambda on: on.taro.gives_token_up(),
                expects=(TakesForm,),
                rows=("OTP-16",),
            ),
            Step(
                does=Text("窓口に利用解除の申込書を出す。", "At the counter he hands the form in."),
                act=lambda on: _by_two(on, TokenForm.CANCEL),
                expects=(Done,),
                rows=("OTP-16", "OPS-08"),
            ),
            turn_clock(_LATER),
            Step(
                does=Text(
                    "スマートフォンからログインする。コードは求められない。",
                    "From his smartphone he is asked for no code.",
                ),
                act=lambda on: on.taro.logs_in_by_app(on.second_login_id),
                expects=(LoggedIn,),
                rows=("LGN-09", "OTP-16"),
            ),
            Step(
                does=Text(
                    "再び申請するには、また申込書がいる。", "To apply again he would have to hand in a form again."
                ),
                act=lambda on: on.taro.applies_for_token(START_PASSWORD),
                expects=(NotEntitled,),
                rows=("PRF-03", "OTP-16"),
            ),
            _delivered("その間のお知らせが届く。", "What the bank wrote meanwhile arrives.", ("MAL-08",), 6),
        ),
    )


def _issued(profile: Profile) -> tuple[Step, ...]:
    """With whatever it takes besides the session, and without a call."""
    return (
        *proof(profile, Guarded.TOKEN_ISSUE),
        Step(
            does=Text(
                "携帯電話のメールアドレスと利用開始パスワードを登録する。電話認証はない。",
                "The mail address of his telephone, and a start password; nobody calls.",
            ),
            act=lambda on: on.taro.applies_for_token(START_PASSWORD),
            expects=(TokenIssued,),
            rows=("TKN-09", "TKN-10", "TKN-11", "TKN-12", "TEL-23"),
        ),
    )


def _set_up() -> Step:
    return Step(
        does=Text(
            "サービスID、ユーザID、利用開始パスワードでアプリの初期設定をする。",
            "He sets the app up with service id, user id and start password.",
        ),
        act=lambda on: on.taro.sets_app_up(START_PASSWORD),
        expects=(AppReady,),
        rows=("APP-15", "PRF-04"),
    )


def _delivered(ja: str, en: str, rows: tuple[str, ...], letters: int) -> Step:
    return Step(
        does=Text(ja, en),
        act=deliver,
        expects=(MailDelivered,),
        rows=rows,
        holds=lambda _, outcome: outcome.letters == letters,
        shows=lambda outcome, _: "\n".join(outcome.subjects),
    )


def _by_two(on: Stage, form: TokenForm) -> object:
    """What comes of Taro's form, that one person enters and another one checks."""
    matter = OfToken(form=form, paper=Paper.TOKEN_FORM)
    proposed = on.bank.release.propose(_clerk(on, Role.OPERATOR), on.taro.account, matter)
    if not isinstance(proposed, Proposed):
        return proposed
    return on.bank.release.approve(_clerk(on, Role.SUPERVISOR), proposed.case)


def _clerk(on: Stage, role: Role) -> Secret:
    """Somebody new behind the counter, signed in: the store may have been used before."""
    name = on.bank.platform.vault.identifier()
    new = NewOperator(operator=name, person=name[:8], full_name=role.value, roles=[role])
    register(on.bank.platform, on.institution.id, new, _GIVEN)
    given = on.bank.operators.sign_in(on.institution.id, name, _GIVEN)
    assert isinstance(given, NewPasswordNeeded), given
    chosen = on.bank.operators.change_password(given.session, current=_GIVEN, new=_OWN, again=_OWN)
    assert isinstance(chosen, OperatorPasswordChanged), chosen
    return chosen.session
