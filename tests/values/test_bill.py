"""A bill is found by what stands on its paper, and the proof of having that is a secret."""

import pytest
from attrs import evolve

from janetbank.values.bill import Bill, BillNumbers
from janetbank.values.money import Yen
from janetbank.values.secret import Secret
from tests.values.refusals import refusal

NUMBERS = BillNumbers("00100", "12345678901234567890", Secret("123456"))
BILL = Bill(id="b-1", biller="00100", name="アオゾラデンリヨク", public=False, amount=Yen(8_640))


def test_as_typed() -> None:
    """Digits of either width, grouped as papers group them, are the numbers they spell."""
    typed = BillNumbers.parse("００１００", "1234-5678-9012 3456-7890", Secret("１２３－４５６"))
    assert typed == NUMBERS


@pytest.mark.parametrize("biller", ["", "0010", "001000", "0010a", "00100\n"])
def test_billers(biller: str) -> None:
    """A biller's number has five digits."""
    assert refusal(lambda: BillNumbers.parse(biller, "1", Secret("1"))) == "bill.biller"
    assert refusal(lambda: evolve(BILL, biller=biller)) == "bill.biller"


@pytest.mark.parametrize("customer", ["", "-", "1" * 21, "12a", "١"])
def test_customer_numbers(customer: str) -> None:
    """A payment or customer number has one to twenty digits."""
    assert refusal(lambda: BillNumbers.parse("00100", customer, Secret("1"))) == "bill.customer_number"
    assert BillNumbers.parse("00100", "1" * 20, Secret("1")).customer == "1" * 20


@pytest.mark.parametrize("confirmation", ["", " ", "1" * 7, "12a", "12345\n"])
def test_confirmation_numbers(confirmation: str) -> None:
    """A confirmation number has one to six digits."""
    assert refusal(lambda: BillNumbers.parse("00100", "1", Secret(confirmation))) == "bill.confirmation_number"
    assert BillNumbers.parse("00100", "1", Secret("1" * 6)).confirmation == Secret("111111")


def test_the_confirmation_number_is_not_shown() -> None:
    """It stands in no repr."""
    assert "123456'" not in repr(NUMBERS)
    assert "Secret(…)" in repr(NUMBERS)


def test_a_bill_of_nothing() -> None:
    """One yen can be billed, none cannot."""
    assert evolve(BILL, amount=Yen(1)).amount == Yen(1)
    assert refusal(lambda: evolve(BILL, amount=Yen(0))) == "transfer.amount"
