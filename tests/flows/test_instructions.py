"""Instructions: proved as the table says, approved as they will be executed, released once."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta

import pytest
from attrs import evolve

from janetbank.flows.approve import Approved, Declined, Pending
from janetbank.flows.hand_over import Executed
from janetbank.flows.instruct import (
    AppConfirmationNeeded,
    ApprovalAwaited,
    CodeNeeded,
    InstructionStanding,
    TokenNeeded,
)
from janetbank.flows.instructions import NotAuthorised
from janetbank.flows.prove import Authorised
from janetbank.flows.refusals import Blocked, Refused, Rejected
from janetbank.flows.use_token import TokenCancelled
from janetbank.model.instruction import Instruction
from janetbank.policies.approval import TYPED_SUITE, ApprovalState
from janetbank.policies.instruction import InstructionState
from janetbank.policies.token import MethodEvent, TokenState
from janetbank.testing.bank import Person, bank
from janetbank.values.account import Account
from janetbank.values.identifiers import InstitutionId
from janetbank.values.instruction import InstructionKind, Transfer
from janetbank.values.money import Yen
from janetbank.values.secret import Secret
from tests.flows.scene import TICK, contract_of, entries_of
from tests.flows.token_scene import STEP, WRONG_CODE, Telephone, order

AD_HOC, OWN, REGISTERED = (
    InstructionKind.AD_HOC_TRANSFER,
    InstructionKind.OWN_TRANSFER,
    InstructionKind.REGISTERED_PAYEE_TRANSFER,
)


@pytest.fixture
def phone() -> Telephone:
    """Taro's telephone."""
    there = bank()
    return Telephone.of(there, there.customer())


def asked(phone: Telephone, kind: InstructionKind = AD_HOC) -> str:
    """Request a transfer that waits for an approval: its reference."""
    told = phone.there.net.instruct.request(phone.session, order(kind))
    assert isinstance(told, ApprovalAwaited), told
    return told.reference


def stored(phone: Telephone, reference: str) -> Instruction:
    """The instruction as it is stored."""
    with phone.there.storage.transaction() as tx:
        instruction = tx.instructions.by_reference(reference)
    assert instruction is not None
    return instruction


def transfer_of(phone: Telephone, reference: str) -> Transfer:
    """What it is about."""
    content = stored(phone, reference).content
    assert isinstance(content, Transfer)
    return content


def rewrite(phone: Telephone, reference: str, transfer: Transfer, *, digest: bool = True) -> None:
    """Somebody changes the text in the store, and the *digest* beside it, behind the bank's back."""
    with phone.there.storage.transaction() as tx:
        instruction = tx.instructions.by_reference(reference)
        assert instruction is not None
        said = transfer.digest if digest else instruction.digest
        tx.instructions.put(evolve(instruction, content=transfer, digest=said))


def test_what_each_method_asks_for(phone: Telephone) -> None:
    """Without a token an ad hoc transfer is not to be had; by codes it takes one; by approval, all but registered."""
    instruct = phone.there.net.instruct
    assert instruct.request(phone.session, order(AD_HOC)) == TokenNeeded()
    assert isinstance(instruct.request(phone.session, order(OWN)), Authorised)
    assert isinstance(instruct.request(phone.session, order(REGISTERED)), Authorised)
    phone.start()
    assert isinstance(instruct.request(phone.session, order(AD_HOC)), CodeNeeded)
    assert isinstance(instruct.request(phone.session, order(OWN)), Authorised)
    phone.there.net.use_token.change_method(phone.session, phone.code(), MethodEvent.CHOOSE_TXA, ticked=True)
    assert instruct.request(phone.session, order(AD_HOC)) == AppConfirmationNeeded()
    assert instruct.request(phone.session, order(OWN)) == AppConfirmationNeeded()
    phone.there.net.use_token.confirm_method(phone.app, version="4.0")
    assert isinstance(instruct.request(phone.session, order(AD_HOC)), ApprovalAwaited)
    assert isinstance(instruct.request(phone.session, order(OWN)), ApprovalAwaited)
    assert isinstance(instruct.request(phone.session, order(REGISTERED)), Authorised)


