"""First use story: the chapter of the tour at a bank whose customers come by a notice with two provisional passwords.

Shape:  `chapters(profile)`, as in `story`: one, or none where no notices are given out.
Source: ENR-20..38, CRD-13, CRD-16, PRF-07, PRF-16, LGN-10, LGN-11, LGN-14, LGN-15, TEL-19, TKN-13..17, CAN-11; AMB-17,
        AMB-23; standards.md C37.
"""

from datetime import timedelta

from janetbank.flows.admit import LoginIdInitialised, NoticeIsAsked, PasswordsGiven
from janetbank.flows.entry import (
    CustomerDataNeeded,
    LoggedIn,
    LoginIdWanted,
    PasswordsNeeded,
    QuestionsNeeded,
    TokenWanted,
)
from janetbank.flows.issue_token import TokenIssued
from janetbank.flows.log_in import CodeAsked, QuestionAsked
from janetbank.flows.obtain_login_id import LoginIdObtained, NothingToObtain
from janetbank.flows.operators import NewOperator, NewPasswordNeeded, OperatorPasswordChanged, register
from janetbank.flows.phone_auth import Recognised, Started
from janetbank.flows.refusals import Refused, Rejected, SessionEnded
from janetbank.flows.set_up_app import AppReady
from janetbank.flows.step_up import Confirmed, SteppedUp, StepUpQuestion
from janetbank.policies.authority import Role
from janetbank.policies.eligibility import OnlineProcedure
from janetbank.policies.step_up import Guarded
from janetbank.profiles.profile import Profile
from janetbank.values.environment import Channel
from janetbank.values.secret import Secret
from janetbank_adapters.cli.people import Actor
from janetbank_adapters.cli.scenes import Chapter, ClockTurned, Step, question, turn_clock
from janetbank_adapters.cli.stage import Stage
from janetbank_adapters.cli.text import Text
from janetbank_adapters.cli.token_story import KEYED, START_PASSWORD

_GIVEN, _OWN = Secret("given#out#by#the#bank"), Secret("chosen#alone#27#lamps")
_BREAK = timedelta(minutes=30)
LIMIT = "5"


def chapters(profile: Profile) -> tuple[Chapter, ...]:
    """Jiro comes by a notice."""
    if profile.provisional is None:
        return ()
    title = Text("次郎さんが仮パスワード通知書で利用を始める", "Jiro begins by a notice")
    with_token = _token(profile) if _wants_token(profile) else ()
    steps = (*_notice(), *_login_id(), *_first_login(), *_data(profile), *with_token, *_initialised(profile))
    return (Chapter(title, steps),)


def _wants_token(profile: Profile) -> bool:
    """Whether his first use ends with a token: on a smartphone nothing is done without one."""
    return Channel.SMARTPHONE in profile.token.required_on and profile.token.issued_by_call


def _notice() -> tuple[Step, ...]:
    return (
        Step(
            does=Text("翌営業日の朝になる。", "The morning of the next business day comes."),
            act=_next_business_day,
            expects=(ClockTurned,),
            rows=(),
        ),
        Step(
            does=Text(
                "次郎さんの申込書を、窓口の一人が入力する。", "One person behind the counter enters Jiro's application."
            ),
            act=lambda on: on.bank.admit.ask(_clerk(on, Role.OPERATOR), on.jiro.account),
            expects=(NoticeIsAsked,),
            rows=("ENR-22", "ENR-23"),
        ),
        Step(
            does=Text(
                "別の一人が仮パスワードを発行する。通知書が郵送される。",
                "Another one gives the two passwords out; the notice goes by post.",
            ),
            act=lambda on: on.jiro.is_given(on.bank.admit.give(_clerk(on, Role.SUPERVISOR), on.jiro.account)),
            expects=(PasswordsGiven,),
            rows=("ENR-23", "AMB-17", "AMB-23"),
        ),
    )


