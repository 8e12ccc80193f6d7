"""Recovery: the order of a reset online, from the form to the new secret.

The order is one table; a cell that is missing is a refusal.  Nothing leads back from the card's PIN: the call has been
used up by then, and whoever wants another one begins again.

Shape:  `NEXT[(step, act)]` is the step after.
Source: PWR-03, PWR-10..13, PWR-16, RBR-04..08, TEL-18, TEL-25; LCK-13; ASVS 2.3.1.
"""

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType


class Step(Enum):
    """What the customer is asked for next."""

    FORM = "form"
    """契約者認証: who he is."""
    PHONE = "phone"
    """契約者確認: which registered telephone he will call from."""
    CALL = "call"
    """電話番号認証."""
    SECRET = "secret"  # noqa: S105 -- a step's name, no secret
    """パスワード入力: the card's PIN, and the new password where there is to be one."""
    DONE = "done"
    ABANDONED = "abandoned"


class Act(Enum):
    """What happens."""

    FILL_FORM = "fill_form"
    CALL = "call"
    BE_RECOGNISED = "be_recognised"
    LOSE_CALL = "lose_call"
    """The time for the call has passed, or wrong digits were keyed too often."""
    RESET = "reset"
    GO_BACK = "go_back"
    ABANDON = "abandon"
    END = "end"
    """The contract is no longer what it was when the form was filled in, or the card is frozen."""


NEXT: Mapping[tuple[Step, Act], Step] = MappingProxyType(
    {
        (Step.FORM, Act.FILL_FORM): Step.PHONE,
        (Step.PHONE, Act.CALL): Step.CALL,
        (Step.CALL, Act.BE_RECOGNISED): Step.SECRET,
        (Step.CALL, Act.LOSE_CALL): Step.PHONE,
        (Step.SECRET, Act.RESET): Step.DONE,
        (Step.PHONE, Act.GO_BACK): Step.FORM,
        (Step.CALL, Act.GO_BACK): Step.PHONE,
        (Step.FORM, Act.ABANDON): Step.ABANDONED,
        (Step.PHONE, Act.ABANDON): Step.ABANDONED,
        (Step.CALL, Act.ABANDON): Step.ABANDONED,
        (Step.SECRET, Act.ABANDON): Step.ABANDONED,
        (Step.FORM, Act.END): Step.ABANDONED,
        (Step.PHONE, Act.END): Step.ABANDONED,
        (Step.CALL, Act.END): Step.ABANDONED,
        (Step.SECRET, Act.END): Step.ABANDONED,
    }
)

ENDS = frozenset({Step.DONE, Step.ABANDONED})
"""In these nothing more can be done."""