@pytest.mark.requirement("TXA-04", "LCK-12")
def test_nobody_locks_the_approval_of_his_transfers_away(phone: Telephone) -> None:
    """Ten wrong codes in a session that somebody stole: what was to be approved in the app is refused from then on."""
    instruct = phone.confirm_method().there.net.instruct
    for _ in range(10):
        phone.there.net.use_token.cancel(phone.session, WRONG_CODE)
    assert phone.token().state is TokenState.LOCKED
    assert instruct.request(phone.session, order(OWN)) == TokenNeeded()
    assert instruct.request(phone.session, order(AD_HOC)) == TokenNeeded()
    assert isinstance(instruct.request(phone.session, order(REGISTERED)), Authorised)


def test_a_code_authorises_one_instruction_once(phone: Telephone) -> None:
    """A wrong code counts; a right one authorises; what is authorised is executed once, and takes no further code."""
    phone.start()
    instruct = phone.there.net.instruct
    told = instruct.request(phone.session, order())
    assert isinstance(told, CodeNeeded)
    assert instruct.execute(phone.session, told.reference) == NotAuthorised()
    assert instruct.enter_code(phone.session, told.reference, WRONG_CODE) == Refused()
    assert instruct.enter_code(phone.session, told.reference, phone.code()) == Authorised(told.reference)
    assert instruct.enter_code(phone.session, told.reference, phone.code()) == NotAuthorised()
    for _ in range(2):
        assert isinstance(instruct.execute(phone.session, told.reference), Executed)
        assert len(phone.there.core.books.done) == 1


@pytest.mark.requirement("TXA-04")
def test_the_app_shows_what_will_be_executed_and_approves_that(phone: Telephone) -> None:
    """Payee, amount, account and day are shown whole; without the approval nothing is executed, with it once."""
    phone.confirm_method()
    reference, net = asked(phone), phone.there.net
    assert net.instruct.execute(phone.session, reference) == NotAuthorised()
    shown = net.approve.pending(phone.app)
    assert isinstance(shown, Pending)
    ((transfer, until),) = shown.transfers
    assert transfer == transfer_of(phone, reference)
    assert until == phone.there.clock.now() + timedelta(minutes=10)
    assert net.approve.approve(phone.app, reference, phone.answer(transfer)) == Approved()
    assert net.approve.pending(phone.app) == Pending(())
    for _ in range(2):
        assert net.instruct.execute(phone.session, reference) == Executed(transfer)
        assert phone.there.core.books.done == [transfer]
    assert net.approve.approve(phone.app, reference, phone.answer(transfer)) == NotAuthorised()


@pytest.mark.requirement("TXA-04")
@pytest.mark.parametrize(("yen", "after"), [(50_000, ApprovalState.SPENT), (50_001, ApprovalState.VOIDED)])
def test_what_became_of_an_approval_is_kept(phone: Telephone, yen: int, after: ApprovalState) -> None:
    """Spent by the execution, void where the text is another one by then: the stored instruction says which (C31)."""
    phone.confirm_method()
    reference, net = asked(phone), phone.there.net
    honest = transfer_of(phone, reference)
    assert net.approve.approve(phone.app, reference, phone.answer(honest)) == Approved()
    rewrite(phone, reference, evolve(honest, amount=Yen(yen)))
    net.instruct.execute(phone.session, reference)
    approval = stored(phone, reference).approval
    assert approval is not None
    assert approval.state is after


@pytest.mark.requirement("TXA-04")
def test_an_approval_ends_with_its_token(phone: Telephone) -> None:
    """Whose token is cancelled approves nothing any more: what waited is refused, and its approval kept as void."""
    phone.confirm_method()
    reference = asked(phone)
    assert isinstance(phone.there.net.use_token.cancel(phone.session, phone.code()), TokenCancelled)
    left = stored(phone, reference)
    assert left.approval is not None
    assert (left.state, left.approval.state) == (InstructionState.REFUSED, ApprovalState.VOIDED)


def test_an_answer_typed_by_hand(phone: Telephone) -> None:
    """Eight digits do where somebody types them."""
    phone.confirm_method()
    reference = asked(phone)
    answer = phone.answer(transfer_of(phone, reference), TYPED_SUITE)
    assert len(answer) == 8
    assert phone.there.net.approve.approve(phone.app, reference, answer) == Approved()