def _login_id() -> tuple[Step, ...]:
    return (
        Step(
            does=Text(
                "届いた二つの仮パスワードを取り違えて入力する。", "He mistakes one of the two passwords for the other."
            ),
            act=lambda on: on.jiro.shows_notice(_notice_of(on.jiro)[1], _notice_of(on.jiro)[0]),
            expects=(Refused,),
            rows=("ENR-27",),
        ),
        Step(
            does=Text("店番・口座番号と、両方を正しく入力する。", "Branch, account, and now both as they are."),
            act=lambda on: on.jiro.shows_notice(),
            expects=(LoginIdWanted,),
            rows=("ENR-27", "ENR-28"),
        ),
        Step(
            does=Text("仮パスワードをログインIDにしようとする。", "He wants one of them for a login id, too."),
            act=lambda on: on.jiro.obtains(_notice_of(on.jiro)[0].reveal()),
            expects=(Rejected,),
            rows=("ENR-30", "PRF-07"),
        ),
        Step(
            does=Text("自分で決めたログインIDを登録する。", "He takes one of his own."),
            act=lambda on: on.jiro.obtains(),
            expects=(LoginIdObtained,),
            rows=("ENR-30", "ENR-31"),
            shows=lambda outcome, _: outcome.shown,
        ),
        Step(
            does=Text(
                "通知書を拾った人が、別のIDを取ろうとする。", "Somebody who finds the notice wants another one by it."
            ),
            act=lambda on: on.jiro.shows_notice(),
            expects=(NothingToObtain,),
            rows=("ENR-23", "CAN-11"),
        ),
    )


def _first_login() -> tuple[Step, ...]:
    return (
        Step(
            does=Text("仮パスワードで初めてログインする。", "By the provisional password he logs in, once."),
            act=lambda on: on.jiro.logs_in(_notice_of(on.jiro)[0]),
            expects=(QuestionsNeeded,),
            rows=("ENR-32", "ENR-33", "LGN-14"),
        ),
        Step(
            does=Text("質問を飛ばしてパスワードに進もうとする。", "He would rather skip the questions."),
            act=lambda on: on.jiro.chooses_both(),
            expects=(QuestionsNeeded,),
            rows=("ENR-33",),
        ),
        Step(
            does=Text("三つの質問と回答を登録する。", "He registers three questions with their answers."),
            act=lambda on: on.jiro.registers_questions(),
            expects=(PasswordsNeeded,),
            rows=("ENR-33", "ENR-34"),
        ),
        turn_clock(_BREAK),
        Step(
            does=Text(
                "中断したので、もう一度ログインする。質問はもう登録されている。",
                "He was called away, and logs in again: by now there are questions.",
            ),
            act=lambda on: on.jiro.logs_in(_notice_of(on.jiro)[0]),
            expects=(QuestionAsked,),
            rows=("ENR-35", "RBA-08"),
            shows=question,
        ),
        Step(
            does=Text("答えると、続きから始まる。", "He answers, and goes on where he was."),
            act=lambda on: on.jiro.answers(),
            expects=(PasswordsNeeded,),
            rows=("ENR-35",),
        ),
        Step(
            does=Text("仮パスワードをそのまま使おうとする。", "He would like to keep the provisional password."),
            act=lambda on: on.jiro.chooses_both(_notice_of(on.jiro)[0]),
            expects=(Rejected,),
            rows=("ENR-34", "AMB-23"),
        ),
        Step(
            does=Text("両方とも新しいパスワードにする。", "He chooses two of his own."),
            act=lambda on: on.jiro.chooses_both(),
            expects=(CustomerDataNeeded,),
            rows=("ENR-34", "CRD-13"),
        ),
    )


