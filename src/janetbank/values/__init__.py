"""Values: what banks and customers exchange, checked when made, so that an invalid one cannot exist.

Who and where:  InstitutionId, ContractId, LoginId, Branch, AccountType, AccountNumber, Account, Environment, Channel
The customer:   KanaName, KanjiName, BirthDate, PhoneNumber (PhoneKind, PhoneMask), MailAddress
What is hidden: Secret, Pin
What counts:    Yen, Month; `aware`, `in_japan` and JST for instants
Why not:        InvalidValue carries a Violation

Shape:  frozen; `parse`, where there is one, takes what a customer typed, the constructor what is already in form.
Errors: InvalidValue for what a customer can type, TypeError for what only a program can.
"""

from janetbank.values.account import Account, AccountNumber, AccountType, Branch
from janetbank.values.email import MailAddress
from janetbank.values.environment import Channel, Environment
from janetbank.values.identifiers import ContractId, InstitutionId
from janetbank.values.login_id import LoginId
from janetbank.values.moment import JST, aware, in_japan
from janetbank.values.money import Yen
from janetbank.values.month import Month
from janetbank.values.person import BirthDate, KanaName, KanjiName
from janetbank.values.phone import PhoneKind, PhoneMask, PhoneNumber
from janetbank.values.pin import Pin
from janetbank.values.secret import Secret
from janetbank.values.violation import InvalidValue, Violation

__all__ = [
    "JST",
    "Account",
    "AccountNumber",
    "AccountType",
    "BirthDate",
    "Branch",
    "Channel",
    "ContractId",
    "Environment",
    "InstitutionId",
    "InvalidValue",
    "KanaName",
    "KanjiName",
    "LoginId",
    "MailAddress",
    "Month",
    "PhoneKind",
    "PhoneMask",
    "PhoneNumber",
    "Pin",
    "Secret",
    "Violation",
    "Yen",
    "aware",
    "in_japan",
]
