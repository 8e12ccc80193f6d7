"""Releases: which block is ended by what, and whom a customer is sent to who may not use the online way.

One table: for each thing that stands in the way, everything that ends it, in the order in which a customer is told.
What is not in a block's row does not end it, however right it is elsewhere: each block is ended by its own procedure
alone, and a right entry ends none, since nothing is looked at.

Shape:  `WAYS[block]` is a row; `releases(release, block) -> bool`; `way_out(block, closed) -> Release` the first way
        that is not closed to the customer.  Every row has a way that is open to everybody.
Source: LCK-01..04, 06..09, 11..13, 15; AMB-6, 18, 25, 28, 29; requirements.md part 5; SUS-01, SUS-02.
"""

from collections.abc import Collection, Mapping
from enum import Enum
from types import MappingProxyType


class Block(Enum):
    """What may be in the way until something ends it; each is a dimension of its own (LCK-15)."""

    PASSWORD_LOCK = "password_lock"  # noqa: S105 -- a block's name, no password
    PASSWORD_BLOCK = "password_block"  # noqa: S105 -- a block's name, no password
    ANSWER_LOCK = "answer_lock"
    ANSWER_BLOCK = "answer_block"
    PAYMENT_LOCK = "payment_lock"
    """納付番号・お客様番号, 確認番号; of bill payment alone."""
    PAYMENT_BLOCK = "payment_block"
    CONFIRMATION_LOCK = "confirmation_lock"
    """Of what the confirmation password authorises alone."""
    CONFIRMATION_BLOCK = "confirmation_block"
    MAIL_PASSWORD_LOCK = "mail_password_lock"  # noqa: S105 -- a block's name, no password
    """Of what is proved by mail alone."""
    MAIL_PASSWORD_BLOCK = "mail_password_block"  # noqa: S105 -- a block's name, no password
    CODE_LOCK = "code_lock"
    """Where a bank lets wrong codes rest."""
    CODE_BLOCK = "code_block"
    START_PASSWORD_LOCK = "start_password_lock"  # noqa: S105 -- a block's name, no password
    START_PASSWORD_BLOCK = "start_password_block"  # noqa: S105 -- a block's name, no password
    CARD_FREEZE = "card_freeze"
    """The host's: card and service, after wrong PINs."""
    FORM_CLOSED = "form_closed"
    """契約者認証, after too many mismatches on one day."""
    SUSPENSION = "suspension"


class Release(Enum):
    """What may end a block; the texts `release.*` send a customer there."""

    TIME = "time"
    """The sixty minutes of a lockout."""
    NEXT_DAY = "next_day"
    RIGHT_ENTRY = "right_entry"
    """Of the very secret that is counted, where it is looked at."""
    PASSWORD_CHANGE = "password_change"  # noqa: S105 -- a procedure's name, no password
    """By somebody who is logged in."""
    PASSWORD_RESET = "password_reset"  # noqa: S105 -- a procedure's name, no password
    ANSWERS_RESET = "answers_reset"
    TOKEN_REISSUE = "token_reissue"  # noqa: S105 -- a procedure's name, no token
    """Or the first issue, where that is open: a new token, with counters of its own."""
    CANCEL_AND_REAPPLY = "cancel_and_reapply"
    BRANCH_FORM = "branch_form"
    """IB-3 at the branch, entered and checked at the centre (閉塞解除)."""
    BRANCH_TERMINAL = "branch_terminal"
    """The accepting branch verifies the customer, and the centre releases (LCK-08)."""
    TOKEN_AT_BRANCH = "token_at_branch"  # noqa: S105 -- a procedure's name, no token
    """In writing: the token is stopped (利用停止), and applied for anew."""
    CARD_AT_BRANCH = "card_at_branch"
    SUSPENSION_RELEASE = "suspension_release"
    """IB-3, no illicit access, two people (取引停止解除)."""


WAYS: Mapping[Block, tuple[Release, ...]] = MappingProxyType(
    {
        # Time does it for everybody; a reset clears the counter of its own secret, lock and all.
        Block.PASSWORD_LOCK: (Release.TIME, Release.PASSWORD_RESET),
        Block.PASSWORD_BLOCK: (Release.PASSWORD_RESET, Release.CANCEL_AND_REAPPLY, Release.BRANCH_FORM),
        Block.ANSWER_LOCK: (Release.TIME, Release.ANSWERS_RESET),
        Block.ANSWER_BLOCK: (Release.ANSWERS_RESET, Release.BRANCH_FORM),
        Block.PAYMENT_LOCK: (Release.TIME,),
        Block.PAYMENT_BLOCK: (Release.BRANCH_TERMINAL,),
        Block.CONFIRMATION_LOCK: (Release.TIME,),
        Block.CONFIRMATION_BLOCK: (Release.BRANCH_FORM,),
        Block.MAIL_PASSWORD_LOCK: (Release.TIME,),
        Block.MAIL_PASSWORD_BLOCK: (Release.BRANCH_FORM,),
        Block.CODE_LOCK: (Release.TIME, Release.TOKEN_REISSUE, Release.TOKEN_AT_BRANCH),
        Block.CODE_BLOCK: (Release.TOKEN_REISSUE, Release.TOKEN_AT_BRANCH),
        Block.START_PASSWORD_LOCK: (Release.TIME, Release.TOKEN_REISSUE, Release.TOKEN_AT_BRANCH),
        Block.START_PASSWORD_BLOCK: (Release.TOKEN_REISSUE, Release.TOKEN_AT_BRANCH),
        Block.CARD_FREEZE: (Release.CARD_AT_BRANCH,),
        Block.FORM_CLOSED: (Release.NEXT_DAY,),
        Block.SUSPENSION: (Release.CANCEL_AND_REAPPLY, Release.SUSPENSION_RELEASE),
    }
)


def releases(release: Release, block: Block) -> bool:
    """Whether *release* ends *block*."""
    return release in WAYS[block]


def way_out(block: Block, closed: Collection[Release] = ()) -> Release:
    """Where a customer is sent with *block*, to whom those in *closed* are not open: the first way that is."""
    *ways, last = WAYS[block]
    return next((way for way in ways if way not in closed), last)