def _data(profile: Profile) -> tuple[Step, ...]:
    too_high = str(profile.limits.highest(token=False).man + 1)
    return (
        Step(
            does=Text(
                f"メールアドレスと電話番号を入力し、限度額は{too_high}万円にする。",
                f"His address, his telephone, and {too_high} times 10,000 yen a day.",
            ),
            act=lambda on: on.jiro.names_data(too_high),
            expects=(Rejected,),
            rows=("ENR-36", "PRF-11"),
        ),
        Step(
            does=Text(
                "必要な分にして、仮の確認用パスワードを入力する。",
                "As little as he needs, by the confirmation password of the notice.",
            ),
            act=lambda on: on.jiro.names_data(LIMIT, _notice_of(on.jiro)[1]),
            expects=(Refused,),
            rows=("ENR-38",),
        ),
        Step(
            does=Text("新しい確認用パスワードで登録する。", "By the new one it is registered: he is in."),
            act=lambda on: on.jiro.names_data(LIMIT),
            expects=(LoggedIn,),
            rows=("ENR-36", "ENR-37", "ENR-38"),
        ),
        Step(
            does=Text("仮パスワードは、もう何の役にも立たない。", "The notice is good for nothing any more."),
            act=lambda on: on.jiro.logs_in(_notice_of(on.jiro)[0]),
            expects=(Refused,),
            rows=("ENR-23", "ENR-34"),
        ),
    )


def _token(profile: Profile) -> tuple[Step, ...]:
    """The last of it: from his smartphone he can but apply for a token, and then he is in by its code."""
    called, _ = KEYED[profile.token.calls[OnlineProcedure.TOKEN_ISSUE].mode]
    return (
        Step(
            does=Text("スマートフォンから初めてログインする。", "From his smartphone he logs in for the first time."),
            act=lambda on: on.jiro.logs_in(seen_from=on.jiro.outside),
            expects=(QuestionAsked,),
            rows=("RBA-02",),
            shows=question,
        ),
        Step(
            does=Text(
                "答えても、できるのはトークンの申請だけ。",
                "He answers, and can do nothing there but apply for a token.",
            ),
            act=lambda on: on.jiro.answers(),
            expects=(TokenWanted,),
            rows=("LGN-11", "ENR-24", "ENR-38"),
        ),
        Step(
            does=Text("トップページは開かない。", "The home page does not open."),
            act=lambda on: on.bank.use_session(on.jiro.token),
            expects=(SessionEnded,),
            rows=("LGN-11",),
        ),
        *_steps_up(profile),
        Step(
            does=Text(
                "アプリを入れる端末のメールアドレスと、利用開始パスワードを登録する。",
                "The mail address of that telephone, and a start password.",
            ),
            act=lambda on: on.jiro.applies_for_token(START_PASSWORD),
            expects=(Started,),
            rows=("TKN-13", "TKN-15", "TEL-19"),
        ),
        Step(does=called, act=lambda on: on.jiro.calls(), expects=(Recognised,), rows=("TEL-19", "TEL-20")),
        Step(
            does=Text("トークンが発行される。", "The token is issued."),
            act=lambda on: on.jiro.goes_on(),
            expects=(TokenIssued,),
            rows=("TKN-16",),
        ),
        Step(
            does=Text("アプリを初期設定する。", "He sets the app up."),
            act=lambda on: on.jiro.sets_app_up(START_PASSWORD),
            expects=(AppReady,),
            rows=("APP-17", "TKN-17"),
        ),
        turn_clock(profile.token.codes.period),
        Step(
            does=Text("アプリからログインする。", "He logs in from the app."),
            act=lambda on: on.jiro.logs_in_by_app(on.jiro.login_id),
            expects=(QuestionAsked,),
            rows=("LGN-13", "RBA-10"),
            shows=question,
        ),
        Step(
            does=Text("答えると、コードを求められる。", "He answers, and is asked for a code."),
            act=lambda on: on.jiro.answers(),
            expects=(CodeAsked,),
            rows=("LGN-10",),
        ),
        Step(
            does=Text("コードで、初めてトップページに入る。", "By the code he comes to the home page at last."),
            act=lambda on: on.jiro.enters_code(),
            expects=(LoggedIn,),
            rows=("LGN-12", "LGN-13", "ENR-22"),
        ),
        turn_clock(profile.token.codes.period),
    )


