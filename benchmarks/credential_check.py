"""What a credential check costs, beside `zxcvbn`, and how often it refuses what nobody could guess.

Both sides get the same strings, each with a customer of its own. Ours prepares the customer's fragments anew at every
check, as a registration does; `zxcvbn` gets the data as its `user_inputs`. The two take turns over all strings, and the
best of several rounds counts, so that a busy machine slows both alike.

Source: issue 2, "Numbers" (at most 1/10 of zxcvbn) and part 3 (of 100,000 random strings at most 0.1 % refused).
"""

import random
import string
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from time import perf_counter

from zxcvbn import zxcvbn

from benchmarks.figures import Figure
from janetbank.policies.credentials import Length, PasswordRules
from janetbank.values.guessable import PersonalData
from janetbank.values.secret import Secret

RULES = PasswordRules(length=Length(min=4, max=12), mixed=False, case_sensitive=False)
LOGIN_ID = "tk7mq2wz"
BOUND = 0.1
CHANCE_BOUND = 0.001
ROUNDS = 15
RANDOM_STRINGS = 100_000
FAMILY = ("ヤマダ", "サトウ", "タカハシ", "イトウ", "コバヤシ", "ホンマ")
GIVEN = ("タロウ", "ハナコ", "シュンペイ", "ケンジ", "ユウキ", "マイ")
USUAL = (
    "password", "p@ssw0rd", "ab123456", "ab111111", "qwerty12", "sakura2024", "hanako1990", "iloveyou1", "Tr0ub4dor&3",
    "dragon77", "sakuranohana", "yamada0405", "taroyamada", "19850405", "09012345678", "1qaz2wsx", "m1kan!box",
)  # fmt: skip

Person = tuple[date, tuple[str, ...], tuple[str, ...], tuple[str, ...], tuple[str, ...]]


def people(chance: random.Random, count: int) -> list[Person]:
    """Made-up customers: birth date, two phones, joined kana name, an account and its branch."""
    return [
        (
            date(1940, 1, 1) + timedelta(days=chance.randrange(27_000)),
            (f"090{chance.randrange(10**8):08}", f"0463{chance.randrange(10**6):06}"),
            (chance.choice(FAMILY) + chance.choice(GIVEN),),
            (f"{chance.randrange(10**7):07}",),
            (f"{chance.randrange(1000):03}",),
        )
        for _ in range(count)
    ]


def personal_data(person: Person) -> PersonalData:
    """*person* as the rules take it, nothing prepared."""
    born, phones, names, accounts, branches = person
    return PersonalData(birth_date=born, phones=phones, kana_names=names, accounts=accounts, branches=branches)


def best(work: Callable[[], object], than: float) -> float:
    """Seconds that *work* takes, or *than* where that is less."""
    start = perf_counter()
    work()
    return min(than, perf_counter() - start)


def cost(strings: list[str], someone: list[Person]) -> tuple[float, float, float]:
    """Seconds for one string, on average: ours with preparation, ours without, zxcvbn."""
    passwords = [Secret(text) for text in strings]
    prepared = [personal_data(person) for person in someone]
    known = [[f"{p[0]:%Y%m%d}", *p[1], *p[2], *p[3], *p[4], LOGIN_ID] for p in someone]

    def ours() -> None:
        for password, person in zip(passwords, someone, strict=True):
            RULES.check(password, about=personal_data(person), login_id=LOGIN_ID)

    def ours_prepared() -> None:
        for password, about in zip(passwords, prepared, strict=True):
            RULES.check(password, about=about, login_id=LOGIN_ID)

    def theirs() -> None:
        for text, inputs in zip(strings, known, strict=True):
            zxcvbn(text, user_inputs=inputs)

    first = second = third = float("inf")
    for _ in range(ROUNDS):
        first, second, third = best(ours, first), best(ours_prepared, second), best(theirs, third)
    return first / len(strings), second / len(strings), third / len(strings)


def by_chance(chance: random.Random, *, known: bool) -> float:
    """The part of random strings of eight letters and digits that is refused, of a *known* person or of anybody."""
    nobody = PersonalData()
    someone = [personal_data(person) for person in people(chance, 1000)] if known else [nobody]
    alphabet = string.ascii_lowercase + string.digits
    refused = sum(
        bool(RULES.check(Secret("".join(chance.choices(alphabet, k=8))), about=someone[i % len(someone)]))
        for i in range(RANDOM_STRINGS)
    )
    return refused / RANDOM_STRINGS


def measure() -> Iterator[Figure]:
    """Every figure of this file."""
    chance = random.Random(20240401)
    drawn = ["".join(chance.choices(string.ascii_letters + string.digits, k=k)) for k in (*range(6, 13),) * 30]
    strings = [*USUAL, *drawn]
    ours, prepared, theirs = cost(strings, people(chance, len(strings)))
    details = {"ours_us": ours * 1e6, "ours_prepared_us": prepared * 1e6, "zxcvbn_us": theirs * 1e6}
    yield Figure(name="credential check ÷ zxcvbn", ratio=ours / theirs, bound=BOUND, details=details)
    for known in (False, True):
        share = by_chance(chance, known=known)
        name = f"random strings refused, {'with' if known else 'without'} personal data"
        yield Figure(name=name, ratio=share, bound=CHANCE_BOUND)
