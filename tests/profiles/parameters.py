"""Parameters: the table of requirements.md part 2, cell by cell, and how each cell is read off a profile.

A cell is what a source states, None where none does (n/s; the number is then ours), and in `OPEN` what a source states
and no field of a profile holds yet.  `python -m tests.profiles.documents` writes docs/profiles.md from it.
"""

from collections.abc import Callable

from attrs import frozen

from janetbank.model.contract import Counter
from janetbank.policies.admission import Operation
from janetbank.policies.credentials import PasswordRules
from janetbank.policies.eligibility import OnlineProcedure
from janetbank.policies.lockout import AtLeast
from janetbank.policies.step_up import Guarded
from janetbank.policies.token import TokenForm
from janetbank.profiles import Profile
from janetbank.profiles.kinds import span
from janetbank.values.environment import Channel
from janetbank.values.phone import PhoneMask

NOBODY = "nobody calls"


@frozen
class Parameter:
    """One line of the table: its *name*, how a profile *says* it, and what is sourced of each bank."""

    name: str
    says: Callable[[Profile], str]
    ja: str | None
    akita: str | None
    aomori: str | None

    def sourced(self, bank: str) -> str | None:
        """The cell of one bank."""
        found: str | None = getattr(self, bank)
        return found


def _yes(truth: bool) -> str:  # noqa: FBT001 -- what is asked is a truth
    return "yes" if truth else "no"


def _login_id(one: Profile) -> str:
    rules = one.login_id
    mix = "letters and digits mixed" if rules.mixed else "no mix demanded"
    new, old = (f"{length.min}-{length.max}" for length in (rules.length, rules.login_length))
    return f"{new}, {mix}" if new == old else f"{new}, {mix} (login accepts {old})"


def _password(one: Profile) -> str:
    return _made_of(one.password)


def _made_of(rules: PasswordRules) -> str:
    mix = "letters and digits mixed" if rules.mixed else "no mix demanded"
    return f"{rules.length.min}-{rules.length.max}, {mix}, {'symbols' if rules.symbols else 'no symbols'}"


def _confirmation(one: Profile) -> str:
    if one.confirmation is None:
        return "none"
    rules, acts = one.confirmation.password, one.confirmation.authorises
    what = "all" if acts == frozenset(Guarded) else ", ".join(act.value for act in Guarded if act in acts)
    return f"{_made_of(rules)}; {what}"


def _token_issue(one: Profile) -> str:
    asked = "answer to a question" if one.asks_questions else "nothing more"
    proof = "confirmation password" if one.confirms(Guarded.TOKEN_ISSUE) else asked
    return f"{proof} + phone call" if one.token.issued_by_call else proof


def _lockout(counter: Counter) -> Callable[[Profile], str]:
    def says(one: Profile) -> str:
        rule = one.lockout(counter)
        sign = "≥" if isinstance(rule.tolerance, AtLeast) else ">"
        if rule.rest is None:
            return f"{sign} {rule.tolerance.count} → block"
        return f"{sign} {rule.tolerance.count} → {span(rule.rest)}; {rule.lockouts_to_block} in a row → block"

    return says


def _call(*procedures: OnlineProcedure) -> Callable[[Profile], str]:
    def says(one: Profile) -> str:
        calls = [one.token.calls[procedure] for procedure in procedures if procedure in one.token.calls]
        told = dict.fromkeys(f"{rules.window.seconds} s, {rules.mode.value}" for rules in calls)
        return "; ".join(told) or NOBODY

    return says


def _by_form(form: TokenForm, paper: str, otherwise: str) -> Callable[[Profile], str]:
    return lambda one: paper if form in one.token.by_form else otherwise


def _mail_password(one: Profile) -> str:
    rules = one.mail_password
    return "no" if rules is None else f"on a {', '.join(sorted(it.value for it in rules.channels))} without OTP"


def _resets(one: Profile) -> str:
    return "online" if OnlineProcedure.QUESTIONS_RESET in one.resets else "in writing"


def _reissue(one: Profile) -> str:
    return "reissue online" if OnlineProcedure.TOKEN_REISSUE in one.resets else "at the branch"


def _limits(one: Profile) -> str:
    return f"{one.limits.most.yen.amount:,} yen; {one.limits.most_with_token.yen.amount:,} with OTP"


def _hours(one: Profile) -> str:
    return "all days" if one.hours_of(Operation.LOG_IN).daily else "never"


