"""Personal data: who holds a contract, and what of him must not serve him as a login id or a password.

Source: CRD-03, CRD-06, CRD-10.
"""

from janetbank.model.contract import Contract
from janetbank.model.customer import Customer
from janetbank.model.enrolment import Holder
from janetbank.ports.storage import Transaction
from janetbank.values.account import Account
from janetbank.values.guessable import PersonalData
from janetbank.values.person import BirthDate, KanaName
from janetbank.values.phone import PhoneNumber


def about_holder(holder: Holder) -> PersonalData:
    """What could be guessed of the *holder* of an account."""
    return _data(holder.born, holder.phones, holder.kana, holder.account)


def customer_of(tx: Transaction, contract: Contract) -> Customer:
    """Who holds *contract*, which is no decoy."""
    customer = tx.customers.of(contract.institution, contract.id)
    assert customer is not None, "whoever is logged in is a customer"
    return customer


def about(tx: Transaction, contract: Contract) -> PersonalData:
    """What could be guessed of the customer of *contract*: of his contact telephone and his used accounts, too."""
    customer = customer_of(tx, contract)
    assert contract.account is not None, "and has an account"
    phones = customer.phones if customer.contact is None else (*customer.phones, customer.contact)
    used = (one.account for one in contract.accounts)
    return _data(customer.born, phones, customer.kana, contract.account, *used)


def _data(born: BirthDate, phones: tuple[PhoneNumber, ...], kana: KanaName, *accounts: Account) -> PersonalData:
    return PersonalData(
        birth_date=born.date,
        phones=tuple(phone.digits for phone in phones),
        kana_names=(kana.text,),
        accounts=tuple(account.number.digits for account in accounts),
        branches=tuple(account.branch.code for account in accounts),
    )
