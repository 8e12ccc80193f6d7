"""What it costs to verify a code, sealed seed and all, beside bare pyotp."""

from base64 import b32encode
from collections.abc import Iterator
from functools import partial

from pyotp.totp import TOTP

from benchmarks.figures import Figure, taking_turns
from janetbank.policies.one_time_password import OtpVerdict, WrongCode
from janetbank.profiles.ja import JA
from janetbank.testing.bank import START, bank
from janetbank.values.secret import Secret

ROUNDS = 20_000
SEED = b"a seed of 20 bytes.."
ROW = ("seed", "5441", "contract", "1", "1")


def measure() -> Iterator[Figure]:
    """Opening the seed and verifying a code ÷ pyotp's verification, which has the seed and stops where one fits."""
    rules, vault = JA.token.codes, bank().net.platform.vault
    sealed = vault.seal(SEED, *ROW)
    theirs = TOTP(b32encode(SEED).decode(), interval=int(rules.period.total_seconds()))

    def verify(code: Secret) -> OtpVerdict:
        return rules.verify(vault.open(sealed, *ROW), code, START, after=None)

    def bare(code: Secret) -> bool:
        return theirs.verify(code.reveal(), for_time=START, valid_window=rules.window)

    step = rules.step_at(START)
    for name, code in (("code of now", rules.code(SEED, step)), ("wrong code", rules.code(SEED, step + 1_000))):
        assert bare(code) is not isinstance(verify(code), WrongCode)
        ours, pyotps = taking_turns(partial(verify, code), partial(bare, code), rounds=ROUNDS)
        yield Figure(
            name=f"verifying a {name} ÷ bare pyotp",
            ratio=ours / pyotps,
            bound=3,
            details={"ours_us": ours * 1e6, "pyotp_us": pyotps * 1e6},
        )
