"""OCRA: every vector of RFC 6287, an independent peer, and what no suite and no input can be."""

import importlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha1, sha256, sha512
from string import ascii_letters, digits, hexdigits
from typing import Any, cast

import pytest
from attrs import frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from janetbank.policies.ocra import Suite
from janetbank.values import Secret

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NOW = datetime(2008, 3, 25, 12, 6, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
TICK = timedelta(microseconds=1)
KEY20 = b"12345678901234567890"
KEY32 = b"12345678901234567890123456789012"
KEY64 = b"1234567890123456789012345678901234567890123456789012345678901234"
PIN = Secret("1234")

EIGHTFOLD = [str(digit) * 8 for digit in range(10)]
CLIENT_SERVER = [f"CLI2222{i} SRV1111{i}" for i in range(5)]
SERVER_CLIENT = [f"SRV1111{i} CLI2222{i}" for i in range(5)]

# RFC 6287, Appendix C: suite, key, challenges (a mutual one's two with a space between), answers, further inputs.
# Where C enters it counts from 0 along the list.
VECTORS = [
    ("OCRA-1:HOTP-SHA1-6:QN08", KEY20, EIGHTFOLD,
     "237653 243178 653583 740991 608993 388898 816933 224598 750600 294470"),
    ("OCRA-1:HOTP-SHA256-8:C-QN08-PSHA1", KEY32, ["12345678"] * 10,
     "65347737 86775851 78192410 71565254 10104329 65983500 70069104 91771096 75011558 08522129"),
    ("OCRA-1:HOTP-SHA256-8:QN08-PSHA1", KEY32, EIGHTFOLD[:5],
     "83238735 01501458 17957585 86776967 86807031"),
    ("OCRA-1:HOTP-SHA512-8:C-QN08", KEY64, EIGHTFOLD,
     "07016083 63947962 70123924 25341727 33203315 34205738 44343969 51946085 20403879 31409299"),
    ("OCRA-1:HOTP-SHA512-8:QN08-T1M", KEY64, EIGHTFOLD[:5],
     "95209754 55907591 22048402 24218844 36209546"),
    ("OCRA-1:HOTP-SHA256-8:QA08", KEY32, CLIENT_SERVER,
     "28247970 01984843 65387857 03351211 83412541"),
    ("OCRA-1:HOTP-SHA256-8:QA08", KEY32, SERVER_CLIENT,
     "15510767 90175646 33777207 95285278 28934924"),
    ("OCRA-1:HOTP-SHA512-8:QA08", KEY64, CLIENT_SERVER,
     "79496648 76831980 12250499 90856481 12761449"),
    ("OCRA-1:HOTP-SHA512-8:QA08-PSHA1", KEY64, SERVER_CLIENT,
     "18806276 70020315 01600026 18951020 32528969"),
    ("OCRA-1:HOTP-SHA256-8:QA08", KEY32, [f"SIG1{i}000" for i in range(5)],
     "53095496 04110475 31331128 76028668 46554205"),
    ("OCRA-1:HOTP-SHA512-8:QA10-T1M", KEY64, [f"SIG1{i}00000" for i in range(5)],
     "77537423 31970405 10235557 95213541 65360607"),
]  # fmt: skip


def test_all_vectors_are_here() -> None:
    """Appendix C has eleven groups with seventy answers."""
    assert len(VECTORS) == 11
    assert sum(len(answers.split()) for *_, answers in VECTORS) == 70
    assert all(len(challenges) == len(answers.split()) for _, _, challenges, answers in VECTORS)


@pytest.mark.parametrize(("text", "key", "challenges", "answers"), VECTORS)
def test_the_vectors_of_rfc_6287(text: str, key: bytes, challenges: list[str], answers: str) -> None:
    """Each challenge has its answer, by PIN or by its hash, and the answer is recognised."""
    suite = Suite(text)
    for at, (challenge, answer) in enumerate(zip(challenges, answers.split(), strict=True)):
        counter = at if "C-" in text else None
        now = NOW if "-T" in text else None
        for pin in (PIN, sha1(b"1234").digest()) if "-P" in text else (None,):  # noqa: S324 -- what the RFC says
            question = challenge.split()
            assert suite.answer(key, *question, counter=counter, pin=pin, now=now) == answer
            assert suite.verify(key, Secret(answer), *question, counter=counter, pin=pin, now=now)


def test_the_time_of_the_vectors() -> None:
    """The RFC's T is 0x132d0b6 minutes, the minute of 25 March 2008, 12:06 UTC."""
    assert (NOW - EPOCH) // MINUTE == 0x132D0B6


# --- A peer ---------------------------------------------------------------------------------------------------------

# The package `oath` carries no types.
PEER = cast("Callable[[str], Callable[..., str]]", cast("Any", importlib.import_module("oath")).str2ocrasuite)

HASHES = {"SHA1": sha1, "SHA256": sha256, "SHA512": sha512}
ALPHABETS = {"A": ascii_letters + digits, "N": digits, "H": hexdigits}
SECONDS = {"S": 1, "M": 60, "H": 3600}


@frozen
class Case:
    """A suite with a key, challenges and further inputs that fit it, as we and as the peer name them."""

    text: str
    key: bytes
    question: tuple[str, ...]
    ours: dict[str, Any]
    peers: dict[str, Any]

    def answer(self) -> str:
        """Our answer."""
        return Suite(self.text).answer(self.key, *self.question, **self.ours)

    def peers_answer(self) -> str:
        """The peer's answer."""
        challenge = {"Qsc" if len(self.question) == 2 else "Q": "".join(self.question)}
        return PEER(self.text)(self.key, **challenge, **self.peers)


@st.composite
def cases(draw: st.DrawFn, lengths: st.SearchStrategy[int]) -> Case:
    """Any suite whose answer is as long as *lengths* draws, with any inputs that fit it."""
    inputs, ours, peers = list[str](), dict[str, Any](), dict[str, Any]()
    if draw(st.booleans()):
        inputs.append("C")
        ours["counter"] = peers["C"] = draw(st.integers(0, 2**64 - 1))
    form, longest = draw(st.sampled_from("ANH")), draw(st.integers(4, 64))
    inputs.append(f"Q{form}{longest:02}")
    # The peer takes no odd number of hexadecimal digits; of a pair the two together are even.
    size = draw(st.integers(1, longest // 2)) * 2 if form == "H" else draw(st.integers(1, longest))
    sizes = draw(st.sampled_from([[size], [longest, longest]]))
    question = tuple(draw(st.text(ALPHABETS[form], min_size=size, max_size=size)) for size in sizes)
    if draw(st.booleans()):
        inputs.append(f"P{draw(st.sampled_from(sorted(HASHES)))}")
        peers["P"] = draw(st.text(max_size=12, alphabet=st.characters(codec="utf-8")))
        ours["pin"] = Secret(peers["P"])
    if draw(st.booleans()):
        size = draw(st.integers(1, 512))
        inputs.append(f"S{size:03}")
        ours["session"] = peers["S"] = draw(st.text(ascii_letters, min_size=size, max_size=size))
    if draw(st.booleans()):
        count, unit, step = draw(st.integers(1, 48)), draw(st.sampled_from("SMH")), draw(st.integers(0, 10**5))
        inputs.append(f"T{count}{unit}")
        length = timedelta(seconds=count * SECONDS[unit])
        ours["now"] = EPOCH + step * length + draw(st.timedeltas(timedelta(0), length - TICK))
        peers["T_precomputed"] = step
    function = f"HOTP-{draw(st.sampled_from(sorted(HASHES)))}-{draw(lengths)}"
    text = f"OCRA-1:{function}:{'-'.join(inputs)}"
    return Case(text, draw(st.binary(min_size=16, max_size=64)), question, ours, peers)


@settings(max_examples=300)
@given(cases(st.integers(4, 10)))
def test_a_peer_gives_the_same_answer(case: Case) -> None:
    """Whatever the suite names, an independent implementation gives the same answer to it."""
    assert case.answer() == case.peers_answer()


@given(cases(st.just(0)))
def test_without_truncation_the_answer_is_the_whole_mac(case: Case) -> None:
    """With 0 digits the answer is the MAC in hexadecimal, as long as the hash; cut down it is the peer's number."""
    mac = bytes.fromhex(case.answer())
    assert len(mac) == HASHES[case.text.split("-")[2]]().digest_size
    # The peer never gives the MAC itself: it leaves out only the last step, which is what the digits are for.
    number = int.from_bytes(mac[mac[-1] % 16 :][:4], "big") % 2**31
    assert case.peers_answer() == str(number)


# --- Suites --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("Q", "QN08"),
        ("QN08-P", "QN08-PSHA1"),
        ("QN08-S", "QN08-S064"),
        ("QN08-T", "QN08-T1M"),
        ("C-Q-P-S-T", "C-QN08-PSHA1-S064-T1M"),
    ],
)
def test_a_letter_alone_has_the_defaults(short: str, long: str) -> None:
    """A letter without its particulars means QN08, PSHA1, S064 or T1M, and still answers as the text it is."""
    one, other = Suite(f"OCRA-1:HOTP-SHA1-6:{short}"), Suite(f"OCRA-1:HOTP-SHA1-6:{long}")
    assert one.inputs == other.inputs
    assert one != other


@pytest.mark.parametrize(
    "inputs",
    ["QN04", "QN64", "QA04", "QA64", "QH04", "QH64", "QN08-S001", "QN08-S512", "QN08-T1S", "QN08-T59S", "QN08-T1M",
     "QN08-T59M", "QN08-T1H", "QN08-T48H", "C-QH40-PSHA512-S128-T20S"],
)  # fmt: skip
@pytest.mark.parametrize("function", [f"HOTP-{name}-{size}" for name in HASHES for size in (0, 4, 5, 6, 7, 8, 9, 10)])
def test_suites_that_can_be(function: str, inputs: str) -> None:
    """Every function of the RFC goes with every input, up to the ends of its range."""
    suite = Suite(f"OCRA-1:{function}:{inputs}")
    assert suite.text == f"OCRA-1:{function}:{inputs}"
    assert suite.inputs.digits == int(function.split("-")[2])


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "OCRA-1"),
        ("OCRA-1", "function"),
        ("OCRA-2:HOTP-SHA1-6:QN08", "OCRA-1"),
        ("ocra-1:HOTP-SHA1-6:QN08", "OCRA-1"),
        ("OCRA-1:HOTP-SHA1-6", "input"),
        ("OCRA-1:HOTP-SHA1-6:", "input"),
        ("OCRA-1:HOTP-SHA1-6:QN08:", "input"),
        ("OCRA-1:HOTP-SHA1-6:QN08 ", "input"),
        ("OCRA-1:HOTP-SHA1-6:QN08\n", "input"),
        ("OCRA-1:HOTP-MD5-6:QN08", "function"),
        ("OCRA-1:HOTP-SHA384-6:QN08", "function"),
        ("OCRA-1:TOTP-SHA1-6:QN08", "function"),
        ("OCRA-1:HOTP-SHA1:QN08", "function"),
        *((f"OCRA-1:HOTP-SHA1-{size}:QN08", "function") for size in (1, 2, 3, 11, "06", "", "-6", "６")),
        ("OCRA-1:HOTP-SHA1-6:C", "challenge"),
        ("OCRA-1:HOTP-SHA1-6:C-T1M", "challenge"),
        ("OCRA-1:HOTP-SHA1-6:QN03", "4 to 64"),
        ("OCRA-1:HOTP-SHA1-6:QN65", "4 to 64"),
        ("OCRA-1:HOTP-SHA1-6:QN00", "4 to 64"),
        ("OCRA-1:HOTP-SHA1-6:QN8", "input"),
        ("OCRA-1:HOTP-SHA1-6:QX08", "input"),
        ("OCRA-1:HOTP-SHA1-6:QN０８", "input"),
        ("OCRA-1:HOTP-SHA1-6:QN08-PMD5", "input"),
        ("OCRA-1:HOTP-SHA1-6:QN08-S000", "1 to 512"),
        ("OCRA-1:HOTP-SHA1-6:QN08-S513", "1 to 512"),
        ("OCRA-1:HOTP-SHA1-6:QN08-S64", "input"),
        ("OCRA-1:HOTP-SHA1-6:QN08-T0M", "input"),
        ("OCRA-1:HOTP-SHA1-6:QN08-T0H", "input"),
        ("OCRA-1:HOTP-SHA1-6:QN08-T60S", "1 to 59"),
        ("OCRA-1:HOTP-SHA1-6:QN08-T60M", "1 to 59"),
        ("OCRA-1:HOTP-SHA1-6:QN08-T49H", "1 to 48"),
        ("OCRA-1:HOTP-SHA1-6:QN08-T1D", "input"),
        ("OCRA-1:HOTP-SHA1-6:QN08-T1H30M", "input"),
        ("OCRA-1:HOTP-SHA1-6:QN08-X", "input"),
        ("OCRA-1:HOTP-SHA1-6:QN08-", "input"),
        ("OCRA-1:HOTP-SHA1-6:C1-QN08", "input"),
        ("OCRA-1:HOTP-SHA1-6:QN08-C", "order"),
        ("OCRA-1:HOTP-SHA1-6:QN08-T1M-PSHA1", "order"),
        ("OCRA-1:HOTP-SHA1-6:C-C-QN08", "once"),
        ("OCRA-1:HOTP-SHA1-6:QN08-QN08", "once"),
    ],
)
def test_suites_that_cannot_be(text: str, why: str) -> None:
    """A suite that the RFC does not know is not made, and it is said why."""
    with pytest.raises(ValueError, match=why):
        Suite(text)


