"""The life of a token and its method, from the tables that the flows run on.

Source: TKN-01..07, APP-05, 18, 23, OTP-03, 14, 15, 18..20, TXA-03, 05, 07, CRD-11, LGN-06; `janetbank.policies.token`.
"""

from janetbank.messages import LANGUAGES, phrase
from janetbank.model.contract import Counter
from janetbank.policies.token import FIRST_METHOD, NEXT, NEXT_METHOD, MethodEvent, TokenEvent, TokenState
from janetbank.profiles.profile import Profile
from janetbank.values.otp_method import OtpMethod
from janetbank_adapters.cli.diagrams import machine
from janetbank_adapters.cli.diagrams.chart import Chart, Tone
from janetbank_adapters.cli.text import Text, length

_IN_ORDER = (
    TokenState.NONE,
    TokenState.PHONE_PENDING,
    TokenState.ISSUED,
    TokenState.PROVISIONED,
    TokenState.IN_USE,
    TokenState.CANCELLED,
    TokenState.VOID,
    TokenState.LOCKED,
    TokenState.STOPPED,
    TokenState.REPLACED,
)
"""As one meets them; what can be replaced stands before what has been."""

STATES = {state: Text(*(phrase(f"tokenstate.{state.value}", lang) for lang in LANGUAGES)) for state in _IN_ORDER}

EVENTS = {
    TokenEvent.APPLY: Text("申請する", "apply"),
    TokenEvent.GIVE_UP: Text("申請をやめる", "give the application up"),
    TokenEvent.PROVE_PHONE: Text("登録電話から認証する", "call from the registered telephone"),
    TokenEvent.FETCH_SEED: Text("アプリの初期設定（何度でも）", "fetch a seed (as often as it takes)"),
    TokenEvent.COMPLETE_SET_UP: Text("初期設定が完了する", "complete the set-up"),
    TokenEvent.USE_UP_TRIES: Text("開始パスワードの誤り", "too many wrong start passwords"),
    TokenEvent.MISS_DEADLINE: Text("期限切れ", "too late"),
    TokenEvent.START_USE: Text("利用を開始する", "start the use"),
    TokenEvent.CANCEL: Text("利用を解除する", "give it up"),
    TokenEvent.LOCK: Text("コードの連続誤り", "too many wrong codes"),
    TokenEvent.STOP: Text("窓口で利用停止", "stopped at the branch"),
    TokenEvent.REPLACE: Text("再発行", "reissue"),
}

METHODS = {
    OtpMethod.PASSCODE: Text("ワンタイムパスワードを入力", "codes are typed"),
    OtpMethod.TXA_PENDING_APP: Text("取引認証：アプリの確認待ち", "transaction authentication: the app is awaited"),
    OtpMethod.TXA_ENABLED: Text("取引認証：アプリで承認", "transaction authentication: approved in the app"),
}

METHOD_EVENTS = {
    MethodEvent.CHOOSE_TXA: Text("取引認証を選ぶ", "choose transaction authentication"),
    MethodEvent.CHOOSE_PASSCODE: Text("パスワード方式に戻す", "choose codes"),
    MethodEvent.CONFIRM_IN_APP: Text("アプリで［OK］", "tap OK in the app"),
}

_TONES = {
    TokenState.PHONE_PENDING: Tone.WAIT,
    TokenState.ISSUED: Tone.WAIT,
    TokenState.PROVISIONED: Tone.WAIT,
    TokenState.IN_USE: Tone.OPEN,
    TokenState.VOID: Tone.STOP,
    TokenState.LOCKED: Tone.STOP,
    TokenState.STOPPED: Tone.STOP,
    TokenState.CANCELLED: Tone.END,
    TokenState.REPLACED: Tone.END,
}
_METHOD_TONES = {OtpMethod.TXA_PENDING_APP: Tone.WAIT, OtpMethod.TXA_ENABLED: Tone.OPEN}


def draw(profile: Profile) -> Chart:
    """The life of a token, with the numbers of *profile*."""
    window = length(profile.token.set_up.window)
    start, code = (profile.lockout(counter).trips_at for counter in (Counter.START_PASSWORD, Counter.CODE))
    return Chart(
        title=Text(f"{profile.title}：トークンの一生", f"{profile.title}: the life of a token"),
        states=machine.states(STATES, _TONES),
        arrows=machine.arrows(NEXT, EVENTS),
        notes=(
            Text(
                f"初期設定の期限は発行から{window.ja}、開始パスワードの誤りは{start}回で無効。コードの誤りは{code}回連続で停止。",
                f"Set up in {window.en}; {start} wrong start passwords void it, {code} wrong codes in a row lock it.",
            ),
            Text(
                "利用解除のあと、新しいトークンの申請は日本時間の翌日から。",
                "After giving it up one may apply for another from the next day in Japan.",
            ),
        ),
    )


def draw_method(profile: Profile) -> Chart:
    """The method of a token in use."""
    needed = profile.token.method.txa_from
    offered = (
        Text("この金融機関では取引認証を扱わない。", "Transaction authentication is not offered.")
        if needed is None
        else Text(
            f"取引認証にはアプリのバージョン{needed}以上が必要。",
            f"Transaction authentication needs version {needed} of the app or a newer one.",
        )
    )
    first = METHODS[FIRST_METHOD]
    return Chart(
        title=Text(f"{profile.title}：認証方式", f"{profile.title}: the method of a token"),
        states=machine.states(METHODS, _METHOD_TONES),
        arrows=machine.arrows(NEXT_METHOD, METHOD_EVENTS),
        notes=(
            offered,
            Text(f"利用開始時は「{first.ja}」。", f"It begins with: {first.en}."),
        ),
    )
