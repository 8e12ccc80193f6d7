"""About: what each field of a profile is for, in which unit it counts, and between which bounds.

One line a field, beside no other list of them: the file that a profile is written to, the schema for editors and the
bounds that a file is held to are all made of this table.  What a type says by itself (a length of time is written with
its unit, a day as a day) is not said again.  Bounds that depend on another field are in the rules themselves.

Shape:  `ABOUT[class, field]`; a field without a line is found by a test.
Units:  *least* and *most* are in the unit that is named; None: there is no such bound.
Source: requirements.md part 2; the rows that each class of rules names.
"""

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType

from attrs import frozen

from janetbank.policies.approval import ApprovalRules
from janetbank.policies.calendar import BankCalendar
from janetbank.policies.cooling_off import CoolingOff
from janetbank.policies.credentials import Length, LoginIdRules, PasswordRules
from janetbank.policies.dual_control import DualControl
from janetbank.policies.fees import FeeRules
from janetbank.policies.hashing import Argon2Cost
from janetbank.policies.identity_form import IdentityFormRules
from janetbank.policies.leaving import LeavingRules
from janetbank.policies.limits import LimitRules
from janetbank.policies.line_change import LineRules
from janetbank.policies.lockout import AtLeast, Lockout, MoreThan
from janetbank.policies.mail_password import FEWEST_DIGITS as FEWEST_MAILED
from janetbank.policies.mail_password import LONGEST as MAILED_LONGEST
from janetbank.policies.mail_password import MOST_DIGITS as MOST_MAILED
from janetbank.policies.mail_password import MailPasswordRules
from janetbank.policies.one_time_password import OtpRules
from janetbank.policies.password_age import PasswordAge
from janetbank.policies.phone_auth import FEWEST_DIGITS, LONGEST, CallerRules, PhoneAuthRules
from janetbank.policies.provisional import SHORTEST, ProvisionalRules
from janetbank.policies.questions import QuestionRules
from janetbank.policies.retention import Retention
from janetbank.policies.risk import RiskRules
from janetbank.policies.service_hours import ServiceHours
from janetbank.policies.sessions import SessionRules
from janetbank.policies.token import MethodRules, SetUpRules, StartPasswordRules
from janetbank.profiles.profile import (
    NIST_GUESSES,
    ConfirmationSettings,
    Contact,
    MailSettings,
    OperatorSettings,
    Profile,
    TokenSettings,
)
from janetbank.values.daily_limit import MOST as HIGHEST_LIMIT


@frozen
class About:
    """*text* says what a field is for, with the unit of a bare number; *every*: a table with a line for each key."""

    text: str
    least: int | timedelta | None = None
    most: int | timedelta | None = None
    every: bool = False


_SECOND = timedelta(seconds=1)
_MILLISECOND = timedelta(milliseconds=1)
_TWO_MINUTES = timedelta(minutes=2)
_PASSWORD_MOST = 256