# --- Inputs --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("inputs", "question", "others", "why"),
    [
        ("QN08", [], {}, "one challenge"),
        ("QN08", ["1" * 8] * 3, {}, "one challenge"),
        ("QN08", [""], {}, "1 to 8"),
        ("QN08", ["1" * 9], {}, "1 to 8"),
        ("QN08", ["1234567a"], {}, "format"),
        ("QN08", ["１２３"], {}, "format"),
        ("QN08", ["123\n"], {}, "format"),
        ("QA08", ["SIG-1000"], {}, "format"),
        ("QA08", ["あ"], {}, "format"),
        ("QH08", ["0123456g"], {}, "format"),
        ("QN08", ["1" * 8, "1" * 7], {}, "8 to 8"),
        ("QN08", ["1" * 7, "1" * 8], {}, "8 to 8"),
        ("C-QN08", ["1"], {}, "needs counter"),
        ("QN08", ["1"], {"counter": 0}, "no counter"),
        ("C-QN08", ["1"], {"counter": -1}, "counter fits"),
        ("C-QN08", ["1"], {"counter": 2**64}, "counter fits"),
        ("QN08-PSHA1", ["1"], {}, "needs pin"),
        ("QN08", ["1"], {"pin": PIN}, "no pin"),
        ("QN08-PSHA1", ["1"], {"pin": bytes(19)}, "sha1"),
        ("QN08-PSHA256", ["1"], {"pin": bytes(20)}, "sha256"),
        ("QN08-PSHA512", ["1"], {"pin": bytes(65)}, "sha512"),
        ("QN08-S004", ["1"], {}, "needs session"),
        ("QN08", ["1"], {"session": "abcd"}, "no session"),
        ("QN08-S004", ["1"], {"session": "abc"}, "exactly 4"),
        ("QN08-S004", ["1"], {"session": "abcde"}, "exactly 4"),
        ("QN08-S004", ["1"], {"session": "あbc"}, "exactly 4"),
        ("QN08-T1M", ["1"], {}, "needs now"),
        ("QN08", ["1"], {"now": NOW}, "no now"),
        ("QN08-T1M", ["1"], {"now": EPOCH - TICK}, "time step fits"),
    ],
)  # fmt: skip
def test_inputs_that_do_not_fit(inputs: str, question: list[str], others: dict[str, Any], why: str) -> None:
    """What the suite names is needed, what it does not name is refused, and each has its form; nothing is guessed."""
    suite = Suite(f"OCRA-1:HOTP-SHA1-6:{inputs}")
    with pytest.raises(ValueError, match=why):
        suite.answer(KEY20, *question, **others)
    with pytest.raises(ValueError, match=why):
        suite.verify(KEY20, Secret("123456"), *question, **others)


