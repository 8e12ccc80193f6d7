"""What a new bank should start from: NIST SP 800-63B-4 and ASVS 5.0 wherever the historical profiles deviate.

A bank of its own puts its name, its title, its mail and its contact in the place of these.  How each profile stands to
the checklist, row by row, and what is still a deviation here, stands in docs/deviations.md.

Source: AMB-40; standards.md C01..C40 as cited; AMB-11 (cooling-off).
"""

from datetime import timedelta
from types import MappingProxyType

from attrs import evolve

from janetbank.model.contract import Counter
from janetbank.policies.admission import Operation
from janetbank.policies.cooling_off import CoolingOff
from janetbank.policies.credentials import Length, LoginIdRules, PasswordRules
from janetbank.policies.duty import Duty
from janetbank.policies.eligibility import OnlineProcedure
from janetbank.policies.identity_form import IdentityFormRules
from janetbank.policies.limits import LimitRules
from janetbank.policies.line_change import LineRules
from janetbank.policies.lockout import AtLeast, Lockout
from janetbank.policies.one_time_password import OtpRules
from janetbank.policies.password_age import PasswordAge
from janetbank.policies.phone_auth import Mode, PhoneAuthRules
from janetbank.policies.service_hours import ROUND_THE_CLOCK, ServiceHours
from janetbank.policies.token import SetUpRules, StartPasswordRules
from janetbank.profiles.ja import JA
from janetbank.profiles.profile import Contact, LoginIdScope, MailSettings
from janetbank.values.daily_limit import DailyLimit
from janetbank.values.environment import Channel
from janetbank.values.phone import PhoneMask

_HOUR = timedelta(minutes=60)
_FIVE = Lockout(tolerance=AtLeast(5), rest=_HOUR, lockouts_to_block=3)
"""C05: five in a row at most; C01: fifteen before somebody has to be asked."""

_CALL = PhoneAuthRules(mode=Mode.SCREEN_CODE, window=timedelta(seconds=300), digits=6)
"""C25: well within ten minutes; C27: only a code from the screen ties the two channels together."""

MODERN = evolve(
    JA,
    name="modern",
    title="Modern",
    # C09: no mix is demanded; whoever holds an id case-insensitively cannot mistake it for another.
    login_id=LoginIdRules(
        length=Length(min=6, max=32), login_length=Length(min=6, max=32), mixed=False, case_sensitive=False
    ),
    login_id_scope=LoginIdScope.PROFILE,
    # C07: fifteen, for until a token is in use a password stands alone; C08: 64; C09: no mix; C10: exactly as typed.
    password=PasswordRules(length=Length(min=15, max=64), mixed=False, case_sensitive=True),
    lockouts=MappingProxyType(
        {
            Counter.PASSWORD: _FIVE,
            Counter.ANSWER: _FIVE,
            Counter.START_PASSWORD: Lockout(tolerance=AtLeast(5), rest=None, lockouts_to_block=1),
            Counter.CODE: _FIVE,
            Counter.PAYMENT: evolve(_FIVE, lockouts_to_block=2, clears=False),  # LCK-06: a processed payment clears
            Counter.CONFIRMATION: _FIVE,
            Counter.MAIL_PASSWORD: _FIVE,
        }
    ),
    questions=evolve(JA.questions, pairs=0),  # C13: none; an unknown place takes the token's code, or a call
    duties=frozenset({Duty.CHOOSE_PASSWORD}),
    resets=frozenset({OnlineProcedure.PASSWORD_RESET, OnlineProcedure.TOKEN_REISSUE}),
    # C38; on the way in there is time for a call.
    sessions=evolve(JA.sessions, challenge=timedelta(minutes=10)),
    identity_form=IdentityFormRules(mismatches=5, gaiji_until=None),
    token=evolve(
        JA.token,
        codes=OtpRules(period=timedelta(seconds=30)),  # C21
        start_password=StartPasswordRules(min=8, max=8),  # C35: as long as its screens allow
        set_up=SetUpRules(window=timedelta(minutes=10)),  # C35
        login_channels=frozenset(Channel),  # C07, C36: every login takes a code, once a token is in use
        calls=MappingProxyType(
            dict.fromkeys(
                (
                    OnlineProcedure.TOKEN_ISSUE,
                    OnlineProcedure.PASSWORD_RESET,
                    OnlineProcedure.TOKEN_REISSUE,
                    OnlineProcedure.LOG_IN,
                ),
                _CALL,
            )
        ),
        line_change=LineRules(rest=timedelta(days=3)),  # C26, wherever carriers tell; three days are ours
    ),
    operators=evolve(
        JA.operators,
        password=PasswordRules(length=Length(min=15, max=64), mixed=False, case_sensitive=True),  # C07
        password_age=PasswordAge(None),  # C12
        lockout=_FIVE,
    ),
    cooling_off=CoolingOff(timedelta(hours=24)),  # AMB-11, C36
    # Ours: little without one-time passwords, and no more than that until the customer wants more.
    limits=LimitRules(most=DailyLimit(20), most_with_token=DailyLimit(500), initial=DailyLimit(20)),
    hours=MappingProxyType(dict.fromkeys(Operation, ServiceHours(daily=ROUND_THE_CLOCK))),
    phone_mask=PhoneMask.SHOW_LAST_4,  # the half that tells less of a number: four digits of ten
    mail=MailSettings(sender="bank@bank.example", sender_of_ids="bank@bank.example", domains=("bank.example",)),
    contact=Contact(ja="お取引の銀行", en="your bank"),
)
