"""The steps by which a token is reissued online, from the table that the flow runs on.

Source: TKR-03..09; `janetbank.policies.reissue.NEXT`.
"""

from janetbank.messages import LANGUAGES, phrase
from janetbank.policies.reissue import NEXT, Act, Step
from janetbank.profiles.profile import Profile
from janetbank_adapters.cli.diagrams import machine
from janetbank_adapters.cli.diagrams.chart import Chart, Tone
from janetbank_adapters.cli.text import Text

ACTS = {
    Act.GIVE_DETAILS: Text("情報を入力する", "give the details"),
    Act.COMPLETE: Text("電話番号認証が済み、再発行する", "go on by the call (the old token is replaced)"),
    Act.GO_BACK: Text("戻る", "go back"),
    Act.ABANDON: Text("申込を中止する", "abandon"),
}

_TONES = {Step.DONE: Tone.END, Step.ABANDONED: Tone.STOP}


def draw(profile: Profile) -> Chart:
    """The chart; all profiles have the same steps, and the procedure begins with the right password."""
    steps = {step: Text(*(phrase(f"step.{step.value}", lang) for lang in LANGUAGES)) for step in Step}
    return Chart(
        title=Text(f"{profile.title}：トークンの再発行", f"{profile.title}: having a token reissued"),
        states=machine.states(steps, _TONES),
        arrows=machine.arrows(NEXT, ACTS),
    )