CHANGES: dict[str, Callable[[Transfer], Transfer]] = {
    "amount": lambda transfer: evolve(transfer, amount=Yen(50_001)),
    "payee": lambda transfer: evolve(transfer, payee=Account.parse("123", "ordinary", "7654322")),
    "payee_bank": lambda transfer: evolve(transfer, payee_bank=InstitutionId("0005")),
    "payee_name": lambda transfer: evolve(transfer, payee_name="ヤマダ　ハナエ"),
    "source": lambda transfer: evolve(transfer, source=Account.parse("001", "savings", "12345")),
    "date": lambda transfer: evolve(transfer, date=transfer.date + timedelta(days=1)),
    "kind": lambda transfer: evolve(transfer, kind=OWN),
}


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_is_changed_voids_the_answer_and_the_approval(phone: Telephone, change: str) -> None:
    """An answer to one text approves no other; a text changed after its approval is not executed (C30, C31)."""
    phone.confirm_method()
    net, altered = phone.there.net, CHANGES[change]
    reference = asked(phone)
    honest = transfer_of(phone, reference)
    answer = phone.answer(honest)
    rewrite(phone, reference, altered(honest))
    assert net.approve.approve(phone.app, reference, answer) == Refused()
    rewrite(phone, reference, honest)
    assert net.approve.approve(phone.app, reference, answer) == Approved()
    rewrite(phone, reference, altered(honest))
    assert net.instruct.execute(phone.session, reference) == NotAuthorised()
    assert stored(phone, reference).state is InstructionState.REFUSED


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_is_changed_after_a_code_is_not_executed(phone: Telephone, change: str) -> None:
    """A text that is not the one for which the code was entered is refused, for good, and the host hears of neither."""
    phone.start()
    net = phone.there.net
    told = net.instruct.request(phone.session, order())
    assert isinstance(told, CodeNeeded)
    assert net.instruct.enter_code(phone.session, told.reference, phone.code()) == Authorised(told.reference)
    honest = transfer_of(phone, told.reference)
    rewrite(phone, told.reference, CHANGES[change](honest), digest=False)
    assert net.instruct.execute(phone.session, told.reference) == NotAuthorised()
    rewrite(phone, told.reference, honest)
    assert net.instruct.execute(phone.session, told.reference) == NotAuthorised()
    assert stored(phone, told.reference).state is InstructionState.REFUSED
    assert phone.there.core.books.done == []


def test_an_answer_to_what_was_not_asked_voids_it(phone: Telephone) -> None:
    """Where the text was changed before the answer came, even an answer to the new text only voids the approval."""
    phone.confirm_method()
    reference = asked(phone)
    altered = evolve(transfer_of(phone, reference), amount=Yen(1))
    rewrite(phone, reference, altered)
    assert phone.there.net.approve.approve(phone.app, reference, phone.answer(altered)) == NotAuthorised()
    assert stored(phone, reference).state is InstructionState.REFUSED


def test_amending_voids_what_was_shown(phone: Telephone) -> None:
    """A second edit takes the place of the first: the former answer is wrong, the former approval is none."""
    phone.confirm_method()
    net = phone.there.net
    reference = asked(phone)
    former = phone.answer(transfer_of(phone, reference))
    assert isinstance(net.instruct.amend(phone.session, reference, order(yen=90_000)), ApprovalAwaited)
    assert net.approve.approve(phone.app, reference, former) == Refused()
    answer = phone.answer(transfer_of(phone, reference))
    assert net.approve.approve(phone.app, reference, answer) == Approved()
    assert isinstance(net.instruct.amend(phone.session, reference, order(yen=91_000)), ApprovalAwaited)
    assert net.instruct.execute(phone.session, reference) == NotAuthorised()
    assert net.instruct.amend(phone.session, "unknown", order()) == NotAuthorised()


