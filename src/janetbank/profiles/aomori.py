"""青森みちのく銀行 「つないでネ！ット」: its guide of 2025-01-01, and on everything else what JA has.

Each number that the guide states stands beside its row.  The rest is JA's, as at `akita`; "ours" marks what nobody
says and JA's would not do for.

Source: PRF-02, 07..11, 13..17; CRD-13, RBA-03..09, LGN-10, LGN-11, TEL-19..22, TKN-16, APP-19, TKR-11..16, TRF-03,
        MAL-09; AMB-2, 9, 19, 24, 35, 36.
"""

from datetime import timedelta
from types import MappingProxyType

from attrs import evolve

from janetbank.policies.admission import Operation
from janetbank.policies.credentials import Length, LoginIdRules, PasswordRules
from janetbank.policies.duty import Duty
from janetbank.policies.eligibility import OnlineProcedure
from janetbank.policies.identity_form import IdentityFormRules
from janetbank.policies.limits import LimitRules
from janetbank.policies.mail_password import MailPasswordRules
from janetbank.policies.one_time_password import OtpRules
from janetbank.policies.phone_auth import CallerRules, Mode, PhoneAuthRules
from janetbank.policies.provisional import ProvisionalRules
from janetbank.policies.questions import QuestionRules
from janetbank.policies.service_hours import ROUND_THE_CLOCK, ServiceHours
from janetbank.policies.step_up import Guarded
from janetbank.policies.token import MethodRules, StartPasswordRules
from janetbank.profiles.ja import JA
from janetbank.profiles.profile import ConfirmationSettings, Contact, LoginIdScope, MailSettings
from janetbank.values.daily_limit import DailyLimit
from janetbank.values.environment import Channel
from janetbank.values.phone import PhoneMask

_LENGTH = Length(min=6, max=12)
_CALL = PhoneAuthRules(mode=Mode.SILENT, window=timedelta(seconds=120), rings=3)
"""PRF-10, TEL-20: 120 seconds, and two or three rings."""

_PASSWORD = PasswordRules(length=_LENGTH, mixed=True, case_sensitive=True, symbols=False)
"""PRF-07, CRD-13: 6-12 letters and digits, mixed, case told apart; symbols are not mentioned.  Of both passwords."""

AOMORI = evolve(
    JA,
    name="aomori",
    title="つないでネ！ット",
    # PRF-07: the same of the login id.
    login_id=LoginIdRules(length=_LENGTH, login_length=_LENGTH, mixed=True, case_sensitive=True),
    login_id_scope=LoginIdScope.PROFILE,  # ours: one institution
    login_by_account=False,  # LGN-13, TKR-12, ENR-31: the login id alone; whoever has forgotten it applies anew
    password=_PASSWORD,
    # CRD-15, CRD-16: transfers, investment trusts, the customer's data, and applying for a token.
    confirmation=ConfirmationSettings(password=_PASSWORD, authorises=frozenset(Guarded)),
    # ENR-23, AMB-23: one begins with two provisional passwords from the bank; how long they are good is ours.
    provisional=ProvisionalRules(lifetime=timedelta(days=90), resume=timedelta(days=1)),
    duties=frozenset(Duty),  # ENR-30..36: login id, questions, passwords, the customer's data
    questions=QuestionRules(answer_length=10, full_width_only=True),  # PRF-08, RBA-03, RBA-04
    identity_form=IdentityFormRules(mismatches=5, gaiji_until=None),  # ours; the day is JA's own (PWR-05)
    resets=frozenset({OnlineProcedure.TOKEN_REISSUE}),  # TKR-11; RBA-09: forgotten answers take a form
    token=evolve(
        JA.token,
        service_id="10",  # TKN-16 (the sample)
        codes=OtpRules(period=timedelta(seconds=60)),  # APP-19; six digits, ours (AMB-36)
        start_password=StartPasswordRules(min=4, max=8),  # TKN-13
        method=MethodRules(txa_from=None),  # PRF-15
        login_channels=frozenset(Channel),  # LGN-10: on a PC too, once it is in use
        required_on=frozenset({Channel.SMARTPHONE}),  # LGN-11, ENR-24
        callers=CallerRules(excluded_prefixes=("050",)),  # ours (TEL-21, AMB-35): the platform is shared
        calls=MappingProxyType(
            {
                OnlineProcedure.TOKEN_ISSUE: _CALL,  # TEL-19, TEL-20
                OnlineProcedure.TOKEN_REISSUE: _CALL,  # TKR-13..15: the same screens
            }
        ),
    ),
    # PRF-11, TRF-03, AMB-24: a million yen a day, three with one-time passwords; until it is set a million, ours.
    limits=LimitRules(most=DailyLimit(100), most_with_token=DailyLimit(300), initial=DailyLimit(100)),
    hours=MappingProxyType(  # ours: none are stated
        # ENR-22, ENR-39: the application itself, in writing or online, is outside the guide; then comes the notice.
        {**dict.fromkeys(Operation, ServiceHours(daily=ROUND_THE_CLOCK)), Operation.ENROL: ServiceHours(daily=())}
    ),
    mail_password=MailPasswordRules(),  # PRF-17, MAL-10; AMB-22: eight digits, ten minutes; three letters, ours
    phone_mask=PhoneMask.SHOW_LAST_4,  # PRF-09, TEL-22
    mail=MailSettings(
        sender="tsunaidenet@am-bk.co.jp",  # PRF-14, MAL-09 (the domain; the local part is ours)
        sender_of_ids="tsunaidenet@otp-auth.net",  # the same
        domains=("am-bk.co.jp", "otp-auth.net"),
    ),
    contact=Contact(  # PRF-02, HRS-07
        ja="ネットバンキング共同受付センター（0120-892548、年中無休 9:00～21:00）",
        en="the online banking centre (0120-892548, 9:00 to 21:00 every day)",
    ),
)