def _steps_up(profile: Profile) -> tuple[Step, ...]:
    """What applying for a token takes: the second password that he has chosen, or an answer."""
    if profile.confirms(Guarded.TOKEN_ISSUE):
        return (
            Step(
                does=Text("新しい確認用パスワードを入力する。", "He enters his new confirmation password."),
                act=lambda on: on.jiro.shows_confirmation(),
                expects=(Confirmed,),
                rows=("CRD-16", "PRF-16"),
            ),
        )
    return (
        Step(
            does=Text("追加認証を求める。", "He asks to be asked."),
            act=lambda on: on.jiro.is_asked(),
            expects=(StepUpQuestion,),
            rows=("RBA-13",),
            shows=question,
        ),
        Step(
            does=Text("質問に答える。", "He answers."),
            act=lambda on: on.jiro.steps_up(),
            expects=(SteppedUp,),
            rows=("RBA-13",),
        ),
    )


def _initialised(profile: Profile) -> tuple[Step, ...]:
    takes_code = _wants_token(profile) and Channel.PC in profile.token.login_channels
    return (
        Step(
            does=Text("後日、書面でログインIDの初期化を頼む。", "Later, in writing, he has his login id deleted."),
            act=lambda on: on.bank.admit.initialise(_clerk(on, Role.OPERATOR), on.jiro.account),
            expects=(LoginIdInitialised,),
            rows=("ENR-29",),
        ),
        Step(
            does=Text("いまのパスワード二つで手続きする。", "He comes back by the two passwords that he has."),
            act=lambda on: on.jiro.shows_notice(on.jiro.password, on.jiro.confirmation),
            expects=(LoginIdWanted,),
            rows=("ENR-29",),
        ),
        Step(
            does=Text("ログインIDを取り直す。", "He obtains a login id again."),
            act=lambda on: on.jiro.obtains(),
            expects=(LoginIdObtained,),
            rows=("ENR-30",),
        ),
        Step(
            does=Text(
                "ログインすると、済んだことは何も求められない。", "He logs in, and nothing that was done is asked for."
            ),
            act=lambda on: on.jiro.logs_in(),
            expects=(CodeAsked if takes_code else LoggedIn,),
            rows=("ENR-33", "LGN-15"),
        ),
        *((_on_the_pc(),) if takes_code else ()),
    )


def _on_the_pc() -> Step:
    return Step(
        does=Text("パソコンでも、コードがいる。", "The code of his app is needed on the computer, too."),
        act=lambda on: on.jiro.enters_code(),
        expects=(LoggedIn,),
        rows=("LGN-10", "ENR-25"),
    )


def _notice_of(actor: Actor) -> tuple[Secret, Secret]:
    """What stands on his notice."""
    assert actor.notice is not None
    return actor.notice.password, actor.notice.confirmation


def _next_business_day(on: Stage) -> ClockTurned:
    on.come(on.profile.calendar.next_business_day(on.today()))
    return ClockTurned(on.clock.now())


def _clerk(on: Stage, role: Role) -> Secret:
    """Somebody new behind the counter, signed in: the store may have been used before."""
    name = on.bank.platform.vault.identifier()
    register(
        on.bank.platform,
        on.institution.id,
        NewOperator(operator=name, person=name[:8], full_name=role.value, roles=[role]),
        _GIVEN,
    )
    given = on.bank.operators.sign_in(on.institution.id, name, _GIVEN)
    assert isinstance(given, NewPasswordNeeded), given
    chosen = on.bank.operators.change_password(given.session, current=_GIVEN, new=_OWN, again=_OWN)
    assert isinstance(chosen, OperatorPasswordChanged), chosen
    return chosen.session
