"""Who cannot use which procedure online: the table that enrolment asks, and the later procedures will.

Source: AMB-28; PRF-05, ENR-14, 18; `janetbank.policies.eligibility.EXCLUDED`.
"""

from janetbank.policies.eligibility import EXCLUDED, Lack, OnlineProcedure
from janetbank.profiles.profile import Profile
from janetbank_adapters.cli.diagrams.chart import Grid
from janetbank_adapters.cli.text import Text

PROCEDURES = {
    OnlineProcedure.APPLICATION: Text("新規申込み", "application"),
    OnlineProcedure.PASSWORD_RESET: Text("ログインパスワードの初期化", "password reset"),
    OnlineProcedure.QUESTIONS_RESET: Text("リスクベース認証の初期化", "reset of the questions"),
    OnlineProcedure.TOKEN_ISSUE: Text("トークン発行", "token issue"),
    OnlineProcedure.TOKEN_REISSUE: Text("ワンタイムパスワードの再発行", "token reissue"),
    OnlineProcedure.ACCOUNT_ADDITION: Text("サービス利用口座の追加", "adding an account"),
    OnlineProcedure.ACCOUNT_DELETION: Text("サービス利用口座の削除", "deleting an account"),
    OnlineProcedure.CANCELLATION: Text("解約", "cancellation"),
    OnlineProcedure.LOG_IN: Text("電話によるログイン", "logging in by a call"),
}

LACKS = {
    Lack.INDIVIDUAL: Text("個人でない", "not an individual"),
    Lack.CARDED_ORDINARY_ACCOUNT: Text("カード発行済み普通貯金なし", "no carded ordinary account"),
    Lack.USABLE_PHONE: Text("使える電話番号なし", "no usable telephone"),
}


def draw(profile: Profile) -> Grid:
    """The grid; all profiles have the same."""
    return Grid(
        title=Text(f"{profile.title}：オンラインでできない手続", f"{profile.title}: who must go to the counter"),
        rows=tuple((one.value, PROCEDURES[one]) for one in OnlineProcedure),
        columns=tuple((one.value, LACKS[one]) for one in Lack),
        refused=frozenset((one.value, lack.value) for one in OnlineProcedure for lack in EXCLUDED[one]),
        notes=(Text("×：窓口での手続が必要　○：オンラインで可能", "×: at the counter only.  ○: online."),),
    )
