"""All that may be said of a contract at once: dimensions that are independent of one another, side by side.

What trips a counter is the profile's word, what ends each block is read off the table of releases, and the life of the
contract off its own.

Source: LCK-15, requirements.md parts 5 and 7; `janetbank.policies.releases.WAYS`, `policies.contract_life.NEXT`.
"""

from collections.abc import Iterator

from janetbank.model.contract import Counter
from janetbank.policies.contract_life import NEXT, ContractEvent, ContractStatus
from janetbank.policies.lockout import Lockout
from janetbank.policies.releases import WAYS, Block, Release
from janetbank.profiles.profile import Profile
from janetbank_adapters.cli.diagrams import machine
from janetbank_adapters.cli.diagrams.chart import Arrow, Chart, Sheet, State, Tone
from janetbank_adapters.cli.text import Text, length, ordinal

COUNTERS = {
    Counter.PASSWORD: Text("ログインパスワード", "login password"),
    Counter.ANSWER: Text("追加認証の回答", "answers"),
    Counter.START_PASSWORD: Text("利用開始パスワード", "start password"),
    Counter.CODE: Text("ワンタイムパスワード", "one-time passwords"),
    Counter.PAYMENT: Text("納付番号等", "payment numbers"),
    Counter.CONFIRMATION: Text("確認用パスワード", "confirmation password"),
    Counter.MAIL_PASSWORD: Text("メール通知パスワード", "mailed codes"),
}
RELEASES = {
    Release.TIME: Text("時間の経過", "time"),
    Release.NEXT_DAY: Text("翌日", "the next day"),
    Release.RIGHT_ENTRY: Text("正しい入力", "a right entry"),
    Release.PASSWORD_CHANGE: Text("パスワード変更", "another password"),
    Release.PASSWORD_RESET: Text("パスワード初期化", "reset of the password"),
    Release.ANSWERS_RESET: Text("追加認証の初期化", "reset of the answers"),
    Release.TOKEN_REISSUE: Text("トークン再発行", "another token"),
    Release.CANCEL_AND_REAPPLY: Text("解約と再申込み", "cancelling and applying anew"),
    Release.BRANCH_FORM: Text("窓口の書面（ＩＢ－３）", "form IB-3 at the branch"),
    Release.BRANCH_TERMINAL: Text("窓口と運用端末", "branch and centre"),
    Release.TOKEN_AT_BRANCH: Text("窓口の書面（トークン）", "token stopped at the branch"),
    Release.CARD_AT_BRANCH: Text("窓口（カード）", "card, at the branch"),
    Release.SUSPENSION_RELEASE: Text("取引停止解除（ＩＢ－３）", "release of the suspension (IB-3)"),
}
STATUSES = {
    ContractStatus.APPLIED: Text("申込受付", "applied for"),
    ContractStatus.ACTIVE: Text("契約中", "active"),
    ContractStatus.LEAVING: Text("解約受付", "leaving"),
    ContractStatus.CANCELLED: Text("解約済み", "cancelled"),
}
EVENTS = {
    ContractEvent.REFLECT: Text("稼働日の反映", "operating day"),
    ContractEvent.LEAVE: Text("解約する", "cancel"),
}
_LIFE = Text("契約", "contract")
_OPEN, _LOCKED, _BLOCKED = (
    Text("支障なし", "nothing in the way"),
    Text("ロックアウト", "locked"),
    Text("取引閉塞", "blocked"),
)
TONES = {ContractStatus.ACTIVE: Tone.OPEN, ContractStatus.LEAVING: Tone.WAIT, ContractStatus.CANCELLED: Tone.END}


