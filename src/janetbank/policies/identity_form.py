"""Identity form: whether somebody who says who he is says it as the bank knows it, and how often he may be wrong.

Every item is compared, whatever the others come to; which of them differ is for the audit log alone, and never told.
An account's mismatches are counted by the day, and at so many of them the form is closed to that account until the
next one, whoever fills it in.  Time alone opens it again, and a form that matches clears nothing.

Shape:  `compare(form, registered)` is the items that differ; `counted(tries, now)` the count after a mismatch;
        `closed(tries, now)` the instant at which the form opens again, or None where it is open.
Units:  a day is a day in Japan; instants are aware datetimes.
Errors: ValueError for rules under which nobody may fill a form in.
Source: PWR-03..08, PWR-11, RBR-04; AMB-16 (gaiji), AMB-30; requirements part 5 (five mismatches per account and day).
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from enum import Enum

from attrs import field, frozen

from janetbank.values.account import Account
from janetbank.values.email import MailAddress
from janetbank.values.moment import JST, in_japan
from janetbank.values.person import BirthDate, KanaName, KanjiName
from janetbank.values.phone import PhoneNumber


class Item(Enum):
    """The items of the form, in their order."""

    KANA = "kana"
    KANJI = "kanji"
    BORN = "born"
    PHONE = "phone"
    MAIL = "mail"
    ACCOUNT = "account"


@frozen(kw_only=True)
class IdentityForm:
    """What somebody says of himself (ご本人情報, 代表口座)."""

    kana: KanaName
    kanji: KanjiName
    born: BirthDate
    phone: PhoneNumber
    mail: MailAddress
    account: Account


@frozen(kw_only=True)
class Registered:
    """What the bank knows; of several telephones or mail addresses each is as good as another."""

    kana: KanaName
    kanji: KanjiName
    kanji_has_gaiji: bool
    """Whether the name in kanji holds a character outside JIS levels 1 and 2."""
    since: date | None
    """When he began to use the service, where that is known."""
    born: BirthDate
    phones: Sequence[PhoneNumber]
    mails: Sequence[MailAddress]
    account: Account
    """The representative account, as it is numbered now."""


@frozen
class FormTries:
    """How many forms that named this account did not match on *day*; None where there never was one."""

    day: date | None = None
    count: int = 0


def _some(_: object, __: object, number: int) -> None:
    if number < 1:
        msg = "a form may be filled in once at least"
        raise ValueError(msg)


@frozen(kw_only=True)
class IdentityFormRules:
    """An account has *mismatches* a day, after which the form is closed to it.

    Who began by *gaiji_until*, that day included, and has gaiji in his name writes it in katakana in its place; None
    where there never were such names.
    """

    mismatches: int = field(validator=_some)
    gaiji_until: date | None

    def compare(self, form: IdentityForm, registered: Registered | None) -> tuple[Item, ...]:
        """The items of *form* that differ from what is *registered*; all of them where there is nothing."""
        if registered is None:
            return tuple(Item)
        same = {
            Item.KANA: form.kana == registered.kana,
            Item.KANJI: form.kanji == registered.kanji or self._stands_in(form.kanji, registered),
            Item.BORN: form.born == registered.born,
            Item.PHONE: form.phone in registered.phones,
            Item.MAIL: form.mail in registered.mails,
            Item.ACCOUNT: form.account == registered.account,
        }
        return tuple(item for item in Item if not same[item])

    def counted(self, tries: FormTries, now: datetime) -> FormTries:
        """The *tries* with a mismatch at *now*."""
        day = _day(tries, now)
        return FormTries(day, tries.count + 1 if day == tries.day else 1)

    def closed(self, tries: FormTries, now: datetime) -> datetime | None:
        """When the form opens again to an account with these *tries*; None where it is open at *now*."""
        day = _day(tries, now)
        if day != tries.day or tries.count < self.mismatches:
            return None
        return datetime.combine(day + timedelta(days=1), datetime.min.time(), JST)

    def _stands_in(self, written: KanjiName, registered: Registered) -> bool:
        """Whether the name in katakana is what this customer writes in the place of his kanji (PWR-05)."""
        if self.gaiji_until is None or registered.since is None or registered.since > self.gaiji_until:
            return False
        return registered.kanji_has_gaiji and written.text == registered.kana.text


def _day(tries: FormTries, now: datetime) -> date:
    """The day that a form at *now* counts on: never an earlier one than before, whatever two nodes' clocks say."""
    today = in_japan(now).date()
    return today if tries.day is None else max(tries.day, today)
