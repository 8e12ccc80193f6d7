"""The approval of one instruction in the token app, from the table that it runs on.

Source: TXA-04; AMB-25, 32; `janetbank.policies.approval.NEXT`.
"""

from janetbank.policies.approval import NEXT, ApprovalEvent, ApprovalState
from janetbank.profiles.profile import Profile
from janetbank_adapters.cli.diagrams import machine
from janetbank_adapters.cli.diagrams.chart import Chart, Tone
from janetbank_adapters.cli.text import Text, length

STATES = {
    ApprovalState.AWAITING: Text("アプリでの承認を待つ", "shown in the app"),
    ApprovalState.APPROVED: Text("承認済み", "approved"),
    ApprovalState.SPENT: Text("実行済み", "executed"),
    ApprovalState.DECLINED: Text("拒否", "declined"),
    ApprovalState.EXPIRED: Text("期限切れ", "expired"),
    ApprovalState.VOIDED: Text("無効", "void"),
}

EVENTS = {
    ApprovalEvent.APPROVE: Text("承認する", "approve"),
    ApprovalEvent.DECLINE: Text("拒否する", "decline"),
    ApprovalEvent.EXPIRE: Text("時間が過ぎる", "the time ends"),
    ApprovalEvent.VOID: Text("取引内容が変わる", "the instruction changes"),
    ApprovalEvent.SPEND: Text("実行する", "execute"),
}

_TONES = {
    ApprovalState.AWAITING: Tone.WAIT,
    ApprovalState.APPROVED: Tone.OPEN,
    ApprovalState.SPENT: Tone.END,
    ApprovalState.DECLINED: Tone.STOP,
    ApprovalState.EXPIRED: Tone.STOP,
    ApprovalState.VOIDED: Tone.STOP,
}


def draw(profile: Profile) -> Chart:
    """The chart, with how long *profile* waits."""
    window = length(profile.token.approval.window)
    return Chart(
        title=Text(f"{profile.title}：取引認証", f"{profile.title}: approving an instruction"),
        states=machine.states(STATES, _TONES),
        arrows=machine.arrows(NEXT, EVENTS),
        notes=(
            Text(f"承認を待つのは{window.ja}。実行は1回だけ。", f"It waits for {window.en}, and is executed once."),
            Text(
                "承認されるのは画面に出た取引内容そのもの。実行のときにもう一度照合する。",
                "What is approved is what was shown, to the letter; that is checked again when it is executed.",
            ),
        ),
    )
