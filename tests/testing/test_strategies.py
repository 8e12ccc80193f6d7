"""The strategies vary whatever an aggregate holds: a field that they left alone would be tested by nobody."""

from contextlib import suppress
from typing import Any

import pytest
from attrs import fields
from hypothesis import HealthCheck, Phase, find, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample

from janetbank.model.acceptance import Acceptance
from janetbank.model.allowance import Allowance
from janetbank.model.audit import Entry
from janetbank.model.batch import BatchRun, Done
from janetbank.model.biometrics import Challenge, Credential
from janetbank.model.case import Case
from janetbank.model.contract import Contract
from janetbank.model.customer import Customer
from janetbank.model.enrolment import Enrolment
from janetbank.model.fee import Charge, FeeTerms
from janetbank.model.instruction import Instruction
from janetbank.model.letter import Letter
from janetbank.model.operator import Operator, OperatorSession
from janetbank.model.phone_attempt import PhoneAttempt
from janetbank.model.recovery import Recovery
from janetbank.model.reissue import Reissue
from janetbank.model.session import Session
from janetbank.model.token import Token
from janetbank.policies.accounts import LinkedAccount
from janetbank.policies.approval import Approval
from janetbank.policies.dual_control import Proposal
from janetbank.policies.limits import Usage
from janetbank.policies.lockout import Tally
from janetbank.policies.phone_auth import PhoneAuthRules, Progress
from janetbank.policies.suspension import Suspension
from janetbank.policies.token import SetUp
from janetbank.ports.storage import Checkpoint
from janetbank.testing import strategies
from janetbank.values.bill import Bill
from janetbank.values.instruction import Payment, Transfer

MADE: dict[type[Any], st.SearchStrategy[Any]] = {
    Contract: strategies.contracts(),
    Customer: strategies.customers,
    Session: strategies.sessions,
    Enrolment: strategies.enrolments,
    Recovery: strategies.recoveries,
    Reissue: strategies.reissues,
    PhoneAttempt: strategies.phone_attempts,
    PhoneAuthRules: strategies.phone_auth_rules,
    Progress: strategies.progresses,
    Token: strategies.tokens,
    SetUp: strategies.set_ups,
    Challenge: strategies.challenges,
    Credential: strategies.biometric_credentials,
    Instruction: strategies.instructions,
    Transfer: strategies.transfers,
    Payment: strategies.payments,
    Bill: strategies.bills,
    Allowance: strategies.allowances,
    Usage: strategies.usages,
    Approval: strategies.approvals,
    Operator: strategies.operators(),
    OperatorSession: strategies.operator_sessions,
    Case: strategies.cases,
    Suspension: strategies.suspensions,
    Proposal: strategies.proposals,
    Acceptance: strategies.acceptances,
    Charge: strategies.charges,
    FeeTerms: strategies.fee_terms,
    BatchRun: strategies.batch_runs,
    Done: strategies.batch_runs.map(lambda run: run.done),
    LinkedAccount: strategies.linked_accounts,
    Letter: strategies.letters,
    Entry: strategies.entries,
    Checkpoint: strategies.checkpoints,
    Tally: strategies.tallies(),
}
QUICK = settings(phases=[Phase.generate], suppress_health_check=[HealthCheck.too_slow], database=None, max_examples=500)


@pytest.mark.parametrize("kind", MADE, ids=lambda kind: kind.__name__)
def test_every_field_varies(kind: type[Any]) -> None:
    """Of each field there are examples that differ in it, so that one of them is not its default."""
    first = find(MADE[kind], lambda _: True, settings=QUICK)
    same = {field.name for field in fields(kind)} - {"version"}

    def all_have_varied(other: object) -> bool:
        same.difference_update([name for name in same if getattr(other, name) != getattr(first, name)])
        return not same

    with suppress(NoSuchExample):
        find(MADE[kind], all_have_varied, settings=QUICK)
    assert same == set()
