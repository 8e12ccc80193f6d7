"""Host answer: what the host says has become of an instruction.

Shape:  HostAnswer(HostWord.EXECUTED), or HostAnswer(HostWord.REFUSED, HostReason.FUNDS).
Errors: ValueError for a refusal without a reason, or a reason without a refusal.
Source: TRF-09 (accepted 受付中 and reserved 予約扱い are pending), TRF-10, TRF-11; requirements.md part 7.
"""

from enum import Enum

from attrs import frozen


class HostWord(Enum):
    """Where the host says an instruction stands."""

    ACCEPTED = "accepted"
    """受付中: taken, and not yet done."""
    RESERVED = "reserved"
    """予約扱い: waits for its day."""
    EXECUTED = "executed"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    """Not executed, and never will be, whoever asks for it under this key."""


class HostReason(Enum):
    """Why the host does not execute it; the texts `hostreason.*` say it to the customer."""

    FUNDS = "funds"
    ACCOUNT = "account"
    """There is no such account to take it from, or nothing may be taken from it."""
    PAYEE = "payee"
    """There is nobody of that name, or he is not registered as a payee."""
    BILL = "bill"
    """The bill is unknown, or paid already."""
    DAY = "day"
    """Its day is over."""


@frozen
class HostAnswer:
    """The host's *word*, with its *reason* where that is a refusal."""

    word: HostWord
    reason: HostReason | None = None

    def __attrs_post_init__(self) -> None:
        if (self.word is HostWord.REFUSED) != (self.reason is not None):
            msg = "a refusal has a reason, and nothing else has"
            raise ValueError(msg)
