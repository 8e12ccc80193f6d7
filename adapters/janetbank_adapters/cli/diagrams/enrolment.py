"""The steps of an online application, from the table that the flow runs on.

Source: ENR-01..10, 12; `janetbank.policies.enrolment.NEXT`.
"""

from janetbank.messages import LANGUAGES, phrase
from janetbank.policies.enrolment import NEXT, Act, Step
from janetbank.profiles.profile import Profile
from janetbank_adapters.cli.diagrams import machine
from janetbank_adapters.cli.diagrams.chart import Chart, Tone
from janetbank_adapters.cli.text import Text

ACTS = {
    Act.AGREE: Text("規定に同意する", "agree"),
    Act.CHOOSE_INSTITUTION: Text("JAを選ぶ", "choose"),
    Act.MEET_OTHER_TERMS: Text("規定が異なる", "other terms"),
    Act.PROVE_HOLDER: Text("口座・暗証番号・生年月日を確認", "prove to be the holder"),
    Act.SET_CREDENTIALS: Text("認証情報を登録する", "set them"),
    Act.SET_CUSTOMER: Text("情報を入力する", "give them"),
    Act.CONFIRM: Text("登録を確定する", "confirm (the contract is made)"),
    Act.LOSE_LOGIN_ID: Text("IDが先に取られた", "login id taken"),
    Act.CHOOSE_OTP: Text("申請する・申請しない", "apply, or do not"),
    Act.GO_BACK: Text("戻る", "go back"),
    Act.ABANDON: Text("取りやめる", "abandon"),
}

_TONES = {Step.DONE: Tone.END, Step.ABANDONED: Tone.STOP}


def draw(profile: Profile) -> Chart:
    """The chart; all profiles have the same steps."""
    steps = {step: Text(*(phrase(f"step.{step.value}", lang) for lang in LANGUAGES)) for step in Step}
    return Chart(
        title=Text(f"{profile.title}：オンライン申込み", f"{profile.title}: applying online"),
        states=machine.states(steps, _TONES),
        arrows=machine.arrows(NEXT, ACTS),
    )
