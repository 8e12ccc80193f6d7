"""JAネットバンク: the federation of the agricultural cooperatives.

Each number stands beside the row it comes from; "outside" marks what the sources are silent on and a public page says
(standards.md section 1), "ours" what nobody says.

Source: PRF-01, 05, 06, 08, 09; LCK-01..03, 10, 11; CRD-01..09; HRS-01.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from types import MappingProxyType

from janetbank.model.contract import Counter
from janetbank.policies.admission import Operation
from janetbank.policies.approval import ApprovalRules
from janetbank.policies.calendar import BankCalendar
from janetbank.policies.credentials import Length, LoginIdRules, PasswordRules
from janetbank.policies.dual_control import DualControl
from janetbank.policies.duty import Duty
from janetbank.policies.eligibility import OnlineProcedure
from janetbank.policies.fees import FeeRules
from janetbank.policies.identity_form import IdentityFormRules
from janetbank.policies.leaving import LeavingRules
from janetbank.policies.limits import LimitRules
from janetbank.policies.lockout import AtLeast, Lockout, MoreThan
from janetbank.policies.one_time_password import OtpRules
from janetbank.policies.password_age import PasswordAge
from janetbank.policies.phone_auth import CallerRules, Mode, PhoneAuthRules
from janetbank.policies.questions import QuestionRules
from janetbank.policies.retention import Retention
from janetbank.policies.risk import RiskRules
from janetbank.policies.service_hours import ROUND_THE_CLOCK, EachYear, ServiceHours, SpecialDays, Window
from janetbank.policies.sessions import SessionRules
from janetbank.policies.token import MethodRules, SetUpRules, StartPasswordRules, TokenForm
from janetbank.profiles.profile import Contact, LoginIdScope, MailSettings, OperatorSettings, Profile, TokenSettings
from janetbank.values.app_version import AppVersion
from janetbank.values.daily_limit import DailyLimit
from janetbank.values.environment import Channel
from janetbank.values.phone import PhoneMask

_HOUR = timedelta(minutes=60)

_ALWAYS = ServiceHours(daily=ROUND_THE_CLOCK)
"""HRS-01: weekdays, Saturdays, Sundays and holidays alike; no downtime is stated."""

_APPLICATIONS = ServiceHours(
    daily=(Window.of("06:30-23:40"),),
    special=(SpecialDays(EachYear((1, 1), (1, 3)), (Window.of("08:00-19:00"),)),),
)
"""Outside (J1, J9): what asks the host is open from 06:30 to 23:40, and from 08:00 to 19:00 on 1 to 3 January."""

_LIKE_APPLICATIONS = frozenset(
    {Operation.ENROL, Operation.RESET_PASSWORD, Operation.RESET_QUESTIONS, Operation.REISSUE_TOKEN}
)
"""Outside (J1): the page of resets and reissues has the same hours."""

CALLERS = CallerRules(excluded_prefixes=("050",))  # TEL-03; who answers for a number: standards.md 4

PHONE_AUTH: Mapping[OnlineProcedure, PhoneAuthRules] = MappingProxyType(
    {
        OnlineProcedure.TOKEN_ISSUE: PhoneAuthRules(mode=Mode.VOICE, window=timedelta(seconds=300)),  # TEL-06
        OnlineProcedure.PASSWORD_RESET: PhoneAuthRules(mode=Mode.SILENT, window=timedelta(seconds=120)),  # TEL-07, 15
        OnlineProcedure.QUESTIONS_RESET: PhoneAuthRules(mode=Mode.SILENT, window=timedelta(seconds=120)),  # TEL-08, 15
        OnlineProcedure.TOKEN_REISSUE: PhoneAuthRules(mode=Mode.VOICE, window=timedelta(seconds=300)),  # TEL-09, 16
    }
)
"""What a call is needed for, and how it goes; the rest of the numbers (tries, rest, starts) are ours."""

OPERATORS = OperatorSettings(
    hours=ServiceHours(daily=(Window.of("07:00-22:00"),)),  # OPS-10: in necessary hours; which they are is ours
    # Ours, after NIST SP 800-63B-4 3.1.1.2: long, any characters, case told apart.
    password=PasswordRules(length=Length(min=12, max=64), mixed=False, case_sensitive=True),
    password_age=PasswordAge(timedelta(days=90)),  # SUS-13: changed regularly; how often is ours
    lockout=Lockout(tolerance=MoreThan(6), rest=_HOUR, lockouts_to_block=3),  # as for customers (LCK-01, LCK-03)
    sessions=SessionRules(  # ours
        idle=timedelta(minutes=10), absolute=timedelta(hours=10), challenge=timedelta(minutes=10)
    ),
    dual_control=DualControl(lifetime=timedelta(days=4)),  # ours: over a week-end and a holiday
)
"""Those who work behind the counter of an institution, and of the help desk."""

JA = Profile(
    name="ja",
    title="JAネットバンク",
    # CRD-01: 6-12, letters and digits mixed; CRD-07: 4-12 are accepted at login; CRD-02: case is not told apart.
    login_id=LoginIdRules(
        length=Length(min=6, max=12), login_length=Length(min=4, max=12), mixed=True, case_sensitive=False
    ),
    login_id_scope=LoginIdScope.INSTITUTION,  # CRD-04, AMB-27
    # CRD-05: 4-12 letters, digits, symbols, case not told apart, no mix demanded.
    password=PasswordRules(length=Length(min=4, max=12), mixed=False, case_sensitive=False),
    lockouts=MappingProxyType(
        {
            Counter.PASSWORD: Lockout(tolerance=MoreThan(6), rest=_HOUR, lockouts_to_block=3),  # LCK-01, LCK-03
            Counter.ANSWER: Lockout(tolerance=MoreThan(6), rest=_HOUR, lockouts_to_block=3),  # LCK-10, LCK-11
            Counter.START_PASSWORD: Lockout(tolerance=AtLeast(5), rest=None, lockouts_to_block=1),  # ours (APP-23)
            Counter.CODE: Lockout(tolerance=AtLeast(10), rest=None, lockouts_to_block=1),  # PRF-12, LCK-12
            # LCK-05, LCK-07; LCK-06: a processed payment clears.
            Counter.PAYMENT: Lockout(tolerance=MoreThan(5), rest=_HOUR, lockouts_to_block=2, clears=False),
            # Ours, for those that have one (PRF-16): as the login password, which is as much worth to a thief.
            Counter.CONFIRMATION: Lockout(tolerance=MoreThan(6), rest=_HOUR, lockouts_to_block=3),
            # Ours, where codes are mailed (PRF-17): as few as of what is not a secret of one's own.
            Counter.MAIL_PASSWORD: Lockout(tolerance=MoreThan(5), rest=_HOUR, lockouts_to_block=3),
        }
    ),
    questions=QuestionRules(answer_length=16, full_width_only=True),  # RBA-03; outside (J6): 16 full-width
    duties=frozenset({Duty.REGISTER_QUESTIONS, Duty.CHOOSE_PASSWORD}),  # RBA-14, SUS-03
    identity_form=IdentityFormRules(mismatches=5, gaiji_until=date(2021, 2, 15)),  # PWR-11 (ours), PWR-05
    resets=frozenset(  # PWR, RBR, TKR
        {OnlineProcedure.PASSWORD_RESET, OnlineProcedure.QUESTIONS_RESET, OnlineProcedure.TOKEN_REISSUE}
    ),
    risk=RiskRules(remembered=3),  # outside (J17): up to three devices
    sessions=SessionRules(  # ours, after RTS 2018/389 Art 4(3)(d): five minutes idle
        idle=timedelta(minutes=5), absolute=timedelta(minutes=60), challenge=timedelta(minutes=5)
    ),
    token=TokenSettings(
        service_id="000",  # TKR-09 (the sample)
        codes=OtpRules(),  # AMB-36: six digits, ours; 60 s outside (J2)
        start_password=StartPasswordRules(),  # CRD-10: 4-8 digits
        set_up=SetUpRules(window=timedelta(days=7)),  # ours (standards.md C35)
        method=MethodRules(txa_from=AppVersion("4.0")),  # TXA-01
        approval=ApprovalRules(),  # AMB-32: ten minutes
        login_channels=frozenset({Channel.SMARTPHONE}),  # LGN-09, AMB-7
        # TKR-01, AMB-28: in writing, of who has none reissued online; that it is stopped and applied for anew is ours.
        by_form=frozenset({TokenForm.STOP}),
        download="https://www.otp-auth.net/app",  # ours, at the domain of PRF-14
        callers=CALLERS,
        calls=PHONE_AUTH,
        line_change=None,  # no source knows of carriers that tell (standards.md C26)
    ),
    operators=OPERATORS,
    cooling_off=None,  # AMB-11: no source knows one
    step_up_lifetime=timedelta(minutes=5),  # ours
    # Outside (J7): five million yen a day with one-time passwords, 200,000 without; all of it until it is set, ours.
    limits=LimitRules(most=DailyLimit(20), most_with_token=DailyLimit(500), initial=DailyLimit(500)),
    hours=MappingProxyType(
        {operation: _APPLICATIONS if operation in _LIKE_APPLICATIONS else _ALWAYS for operation in Operation}
    ),
    calendar=BankCalendar(),
    leaving=LeavingRules(),  # AMB-15
    fees=FeeRules(),  # FEE-01, FEE-02 are headings without an amount; each JA has its own
    procedure_lifetime=timedelta(minutes=60),  # ours
    # Ours; executed: the seven years for which a bank keeps records of transactions (犯罪収益移転防止法 7条3項).
    retention=Retention(ended=timedelta(days=1), executed=timedelta(days=7 * 366)),
    phone_mask=PhoneMask.HIDE_LAST_4,  # PRF-09
    mail=MailSettings(
        sender="janetbank@webcenter.anser.or.jp",  # PRF-14 (the domain; the local part is ours)
        sender_of_ids="janetbank@otp-auth.net",  # PRF-14, TKN-02, MAL-03
        domains=("webcenter.anser.or.jp", "otp-auth.net", "janetbank.jp"),  # MAL-02
    ),
    contact=Contact(ja="お取引のJA", en="your JA"),
)