def test_what_was_executed_cannot_be_amended(phone: Telephone) -> None:
    """Nor does asking again for what is approved make another approval."""
    phone.confirm_method()
    net = phone.there.net
    reference = asked(phone)
    net.approve.approve(phone.app, reference, phone.answer(transfer_of(phone, reference)))
    assert net.instruct.amend(phone.session, reference, order()) == NotAuthorised()
    assert isinstance(net.instruct.execute(phone.session, reference), Executed)
    assert net.instruct.amend(phone.session, reference, order(yen=1)) == NotAuthorised()


def test_declining_and_letting_it_expire(phone: Telephone) -> None:
    """Declined is refused for good; ten minutes are time, their last instant included; later it has expired."""
    phone.confirm_method()
    net = phone.there.net
    reference = asked(phone)
    assert net.approve.decline(phone.app, reference) == Declined()
    assert net.approve.decline(phone.app, reference) == NotAuthorised()
    assert net.instruct.standing(phone.session, reference) == InstructionStanding(reference, InstructionState.REFUSED)

    reference = asked(phone)
    transfer = transfer_of(phone, reference)
    for _ in range(4):
        phone.there.clock.advance(timedelta(minutes=2, seconds=30) - TICK)
        assert not isinstance(net.use_session(phone.session), Refused)
    phone.there.clock.advance(4 * TICK)
    waiting = InstructionStanding(reference, InstructionState.PROOF_AWAITED)
    assert net.instruct.standing(phone.session, reference) == waiting
    phone.there.clock.advance(TICK)
    assert net.approve.pending(phone.app) == Pending(())
    assert net.instruct.standing(phone.session, reference) == InstructionStanding(reference, InstructionState.REFUSED)
    assert net.approve.approve(phone.app, reference, phone.answer(transfer)) == NotAuthorised()
    assert net.approve.decline(phone.app, reference) == NotAuthorised()


def test_an_answer_that_is_no_more_in_time_declines_nothing(phone: Telephone) -> None:
    """Nobody looked since its time ran out: who declines it then is told that there is nothing to decline."""
    phone.confirm_method()
    approve = phone.there.net.approve
    in_time, late = asked(phone), asked(phone)
    assert approve.decline(phone.app, in_time) == Declined()
    phone.there.clock.advance(timedelta(minutes=10) + TICK)
    assert approve.decline(phone.app, late) == NotAuthorised()
    left = [stored(phone, one) for one in (in_time, late)]
    assert [one.state for one in left] == [InstructionState.REFUSED] * 2
    assert [one.approval and one.approval.state for one in left] == [ApprovalState.DECLINED, ApprovalState.EXPIRED]


def test_the_answer_of_the_minute_before_is_one(phone: Telephone) -> None:
    """Who answers at the end of a minute is not refused since the next one has begun."""
    phone.confirm_method()
    reference = asked(phone)
    answer = phone.answer(transfer_of(phone, reference))
    phone.there.clock.advance(STEP)
    assert phone.there.net.approve.approve(phone.app, reference, answer) == Approved()


def test_wrong_answers_count_as_wrong_codes(phone: Telephone) -> None:
    """Ten in a row, of either kind, lock the token; then nothing is approved."""
    phone.confirm_method()
    net = phone.there.net
    reference = asked(phone)
    for _ in range(5):
        assert net.approve.approve(phone.app, reference, Secret("00000000")) == Refused()
        assert net.use_token.cancel(phone.session, WRONG_CODE) in (Refused(), Blocked())
    assert net.approve.pending(phone.app) == Blocked()


def test_an_old_answer_is_none(phone: Telephone) -> None:
    """The answer holds for its minute and one on either side."""
    phone.confirm_method()
    reference = asked(phone)
    answer = phone.answer(transfer_of(phone, reference))
    phone.there.clock.advance(2 * STEP)
    assert phone.there.net.approve.approve(phone.app, reference, answer) == Refused()


def test_nobody_else_s_instruction(phone: Telephone) -> None:
    """A reference opens nothing to another customer (ASVS 8.2.2)."""
    phone.confirm_method()
    there = phone.there
    reference = asked(phone)
    person = Person(account=Account.parse("205", "ordinary", "7654321"), phones=("080-5555-0000",))
    other = Telephone.of(there, there.customer("wind77qp", "v4se#lamp", person=person)).confirm_method()
    net = there.net
    assert net.instruct.standing(other.session, reference) == NotAuthorised()
    assert net.instruct.execute(other.session, reference) == NotAuthorised()
    assert net.instruct.amend(other.session, reference, order()) == NotAuthorised()
    assert net.instruct.enter_code(other.session, reference, other.code()) == NotAuthorised()
    assert net.approve.decline(other.app, reference) == NotAuthorised()
    assert net.approve.approve(other.app, reference, Secret("x")) == NotAuthorised()
    assert net.approve.pending(other.app) == Pending(())