def draw(profile: Profile) -> Sheet:
    """All dimensions, with the numbers of *profile*."""
    return Sheet(
        title=Text(
            f"{profile.title}：契約の状態（互いに独立）", f"{profile.title}: how a contract stands, independently"
        ),
        charts=(_life(), *(_counter(profile, counter) for counter in _counted(profile)), *_others(profile)),
        notes=(
            Text("各次元は独立し、同時に成り立つ。", "The dimensions are independent, and hold at the same time."),
            Text(
                "解除はその次元だけを解く。ほかの次元には及ばない。",
                "A release ends what it is named at, and nothing in another dimension.",
            ),
        ),
    )


def _life() -> Chart:
    states = machine.states(STATUSES, TONES)
    return Chart(title=_LIFE, states=states, arrows=machine.arrows(NEXT, EVENTS))


def _counted(profile: Profile) -> Iterator[Counter]:
    """The counters of *profile*; where there is no confirmation password, or no mailed one, nobody guesses at it."""
    there = {
        Counter.CONFIRMATION: profile.confirmation is not None,
        Counter.MAIL_PASSWORD: profile.mail_password is not None,
    }
    return (one for one in Counter if there.get(one, True))


def _counter(profile: Profile, counter: Counter) -> Chart:
    name, rule = counter.value, profile.lockout(counter)
    block = Block(f"{name}_block")
    wrong = Text(f"誤入力{rule.trips_at}回目", f"{ordinal(rule.trips_at)} wrong entry")
    states = [State(f"{name}_open", COUNTERS[counter], _OPEN, Tone.OPEN)]
    arrows: list[Arrow] = []
    if rule.rest is None:
        arrows.append(Arrow(f"{name}_open", f"{name}_blocked", wrong))
    else:
        states.append(State(f"{name}_locked", COUNTERS[counter], _locked(rule), Tone.WAIT))
        arrows.append(Arrow(f"{name}_open", f"{name}_locked", wrong))
        arrows += _back(Block(f"{name}_lock"), f"{name}_locked", f"{name}_open")
        times = rule.lockouts_to_block
        again = Text(f"連続{times}回目のロックアウト", f"{ordinal(times)} lockout in a row")
        arrows.append(Arrow(f"{name}_locked", f"{name}_blocked", again))
    states.append(State(f"{name}_blocked", COUNTERS[counter], _BLOCKED, Tone.STOP))
    arrows += _back(block, f"{name}_blocked", f"{name}_open")
    return Chart(title=COUNTERS[counter], states=tuple(states), arrows=tuple(arrows))


def _locked(rule: Lockout) -> Text:
    rest = length(rule.rest) if rule.rest is not None else Text("", "")
    return Text(f"{_LOCKED.ja} {rest.ja}", f"{_LOCKED.en} for {rest.en}")


def _back(block: Block, source: str, target: str) -> Iterator[Arrow]:
    """An arrow for everything that ends *block*."""
    return (Arrow(source, target, RELEASES[way]) for way in WAYS[block])


def _others(profile: Profile) -> Iterator[Chart]:
    mismatches = profile.identity_form.mismatches
    for block, name, what, bad, event in (
        (
            Block.FORM_CLOSED,
            "form",
            Text("ご本人情報の入力", "form of a reset"),
            Text("受付終了", "closed"),
            Text(f"1日{mismatches}回の相違", f"{mismatches} mismatches in a day"),
        ),
        (
            Block.CARD_FREEZE,
            "card",
            Text("キャッシュカード", "cash card"),
            Text("利用不可", "frozen by the host"),
            Text("暗証番号の連続誤り", "wrong PINs in a row"),
        ),
        (
            Block.SUSPENSION,
            "suspension",
            Text("利用停止・調査", "suspension and investigation"),
            Text("停止中・調査中", "suspended, investigated"),
            Text("取引停止", "stop"),
        ),
    ):
        states = (State(f"{name}_open", what, _OPEN, Tone.OPEN), State(f"{name}_stopped", what, bad, Tone.STOP))
        arrows = (Arrow(f"{name}_open", f"{name}_stopped", event), *_back(block, f"{name}_stopped", f"{name}_open"))
        yield Chart(title=what, states=states, arrows=arrows)
