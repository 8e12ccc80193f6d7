"""秋田県信用組合: what its page on one-time passwords says, and on everything else what JA has.

Each number that its sources state stands beside its row.  They are few, so the rest is JA's: both run on the same
centre (PRF-01), and where nobody says anything a bank is better off with a rule than without one.  "Outside" marks
what a public page says, "ours" what nobody says.

Source: ENR-19, PRF-03, 04, 12, 14..16; TEL-23, TKN-08, OTP-13, OTP-16, OTP-17, SUS-33, LCK-12, MAL-07, MAL-08, FEE-11;
        standards.md J14, J15.
"""

from datetime import timedelta
from types import MappingProxyType

from attrs import evolve

from janetbank.model.contract import Counter
from janetbank.policies.admission import Operation
from janetbank.policies.duty import Duty
from janetbank.policies.fees import FeeRules
from janetbank.policies.identity_form import IdentityFormRules
from janetbank.policies.lockout import AtLeast, Lockout
from janetbank.policies.one_time_password import OtpRules
from janetbank.policies.provisional import ProvisionalRules
from janetbank.policies.service_hours import ROUND_THE_CLOCK, EachYear, ServiceHours, SpecialDays, Window
from janetbank.policies.step_up import Guarded
from janetbank.policies.token import MethodRules, TokenForm
from janetbank.profiles.ja import JA
from janetbank.profiles.profile import ConfirmationSettings, Contact, LoginIdScope, MailSettings
from janetbank.values.token_device import TokenDevice

_NEW_YEAR = (SpecialDays(EachYear((1, 1), (1, 3))),)
"""Outside (J14): not available from 1 to 3 January."""

_ALWAYS = ServiceHours(daily=ROUND_THE_CLOCK, special=_NEW_YEAR)
"""Outside (J14) for the balance; for the rest ours."""

_STATEMENTS = ServiceHours(daily=(Window.of("08:00-23:45"),), special=_NEW_YEAR)
"""Outside (J14), for weekdays; there the other days have 9:00-17:00, which no hours of ours can say yet."""

_NEVER = ServiceHours(daily=())
"""By form at the branch, or, where no source says how one applies for the service, not described."""

_HOURS = {
    Operation.ENROL: _NEVER,
    Operation.REISSUE_TOKEN: _NEVER,  # OTP-13: stopped by form, and issued anew
    Operation.STATEMENT: _STATEMENTS,
}

AKITA = evolve(
    JA,
    name="akita",
    title="秋田県信用組合",
    login_id_scope=LoginIdScope.PROFILE,  # ours: one institution
    lockouts=MappingProxyType(
        {**JA.lockouts, Counter.CODE: Lockout(tolerance=AtLeast(10), rest=None, lockouts_to_block=1)}  # OTP-13, LCK-12
    ),
    # PRF-16, TKN-11, TEL-23: it authorises transactions and is the only step-up of a token's issue; its form is ours.
    confirmation=ConfirmationSettings(
        password=JA.password, authorises=frozenset({Guarded.TRANSFERS, Guarded.TOKEN_ISSUE})
    ),
    # Ours: who applies by form is given passwords as at Aomori, on a notice that he replaces (ENR-23, AMB-23).
    provisional=ProvisionalRules(lifetime=timedelta(days=90), resume=timedelta(days=1)),
    duties=frozenset(Duty),
    identity_form=IdentityFormRules(mismatches=5, gaiji_until=None),  # ours; the day is JA's own (PWR-05)
    resets=frozenset(),  # OTP-13, OTP-16, OTP-17: whatever ends or renews a token takes a form at the branch
    token=evolve(
        JA.token,
        codes=OtpRules(),  # PRF-12: every minute; six digits, ours (AMB-36)
        method=MethodRules(txa_from=None),  # PRF-15
        devices=frozenset(TokenDevice),  # PRF-04: a smartphone or a feature phone
        by_form=frozenset(TokenForm),  # PRF-03, TKN-08; OTP-13, OTP-17, SUS-33; OTP-16
        issued_by_call=False,  # TEL-23
        calls=MappingProxyType({}),  # PRF-10, TEL-23: nobody calls
    ),
    fees=FeeRules(),  # FEE-11: nothing
    hours=MappingProxyType({operation: _HOURS.get(operation, _ALWAYS) for operation in Operation}),
    mail=MailSettings(
        sender="akita-kenshin@otp-auth.net",  # PRF-14, MAL-08
        sender_of_ids="akita-kenshin@otp-auth.net",
        domains=("otp-auth.net",),
    ),
    contact=Contact(ja="お取引店舗", en="your branch"),  # 002:L8
)