@pytest.mark.parametrize(
    ("wrong", "code", "field"),
    [
        ({"amount": Yen(0)}, "transfer.amount", ""),
        ({"payee_name": "山田花子"}, "transfer.payee_name", ""),
        ({"date": order().date - timedelta(days=30)}, "transfer.date_past", "date"),
    ],
)
def test_what_cannot_be_a_transfer_says_why(phone: Telephone, wrong: dict[str, object], code: str, field: str) -> None:
    """Nothing is stored of an order that breaks the rules of a transfer."""
    told = phone.there.net.instruct.request(phone.session, evolve(order(OWN), **wrong))  # type: ignore[arg-type]  # on purpose
    assert isinstance(told, Rejected)
    assert [(one.code, one.field) for one in told.violations] == [(code, field)]


# --- What planted faults showed ---------------------------------------------------------------------------------------


def test_no_code_stands_in_for_an_approval(phone: Telephone) -> None:
    """What waits for the app is not proved by a code, and the code that was tried is not spent."""
    phone.confirm_method()
    reference, instruct = asked(phone), phone.there.net.instruct
    assert instruct.enter_code(phone.session, reference, phone.code()) == NotAuthorised()
    assert instruct.execute(phone.session, reference) == NotAuthorised()
    assert isinstance(phone.there.net.use_token.cancel(phone.session, phone.code()), TokenCancelled)


def test_no_answer_stands_in_for_a_code(phone: Telephone) -> None:
    """What waits for a code is neither shown in the app nor approved or declined there; nor is anything counted."""
    phone.start()
    net = phone.there.net
    told = net.instruct.request(phone.session, order())
    assert isinstance(told, CodeNeeded)
    assert net.approve.pending(phone.app) == Pending(())
    before = contract_of(phone.there, phone.taro).code_tally
    for answer in (phone.answer(stored(phone, told.reference).content), Secret("00000000")):
        assert net.approve.approve(phone.app, told.reference, answer) == NotAuthorised()
    assert net.approve.decline(phone.app, told.reference) == NotAuthorised()
    assert contract_of(phone.there, phone.taro).code_tally == before
    assert net.instruct.enter_code(phone.session, told.reference, phone.code()) == Authorised(told.reference)


@pytest.mark.requirement("ENR-11", "OTP-06")
def test_a_token_that_is_not_in_use_proves_nothing(phone: Telephone) -> None:
    """Before the start of use and after ten wrong codes, ad hoc transfers are as they are without a token."""
    net = phone.there.net
    phone.set_up()
    assert net.instruct.request(phone.session, order(AD_HOC)) == TokenNeeded()
    net.use_token.start(phone.session, phone.code())
    for _ in range(10):
        net.use_token.cancel(phone.session, WRONG_CODE)
    assert net.instruct.request(phone.session, order(AD_HOC)) == TokenNeeded()
    assert isinstance(net.instruct.request(phone.session, order(OWN)), Authorised)


def test_the_day_of_a_transfer_is_one_in_japan() -> None:
    """Today is no past day until midnight in Japan, and from then on it is one."""
    there = bank()
    taro = there.customer()
    day = there.clock.now().date()
    for instant, past in ((timedelta(hours=15) - TICK, False), (timedelta(hours=15), True)):
        there.clock.set(datetime.combine(day, time(), tzinfo=UTC) + instant)
        told = there.net.instruct.request(there.log_in(taro), order(REGISTERED, day=day))
        assert isinstance(told, Rejected if past else Authorised), told