PARAMETERS = (
    Parameter("applying online", lambda one: _yes(one.offers(Operation.ENROL)), "yes", "no", "no"),
    Parameter(
        "login ID length / mix",
        _login_id,
        "6-12, letters and digits mixed (login accepts 4-12)",
        None,
        "6-12, letters and digits mixed",
    ),
    Parameter(
        "login ID alternatives",
        lambda one: "branch, type and account number" if one.login_by_account else "none",
        "branch, type and account number",
        None,
        "none",
    ),
    Parameter(
        "login password",
        _password,
        "4-12, no mix demanded, symbols",
        None,
        "6-12, letters and digits mixed, no symbols",
    ),
    Parameter(
        "case",
        lambda one: " / ".join(
            "sensitive" if rules.case_sensitive else "insensitive" for rules in (one.login_id, one.password)
        ),
        "insensitive / insensitive",
        None,
        "sensitive / sensitive",
    ),
    Parameter("confirmation password", _confirmation, None, None, "6-12, letters and digits mixed, no symbols; all"),
    Parameter("provisional passwords", lambda one: _yes(one.provisional is not None), "no", None, "yes"),
    Parameter(
        "step-up at token issue",
        _token_issue,
        "answer to a question + phone call",
        "confirmation password",
        "confirmation password + phone call",
    ),
    Parameter("questions and answers", lambda one: str(one.questions.pairs), "3", None, "3"),
    Parameter(
        "answer length",
        lambda one: f"≤ {one.questions.answer_length}{' full-width' if one.questions.full_width_only else ''}",
        None,
        None,
        "≤ 10 full-width",
    ),
    Parameter("forgotten answers", _resets, "online", None, "in writing"),
    Parameter("login password wrong", _lockout(Counter.PASSWORD), "> 6 → 1 h; 3 in a row → block", None, None),
    Parameter("RBA answer wrong", _lockout(Counter.ANSWER), "> 6 → 1 h; 3 in a row → block", None, None),
    Parameter("payment numbers wrong", _lockout(Counter.PAYMENT), "> 5 → 1 h; 2 in a row → block", None, None),
    Parameter("OTP wrong", _lockout(Counter.CODE), None, "≥ 10 → block", None),
    Parameter("start password wrong", _lockout(Counter.START_PASSWORD), None, None, None),
    Parameter("phone call, token issue", _call(OnlineProcedure.TOKEN_ISSUE), "300 s, voice", NOBODY, "120 s, silent"),
    Parameter(
        "phone call, resets",
        _call(OnlineProcedure.PASSWORD_RESET, OnlineProcedure.QUESTIONS_RESET),
        "120 s, silent",
        NOBODY,
        None,
    ),
    Parameter("phone call, reissue", _call(OnlineProcedure.TOKEN_REISSUE), "300 s, voice", NOBODY, "120 s, silent"),
    Parameter("phone exclusions", lambda one: ", ".join(one.token.callers.excluded_prefixes), "050", None, None),
    Parameter(
        "phone mask",
        lambda one: "last 4 hidden" if one.phone_mask is PhoneMask.HIDE_LAST_4 else "only last 4 shown",
        "last 4 hidden",
        None,
        "only last 4 shown",
    ),
    Parameter(
        "start password",
        lambda one: f"{one.token.start_password.min}-{one.token.start_password.max} digits",
        "4-8 digits",
        None,
        "4-8 digits",
    ),
    Parameter("service id (sample)", lambda one: one.token.service_id, "000", None, "10"),
    Parameter(
        "OTP entitlement",
        _by_form(TokenForm.ENTITLE, "branch form, then a notice", "self-service"),
        "self-service",
        "branch form, then a notice",
        "self-service",
    ),
    Parameter("OTP cancel", _by_form(TokenForm.CANCEL, "branch form", "online"), "online", "branch form", None),
    Parameter(
        "OTP stop on loss", _by_form(TokenForm.STOP, "branch form", "the contract's (SUS)"), None, "branch form", None
    ),
    Parameter(
        "token carriers",
        lambda one: ", ".join(sorted(device.value for device in one.token.devices)),
        "smartphone",
        "feature_phone, smartphone",
        "smartphone",
    ),
    Parameter("mail password", _mail_password, None, None, "on a pc without OTP"),
    Parameter("OTP period", lambda one: f"{one.token.codes.period.seconds} s", None, "60 s", "60 s"),
    Parameter("OTP digits", lambda one: str(one.token.codes.digits), None, None, None),
    Parameter(
        "OTP at login, once in use",
        lambda one: ", ".join(sorted(channel.value for channel in one.token.login_channels)),
        "smartphone",
        None,
        "pc, smartphone",
    ),
    Parameter(
        "login without a token",
        lambda one: ", ".join(
            f"{channel.value}: {'the application for one alone' if channel in one.token.required_on else 'yes'}"
            for channel in Channel
        ),
        "pc: yes, smartphone: yes",
        None,
        "pc: yes, smartphone: the application for one alone",
    ),
    Parameter(
        "TXA app version",
        lambda one: "-" if one.token.method.txa_from is None else f"≥ {one.token.method.txa_from}",
        "≥ 4.0",
        "-",
        "-",
    ),
    Parameter("device change", _reissue, "reissue online", "at the branch", "reissue online"),
    Parameter("daily transfer limit", _limits, None, None, "1,000,000 yen; 3,000,000 with OTP"),
    Parameter(
        "mail domains",
        lambda one: ", ".join(one.mail.domains),
        "webcenter.anser.or.jp, otp-auth.net, janetbank.jp",
        "otp-auth.net",
        "am-bk.co.jp, otp-auth.net",
    ),
    Parameter(
        "OTP mail sender",
        lambda one: one.mail.sender_of_ids,
        "janetbank@otp-auth.net",
        "akita-kenshin@otp-auth.net",
        None,
    ),
    Parameter(
        "whom to ask",
        lambda one: one.contact.en,
        None,
        "your branch",
        "the online banking centre (0120-892548, 9:00 to 21:00 every day)",
    ),
    Parameter("service hours (login)", _hours, "all days", None, None),
    Parameter(
        "fees", lambda one: f"{one.fees.monthly.amount} / {one.fees.transfer.amount} yen", None, "0 / 0 yen", None
    ),
)

OPEN = {
    "enrolment proof": "by form: `admit`, and then representative account and both passwords (ENR-23, ENR-27)",
    "eligible person": "in `policies.eligibility`, the same for all (AMB-28)",
    "ID/passwords must differ": "pairwise, wherever there is a second password (PRF-07, CRD-13)",
    "cash card PIN wrong": "the host's (LCK-13)",
    "destination number": "the exchange's (TEL-11)",
    "tokens per device": "the app's: 10 (PRF-13)",
    "OTP needed for": "in `policies.step_up` and `instruct`, the same for all (AMB-8)",
    "start of use": "Aomori: the first login from the app (LGN-13)",
    "biometrics": "the app's, the same for all (BIO-02)",
}
"""What the table has and a profile does not: who decides it, or which flow has to come first."""
