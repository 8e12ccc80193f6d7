"""Reissue: the order of having a token reissued online, from the proof of the login password to the call.

The order is one table; a cell that is missing is a refusal.  What stands before it needs no table: the customer chooses
whether he names himself by login id or by account (認証方法選択), and the procedure begins with the password that is
right (認証), so that it is one contract's from its first instant and there is nothing of a stranger's to be kept.
Nothing leads back to the password: whoever would name himself anew begins anew.

Shape:  `NEXT[(step, act)]` is the step after.
Source: TKR-03..09, TEL-09, TEL-18, TEL-25; ASVS 2.3.1.
"""

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType


class Step(Enum):
    """What the customer is asked for next."""

    DETAILS = "details"
    """情報入力: where the ids go, the start password, and which registered telephone he will call from."""
    CALL = "call"
    """電話番号認証."""
    DONE = "done"
    ABANDONED = "abandoned"


class Act(Enum):
    """What happens."""

    GIVE_DETAILS = "give_details"
    COMPLETE = "complete"
    """The call was the right one, and the screen goes on by it: the new token takes the place of the old one."""
    GO_BACK = "go_back"
    ABANDON = "abandon"


NEXT: Mapping[tuple[Step, Act], Step] = MappingProxyType(
    {
        (Step.DETAILS, Act.GIVE_DETAILS): Step.CALL,
        (Step.CALL, Act.COMPLETE): Step.DONE,
        (Step.CALL, Act.GO_BACK): Step.DETAILS,
        (Step.DETAILS, Act.ABANDON): Step.ABANDONED,
        (Step.CALL, Act.ABANDON): Step.ABANDONED,
    }
)

ENDS = frozenset({Step.DONE, Step.ABANDONED})
"""In these nothing more can be done, and nothing of what was given is kept."""
