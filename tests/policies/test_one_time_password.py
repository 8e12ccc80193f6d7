"""One-time passwords: the vectors of the RFCs, the window to the microsecond, and each step once."""

import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from itertools import product
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from janetbank.policies.one_time_password import Accepted, Algorithm, OtpRules, Replayed, WrongCode
from janetbank.values import Secret

TICK = timedelta(microseconds=1)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

SEEDS = {
    Algorithm.SHA1: b"12345678901234567890",
    Algorithm.SHA256: b"12345678901234567890123456789012",
    Algorithm.SHA512: b"1234567890123456789012345678901234567890123456789012345678901234",
}
SEED = SEEDS[Algorithm.SHA1]
RULES = OtpRules()
NOW = datetime(2026, 4, 1, 3, 0, 30, tzinfo=UTC)
STEP = RULES.step_at(NOW)


def at(step: int) -> datetime:
    """The first instant of *step* under `RULES`."""
    return EPOCH + step * RULES.period


@pytest.mark.requirement("OTP-12")
@pytest.mark.parametrize(
    ("counter", "code"),
    [*enumerate(["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"])],
)
def test_the_vectors_of_rfc_4226(counter: int, code: str) -> None:
    """A step's code is the HOTP of that number: RFC 4226, Appendix D."""
    assert RULES.code(SEED, counter) == Secret(code)


@pytest.mark.parametrize(
    ("seconds", "step", "codes"),
    [
        (59, 0x1, ("94287082", "46119246", "90693936")),
        (1111111109, 0x23523EC, ("07081804", "68084774", "25091201")),
        (1111111111, 0x23523ED, ("14050471", "67062674", "99943326")),
        (1234567890, 0x273EF07, ("89005924", "91819424", "93441116")),
        (2000000000, 0x3F940AA, ("69279037", "90698825", "38618901")),
        (20000000000, 0x27BC86AA, ("65353130", "77737706", "47863826")),
    ],
)
def test_the_vectors_of_rfc_6238(seconds: int, step: int, codes: tuple[str, str, str]) -> None:
    """At each time each algorithm, with a seed of its own length, shows its code: RFC 6238, Appendix B."""
    for algorithm, code in zip(Algorithm, codes, strict=True):
        rules = OtpRules(period=30 * SECOND, digits=8, algorithm=algorithm)
        now = EPOCH + seconds * SECOND
        assert rules.step_at(now) == step
        assert rules.code(SEEDS[algorithm], step) == Secret(code)
        assert rules.verify(SEEDS[algorithm], Secret(code), now, after=None) == Accepted(step)


@pytest.mark.requirement("OTP-12", "APP-19")
def test_a_code_lasts_sixty_seconds() -> None:
    """A step begins at its first instant, is shown until the next one begins, and lasts sixty seconds."""
    assert RULES.step_at(EPOCH) == 0
    assert RULES.step_at(EPOCH + MINUTE - TICK) == 0
    assert RULES.step_at(EPOCH + MINUTE) == 1
    assert RULES.shown_until(0) == EPOCH + MINUTE
    assert RULES.shown_until(STEP) - at(STEP) == MINUTE


