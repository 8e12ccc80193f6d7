"""Diagrams: pictures of the rules, drawn from the tables that run.

Shape:  `DIAGRAMS[name]` draws a profile's `Chart`, `Grid` or `Sheet`; `svg.draw` and `mermaid.draw` write it down.
Source: STYLE "diagrams are drawn from the table"; TRAPS "the diagram is drawn by hand and drifts".
"""

from collections.abc import Callable, Mapping
from functools import partial

from attrs import frozen

from janetbank.model.contract import Counter
from janetbank.profiles.profile import Profile
from janetbank_adapters.cli.diagrams import (
    account,
    admission,
    contract,
    eligibility,
    enrolment,
    instruction,
    lockout,
    phone_auth,
    recovery,
    reissue,
    suspension,
    token,
    transaction,
)
from janetbank_adapters.cli.diagrams.chart import Diagram
from janetbank_adapters.cli.text import Text


@frozen
class Drawn:
    """A diagram that can be asked for: what it shows, and how a profile's is made."""

    about: Text
    of: Callable[[Profile], Diagram]


DIAGRAMS: Mapping[str, Drawn] = {
    "lockout": Drawn(
        Text("パスワードの誤入力：ロックアウトと取引閉塞", "what wrong passwords lead to, and what leads back"),
        partial(lockout.draw, counter=Counter.PASSWORD),
    ),
    "answers": Drawn(
        Text("追加認証の誤回答：ロックアウトと取引閉塞", "the same for answers to the registered questions"),
        partial(lockout.draw, counter=Counter.ANSWER),
    ),
    "enrolment": Drawn(Text("オンライン申込みの手順", "the steps of an online application"), enrolment.draw),
    "phone-auth": Drawn(Text("電話番号認証", "one call from the registered telephone"), phone_auth.draw),
    "recovery": Drawn(
        Text("パスワード・リスクベース認証の初期化の手順", "the steps by which a password or the questions are reset"),
        recovery.draw,
    ),
    "token": Drawn(Text("トークンの一生", "the life of a token, from the application to its end"), token.draw),
    "reissue": Drawn(Text("トークン再発行の手順", "the steps by which a token is reissued"), reissue.draw),
    "method": Drawn(Text("ワンタイムパスワードの認証方式", "by which method a token confirms"), token.draw_method),
    "transaction": Drawn(Text("アプリでの取引認証", "the approval of an instruction in the app"), transaction.draw),
    "instruction": Drawn(
        Text("振込・払込が勘定系に渡るまでと、その返事", "the way of a transfer or payment to the host and back"),
        instruction.draw,
    ),
    "contract": Drawn(
        Text("契約の状態（互いに独立な次元）", "all that may be said of a contract at once, and what ends it"),
        contract.draw,
    ),
    "account": Drawn(
        Text("利用口座の追加・削除と解約", "how accounts come and go, and how a contract is left"), account.draw
    ),
    "suspension": Drawn(Text("利用停止の一生", "the life of a suspension"), suspension.draw),
    "admission": Drawn(Text("どの状態で何を断るか", "which operation is refused in which condition"), admission.draw),
    "eligibility": Drawn(Text("オンラインでできない手続", "who cannot use which procedure online"), eligibility.draw),
}