ABOUT: Mapping[tuple[type, str], About] = MappingProxyType(
    {
        (Profile, "name"): About("what programs call the profile"),
        (Profile, "title"): About("what customers call the service"),
        (Profile, "login_id"): About("what a login id is made of"),
        (Profile, "login_id_scope"): About("within what a login id is unique"),
        (Profile, "login_by_account"): About("whether the representative account will do in the place of a login id"),
        (Profile, "password"): About("what a login password is made of"),
        (Profile, "lockouts"): About("how many wrong entries of each secret are tolerated", every=True),
        (Profile, "questions"): About("the registered questions and their answers"),
        (Profile, "duties"): About("what logging in may ask for first"),
        (Profile, "identity_form"): About("the form that a reset begins with"),
        (Profile, "resets"): About("what is reset or reissued online; the rest takes a form in writing"),
        (Profile, "risk"): About("which places are usual ones"),
        (Profile, "sessions"): About("how long a session lasts"),
        (Profile, "step_up_lifetime"): About("how long an answered question counts within a session", _MILLISECOND),
        (Profile, "limits"): About("how much may be transferred from an account a day"),
        (Profile, "token"): About("software tokens, and the calls by which they are applied for"),
        (Profile, "operators"): About("those who work behind the counter"),
        (Profile, "cooling_off"): About("how long a reissue soon after a reset leaves transfers disabled"),
        (Profile, "hours"): About("when each operation is open; one without a window is not offered", every=True),
        (Profile, "calendar"): About("the days on which the bank works"),
        (Profile, "leaving"): About("who may cancel online"),
        (Profile, "fees"): About("what months and transfers cost"),
        (Profile, "procedure_lifetime"): About("how long an application may lie unfinished", _MILLISECOND),
        (Profile, "retention"): About("how long what is over is kept"),
        (Profile, "phone_mask"): About("which half of a registered number is shown"),
        (Profile, "mail"): About("who writes to the customers"),
        (Profile, "contact"): About("whom to ask, in the words of the letters"),
        (Profile, "mail_password"): About("codes by mail for whoever has no token in use; none: there are none"),
        (MailPasswordRules, "digits"): About("digits of a code", FEWEST_MAILED, MOST_MAILED),
        (MailPasswordRules, "lifetime"): About("for which a code counts", _MILLISECOND, MAILED_LONGEST),
        (MailPasswordRules, "letters"): About("letters for one instruction, the most", 1, 10),
        (MailPasswordRules, "waiting"): About("instructions that may wait for one at once", 1, 20),
        (MailPasswordRules, "channels"): About("on which channels one proves by mail"),
        (Profile, "confirmation"): About("the second password of the customers; none: they have one"),
        (Profile, "provisional"): About("the passwords that customers begin with; none: they choose theirs"),
        (Profile, "hashing"): About("what one Argon2id costs"),
        (ConfirmationSettings, "password"): About("what it is made of"),
        (ConfirmationSettings, "authorises"): About("what is done by it alone"),
        (ProvisionalRules, "lifetime"): About("for which a notice is good", _MILLISECOND),
        (ProvisionalRules, "resume"): About("for which it is, once the first login was made", _MILLISECOND),
        (ProvisionalRules, "length"): About("characters of each", SHORTEST, _PASSWORD_MOST),
        (Length, "min"): About("characters, the fewest", 1, _PASSWORD_MOST),
        (Length, "max"): About("characters, the most", 1, _PASSWORD_MOST),
        (LoginIdRules, "length"): About("of a new id"),
        (LoginIdRules, "login_length"): About("of an id that is accepted at login"),
        (LoginIdRules, "mixed"): About("whether it needs both letters and digits"),
        (LoginIdRules, "case_sensitive"): About("whether case is told apart"),
        (LoginIdRules, "floor"): About("characters left without everything guessable", 0, _PASSWORD_MOST),
        (LoginIdRules, "service_words"): About("words of the service, which are guessable; four characters or more"),
        (PasswordRules, "length"): About("of a new password"),
        (PasswordRules, "mixed"): About("whether it needs both letters and digits"),
        (PasswordRules, "case_sensitive"): About("whether case is told apart"),
        (PasswordRules, "symbols"): About("whether symbols may be used"),
        (PasswordRules, "floor"): About("characters left without everything guessable", 0, _PASSWORD_MOST),
        (PasswordRules, "service_words"): About("words of the service, which are guessable; four characters or more"),
        (Lockout, "tolerance"): About("which wrong entry trips: the one after more_than, or number at_least"),
        (MoreThan, "count"): About("wrong entries are tolerated, the next one trips", 0, NIST_GUESSES - 1),
        (AtLeast, "count"): About("is the number of the wrong entry that trips", 1, NIST_GUESSES),
        (Lockout, "rest"): About("how long a lock lasts; none where the first one blocks", _MILLISECOND),
        (Lockout, "lockouts_to_block"): About("locks in a row, of which the last blocks", 1, NIST_GUESSES),
        (Lockout, "clears"): About("whether a right entry clears the count, or only what follows from it does"),
        (Lockout, "patience"): About("after which an unfinished check counts as wrong", _MILLISECOND),
        (QuestionRules, "catalogue"): About("the codes of the questions to choose from"),
        (QuestionRules, "pairs"): About("questions to register; 0: none are asked", 0, 10),
        (QuestionRules, "answer_length"): About("characters, the most in an answer", 1, 100),
        (QuestionRules, "full_width_only"): About("whether half-width characters are refused in an answer"),
        (IdentityFormRules, "mismatches"): About("wrong forms a day, after which it closes to an account", 1, 100),
        (IdentityFormRules, "gaiji_until"): About("last day on which names in gaiji were registered in katakana"),
        (RiskRules, "remembered"): About("usual places of a contract, the most", 1, 100),
        (SessionRules, "idle"): About("since its last use", _MILLISECOND),
        (SessionRules, "absolute"): About("since it was opened", _MILLISECOND),
        (SessionRules, "challenge"): About("for an answer or a code on the way in", _MILLISECOND),
        (LimitRules, "most"): About("万円 a day at most, without one-time passwords", 0, HIGHEST_LIMIT),
        (LimitRules, "most_with_token"): About("万円 a day at most, with them", 0, HIGHEST_LIMIT),
        (LimitRules, "initial"): About("万円 a day, until the customer sets it", 0, HIGHEST_LIMIT),
        (LimitRules, "reservations"): About("on which day a reserved transfer counts"),
        (TokenSettings, "service_id"): About("サービスID; leading zeros count"),
        (TokenSettings, "codes"): About("the one-time passwords"),
        (TokenSettings, "start_password"): About("the password for setting the app up"),
        (TokenSettings, "set_up"): About("setting the app up"),
        (TokenSettings, "method"): About("transaction authentication"),
        (TokenSettings, "approval"): About("approving a transaction in the app"),
        (TokenSettings, "login_channels"): About("on which channels logging in takes a code, once a token is in use"),
        (TokenSettings, "required_on"): About("on which channels whoever has no token can but apply for one"),
        (TokenSettings, "offered_at_login"): About("whether who has no token is offered one at each login"),
        (TokenSettings, "devices"): About("on what kinds of telephone the app may be"),
        (TokenSettings, "by_form"): About("what of a token takes a form at the branch"),
        (TokenSettings, "issued_by_call"): About("whether applying for a token ends with a call"),
        (TokenSettings, "download"): About("where the app is to be had, as the token's letter says"),
        (TokenSettings, "callers"): About("by which numbers a caller is recognised"),
        (TokenSettings, "calls"): About("what a call is needed for, and how it goes"),
        (TokenSettings, "line_change"): About("asking the carrier whether a number changed hands; none: nobody asks"),
        (OtpRules, "period"): About("after which the code changes, in whole seconds", _SECOND, _TWO_MINUTES),
        (OtpRules, "digits"): About("digits of a code: 6 or 8", 6, 8),
        (OtpRules, "algorithm"): About("what codes are made with"),
        (OtpRules, "window"): About("periods too early or too late that are taken as well", 0, 10),
        (OtpRules, "seed_bytes"): About("bytes of a new seed", 16, 64),
        (StartPasswordRules, "min"): About("digits, the fewest", 1, 16),
        (StartPasswordRules, "max"): About("digits, the most", 1, 16),
        (StartPasswordRules, "floor"): About("digits left without everything guessable", 0, 16),
        (SetUpRules, "window"): About("after the issue, within which the app is set up", _MILLISECOND),
        (MethodRules, "txa_from"): About("the oldest app that approves transactions; none: it is not offered"),
        (ApprovalRules, "window"): About("for which an approval is awaited", _MILLISECOND, LONGEST),
        (ApprovalRules, "tolerance"): About("minutes that the app's clock may be wrong, either way", 0, 10),
        (CallerRules, "excluded_prefixes"): About("numbers by which nobody is recognised, as dialled within Japan"),
        (CallerRules, "enough"): About("whose word for a caller's number counts"),
        (PhoneAuthRules, "mode"): About("what a right call has to do"),
        (PhoneAuthRules, "window"): About("within which the call is completed", _MILLISECOND, LONGEST),
        (PhoneAuthRules, "rings"): About("rings of a silent call", 1, 20),
        (PhoneAuthRules, "digits"): About("digits spoken or shown", FEWEST_DIGITS, 12),
        (PhoneAuthRules, "tries_per_call"): About("wrong entries that end a call", 1, NIST_GUESSES),
        (PhoneAuthRules, "tries"): About("wrong entries in a row that end the attempt", 1, NIST_GUESSES),
        (PhoneAuthRules, "rest"): About("after which another attempt may begin then", LONGEST),
        (PhoneAuthRules, "starts_per_hour"): About("attempts an hour", 1, 100),
        (LineRules, "rest"): About("for which a number is not called from after a change", _MILLISECOND),
        (OperatorSettings, "hours"): About("when the operations terminal is used"),
        (OperatorSettings, "password"): About("what an operator's password is made of"),
        (OperatorSettings, "password_age"): About("how long it counts"),
        (OperatorSettings, "lockout"): About("how many wrong entries of it are tolerated"),
        (OperatorSettings, "sessions"): About("how long an operator's session lasts"),
        (OperatorSettings, "dual_control"): About("what one proposes and another approves"),
        (PasswordAge, "longest"): About("for which a password counts; none: for ever", _MILLISECOND),
        (DualControl, "lifetime"): About("for which a proposal waits for its checker", _MILLISECOND),
        (CoolingOff, "length"): About("after the reset", _MILLISECOND),
        (ServiceHours, "daily"): About("the windows of every day, in Japan: 06:30-23:40"),
        (ServiceHours, "special"): About(
            "days with other windows: 01-01 to 01-03: closed; the first that covers a day"
        ),
        (ServiceHours, "closures"): About("instants between which it is closed, whatever else holds"),
        (BankCalendar, "closed"): About("days on which it is closed, against the law's calendar"),
        (BankCalendar, "opened"): About("days on which it is open, against the law's calendar"),
        (BankCalendar, "cut_off"): About(
            "the time in Japan from which it is the next day, for transfers too; none: midnight"
        ),
        (LeavingRules, "awaits_deletions"): About("whether deleted accounts must have been reflected before"),
        (FeeRules, "monthly"): About("yen a month", 0),
        (FeeRules, "transfer"): About("yen a transfer", 0),
        (Retention, "ended"): About("for what came to nothing", timedelta(0)),
        (Retention, "executed"): About("for what was executed", timedelta(0)),
        (MailSettings, "sender"): About("the address that writes"),
        (MailSettings, "sender_of_ids"): About("the address that writes the letters which a token is set up with"),
        (MailSettings, "domains"): About("told to whoever registers an address; both senders write from one of them"),
        (Contact, "ja"): About("in Japanese"),
        (Contact, "en"): About("in English"),
        (Argon2Cost, "memory"): About("KiB", 8),
        (Argon2Cost, "passes"): About("passes over it", 1),
        (Argon2Cost, "lanes"): About("lanes side by side", 1),
    }
)
