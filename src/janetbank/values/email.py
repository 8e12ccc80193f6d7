"""E-mail address: where a customer's mails go, checked when it is made and never looked up.

Shape:  MailAddress("taro", "example.jp"): ASCII on both sides; the domain in lower case, an international one in its
        `xn--` form.  Two addresses are equal where their local parts are the same to the letter.
Units:  at most 64 characters before the @ and 254 in all (RFC 5321 4.5.3.1, erratum 1690).
Errors: InvalidValue `mail.local_part`, `mail.syntax`, `mail.dots`, `mail.length`.
Source: PWR-07 (the domain in any case, the local part exactly), ENR-06; no line break can pass (header injection).

Japanese mobile carriers once gave out addresses that the standard forbids, with dots in a row or at an end
(`a..b@docomo.ne.jp`), and their customers still have them.  They are taken for those carriers' domains alone.
yahoo.ne.jp is none of them: it is a web mail's domain, whose addresses were always made by the standard.

The syntax is the `email-validator` library's, imported when the first address is made: it takes its time.
"""

import re
from typing import Self

from attrs import field, frozen

from janetbank.values.violation import InvalidValue

LONGEST_LOCAL_PART = 64
LONGEST = 254

_CARRIER = re.compile(
    r"""
      docomo\.ne\.jp
    | ezweb\.ne\.jp | au\.com
    | softbank\.ne\.jp | i\.softbank\.jp | disney\.ne\.jp
    | [dhtcrknsq]\.vodafone\.ne\.jp
    | jp-[dhtcrknsq]\.ne\.jp
    | emnet\.ne\.jp | ymobile1?\.ne\.jp
    | willcom\.com | wcm\.ne\.jp | (?:[0-9a-z-]+\.)?pdx\.ne\.jp
    """,
    re.VERBOSE,
)


def _lower(domain: str) -> str:
    return domain.lower()


@frozen
class MailAddress:
    """One mailbox; its text is ASCII without blanks, so it can stand in a header as it is."""

    local: str
    domain: str = field(converter=_lower)

    def __attrs_post_init__(self) -> None:
        if _parts(str(self)) != (self.local, self.domain):
            code = "mail.syntax"
            raise InvalidValue(code)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Take *text* as typed; nothing but the domain's spelling is changed."""
        return cls(*_parts(text))

    def __str__(self) -> str:
        return f"{self.local}@{self.domain}"


def _parts(text: str) -> tuple[str, str]:
    """The local part and the ASCII domain of what is written in *text*, or why there are none."""
    from email_validator import EmailNotValidError, validate_email

    local, _, domain = text.rpartition("@")
    if len(local) > LONGEST_LOCAL_PART or len(text) > LONGEST:
        code = "mail.length"
        raise InvalidValue(code, longest=LONGEST, longest_local_part=LONGEST_LOCAL_PART)
    if not local.isascii():
        code = "mail.local_part"
        raise InvalidValue(code)
    # With its spare dots taken out, a carrier's old address is as well formed as any other.
    by_the_standard = re.sub(r"\.+", ".", local).strip(".")
    try:
        found = validate_email(
            f"{by_the_standard}@{domain}", check_deliverability=False, allow_smtputf8=False, strict=True
        )
    except EmailNotValidError:
        code = "mail.syntax"
        raise InvalidValue(code) from None
    domain = found.ascii_domain
    if local != by_the_standard and not _CARRIER.fullmatch(domain):
        code = "mail.dots"
        raise InvalidValue(code)
    return local, domain