def test_a_key_too_short_is_refused() -> None:
    """Fewer than 16 bytes are no key."""
    suite = Suite("OCRA-1:HOTP-SHA1-6:QN08")
    assert suite.answer(KEY20[:16], "1")
    with pytest.raises(ValueError, match="16 bytes"):
        suite.answer(KEY20[:15], "1")


def test_any_pin_can_be_hashed() -> None:
    """A PIN that has no UTF-8 raises nothing that would show it."""
    suite = Suite("OCRA-1:HOTP-SHA1-6:QN08-PSHA1")
    assert len(suite.answer(KEY20, "1", pin=Secret("\ud800"))) == 6


def test_session_data_is_counted_in_bytes() -> None:
    """Session data is as long as its UTF-8."""
    assert Suite("OCRA-1:HOTP-SHA1-6:QN08-S004").answer(KEY20, "1", session="あ1")


def test_half_a_byte_is_padded_on_the_right() -> None:
    """A challenge with an odd number of hexadecimal digits is one with a nought after it, and not one before it."""
    suite = Suite("OCRA-1:HOTP-SHA1-6:QH08")
    assert suite.answer(KEY20, "abc") == suite.answer(KEY20, "abc0") == suite.answer(KEY20, "ABC00000")
    assert suite.answer(KEY20, "abc") != suite.answer(KEY20, "0abc")


