"""Credentials: what a login id and a password must be to be registered, and what is looked at when somebody logs in.

Two questions, never mixed (AMB-1): `check` says everything that forbids a *new* credential; `acceptable_at_login` says
only whether a string could ever have been a login id, so that nobody is shut out by a rule younger than his id.  Of a
password nothing is asked at login but whether it is the one that is kept.

Shape:  (string, PersonalData) -> every Violation at once, () when it may be registered.
Units:  lengths and floors count characters.
Errors: ValueError for lengths that cannot be; whatever a customer types is a violation.
Source: CRD-01..03, 05..09, 13; PRF-06; AMB-1, 2, 40.  CRD-04 (uniqueness) is the storage's.

No violation holds a part of the string or of the personal data: it names the kind and the writing that was met.
"""

from attrs import field, frozen

from janetbank.values.guessable import NOBODY, SERVICE_WORDS, SHORTEST_WORD, PersonalData, examine
from janetbank.values.secret import Secret
from janetbank.values.violation import Violation

_LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
_DIGITS = frozenset("0123456789")
_LETTERS_AND_DIGITS = _LETTERS | _DIGITS
_WITH_SYMBOLS = frozenset(map(chr, range(0x21, 0x7F)))
"""Every half-width character that is seen; a space is not."""
_LOGIN_ID_IN_PASSWORD = "password.guessable.login_id"  # noqa: S105 -- a violation's code, no password


@frozen(kw_only=True)
class Length:
    """From *min* to *max* characters, both included."""

    min: int
    max: int

    def __attrs_post_init__(self) -> None:
        if not 1 <= self.min <= self.max:
            msg = "a length runs from at least 1 to no less"
            raise ValueError(msg)

    def __contains__(self, text: str) -> bool:
        return self.min <= len(text) <= self.max


def _long_enough(_rules: object, _field: object, words: tuple[str, ...]) -> None:
    if any(len(word) < SHORTEST_WORD for word in words):
        msg = f"a service word has at least {SHORTEST_WORD} characters"
        raise ValueError(msg)


def _folded(text: str) -> str:
    """*text* in one case; only half-width letters have another here: ſ is no s, nor is the sign of the kelvin a k."""
    return text.casefold() if text.isascii() else text


def _form(
    noun: str, text: str, length: Length, allowed: frozenset[str], *, mixed: bool, others: str = "charset"
) -> list[Violation]:
    """What is wrong with *text* as a string, whoever chose it; *others* says that it has other characters."""
    used = frozenset(text)
    found: list[Violation] = []
    if len(text) < length.min:
        found.append(Violation(f"{noun}.too_short", {"min": length.min}))
    if len(text) > length.max:
        found.append(Violation(f"{noun}.too_long", {"max": length.max}))
    if not used <= allowed:
        found.append(Violation(f"{noun}.{others}"))
    if mixed and not (used & _LETTERS and used & _DIGITS):
        found.append(Violation(f"{noun}.not_mixed"))
    return found


def _guessable(
    noun: str, text: str, about: PersonalData, login_id: str, service_words: tuple[str, ...], floor: int
) -> list[Violation]:
    """The birth date or a phone number in full, wherever it stands; any fragment where too little is left without."""
    examined = examine(text, about=about, login_id=login_id, service_words=service_words)
    return [
        Violation(f"{noun}.guessable.{clue.kind}", {"pattern": clue.pattern})
        for clue in examined.clues
        if clue.whole or examined.left < floor
    ]


@frozen(kw_only=True)
class LoginIdRules:
    """Half-width letters and digits, at least one of each where *mixed*.

    At least *floor* characters must be left when everything guessable, *service_words* among it, is taken out.
    """

    length: Length
    login_length: Length
    mixed: bool
    case_sensitive: bool
    floor: int = 3
    service_words: tuple[str, ...] = field(default=SERVICE_WORDS, validator=_long_enough)

    def check(self, login_id: str, *, about: PersonalData = NOBODY) -> tuple[Violation, ...]:
        """Every reason why *login_id* cannot be registered by the person it is *about*."""
        form = _form("login_id", login_id, self.length, _LETTERS_AND_DIGITS, mixed=self.mixed)
        return (*form, *_guessable("login_id", login_id, about, "", self.service_words, self.floor))

    def canonical(self, login_id: str) -> str:
        """The form that is stored, looked up and unique; never shortened."""
        return login_id if self.case_sensitive else _folded(login_id)

    def acceptable_at_login(self, login_id: str) -> bool:
        """Whether *login_id* could ever have been registered; if not, the answer is that of any wrong id."""
        return login_id in self.login_length and frozenset(login_id) <= _LETTERS_AND_DIGITS


@frozen(kw_only=True)
class PasswordRules:
    """Half-width letters, digits and, with *symbols*, symbols; the rest as for a login id.

    There is one set of characters for every screen, whatever its label leaves out (CRD-08).
    """

    length: Length
    mixed: bool
    case_sensitive: bool
    symbols: bool = True
    floor: int = 3
    service_words: tuple[str, ...] = field(default=SERVICE_WORDS, validator=_long_enough)

    def check(self, password: Secret, *, about: PersonalData = NOBODY, login_id: str = "") -> tuple[Violation, ...]:
        """Every reason why *password* cannot be registered by the person it is *about*, known as *login_id*."""
        text = password.reveal()
        allowed, others = (_WITH_SYMBOLS, "charset") if self.symbols else (_LETTERS_AND_DIGITS, "letters_and_digits")
        form = _form("password", text, self.length, allowed, mixed=self.mixed, others=others)
        return (*form, *_guessable("password", text, about, login_id, self.service_words, self.floor))

    def beside(self, password: Secret, login_id: str) -> tuple[Violation, ...]:
        """Why *login_id*, a new one, cannot go with *password*, which is kept: it is little more than it."""
        return tuple(one for one in self.check(password, login_id=login_id) if one.code == _LOGIN_ID_IN_PASSWORD)

    def canonical(self, password: Secret) -> Secret:
        """The form that is hashed and compared; never shortened."""
        return password if self.case_sensitive else Secret(_folded(password.reveal()))

    def same(self, password: Secret, again: Secret) -> bool:
        """Whether the two are one password (entered twice, or new and old), compared in constant time."""
        return self.canonical(password) == self.canonical(again)
