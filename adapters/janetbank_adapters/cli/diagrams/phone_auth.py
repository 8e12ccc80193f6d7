"""One phone authentication, from the table that the calls run on.

Source: TEL-01..18, 25; AMB-3, 4, 9; `janetbank.policies.phone_auth.NEXT`.
"""

from janetbank.policies.eligibility import OnlineProcedure
from janetbank.policies.phone_auth import LONGEST, NEXT, Act, Mode, Phase
from janetbank.profiles.profile import Profile
from janetbank_adapters.cli.diagrams import machine
from janetbank_adapters.cli.diagrams.chart import Chart, Tone
from janetbank_adapters.cli.diagrams.eligibility import PROCEDURES
from janetbank_adapters.cli.text import Text, length

PHASES = {
    Phase.PENDING: Text("電話を待つ", "waiting for the call"),
    Phase.IN_CALL: Text("通話中：番号の入力を待つ", "in the call: digits are awaited"),
    Phase.VERIFIED: Text("電話番号を確認した", "recognised"),
    Phase.CONSUMED: Text("手続に使われた", "used by the procedure"),
    Phase.EXPIRED: Text("時間切れ", "too late"),
    Phase.ABORTED: Text("中止", "aborted"),
    Phase.FAILED: Text("失敗", "failed"),
}

ACTS = {
    Act.RING: Text("着信（応答せずに切る）", "a right call (rings and is dropped)"),
    Act.ANSWER: Text("着信（応答する）", "a right call (answered)"),
    Act.KEY_RIGHT: Text("正しい番号", "right digits"),
    Act.KEY_WRONG: Text("誤った番号", "wrong digits"),
    Act.SPEND_CALL: Text("通話内の誤りが上限", "wrong digits: the call ends"),
    Act.SPEND_ATTEMPT: Text("誤りが総数の上限", "wrong digits too often"),
    Act.HANG_UP: Text("電話を切る", "hang up"),
    Act.CONSUME: Text("画面が次へ進む", "the screen goes on"),
    Act.ABORT: Text("戻る・中止する", "go back, or give up"),
    Act.RUN_OUT: Text("期限が過ぎる", "the window ends"),
}

MODES = {
    Mode.SILENT: Text("無応答", "dropped without an answer"),
    Mode.VOICE: Text("音声の番号を入力", "digits spoken, and keyed back"),
    Mode.SCREEN_CODE: Text("画面の番号を入力", "digits on the screen, keyed at the telephone"),
}

_TONES = {
    Phase.PENDING: Tone.WAIT,
    Phase.IN_CALL: Tone.WAIT,
    Phase.VERIFIED: Tone.OPEN,
    Phase.CONSUMED: Tone.END,
    Phase.EXPIRED: Tone.STOP,
    Phase.ABORTED: Tone.STOP,
    Phase.FAILED: Tone.STOP,
}


def draw(profile: Profile) -> Chart:
    """The chart, with what *profile* says of each procedure."""
    longest = length(LONGEST)
    return Chart(
        title=Text(f"{profile.title}：電話番号認証", f"{profile.title}: authentication by telephone"),
        states=machine.states(PHASES, _TONES),
        arrows=machine.arrows(NEXT, ACTS),
        notes=(
            *(_kind(profile, one) for one in OnlineProcedure if one in profile.token.calls),
            Text(
                f"確認した電話番号は、認証の開始から{longest.ja}以内に使う。",
                f"Who was recognised goes on within {longest.en} of the start.",
            ),
        ),
    )


def _kind(profile: Profile, purpose: OnlineProcedure) -> Text:
    rules, name = profile.token.calls[purpose], PROCEDURES[purpose]
    window, mode = length(rules.window), MODES[rules.mode]
    if rules.mode is Mode.SILENT:
        return Text(f"{name.ja}：{window.ja}以内、{mode.ja}。", f"{name.en}: within {window.en}, {mode.en}.")
    return Text(
        f"{name.ja}：{window.ja}以内、{mode.ja}。誤りは1通話に{rules.tries_per_call}回、全部で{rules.tries}回まで。",
        f"{name.en}: within {window.en}, {mode.en}; {rules.tries_per_call} wrong entries a call, {rules.tries} in all.",
    )
