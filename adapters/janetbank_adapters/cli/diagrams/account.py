"""The lives of a used account and of a contract that is left, from the tables that the flows run on.

Source: ACC-03..05, ACC-08, ACC-09, CAN-03, CAN-04, CAN-07..09; AMB-13, AMB-15; `janetbank.policies.accounts.NEXT` and
        `USES`, `policies.contract_life.NEXT`, `policies.leaving`.
"""

from attrs import evolve

from janetbank.messages import LANGUAGES, phrase
from janetbank.policies.accounts import NEXT, USES, AccountEvent, AccountState, AccountUse
from janetbank.policies.contract_life import NEXT as LIFE
from janetbank.policies.leaving import LeavingHindrance
from janetbank.profiles.profile import Profile
from janetbank_adapters.cli.diagrams import machine
from janetbank_adapters.cli.diagrams.chart import Chart, Sheet, State, Tone
from janetbank_adapters.cli.diagrams.contract import EVENTS as CONTRACT_EVENTS
from janetbank_adapters.cli.diagrams.contract import STATUSES, TONES
from janetbank_adapters.cli.text import Text

PREFIX = "account_"
STATES = {state: Text(*(phrase(f"accountstate.{state.value}", lang) for lang in LANGUAGES)) for state in AccountState}
EVENTS = {
    AccountEvent.REFLECT: Text("稼働日の反映", "operating day"),
    AccountEvent.DELETE: Text("削除する", "delete it"),
}
USED_FOR = {
    AccountUse.STATEMENTS: Text("明細", "statements"),
    AccountUse.TRANSFERS: Text("振込", "transfers"),
}
HINDRANCES = {
    LeavingHindrance.NOT_INDIVIDUAL: Text("個人でない", "who is no individual"),
    LeavingHindrance.NO_CARD: Text("カードがない", "who has no card"),
    LeavingHindrance.NOT_ACTIVE: Text("契約が未反映", "whose contract is not active"),
    LeavingHindrance.OTHER_ACCOUNTS: Text("他の利用口座がある", "who has other accounts"),
    LeavingHindrance.RESERVED_TRANSFERS: Text("処理前の振込がある", "whose transfers are pending"),
    LeavingHindrance.INVESTIGATION: Text("調査中", "into whose contract a fraud is looked"),
}

_TONES = {
    AccountState.ADD_PENDING: Tone.WAIT,
    AccountState.ACTIVE: Tone.OPEN,
    AccountState.DELETE_PENDING: Tone.WAIT,
    AccountState.REMOVED: Tone.END,
}


def draw(profile: Profile) -> Sheet:
    """Both, with what *profile* asks of whoever leaves."""
    return Sheet(
        title=Text(f"{profile.title}：利用口座と解約", f"{profile.title}: used accounts, and leaving"),
        charts=(_accounts(), _leaving()),
        notes=(
            Text(
                "受け付けたことは翌稼働日の夜間処理で反映される。代表口座はオンラインで削除できない。",
                "What is accepted is reflected by the night of the next operating day. The representative account "
                "is never deleted online.",
            ),
            _hindrances(),
            _deletions(profile),
            Text(
                "解約受付から反映まで：ログインと入出金明細の照会だけができる。",
                "From the acceptance to the reflection one logs in and sees statements, and that is all.",
            ),
        ),
    )


def _accounts() -> Chart:
    states = [_with_uses(drawn, one) for drawn, one in zip(machine.states(STATES, _TONES, PREFIX), STATES, strict=True)]
    return Chart(
        title=Text("利用口座", "a used account"), states=tuple(states), arrows=machine.arrows(NEXT, EVENTS, PREFIX)
    )


def _with_uses(drawn: State, state: AccountState) -> State:
    uses = [USED_FOR[use] for use in AccountUse if use in USES[state]]
    below = Text("・".join(one.ja for one in uses), ", ".join(one.en for one in uses))
    return evolve(drawn, below=below) if uses else drawn


def _leaving() -> Chart:
    states, arrows = machine.states(STATUSES, TONES), machine.arrows(LIFE, CONTRACT_EVENTS)
    return Chart(title=Text("契約", "contract"), states=states, arrows=arrows)


def _hindrances() -> Text:
    ja, en = "、".join(one.ja for one in HINDRANCES.values()), "; ".join(one.en for one in HINDRANCES.values())
    return Text(f"オンラインで解約できない場合：{ja}。", f"Nobody cancels online {en}.")


def _deletions(profile: Profile) -> Text:
    if profile.leaving.awaits_deletions:
        return Text("利用口座の削除は、反映されるまで待つ。", "Deletions have to be reflected before.")
    return Text("削除を受け付けた口座は、削除済みとみなす。", "An account that is being deleted counts as deleted.")