@given(st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 -- bounds are naive
def test_every_instant_lies_in_one_step(now: datetime) -> None:
    """An instant lies at or after its step's beginning and before its end, to the microsecond, whatever its zone."""
    step = RULES.step_at(now)
    assert at(step) <= now < RULES.shown_until(step)
    assert RULES.step_at(now.astimezone()) == step


@pytest.mark.requirement("APP-01")
@pytest.mark.parametrize("window", [0, 1, 2])
def test_the_window_to_the_microsecond(window: int) -> None:
    """A code is taken from *window* steps before its own begins until as many after its end, and then not."""
    rules = OtpRules(window=window)
    code = rules.code(SEED, STEP)
    opens, closes = at(STEP - window), at(STEP + 1 + window)
    for now, taken in [(opens - TICK, False), (opens, True), (closes - TICK, True), (closes, False)]:
        expected = Accepted(STEP) if taken else WrongCode()
        assert rules.verify(SEED, code, now, after=None) == expected


def test_near_the_epoch_the_window_is_cut_off() -> None:
    """Before 1970 there are no steps: the window ends there, and nothing is taken earlier."""
    assert RULES.verify(SEED, RULES.code(SEED, 0), EPOCH, after=None) == Accepted(0)
    assert RULES.verify(SEED, RULES.code(SEED, 0), EPOCH - TICK, after=None) == Accepted(0)
    assert RULES.verify(SEED, RULES.code(SEED, 0), EPOCH - MINUTE - TICK, after=None) == WrongCode()


@pytest.mark.parametrize(
    ("of", "after", "expected"),
    [
        (STEP, None, Accepted(STEP)),
        (STEP, STEP - 1, Accepted(STEP)),
        (STEP, STEP, Replayed(STEP)),
        (STEP, STEP + 1, Replayed(STEP)),
        (STEP + 1, STEP, Accepted(STEP + 1)),
        (STEP - 1, STEP, Replayed(STEP - 1)),
        (STEP - 1, STEP - 2, Accepted(STEP - 1)),
        (STEP - 2, None, WrongCode()),
        (STEP + 2, None, WrongCode()),
        (0, 0, WrongCode()),
    ],
)
def test_only_a_later_step_is_taken(of: int, after: int | None, expected: object) -> None:
    """A code of the window is taken for a step later than the last one taken, and is spent at or before that one."""
    assert RULES.verify(SEED, RULES.code(SEED, of), NOW, after=after) == expected


def test_step_nought_can_be_spent() -> None:
    """That the first step of all was taken is not mistaken for none having been taken."""
    assert RULES.verify(SEED, RULES.code(SEED, 0), EPOCH, after=0) == Replayed(0)


@pytest.mark.requirement("OTP-11")
def test_two_codes_in_turn_are_taken_once_each() -> None:
    """Of A, B, A, B within one window the first two are taken and no more (TRAPS)."""
    codes = {"A": RULES.code(SEED, STEP - 1), "B": RULES.code(SEED, STEP)}
    last: int | None = None
    verdicts: list[object] = []
    for name in "ABAB":
        verdict = RULES.verify(SEED, codes[name], NOW, after=last)
        last = verdict.step if isinstance(verdict, Accepted) else last
        verdicts.append(verdict)
    assert verdicts == [Accepted(STEP - 1), Accepted(STEP), Replayed(STEP - 1), Replayed(STEP)]


def test_digits_that_fit_two_steps_are_taken_once() -> None:
    """Where two neighbouring steps share their code it is taken for the later one, so that it does not serve twice."""
    earlier, later = 31476425, 31476426
    code = RULES.code(SEED, earlier)
    assert code == RULES.code(SEED, later)
    for now in (at(earlier), at(later)):
        assert RULES.verify(SEED, code, now, after=None) == Accepted(later)
        assert RULES.verify(SEED, code, now, after=earlier) == Accepted(later)
        assert RULES.verify(SEED, code, now, after=later) == Replayed(later)


ENTRIES = st.lists(
    st.tuples(
        st.integers(0, 90).map(lambda seconds: seconds * SECOND),  # how long after the last entry
        st.integers(-3, 3) | st.none(),  # which step's code, counted from the current one; or none of them
    ),
    max_size=30,
)


@pytest.mark.requirement("OTP-11")
@given(ENTRIES, st.integers(0, 2))
def test_each_step_once_and_never_backwards(entries: list[tuple[timedelta, int | None]], window: int) -> None:
    """Whatever is entered in any order, a code is taken exactly if its step is in the window and later than all."""
    rules = OtpRules(window=window)
    now, taken = NOW, list[int]()
    for pause, offset in entries:
        now += pause
        step = rules.step_at(now) + (offset or 0)
        code = Secret("wrong!") if offset is None else rules.code(SEED, step)
        verdict = rules.verify(SEED, code, now, after=taken[-1] if taken else None)
        in_window = offset is not None and abs(offset) <= window
        if in_window and (not taken or step > taken[-1]):
            assert verdict == Accepted(step)
            taken.append(step)
        else:
            assert verdict == (Replayed(step) if in_window else WrongCode())
    assert taken == sorted(set(taken))


@pytest.mark.parametrize(
    "change", ["", "12345", "1234567", "12 456", "abcdef", "-12345", "１２３４５", "\ud800", "٣٤٥٦٧٨"]
)
def test_what_is_no_code_is_a_wrong_code(change: str) -> None:
    """Too short, too long, no digits, a lone surrogate or other scripts' digits: wrong, and nothing is raised."""
    assert RULES.verify(SEED, Secret(change), NOW, after=None) == WrongCode()


def test_full_width_digits_are_the_same_digits() -> None:
    """A code typed with a Japanese keyboard's full-width digits is the code."""
    shown = RULES.code(SEED, STEP).reveal()
    typed = shown.translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    assert typed != shown
    assert RULES.verify(SEED, Secret(typed), NOW, after=None) == Accepted(STEP)


@given(st.integers(0, 99_999_999), st.sampled_from([6, 8]))
def test_a_code_needs_all_its_digits(number: int, digits: int) -> None:
    """A code without its leading zeros, or with further ones, is another text and wrong."""
    rules = OtpRules(digits=digits, window=0)
    shown = rules.code(SEED, number).reveal()
    now = EPOCH + number * rules.period
    assert len(shown) == digits
    assert rules.verify(SEED, Secret(f"0{shown}"), now, after=None) == WrongCode()
    assert rules.verify(SEED, Secret(shown[1:]), now, after=None) == WrongCode()
    assert rules.verify(SEED, Secret(shown), now, after=None) == Accepted(number)


@pytest.mark.parametrize("algorithm", Algorithm)
def test_a_seed_is_as_long_as_the_hash(algorithm: Algorithm) -> None:
    """A new seed has the bytes of its hash, as those of RFC 6238 have, unless the rules say otherwise."""
    assert OtpRules(algorithm=algorithm).seed_bytes == len(SEEDS[algorithm])
    assert OtpRules(algorithm=algorithm, seed_bytes=16).seed_bytes == 16


def test_the_defaults() -> None:
    """Unless a profile says otherwise: six digits, each minute, one step either way (AMB-36, OTP-12)."""
    assert OtpRules(period=MINUTE, digits=6, algorithm=Algorithm.SHA1, window=1, seed_bytes=20) == RULES


@pytest.mark.parametrize("period", [SECOND, 30 * SECOND, MINUTE, 2 * MINUTE])
def test_periods_that_can_be(period: timedelta) -> None:
    """Any whole number of seconds up to two minutes is a period (NIST SP 800-63B-4 3.1.4.1)."""
    assert OtpRules(period=period).period == period


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"period": timedelta(0)}, "period"),
        ({"period": -MINUTE}, "period"),
        ({"period": 2 * MINUTE + SECOND}, "period"),
        ({"period": SECOND + TICK}, "period"),
        ({"digits": 5}, "digits"),
        ({"digits": 7}, "digits"),
        ({"digits": 9}, "digits"),
        ({"window": -1}, "window"),
        ({"seed_bytes": 15}, "seed"),
    ],
)
def test_rules_that_cannot_be(wrong: dict[str, timedelta | int], why: str) -> None:
    """A period, digits, a window or a seed that cannot be is not made into rules."""
    with pytest.raises(ValueError, match=why):
        OtpRules(**wrong)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # one of several types


