"""Identifiers: which institution, and which contract with it.

Shape:  InstitutionId("5441") is a Japanese bank code of four digits; ContractId is opaque, of `[0-9a-z-]`, at most 64.
Errors: InvalidValue `institution.shape`, `contract.shape`.
Source: PRF-01 (tenant = profile and institution).
"""

from typing import Self

from attrs import field, frozen

from janetbank.values.shape import ascii_digits, shaped


@frozen
class InstitutionId:
    """金融機関コード: the four digits by which Japanese banks know one another, leading zeros kept."""

    code: str = field(validator=shaped(r"[0-9]{4}", "institution.shape"))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Take *text* as typed; full-width digits are the same digits."""
        return cls(ascii_digits(text))

    def __str__(self) -> str:
        return self.code


@frozen
class ContractId:
    """A contract's name inside janetbank; it says nothing about the customer."""

    text: str = field(validator=shaped(r"[0-9a-z-]{1,64}", "contract.shape"))

    def __str__(self) -> str:
        return self.text
