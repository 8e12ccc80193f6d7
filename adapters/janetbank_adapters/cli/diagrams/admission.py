"""Which operation is refused while a contract is in which condition: the table that every flow asks.

Source: LCK-01, 03, 10..12, 15, 16; `janetbank.policies.admission.REFUSED_IN`.
"""

from janetbank.policies.admission import REFUSED_IN, Condition, Operation
from janetbank.profiles.profile import Profile
from janetbank_adapters.cli.diagrams.chart import Grid
from janetbank_adapters.cli.text import Text

OPERATIONS = {
    Operation.ENROL: Text("新規申込み", "apply"),
    Operation.LOG_IN: Text("ログイン", "log in"),
    Operation.OBTAIN_LOGIN_ID: Text("ログインIDの取得", "obtain a login id"),
    Operation.ANSWER: Text("追加認証の回答", "answer when logging in"),
    Operation.ENTER_CODE: Text("ログイン時のワンタイムパスワード入力", "enter a code when logging in"),
    Operation.CALL_IN: Text("電話によるログイン", "log in by a call"),
    Operation.DO_DUTY: Text("ログイン時に求められる手続き", "do what logging in asks for first"),
    Operation.REGISTER_CUSTOMER: Text("初回のお客さま情報登録", "register the customer's data in the first use"),
    Operation.USE_SESSION: Text("ログイン中の利用", "use a session"),
    Operation.STEP_UP: Text("取引時の追加認証", "step up"),
    Operation.CONFIRM: Text("確認用パスワードの入力", "show the confirmation password"),
    Operation.CHANGE_PASSWORD: Text("パスワード変更", "change the password"),
    Operation.CHANGE_LOGIN_ID: Text("ログインID変更", "change the login id"),
    Operation.CHANGE_CONFIRMATION: Text("確認用パスワード変更", "change the confirmation password"),
    Operation.ISSUE_TOKEN: Text("トークン発行", "apply for a token"),
    Operation.SET_UP_APP: Text("アプリの初期設定", "set the app up"),
    Operation.USE_CODE: Text("ワンタイムパスワードの利用", "use a code in a session"),
    Operation.INSTRUCT: Text("振込等の依頼", "instruct"),
    Operation.PAY: Text("料金等の払込", "pay a bill"),
    Operation.PROVE_PAYMENT: Text("払込のワンタイムパスワード入力", "enter a code for a bill"),
    Operation.PROVE_BY_MAIL: Text("メール通知パスワードの入力", "prove by a mailed code"),
    Operation.SET_LIMITS: Text("限度額の変更", "change the daily limits"),
    Operation.BALANCE: Text("残高照会", "see the balance"),
    Operation.STATEMENT: Text("入出金明細照会", "see the statement"),
    Operation.APPROVE: Text("アプリでの取引認証", "approve in the app"),
    Operation.BIOMETRICS: Text("生体認証", "biometric login"),
    Operation.RESET_PASSWORD: Text("ログインパスワードの初期化", "reset the password"),
    Operation.RESET_QUESTIONS: Text("リスクベース認証の初期化", "reset the registered questions"),
    Operation.REISSUE_TOKEN: Text("トークンの再発行", "have the token reissued"),
    Operation.CHANGE_ACCOUNTS: Text("利用口座の追加・削除", "add or delete an account"),
    Operation.LEAVE: Text("解約", "cancel the contract"),
    Operation.LOG_OUT: Text("ログアウト", "log out"),
}

CONDITIONS = {
    Condition.LEFT: Text("解約済み", "cancelled"),
    Condition.SUSPENDED: Text("利用停止", "suspended"),
    Condition.LEAVING: Text("解約受付済み", "being cancelled"),
    Condition.PASSWORD_BLOCKED: Text("パスワード閉塞", "password blocked"),
    Condition.ANSWER_BLOCKED: Text("回答閉塞", "answers blocked"),
    Condition.CODE_BLOCKED: Text("コード閉塞", "codes blocked"),
    Condition.PAYMENT_BLOCKED: Text("払込閉塞", "bills blocked"),
    Condition.CONFIRMATION_BLOCKED: Text("確認用閉塞", "confirmation blocked"),
    Condition.MAIL_PASSWORD_BLOCKED: Text("メール通知閉塞", "mailed codes blocked"),
    Condition.START_PASSWORD_BLOCKED: Text("開始パスワード閉塞", "start password blocked"),
    Condition.PASSWORD_LOCKED: Text("パスワードロック", "password locked"),
    Condition.ANSWER_LOCKED: Text("回答ロック", "answers locked"),
    Condition.CODE_LOCKED: Text("コードロック", "codes locked"),
    Condition.PAYMENT_LOCKED: Text("払込ロック", "bills locked"),
    Condition.CONFIRMATION_LOCKED: Text("確認用ロック", "confirmation locked"),
    Condition.MAIL_PASSWORD_LOCKED: Text("メール通知ロック", "mailed codes locked"),
    Condition.START_PASSWORD_LOCKED: Text("開始パスワードロック", "start password locked"),
}


def draw(profile: Profile) -> Grid:
    """The grid; all profiles have the same."""
    return Grid(
        title=Text(f"{profile.title}：どの状態で何を断るか", f"{profile.title}: what is refused in which condition"),
        rows=tuple((one.value, OPERATIONS[one]) for one in Operation),
        columns=tuple((one.value, CONDITIONS[one]) for one in Condition),
        refused=frozenset((one.value, condition.value) for one in Operation for condition in REFUSED_IN[one]),
        notes=(
            Text("×：断る　○：断らない", "×: refused.  ○: not refused."),
            Text(
                "複数の状態が重なるときは、左のものを答える。",
                "Where several conditions hold at once, the leftmost is what is told.",
            ),
        ),
    )
