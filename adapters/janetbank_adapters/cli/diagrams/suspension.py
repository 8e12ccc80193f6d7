"""The life of a suspension, from the table that the flows run on.

Source: SUS-08, SUS-10, SUS-11, SUS-28; AMB-17, AMB-33; `janetbank.policies.suspension.NEXT`.
"""

from janetbank.messages import LANGUAGES, phrase
from janetbank.policies.suspension import NEXT, SuspensionEvent, SuspensionState
from janetbank.profiles.profile import Profile
from janetbank_adapters.cli.diagrams import machine
from janetbank_adapters.cli.diagrams.chart import Chart, Tone
from janetbank_adapters.cli.text import Text, length

_IN_ORDER = (
    SuspensionState.REQUESTED,
    SuspensionState.STOP_ENTERED,
    SuspensionState.REJECTED,
    SuspensionState.CHECKED,
    SuspensionState.FORMAL_PENDING,
    SuspensionState.FORMALISED,
    SuspensionState.RELEASED,
)
STATES = {state: Text(*(phrase(f"suspensionstate.{state.value}", lang) for lang in LANGUAGES)) for state in _IN_ORDER}

EVENTS = {
    SuspensionEvent.ENTER_STOP: Text("取引停止を登録する（ただちに有効）", "enter the stop (effective at once)"),
    SuspensionEvent.REJECT: Text("登録できない", "it cannot be entered"),
    SuspensionEvent.CHECK: Text("別の人が検印する", "another person checks it"),
    SuspensionEvent.AWAIT_FORM: Text("電話受付：書面を待つ", "by telephone: the form is awaited"),
    SuspensionEvent.FORMALISE: Text("書面を受け付ける", "the form is taken"),
    SuspensionEvent.RELEASE: Text("二人で解除する", "two people release it"),
}

_TONES = {
    SuspensionState.REQUESTED: Tone.WAIT,
    SuspensionState.STOP_ENTERED: Tone.STOP,
    SuspensionState.CHECKED: Tone.STOP,
    SuspensionState.FORMAL_PENDING: Tone.STOP,
    SuspensionState.FORMALISED: Tone.STOP,
    SuspensionState.REJECTED: Tone.END,
    SuspensionState.RELEASED: Tone.OPEN,
}


def draw(profile: Profile) -> Chart:
    """The chart, with the time that *profile* gives a checker."""
    lifetime = length(profile.operators.dual_control.lifetime)
    return Chart(
        title=Text(f"{profile.title}：利用停止の一生", f"{profile.title}: the life of a suspension"),
        states=machine.states(STATES, _TONES),
        arrows=machine.arrows(NEXT, EVENTS),
        notes=(
            Text(
                "書面の期限は翌営業日。過ぎても停止は続き、期限超過の案件となる。",
                "The form is due on the next business day; later it stays stopped, and is listed as late.",
            ),
            Text(
                f"解除の申請は{lifetime.ja}以内に、申請した人とは別の人が承認する。",
                f"A release is approved by another person than its maker, within {lifetime.en}.",
            ),
        ),
    )
