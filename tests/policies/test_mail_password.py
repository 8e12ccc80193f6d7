"""Mail-notified passwords: for one text, once, for ten minutes, on the channels of a bank, and so many letters."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from janetbank.policies.mail_password import LONGEST, Mailed, MailPasswordRules
from janetbank.values.environment import Channel
from janetbank.values.secret import Secret

T0 = datetime(2026, 4, 1, tzinfo=UTC)
TICK = timedelta(microseconds=1)
RULES = MailPasswordRules()
TEXT, OTHER = "a" * 64, "b" * 64
FIRST = Mailed(number=1, digest=TEXT, sealed="sealed", sent_at=T0)


@pytest.mark.requirement("MAL-11")
def test_eight_digits_and_ten_minutes() -> None:
    """Unless a bank says otherwise: eight digits, ten minutes, on a PC."""
    assert (RULES.digits, RULES.lifetime) == (8, timedelta(minutes=10))
    assert RULES.channels == {Channel.PC}
    assert RULES.codes == 100_000_000


@pytest.mark.requirement("MAL-10")
@pytest.mark.parametrize(
    ("mailed", "digest", "later", "counts"),
    [
        (FIRST, TEXT, timedelta(0), True),
        (FIRST, TEXT, LONGEST, True),
        (FIRST, TEXT, LONGEST + TICK, False),
        (FIRST, OTHER, timedelta(0), False),
        (None, TEXT, timedelta(0), False),
    ],
)
def test_what_counts(mailed: Mailed | None, digest: str, later: timedelta, *, counts: bool) -> None:
    """What was mailed, for the text that it was mailed for, up to its last instant."""
    assert RULES.counts(mailed, digest, T0 + later) is counts
    assert RULES.until(FIRST) == T0 + LONGEST


@pytest.mark.requirement("MAL-10", "OTP-21", "LGN-10")
@pytest.mark.parametrize("channel", Channel)
@pytest.mark.parametrize("in_use", [False, True])
def test_who_proves_by_mail(channel: Channel, *, in_use: bool) -> None:
    """Somebody at a PC who has no one-time passwords in use, and nobody else."""
    assert RULES.offered(channel, codes_in_use=in_use) is (channel is Channel.PC and not in_use)
    everywhere = evolve(RULES, channels=frozenset(Channel))
    assert everywhere.offered(channel, codes_in_use=in_use) is not in_use


@pytest.mark.parametrize("letters", [1, 3])
def test_so_many_letters_and_no_more(letters: int) -> None:
    """One after the other; after the last one there is none."""
    rules = evolve(RULES, letters=letters)
    assert rules.next_letter(None) == 1
    for number in range(1, letters):
        assert rules.next_letter(evolve(FIRST, number=number)) == number + 1
    assert rules.next_letter(evolve(FIRST, number=letters)) is None


@pytest.mark.parametrize(
    ("others", "later", "crowded"),
    [
        (4, timedelta(0), False),
        (5, timedelta(0), True),
        (5, LONGEST, True),
        (5, LONGEST + TICK, False),
        (6, LONGEST, True),
    ],
)
def test_so_many_may_wait_at_once(others: int, later: timedelta, *, crowded: bool) -> None:
    """Five codes that count leave no room for a sixth, up to the last instant of one of them."""
    assert RULES.crowded([FIRST] * others, T0 + later) is crowded


def test_one_may_wait_alone() -> None:
    """The fewest that may wait is one, and the next one has no room beside it."""
    alone = evolve(RULES, waiting=1)
    assert not alone.crowded([], T0)
    assert alone.crowded([FIRST], T0)


@pytest.mark.parametrize(
    ("digits", "drawn", "code"),
    [(8, 0, "00000000"), (8, 99_999_999, "99999999"), (6, 42, "000042"), (12, 10**11, "100000000000")],
)
def test_codes(digits: int, drawn: int, code: str) -> None:
    """Every code has all its digits, zeros in front among them."""
    assert evolve(RULES, digits=digits).code(drawn) == Secret(code)


@given(st.integers(6, 12), st.data())
def test_every_code_is_as_likely(digits: int, data: st.DataObject) -> None:
    """Two draws are two codes, each typed in full width or not."""
    rules = evolve(RULES, digits=digits)
    one, other = (data.draw(st.integers(0, rules.codes - 1)) for _ in range(2))
    assert (rules.code(one) == rules.code(other)) is (one == other)
    wide = rules.code(one).reveal().translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    assert rules.canonical(Secret(wide)) == rules.code(one)


@pytest.mark.parametrize("drawn", [-1, 100_000_000])
def test_what_is_no_draw_is_a_mistake(drawn: int) -> None:
    """A number that no code has is the programmer's."""
    with pytest.raises(ValueError, match="one of the codes"):
        RULES.code(drawn)


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda: MailPasswordRules(digits=5), "6 to 12 digits"),
        (lambda: MailPasswordRules(digits=13), "6 to 12 digits"),
        (lambda: MailPasswordRules(lifetime=timedelta(0)), "ten minutes at most"),
        (lambda: MailPasswordRules(lifetime=LONGEST + TICK), "ten minutes at most"),
        (lambda: MailPasswordRules(letters=0), "one letter at least"),
        (lambda: MailPasswordRules(waiting=0), "one letter at least"),
        (lambda: MailPasswordRules(channels=frozenset[Channel]()), "one channel at least"),
    ],
)
def test_rules_that_cannot_be(make: Callable[[], MailPasswordRules], why: str) -> None:
    """Too few digits, too long a life, no letter, no channel: such rules cannot be made."""
    with pytest.raises(ValueError, match=why):
        make()


def test_what_is_sealed_is_not_shown() -> None:
    """What is kept of a code is no text to be read in a log."""
    assert "sealed" not in repr(FIRST)
