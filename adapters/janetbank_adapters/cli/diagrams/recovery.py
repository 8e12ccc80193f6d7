"""The steps by which a password or the registered questions are reset online, from the table that the flows run on.

Source: PWR-03, PWR-16, RBR-04..09; `janetbank.policies.recovery.NEXT`.
"""

from janetbank.messages import LANGUAGES, phrase
from janetbank.policies.recovery import NEXT, Act, Step
from janetbank.profiles.profile import Profile
from janetbank_adapters.cli.diagrams import machine
from janetbank_adapters.cli.diagrams.chart import Chart, Tone
from janetbank_adapters.cli.text import Text

ACTS = {
    Act.FILL_FORM: Text("ご本人情報が一致する", "the form matches"),
    Act.CALL: Text("かける電話を選ぶ", "choose the telephone"),
    Act.BE_RECOGNISED: Text("電話番号認証が済む", "be recognised by the call"),
    Act.LOSE_CALL: Text("時間切れ、または数字の誤り", "too late, or too many wrong digits"),
    Act.RESET: Text("暗証番号が正しく、初期化する", "the PIN is right: reset"),
    Act.GO_BACK: Text("戻る", "go back"),
    Act.ABANDON: Text("申込を中止する", "abandon"),
    Act.END: Text("オンラインでは続けられない", "be sent to the counter, or have the card locked"),
}

_TONES = {Step.DONE: Tone.END, Step.ABANDONED: Tone.STOP}


def draw(profile: Profile) -> Chart:
    """The chart; all profiles have the same steps, and both resets."""
    steps = {step: Text(*(phrase(f"step.{step.value}", lang) for lang in LANGUAGES)) for step in Step}
    mismatches = profile.identity_form.mismatches
    return Chart(
        title=Text(
            f"{profile.title}：パスワード・リスクベース認証の初期化",
            f"{profile.title}: resetting the password, or the questions",
        ),
        states=machine.states(steps, _TONES),
        arrows=machine.arrows(NEXT, ACTS),
        notes=(
            Text(
                f"1口座につき1日{mismatches}回の相違で、翌日まで受け付けない。",
                f"After {mismatches} mismatches a day on one account, no form is taken until the next day.",
            ),
            Text(
                "手続き中にパスワード等が変わった、または利用停止・解約となった場合は、そこで終わる。",
                "It ends where what lets in changes meanwhile, or the contract is suspended or cancelled.",
            ),
        ),
    )