def test_a_seed_too_short_is_refused() -> None:
    """No code is made of a seed that somebody could guess."""
    with pytest.raises(ValueError, match="bits"):
        RULES.code(b"1234567890123", STEP)


# Collected only where an independent implementation is installed; elsewhere the vectors above are the proof.
if OATHTOOL := shutil.which("oathtool"):

    @pytest.mark.parametrize(("algorithm", "digits"), list(product(Algorithm, [6, 8])))
    def test_agreement_with_oathtool(algorithm: Algorithm, digits: int) -> None:
        """Fifty random seeds at random times show the code that oathtool shows, for every algorithm and length."""
        rules = OtpRules(algorithm=algorithm, digits=digits)
        random = Random(f"{algorithm}{digits}")
        for _ in range(50):
            seed = random.randbytes(rules.seed_bytes)
            now = EPOCH + random.randrange(4_000_000_000) * SECOND
            command = [str(OATHTOOL), f"--totp={algorithm.value}", "-s", "60s", "-d", str(digits), seed.hex()]
            when = f"--now={now:%Y-%m-%d %H:%M:%S} UTC"
            shown = subprocess.run([*command, when], check=True, capture_output=True, text=True).stdout.strip()
            assert rules.code(seed, rules.step_at(now)) == Secret(shown)
