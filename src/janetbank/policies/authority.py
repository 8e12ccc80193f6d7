"""Authority: which role may do what behind the counter, on its own or as the other one of two.

One table; a cell that is missing is nobody's.  An operator may have several roles; that maker and checker are two
people is the rule of `dual_control`, whatever their roles.

| role | is |
|---|---|
| teller | 窓口係: takes what a customer brings to the counter of a branch |
| operator | オペレータ: enters at the operations terminal of the centre |
| supervisor | 検印者, 担当ＳＶ: checks what others entered, and enters nothing |
| help desk | 全国ヘルプデスク, 担当ＯＰ: takes a suspension by telephone, and enters it |

Shape:  `MAY[(act, part)]` is a set of roles; `may(roles, act, part) -> bool`; `CODES[act]` are the transaction codes of
        the terminal, kept with what was done.
Source: OPS-06, OPS-08..10, SUS-05, SUS-09, SUS-10, SUS-18, SUS-29, SUS-30, SUS-32, FEE-07, LCK-08, OPS-12.
"""

from collections.abc import Collection, Mapping
from enum import Enum
from types import MappingProxyType


class Role(Enum):
    """What somebody is behind the counter."""

    TELLER = "teller"
    OPERATOR = "operator"
    SUPERVISOR = "supervisor"
    HELP_DESK = "help_desk"


class Act(Enum):
    """What is done behind the counter."""

    LIST_CASES = "list_cases"
    ENQUIRE_CONTRACT = "enquire_contract"
    """顧客契約内容照会 and FB・HB加入者情報照会."""
    ENQUIRE_HISTORY = "enquire_history"
    """発信電文一覧・明細照会: what was done with a contract, by whom."""
    ENQUIRE_TRANSFERS = "enquire_transfers"
    """資金移動業務依頼内容の照会: what is pending."""
    REQUEST_AT_COUNTER = "request_at_counter"
    REQUEST_BY_TELEPHONE = "request_by_telephone"
    SUSPEND = "suspend"
    """取引停止."""
    REFUSE_SUSPENSION = "refuse_suspension"
    FORMALISE = "formalise"
    """Taking the form that has to follow a suspension by telephone."""
    RELEASE_SUSPENSION = "release_suspension"
    """取引停止解除."""
    RELEASE_BLOCK = "release_block"
    """閉塞解除."""
    EXEMPT_FEE = "exempt_fee"
    """IB加入者登録: exempting a contract from a month's fee."""
    GIVE_PASSWORDS = "give_passwords"
    """Asking for a notice with provisional passwords, and giving them out."""
    INITIALISE_LOGIN_ID = "initialise_login_id"
    """ログインID初期化: deleting the login id alone."""
    CANCEL_CONTRACT = "cancel_contract"
    """解約, by the form."""
    TAKE_TOKEN_FORM = "take_token_form"  # noqa: S105 -- an act's name, no token
    """Registering what the form for one-time passwords asks for."""


class Part(Enum):
    """Whose part of an act it is."""

    MAKER = "maker"
    CHECKER = "checker"


_ENQUIRING = frozenset({Role.OPERATOR, Role.SUPERVISOR, Role.HELP_DESK})
"""A teller has no operations terminal and asks an operator (SUS-05)."""
_CHECKING = frozenset({Role.SUPERVISOR})

MAY: Mapping[tuple[Act, Part], frozenset[Role]] = MappingProxyType(
    {
        (Act.LIST_CASES, Part.MAKER): frozenset(Role),
        (Act.ENQUIRE_CONTRACT, Part.MAKER): _ENQUIRING,
        (Act.ENQUIRE_HISTORY, Part.MAKER): _ENQUIRING,
        (Act.ENQUIRE_TRANSFERS, Part.MAKER): _ENQUIRING,
        (Act.REQUEST_AT_COUNTER, Part.MAKER): frozenset({Role.TELLER}),
        (Act.REQUEST_BY_TELEPHONE, Part.MAKER): frozenset({Role.HELP_DESK}),
        # Whoever enters a stop may also find that it cannot be entered (SUS-11).
        (Act.SUSPEND, Part.MAKER): frozenset({Role.OPERATOR, Role.HELP_DESK}),
        (Act.SUSPEND, Part.CHECKER): _CHECKING,
        (Act.REFUSE_SUSPENSION, Part.MAKER): frozenset({Role.OPERATOR, Role.HELP_DESK}),
        (Act.FORMALISE, Part.MAKER): frozenset({Role.TELLER}),
        (Act.RELEASE_SUSPENSION, Part.MAKER): frozenset({Role.OPERATOR}),
        (Act.RELEASE_SUSPENSION, Part.CHECKER): _CHECKING,
        (Act.RELEASE_BLOCK, Part.MAKER): frozenset({Role.OPERATOR}),
        (Act.RELEASE_BLOCK, Part.CHECKER): _CHECKING,
        (Act.EXEMPT_FEE, Part.MAKER): frozenset({Role.TELLER, Role.OPERATOR}),
        (Act.EXEMPT_FEE, Part.CHECKER): _CHECKING,
        (Act.GIVE_PASSWORDS, Part.MAKER): frozenset({Role.TELLER, Role.OPERATOR}),
        (Act.GIVE_PASSWORDS, Part.CHECKER): _CHECKING,
        (Act.INITIALISE_LOGIN_ID, Part.MAKER): frozenset({Role.OPERATOR}),
        (Act.CANCEL_CONTRACT, Part.MAKER): frozenset({Role.TELLER, Role.OPERATOR}),
        (Act.CANCEL_CONTRACT, Part.CHECKER): _CHECKING,
        (Act.TAKE_TOKEN_FORM, Part.MAKER): frozenset({Role.TELLER, Role.OPERATOR}),
        (Act.TAKE_TOKEN_FORM, Part.CHECKER): _CHECKING,
    }
)

CODES: Mapping[Act, tuple[str, ...]] = MappingProxyType(
    {
        **dict.fromkeys(Act, ()),
        Act.ENQUIRE_CONTRACT: ("0382", "1195"),
        Act.ENQUIRE_HISTORY: ("4087",),
        Act.EXEMPT_FEE: ("1162",),
    }
)
"""取引コード; the functions of the operations terminal itself (取引停止, 閉塞解除 …) have none."""


def may(roles: Collection[Role], act: Act, part: Part) -> bool:
    """Whether somebody with these *roles* may do this *part* of *act*."""
    return not MAY.get((act, part), frozenset[Role]()).isdisjoint(roles)
