"""Login id: the name under which a customer logs in.

This guards only what can be a login id anywhere; how long and how mixed it must be is a policy's matter, which
moreover is stricter at registration than at login (AMB-1).

Shape:  1 to 64 ASCII letters and digits; *typed* for showing, *canonical* for storing, comparing and looking up.
Errors: InvalidValue `login_id.shape`.
Source: CRD-02 (letters are not case-distinguished), PRF-07 (where they are); AMB-1.
"""

from typing import Self

from attrs import field, frozen

from janetbank.values.shape import shaped
from janetbank.values.violation import InvalidValue


@frozen
class LoginId:
    """Two login ids are one where their canonical forms are; how they were typed is kept for showing only."""

    typed: str = field(eq=False, validator=shaped(r"[0-9A-Za-z]{1,64}", "login_id.shape"))
    canonical: str

    def __attrs_post_init__(self) -> None:
        if self.canonical not in {self.typed, self.typed.casefold()}:
            code = "login_id.shape"
            raise InvalidValue(code)

    @classmethod
    def parse(cls, text: str, *, case_sensitive: bool) -> Self:
        """Take *text* as typed; whether `Taro1` is `taro1` is the profile's to say."""
        return cls(text, text if case_sensitive else text.casefold())

    def __str__(self) -> str:
        return self.typed
