"""Paper: the forms that a person signs or a clerk fills in, as the procedures name them.

Shape:  an enumeration; the texts `paper.*` name them to people.
Source: OPS-07, SUS-02, SUS-05, SUS-29, SUS-31, ENR-19, LCK-09, CAN-01, PRF-03, OTP-13, OTP-16,
        OTP-17.
"""

from enum import Enum


class Paper(Enum):
    """A form."""

    IB_1 = "ib_1"
    """「利用申込書」（ＩＢ－１）: what a customer applies with at the counter, for a suspension too."""
    IB_3 = "ib_3"
    """「ＪＡネットバンク取引閉塞解除等申込書」（ＩＢ－３）."""
    ACCEPTANCE_SLIP = "acceptance_slip"
    """「停止代行サービス受付票」, which the help desk fills in while the customer is on the telephone."""
    CANCELLATION_FORM = "cancellation_form"
    """「解約申込書」."""
    TOKEN_FORM = "token_form"  # noqa: S105 -- a form's name, no token
    """「ワンタイムパスワード申込書」: for one-time passwords, to stop them, or to cancel them."""
