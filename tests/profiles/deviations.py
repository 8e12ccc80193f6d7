"""Deviations: the checklist of standards, row by row, as each profile stands to it.

A row that is about a number is *asked* of the profile, and says what makes up for it where the answer is no; a row that
is about what the code does is the same in every profile, and says where that is shown.  `python -m
tests.profiles.documents` writes docs/deviations.md from it.
"""

from collections.abc import Callable
from datetime import timedelta

from attrs import frozen

from janetbank.model.contract import Counter
from janetbank.policies.phone_auth import LONGEST, Mode
from janetbank.profiles import Profile


@frozen
class Check:
    """Row *id*: what is *wanted*, whether a profile *meets* it (None: the code does), and what does, or *instead*."""

    id: str
    wanted: str
    meets: Callable[[Profile], bool] | None
    instead: str


CHECKS = (
    Check(
        "C01",
        "≤ 100 failures in a row for each secret, then disabled",
        lambda one: max(one.lockout(counter).guesses_to_block for counter in Counter) <= 100,
        "no profile above can be made",
    ),
    Check(
        "C02",
        "waits that keep an attacker from locking the owner out",
        None,
        "a lock is an instant and is not extended (`policies.lockout`)",
    ),
    Check("C03", "a success disregards earlier failures", None, "of that secret alone (`policies.lockout`)"),
    Check(
        "C04", "a new code or call does not reset the count", None, "counts are the contract's (`policies.phone_auth`)"
    ),
    Check(
        "C05",
        "≤ 5 failures in a row, then a block; warned before it is for good",
        lambda one: max(one.lockout(counter).trips_at for counter in Counter) <= 5,
        "an hour's rest after six or seven, a letter at each lock, a block at the third; codes: ten, for good",
    ),
    Check(
        "C06",
        "a failure says neither what was wrong nor who exists",
        None,
        "one refusal; unknown ids cost the same and lock alike (docs/decisions/0004)",
    ),
    Check(
        "C07",
        "passwords of 15 characters where they stand alone",
        lambda one: one.password.length.min >= 15,
        "21 guesses at most; everything guessable refused; a question from strange places; a code for transfers",
    ),
    Check(
        "C08",
        "64 characters permitted",
        lambda one: one.password.length.max >= 64,
        "longer ones are refused, never cut",
    ),
    Check(
        "C09",
        "no rules of composition",
        lambda one: not (one.password.mixed or one.login_id.mixed),
        "every reason is told at once",
    ),
    Check(
        "C10",
        "verified exactly as received",
        lambda one: one.password.case_sensitive,
        "case alone is folded, before hashing; nothing is ever cut",
    ),
    Check(
        "C11",
        "compared with what others would guess; the reason given",
        None,
        "`values.guessable`; no list of breaches yet",
    ),
    Check(
        "C12",
        "no periodic change",
        lambda one: one.operators.password_age.longest is None,
        "never of customers; of operators, whose rules demand it (SUS-13)",
    ),
    Check(
        "C13",
        "no security questions",
        lambda one: not one.asks_questions,
        "never alone, and hashed with a pepper, of places that are unusual, and of what a session may not do alone",
    ),
    Check(
        "C14",
        "salted, memory-hard, cost stored",
        lambda one: one.hashing.memory >= 19_456 and one.hashing.passes >= 2,
        "cheaper hashes are for tests alone",
    ),
    Check("C15", "a key beside the hash, stored apart", None, "the pepper (`vault`), by key id"),
    Check("C16", "short secrets do not rest on their hash", None, "the same, for answers and start passwords"),
    Check("C17", "a change takes the current password", None, "`flows.change_password`"),
    Check("C18", "paste and password managers", None, "nothing here hinders them (CRD-17)"),
    Check("C19", "a code is taken once", None, "the last step taken is kept (`policies.one_time_password`)"),
    Check(
        "C20",
        "codes change within two minutes, ≥ 6 digits, keys ≥ 112 bits",
        lambda one: (
            one.token.codes.period <= timedelta(minutes=2)
            and one.token.codes.digits >= 6
            and one.token.codes.seed_bytes >= 14
        ),
        "no other can be made",
    ),
    Check(
        "C21",
        "a code lives 30 s",
        lambda one: one.token.codes.period <= timedelta(seconds=30),
        "60 s as their apps have it; one period of tolerance everywhere",
    ),
    Check("C22", "by the server's time", None, "the clock is a port"),
    Check("C23", "seeds and codes from the system's randomness", None, "the entropy port"),
    Check("C24", "seeds protected", None, "AES-GCM, bound to their row (`vault`)"),
    Check(
        "C25",
        "another channel: void after ten minutes",
        lambda one: all(rules.window <= LONGEST for rules in one.token.calls.values()),
        "no longer window can be made",
    ),
    Check(
        "C26",
        "the telephone network is watched: SIM, porting",
        lambda one: not one.token.calls or one.token.line_change is not None,
        "the sources know no carrier that tells; another profile may ask one (`policies.line_change`)",
    ),
    Check(
        "C27",
        "a secret passes from one channel to the other",
        lambda one: all(rules.mode is Mode.SCREEN_CODE for rules in one.token.calls.values()),
        "a rented number for each call, the caller's own number, and what else each procedure asks for",
    ),
    Check(
        "C28",
        "neither VoIP nor mail as another channel",
        lambda one: "050" in one.token.callers.excluded_prefixes and one.mail_password is None,
        "Aomori mails codes to a PC without a token (PRF-17): for one text and ten minutes, three letters, then a lock",
    ),
    Check(
        "C29",
        "bound to its request, and rare",
        lambda one: all(rules.starts_per_hour <= 10 for rules in one.token.calls.values()),
        "one attempt at a time",
    ),
    Check(
        "C30",
        "the payer sees payee and amount, and the code is of them",
        lambda one: one.token.method.txa_from is not None,
        "they have plain codes alone (PRF-15): the code is taken once, and the limit is lower or a form",
    ),
    Check("C31", "the content holds to the end", None, "the digest is computed anew when it is executed"),
    Check(
        "C32",
        "a finger only with the device; five of others, then a rest, fifty, then none",
        None,
        "the key is the device's, and the app counts (`token_app`); a password is always another way",
    ),
    Check("C33", "an act of will", None, "approving is an operation of its own"),
    Check("C34", "whoever binds something new is told everywhere", None, "letters to every registered address"),
    Check(
        "C35",
        "a binding code: 40 bits, ten minutes, not by mail",
        lambda one: one.token.set_up.window <= timedelta(minutes=10) and one.token.start_password.min >= 8,
        "the start password is never mailed, has five tries and seven days, and then the token is void",
    ),
    Check(
        "C36",
        "recovery does not go around the second factor",
        lambda one: not one.resets or one.cooling_off is not None,
        "every address is told; call, PIN and form; no source knows a cooling-off (AMB-11)",
    ),
    Check(
        "C37",
        "initial passwords are random, short-lived and changed",
        lambda one: one.provisional is None or one.provisional.lifetime <= timedelta(days=14),
        "ninety days for the post (AMB-23): ten random characters, counted, good for the first use alone and for a day "
        "after its first login; an operator's is good for choosing his own, and does not expire before",
    ),
    Check(
        "C38",
        "sessions: 5 minutes idle, ended when anything changes",
        lambda one: one.sessions.idle <= timedelta(minutes=5),
        "no longer ones are shipped",
    ),
    Check("C39", "steps in order, once, by two people", None, "tables; versions; `policies.dual_control`"),
    Check(
        "C40", "everything logged, nothing secret in it; closed when in doubt", None, "the audit chain (`model.audit`)"
    ),
)