def test_suites_do_not_answer_for_one_another() -> None:
    """The same key, challenge and hash under another text give another answer."""
    answers = {Suite(f"OCRA-1:HOTP-SHA1-6:QN{size:02}").answer(KEY20, "1234") for size in range(4, 20)}
    assert len(answers) == 16


# --- Recognising an answer -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("tolerance", [0, 1, 2])
def test_the_tolerance_to_the_microsecond(tolerance: int) -> None:
    """An answer is right from *tolerance* steps before its own begins until as many after its end, and then not."""
    suite = Suite("OCRA-1:HOTP-SHA256-0:QH64-T1M")
    question = sha256(b"an instruction").hexdigest()
    begins = EPOCH + 29_000_000 * MINUTE
    answer = Secret(suite.answer(KEY32, question, now=begins + MINUTE / 2))
    opens, closes = begins - tolerance * MINUTE, begins + (1 + tolerance) * MINUTE
    for now, right in [(opens - TICK, False), (opens, True), (closes - TICK, True), (closes, False)]:
        assert suite.verify(KEY32, answer, question, now=now, tolerance=tolerance) is right


@pytest.mark.parametrize("given", ["", "237652", "37653", "0237653", "237653 ", "abcdef", "\ud800"])
def test_a_wrong_answer_is_wrong(given: str) -> None:
    """Whatever is not the answer is wrong, and raises nothing."""
    suite = Suite("OCRA-1:HOTP-SHA1-6:QN08")
    assert not suite.verify(KEY20, Secret(given), "00000000")
    assert suite.verify(KEY20, Secret("237653"), "00000000")
    assert suite.verify(KEY20, Secret("２３７６５３"), "00000000")


def another(value: int | Secret | str | datetime) -> int | Secret | str | datetime:
    """Something else that fits as well: a counter, a PIN, session data or a time."""
    match value:
        case int():
            return (value + 1) % 2**64
        case Secret():
            return Secret(value.reveal() + "1")
        case str():
            return value[:-1] + ("b" if value[-1] == "a" else "a")
        case datetime():
            return value + timedelta(days=3)


@given(cases(st.sampled_from([0, 10])), st.data())
def test_only_the_same_inputs_are_answered(case: Case, data: st.DataObject) -> None:
    """An answer is right for the inputs that it was given to, and wrong as soon as one of them is another."""
    suite, answer = Suite(case.text), Secret(case.answer())
    assert suite.verify(case.key, answer, *case.question, **case.ours)
    assert not suite.verify(case.key + b"1", answer, *case.question, **case.ours)
    if case.ours:
        name = data.draw(st.sampled_from(sorted(case.ours)))
        changed: dict[str, Any] = case.ours | {name: another(case.ours[name])}
        assert not suite.verify(case.key, answer, *case.question, **changed)
