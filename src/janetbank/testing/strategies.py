"""Strategies: Hypothesis makes whatever the model can hold, to be stored and read back.

Shape:  one strategy per value or aggregate, named in the plural; every aggregate is new (version 0).
Units:  instants are aware UTC datetimes with microseconds.
Source: the model's own docstrings; `storage_conformance` is the first user.
"""

from datetime import UTC, date, datetime, timedelta

from attrs import evolve, fields
from hypothesis import strategies as st

from janetbank.model.acceptance import Acceptance, AcceptanceKind
from janetbank.model.allowance import Allowance
from janetbank.model.audit import ChainHead, Entry, Plain
from janetbank.model.batch import BatchRun, BatchStep, Done
from janetbank.model.biometrics import Challenge, ChallengeFor, Credential
from janetbank.model.case import Case, CaseKind
from janetbank.model.contract import Contract, NoticeAsked, RegisteredQuestion
from janetbank.model.customer import FURTHER_ADDRESSES, Address, Customer, Notice
from janetbank.model.enrolment import AcceptedTerms, ChosenCredentials, Enrolment, Holder
from janetbank.model.fee import Charge, ChargeKind, Exemption, FeeTerms
from janetbank.model.instruction import Instruction
from janetbank.model.letter import Letter, LetterCode
from janetbank.model.operator import Operator, OperatorSession, OperatorStatus, name_of
from janetbank.model.phone_attempt import PhoneAttempt
from janetbank.model.recovery import Recovery
from janetbank.model.reissue import Reissue
from janetbank.model.session import Assurance, Session
from janetbank.model.token import Token
from janetbank.policies import recovery, reissue
from janetbank.policies.accounts import AccountState, LinkedAccount
from janetbank.policies.approval import Approval, ApprovalState
from janetbank.policies.authority import Role
from janetbank.policies.contract_life import ContractStatus
from janetbank.policies.dual_control import Proposal, ProposalState
from janetbank.policies.eligibility import OnlineProcedure
from janetbank.policies.enrolment import Step
from janetbank.policies.identity_form import FormTries
from janetbank.policies.instruction import InstructionState
from janetbank.policies.limits import Usage
from janetbank.policies.lockout import Tally, Ticket
from janetbank.policies.mail_password import Mailed
from janetbank.policies.phone_auth import LONGEST, Mode, Phase, PhoneAuthRules, Progress
from janetbank.policies.risk import Place
from janetbank.policies.step_up import Proof
from janetbank.policies.suspension import Cause, Suspension, SuspensionState
from janetbank.policies.suspension import Route as SuspensionRoute
from janetbank.policies.token import SetUp, TokenState
from janetbank.ports.storage import Checkpoint
from janetbank.values.account import Account, AccountNumber, AccountType, Branch
from janetbank.values.app_version import AppVersion
from janetbank.values.bill import Bill
from janetbank.values.caller import Route
from janetbank.values.daily_limit import MOST as MOST_MAN
from janetbank.values.daily_limit import DailyLimit
from janetbank.values.email import MailAddress
from janetbank.values.environment import Channel
from janetbank.values.host_answer import HostReason
from janetbank.values.identifiers import ContractId, InstitutionId
from janetbank.values.instruction import LONGEST_PAYEE_NAME, TRANSFERS, Content, Payment, Transfer
from janetbank.values.line import Line
from janetbank.values.login_id import LoginId
from janetbank.values.money import MOST, Yen
from janetbank.values.month import Month
from janetbank.values.operator import Hand, OperatorId, PersonId
from janetbank.values.otp_method import OtpMethod
from janetbank.values.paper import Paper
from janetbank.values.person import EARLIEST_BIRTH, BirthDate, KanaName, KanjiName
from janetbank.values.phone import PhoneNumber

_DIGITS = "0123456789"
_MOST = 2**31 - 1

