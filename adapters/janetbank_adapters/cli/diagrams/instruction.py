"""The way of an instruction to the host and back, from the table that it runs on.

Source: TRF-09..11, CAN-04, TXA-04; `janetbank.policies.instruction.NEXT`.
"""

from janetbank.messages import LANGUAGES, phrase
from janetbank.policies.instruction import NEXT, InstructionEvent, InstructionState
from janetbank.profiles.profile import Profile
from janetbank_adapters.cli.diagrams import machine
from janetbank_adapters.cli.diagrams.chart import Chart, Tone
from janetbank_adapters.cli.text import Text

_IN_ORDER = (
    InstructionState.PROOF_AWAITED,
    InstructionState.AUTHORISED,
    InstructionState.HANDED_OVER,
    InstructionState.RESERVED,
    InstructionState.CANCELLING,
    InstructionState.ACCEPTED,
    InstructionState.EXECUTED,
    InstructionState.REFUSED,
    InstructionState.CANCELLED,
)
"""As one meets them."""

STATES = {state: Text(*(phrase(f"instructionstate.{state.value}", lang) for lang in LANGUAGES)) for state in _IN_ORDER}

EVENTS = {
    InstructionEvent.AMEND: Text("変更する", "change it"),
    InstructionEvent.PROVE: Text("認証する", "prove it"),
    InstructionEvent.VOID: Text("拒否・期限切れ・改変", "declined, too late or altered"),
    InstructionEvent.HAND_OVER: Text("勘定系へ渡す", "hand it to the host"),
    InstructionEvent.ASK_TO_CANCEL: Text("前日までに取り消す", "cancel, before its day"),
    InstructionEvent.ACCEPT: Text("勘定系：受付", "host: accepted"),
    InstructionEvent.RESERVE: Text("勘定系：予約", "host: reserved"),
    InstructionEvent.EXECUTE: Text("勘定系：実行", "host: executed"),
    InstructionEvent.REFUSE: Text("勘定系：不成立", "host: refused"),
    InstructionEvent.CANCEL: Text("勘定系：取消", "host: cancelled"),
}

_TONES = {
    InstructionState.PROOF_AWAITED: Tone.WAIT,
    InstructionState.AUTHORISED: Tone.OPEN,
    InstructionState.HANDED_OVER: Tone.WAIT,
    InstructionState.RESERVED: Tone.WAIT,
    InstructionState.CANCELLING: Tone.WAIT,
    InstructionState.ACCEPTED: Tone.WAIT,
    InstructionState.EXECUTED: Tone.END,
    InstructionState.REFUSED: Tone.STOP,
    InstructionState.CANCELLED: Tone.STOP,
}


def draw(profile: Profile) -> Chart:
    """The chart; it is the same in every profile."""
    return Chart(
        title=Text(f"{profile.title}：振込・払込", f"{profile.title}: transfers and payments"),
        states=machine.states(STATES, _TONES),
        arrows=machine.arrows(NEXT, EVENTS),
        notes=(
            Text(
                "勘定系に渡すことは、渡す前に記録する。返事がなければ同じ番号で尋ね直し、二度実行されることはない。",
                "That the host is asked is written down before. Where he is silent he is asked again under the same "
                "key, and does nothing twice.",
            ),
            Text(
                "渡したあとの状態は、勘定系の返事だけが変える。",
                "From there on nothing but the host's word changes the state.",
            ),
        ),
    )
