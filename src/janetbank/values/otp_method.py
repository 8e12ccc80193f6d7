"""One-time password method (認証方式): how somebody who has a token in use confirms what he does.

Shape:  an enumeration; "no token in use" is None wherever a method is asked for.
Source: OTP-05, TXA-05, TXA-07 (chosen, then confirmed in the app); the names of the methods: 000:L415, standards.md J3.
"""

from enum import Enum


class OtpMethod(Enum):
    """What is asked of a token in use; from the start it is the code, unless the customer chooses otherwise."""

    PASSCODE = "passcode"
    """The code that the app shows is typed."""
    TXA_PENDING_APP = "txa_pending_app"
    """ソフトウェアトークン取引認証 is chosen, and not yet confirmed in the app."""
    TXA_ENABLED = "txa_enabled"
    """The instruction is shown in the app, and approved there."""