instants = st.datetimes(datetime(1970, 1, 1), datetime(2199, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 -- bounds of Hypothesis are naive
days = st.dates(date(1970, 1, 1), date(2199, 12, 31))
digests = st.text("0123456789abcdef", min_size=64, max_size=64)
# Any text but NUL and lone surrogates, which are no characters: quotes, line breaks, emoji and all.
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
names = st.text("0123456789abcdefghijklmnopqrstuvwxyz-", min_size=1, max_size=64)

institutions = st.text(_DIGITS, min_size=4, max_size=4).map(InstitutionId)
contract_ids = names.map(ContractId)
login_ids = st.builds(
    LoginId.parse,
    st.text("0123456789abcxyzABCXYZ", min_size=1, max_size=64),
    case_sensitive=st.booleans(),
)
accounts = st.builds(
    Account,
    st.text(_DIGITS, min_size=3, max_size=3).map(Branch),
    st.sampled_from(AccountType),
    st.text(_DIGITS, min_size=7, max_size=7).map(AccountNumber),
)
linked_accounts = st.builds(LinkedAccount, accounts, st.sampled_from(AccountState), st.none() | days)
mail_addresses = st.sampled_from(
    ["taro@example.jp", "a..b@docomo.ne.jp", "o'neil+x@example.com", "hanako@xn--wgv71a119e.jp"]
).map(MailAddress.parse)
phone_numbers = st.sampled_from(
    ["090-1234-5678", "060-1234-5678", "03-3234-5678", "050-3234-5678", "0120-123-456"]
).map(PhoneNumber.parse)
kana_names = st.text("アイウエオガパャッーヴ", min_size=1, max_size=60).map(lambda text: KanaName("ノ" + text[1:]))
kanji_names = st.text("農中太郎髙﨑𠮷ノヶ々あいう・〇", min_size=1, max_size=60).map(KanjiName)
birth_dates = st.dates(EARLIEST_BIRTH, date(2026, 1, 1)).map(BirthDate)

places = st.builds(Place, device=texts, network=texts, platform=texts)
persons = st.text("0123456789ABCXYZ", min_size=1, max_size=32).map(PersonId)
registered_questions = st.builds(RegisteredQuestion, question=texts, answer=texts)
chain_heads = st.builds(ChainHead, st.integers(0, 2**62), digests)


@st.composite
def tallies(draw: st.DrawFn) -> Tally:
    """Counters that can be: no more failures and open tickets than were issued."""
    numbers = draw(st.lists(st.integers(1, _MOST), unique=True, max_size=12).map(sorted))
    cuts = sorted(draw(st.tuples(*[st.integers(0, len(numbers))] * 2)))
    failed, still_open, forgiven = numbers[: cuts[0]], numbers[cuts[0] : cuts[1]], numbers[cuts[1] :]
    return Tally(
        failed=tuple(failed),
        open=tuple(Ticket(number, draw(instants)) for number in still_open),
        forgiven=tuple(Ticket(number, draw(instants)) for number in forgiven),
        issued=max(numbers, default=0) + draw(st.integers(0, _MOST)),
        lockouts=draw(st.integers(0, _MOST)),
        locked_until=draw(st.none() | instants),
        blocked_since=draw(st.none() | instants),
    )


@st.composite
def contracts(draw: st.DrawFn) -> Contract:
    """Contracts of every status; a decoy has a key, and neither a login id nor an account."""
    status = draw(st.sampled_from(ContractStatus))
    decoy = status is ContractStatus.DECOY
    return Contract(
        institution=draw(institutions),
        id=draw(contract_ids),
        status=status,
        namespace=draw(texts),
        login_id=None if decoy else draw(st.none() | login_ids),
        account=None if decoy else draw(st.none() | accounts),
        accounts=tuple(draw(st.lists(linked_accounts, max_size=3))),
        decoy_key=draw(texts) if decoy else None,
        password=draw(texts),
        password_tally=draw(tallies()),
        questions=tuple(draw(st.lists(registered_questions, max_size=3))),
        asked=draw(st.none() | st.integers(0, 100)),
        answer_tally=draw(tallies()),
        start_password_tally=draw(tallies()),
        code_tally=draw(tallies()),
        payment_tally=draw(tallies()),
        confirmation=draw(st.none() | texts),
        confirmation_tally=draw(tallies()),
        mail_password_tally=draw(tallies()),
        provisional_until=draw(st.none() | instants),
        notice_asked=draw(st.none() | st.builds(NoticeAsked, persons, instants)),
        customer_due=draw(st.booleans()),
        form_tries=FormTries(draw(st.none() | days), draw(st.integers(0, _MOST))),
        places=tuple(draw(st.lists(places, max_size=3))),
        session_epoch=draw(st.integers(0, _MOST)),
        suspended_since=draw(st.none() | instants),
        investigated_since=draw(st.none() | instants),
        password_reset_at=draw(st.none() | instants),
        questions_reset_at=draw(st.none() | instants),
        transfers_from=draw(st.none() | instants),
        must_change_password=draw(st.booleans()),
        transaction_auth_advised=draw(st.booleans()),
        applied_at=draw(instants),
        effective_on=draw(days),
        ends_on=draw(st.none() | days),
        otp_wanted=draw(st.none() | st.booleans()),
        otp_entitled_at=draw(st.none() | instants),
        chain=draw(chain_heads),
    )


addresses = st.builds(Address, mail_addresses, st.frozensets(st.sampled_from(Notice)))
address_lists = st.lists(addresses, min_size=1, max_size=1 + FURTHER_ADDRESSES).map(tuple)
phone_lists = st.lists(phone_numbers, max_size=4).map(tuple)

customers = st.builds(
    Customer,
    institution=institutions,
    contract=contract_ids,
    kana=kana_names,
    kanji=kanji_names,
    born=birth_dates,
    individual=st.booleans(),
    phones=phone_lists,
    addresses=address_lists,
    address_due=st.booleans(),
    contact=st.none() | phone_numbers,
    version=st.just(0),
)

sessions = st.builds(
    Session,
    key=digests,
    institution=institutions,
    contract=contract_ids,
    assurance=st.sampled_from(Assurance),
    epoch=st.integers(0, _MOST),
    by=texts,
    channel=st.sampled_from(Channel),
    place=places,
    question=st.none() | st.integers(0, 100),
    opened_at=instants,
    used_at=instants,
    stepped_up_at=st.none() | instants,
    confirmed_at=st.none() | instants,
    version=st.just(0),
)

holders = st.builds(Holder, account=accounts, kana=kana_names, kanji=kanji_names, born=birth_dates, phones=phone_lists)
credentials = st.builds(
    ChosenCredentials, login_ids, texts, st.lists(registered_questions, min_size=3, max_size=3).map(tuple)
)
enrolments = st.builds(
    Enrolment,
    key=digests,
    id=names,
    step=st.sampled_from(Step),
    place=places,
    started_at=instants,
    expires_at=instants,
    terms=st.none() | st.builds(AcceptedTerms, texts, texts, instants),
    institution=st.none() | institutions,
    holder=st.none() | holders,
    credentials=st.none() | credentials,
    addresses=st.just(()) | address_lists,
    contract=st.none() | contract_ids,
    effective_on=st.none() | days,
    chain=chain_heads,
    version=st.just(0),
)

recoveries = st.builds(
    Recovery,
    key=digests,
    id=names,
    procedure=st.sampled_from(OnlineProcedure),
    step=st.sampled_from(recovery.Step),
    institution=institutions,
    started_at=instants,
    expires_at=instants,
    contract=st.none() | contract_ids,
    credentials=st.none() | digests,
    attempt=st.none() | names,
    chain=chain_heads,
    version=st.just(0),
)

reissues = st.builds(
    Reissue,
    key=digests,
    id=names,
    step=st.sampled_from(reissue.Step),
    institution=institutions,
    contract=contract_ids,
    epoch=st.integers(0, _MOST),
    started_at=instants,
    expires_at=instants,
    mail=st.none() | mail_addresses,
    start_password=st.none() | texts,
    attempt=st.none() | names,
    chain=chain_heads,
    version=st.just(0),
)

procedures = st.one_of(enrolments, recoveries, reissues)

phone_auth_rules = st.builds(
    PhoneAuthRules,
    mode=st.sampled_from(Mode),
    window=st.timedeltas(timedelta(microseconds=1), LONGEST),
    rings=st.integers(1, 10),
    digits=st.integers(4, 10),
    tries_per_call=st.integers(1, 5),
    tries=st.integers(5, 100),
    rest=st.timedeltas(LONGEST, timedelta(days=1000)),
    starts_per_hour=st.integers(1, 100),
)
progresses = st.builds(
    Progress,
    start=instants,
    phase=st.sampled_from(Phase),
    call=st.none() | texts,
    wrong_in_call=st.integers(0, 5),
    wrong=st.integers(0, 100),
    earlier=st.lists(instants, max_size=10).map(tuple),
)
phone_attempts = st.builds(
    PhoneAttempt,
    id=names,
    institution=institutions,
    contract=contract_ids,
    number=st.integers(1, _MOST),
    asked_by=texts,
    purpose=st.sampled_from(OnlineProcedure),
    route=st.builds(Route, phone_numbers, phone_numbers),
    rules=phone_auth_rules,
    progress=progresses,
    digits=st.none() | texts,
    version=st.just(0),
)

app_versions = st.lists(st.integers(0, 10**9 - 1).map(str), min_size=1, max_size=5).map(".".join).map(AppVersion)
set_ups = st.builds(SetUp, device=texts, seed=st.integers(0, _MOST))
challenges = st.builds(Challenge, key=digests, purpose=st.sampled_from(ChallengeFor), until=instants)
biometric_credentials = st.builds(Credential, id=texts, public_key=texts, count=st.integers(0, _MOST))
tokens = st.builds(
    Token,
    institution=institutions,
    contract=contract_ids,
    number=st.integers(1, _MOST),
    service_id=texts,
    user_id=texts,
    state=st.sampled_from(TokenState),
    since=instants,
    mail=mail_addresses,
    start_password=st.none() | texts,
    set_up=set_ups,
    seed=st.none() | texts,
    last_step=st.none() | st.integers(0, 2**62),
    method=st.sampled_from(OtpMethod),
    app_key=st.none() | digests,
    app=st.none() | app_versions,
    challenge=st.none() | challenges,
    credential=st.none() | biometric_credentials,
    version=st.just(0),
)

transfers = st.builds(
    Transfer,
    reference=names,
    kind=st.sampled_from(sorted(TRANSFERS, key=lambda kind: kind.value)),
    source=accounts,
    payee_bank=institutions,
    payee=accounts,
    payee_name=st.text("ヤマダハナコ（カ）・ー１Ａ-", min_size=1, max_size=LONGEST_PAYEE_NAME // 2),
    amount=st.integers(1, MOST).map(Yen),
    date=days,
)
approvals = st.builds(Approval, digest=digests, asked_at=instants, state=st.sampled_from(ApprovalState))
bills = st.builds(
    Bill,
    id=texts,
    biller=st.text(_DIGITS, min_size=5, max_size=5),
    name=texts,
    public=st.booleans(),
    amount=st.integers(1, MOST).map(Yen),
)
payments = st.builds(Payment, reference=names, source=accounts, bill=bills, date=days)
contents: st.SearchStrategy[Content] = st.one_of(transfers, payments)
usages = st.dictionaries(days, st.integers(1, MOST).map(Yen), max_size=4).map(
    lambda spent: Usage(tuple(sorted(spent.items())))
)
allowances = st.builds(
    Allowance,
    institution=institutions,
    contract=contract_ids,
    account=accounts,
    limit=st.none() | st.integers(0, MOST_MAN).map(DailyLimit),
    usage=usages,
    version=st.just(0),
)
instructions = st.builds(
    Instruction,
    institution=institutions,
    contract=contract_ids,
    content=contents,
    digest=digests,
    proof=st.sampled_from(Proof),
    approval=st.none() | approvals,
    mailed=st.none() | st.builds(Mailed, number=st.integers(1, 9), digest=digests, sealed=texts, sent_at=instants),
    state=st.sampled_from(InstructionState),
    requested_at=instants,
    counted_on=st.none() | days,
    reason=st.none() | st.sampled_from(HostReason),
    version=st.just(0),
)

lines = st.text("田中　実 seal's", min_size=1, max_size=40).filter(str.strip).map(Line)
hands = st.builds(
    Hand,
    st.text("0123456789abcxyz", min_size=1, max_size=32).map(OperatorId),
    persons,
)


@st.composite
def operators(draw: st.DrawFn) -> Operator:
    """Accounts behind the counter, and decoys of them."""
    if draw(st.booleans()):
        return evolve(Operator.decoy(draw(institutions), draw(digests), draw(texts)), tally=draw(tallies()))
    institution, hand = draw(institutions), draw(hands)
    return Operator(
        institution=institution,
        name=name_of(institution, hand.operator),
        hand=hand,
        status=draw(st.sampled_from([OperatorStatus.ACTIVE, OperatorStatus.RETIRED])),
        full_name=draw(st.none() | lines),
        roles=draw(st.frozensets(st.sampled_from(Role))),
        branch=draw(st.none() | accounts.map(lambda account: account.branch)),
        password=draw(texts),
        password_changed_at=draw(st.none() | instants),
        tally=draw(tallies()),
        session_epoch=draw(st.integers(0, _MOST)),
        chain=draw(chain_heads),
    )


operator_sessions = st.builds(
    OperatorSession,
    key=digests,
    operator=texts,
    epoch=st.integers(0, _MOST),
    opened_at=instants,
    used_at=instants,
    version=st.just(0),
)
suspensions = st.builds(
    Suspension,
    route=st.sampled_from(SuspensionRoute),
    cause=st.sampled_from(Cause),
    requested_by=hands,
    requested_at=instants,
    due_on=days,
    state=st.sampled_from(SuspensionState),
    entered_by=st.none() | hands,
    entered_at=st.none() | instants,
    checked_by=st.none() | hands,
    checked_at=st.none() | instants,
    formalised_at=st.none() | instants,
    why=st.none() | lines,
)
proposals = st.builds(
    Proposal,
    digest=digests,
    maker=hands,
    made_at=instants,
    expires_at=instants,
    state=st.sampled_from(ProposalState),
    checker=st.none() | hands,
    closed_at=st.none() | instants,
    reason=st.none() | lines,
)
cases = st.builds(
    Case,
    institution=institutions,
    id=names,
    contract=contract_ids,
    kind=st.sampled_from(CaseKind),
    subject=texts,
    matter=suspensions | proposals,
    paper=st.none() | st.sampled_from(Paper),
    opened_at=instants,
    version=st.just(0),
)

months = st.builds(Month, st.integers(1970, 2199), st.integers(1, 12))
acceptances = st.builds(
    Acceptance,
    institution=institutions,
    contract=contract_ids,
    seq=st.integers(0, 2**62),
    kind=st.sampled_from(AcceptanceKind),
    report_on=days,
    accepted_at=instants,
    effective_on=days,
    kana=kana_names,
    kanji=kanji_names,
    representative=accounts,
    account=accounts,
    unusable=st.none() | months,
)
charges = st.builds(
    Charge,
    institution=institutions,
    contract=contract_ids,
    kind=st.sampled_from(ChargeKind),
    reference=texts,
    month=months,
    account=accounts,
    amount=st.integers(0, MOST).map(Yen),
    on=st.none() | days,
)
fee_terms = st.builds(
    FeeTerms,
    institution=institutions,
    contract=contract_ids,
    deferred_to=st.none() | accounts,
    exemptions=st.lists(st.builds(Exemption, months, days), max_size=3).map(tuple),
    version=st.just(0),
)
batch_runs = st.builds(
    BatchRun,
    day=days,
    previous=st.none() | days,
    step=st.sampled_from(BatchStep),
    cursor=st.lists(texts, max_size=5).map(tuple),
    passed=st.integers(0, 2**62),
    done=st.builds(Done, **dict.fromkeys((field.name for field in fields(Done)), st.integers(0, 2**62))),
    begun_at=instants,
    ended_at=st.none() | instants,
    chain=chain_heads,
    version=st.just(0),
)

letters = st.builds(
    Letter,
    id=names,
    institution=institutions,
    to=mail_addresses,
    code=st.sampled_from(LetterCode),
    params=st.dictionaries(texts, texts | st.integers(-_MOST, _MOST), max_size=4),
    written_at=instants,
    tries=st.integers(0, 100),
    due_at=instants,
)

_plain: st.SearchStrategy[Plain] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**62), 2**62),
    texts,
    st.lists(texts, max_size=3).map(tuple),
    st.lists(st.integers(-_MOST, _MOST), max_size=3).map(tuple),
)
entries = st.builds(
    Entry,
    chain=names,
    seq=st.integers(1, 2**62),
    at=instants,
    kind=texts,
    data=st.dictionaries(texts, _plain, max_size=4),
    previous=digests,
    digest=digests,
)

checkpoints = st.builds(
    Checkpoint,
    number=st.integers(1, 2**62),
    at=instants,
    heads=st.lists(st.tuples(names, chain_heads), max_size=4).map(tuple),
    key_id=texts,
    seal=texts,
)