def test_the_chain_tells_what_became_of_each_text(phone: Telephone) -> None:
    """Each turn of an instruction is in the customer's chain, with the digest of the text that it was about."""
    phone.confirm_method()
    net, reference = phone.there.net, asked(phone)
    first = transfer_of(phone, reference).digest
    net.instruct.amend(phone.session, reference, order(yen=90_000))
    last = transfer_of(phone, reference)
    assert net.approve.approve(phone.app, reference, phone.answer(last)) == Approved()
    assert isinstance(net.instruct.execute(phone.session, reference), Executed)
    moved = [entry.data for entry in entries_of(phone.there, phone.taro) if entry.kind == "InstructionMoved"]
    assert [(one["digest"], one["state"]) for one in moved] == [
        (first, "proof_awaited"),
        (last.digest, "proof_awaited"),
        (last.digest, "authorised"),
        (last.digest, "handed_over"),
        (last.digest, "executed"),
    ]
    assert {one["reference"] for one in moved} == {reference}


def test_no_two_instructions_share_an_answer(phone: Telephone) -> None:
    """Of two equal transfers each has its own reference, and the answer to the one does not approve the other."""
    phone.confirm_method()
    one, other = asked(phone), asked(phone)
    answer = phone.answer(stored(phone, one).content)
    assert phone.there.net.approve.approve(phone.app, other, answer) == Refused()
    assert phone.there.net.approve.approve(phone.app, one, answer) == Approved()


def test_a_code_for_one_instruction_proves_no_other(phone: Telephone) -> None:
    """The same code does not prove a second one, and what was amended after it has to be proved anew."""
    phone.start()
    instruct = phone.there.net.instruct
    told = [instruct.request(phone.session, order()) for _ in range(2)]
    first, second = (one.reference for one in told if isinstance(one, CodeNeeded))
    code = phone.code()
    assert instruct.enter_code(phone.session, first, code) == Authorised(first)
    assert instruct.enter_code(phone.session, second, code) == Refused()
    assert instruct.amend(phone.session, first, order(yen=1)) == CodeNeeded(first)
    assert instruct.execute(phone.session, first) == NotAuthorised()


def test_a_code_is_not_spent_on_what_waits_for_none(phone: Telephone) -> None:
    """What is proved, or declined, takes no code: the one that was tried serves for something else."""
    phone.start()
    net = phone.there.net
    for kind in (OWN, REGISTERED):
        told = net.instruct.request(phone.session, order(kind))
        assert isinstance(told, Authorised)
        assert net.instruct.enter_code(phone.session, told.reference, phone.code()) == NotAuthorised()
    assert isinstance(net.use_token.cancel(phone.session, phone.code()), TokenCancelled)


def test_until_when_to_approve_is_told(phone: Telephone) -> None:
    """Ten minutes from the request, on the screen as in the app."""
    phone.confirm_method()
    told = phone.there.net.instruct.request(phone.session, order())
    assert isinstance(told, ApprovalAwaited)
    assert told.until == phone.there.clock.now() + timedelta(minutes=10)


def test_what_is_approved_is_neither_declined_nor_approved_again(phone: Telephone) -> None:
    """A yes is the last word: a later no, or the same answer again, changes nothing before the execution or after."""
    phone.confirm_method()
    reference, net = asked(phone), phone.there.net
    answer = phone.answer(stored(phone, reference).content)
    assert net.approve.approve(phone.app, reference, answer) == Approved()
    for state in (InstructionState.AUTHORISED, InstructionState.EXECUTED):
        assert net.approve.approve(phone.app, reference, answer) == NotAuthorised()
        assert net.approve.decline(phone.app, reference) == NotAuthorised()
        assert net.instruct.standing(phone.session, reference) == InstructionStanding(reference, state)
        net.instruct.execute(phone.session, reference)


def test_what_was_executed_without_an_approval_cannot_be_amended(phone: Telephone) -> None:
    """A transfer to one's own account, which needs no proof, is executed once whatever is asked for afterwards."""
    instruct = phone.there.net.instruct
    told = instruct.request(phone.session, order(OWN))
    assert isinstance(told, Authorised)
    assert isinstance(instruct.execute(phone.session, told.reference), Executed)
    assert instruct.amend(phone.session, told.reference, order(OWN, yen=1)) == NotAuthorised()
    assert isinstance(instruct.execute(phone.session, told.reference), Executed)
    assert len(phone.there.core.books.done) == 1
