"""Adding and deleting used accounts: accepted at once, reflected on the next operating day, never against the rules."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from attrs import evolve

from janetbank import profiles
from janetbank.flows.accounts import (
    AccountNotAccepted,
    Accounts,
    AdditionAccepted,
    CannotChangeAccounts,
    DeletionAccepted,
    UsedAccount,
    UsedAccounts,
)
from janetbank.flows.refusals import Rejected
from janetbank.model.acceptance import AcceptanceKind
from janetbank.model.batch import Done
from janetbank.model.instruction import Instruction
from janetbank.model.letter import LetterCode
from janetbank.policies.accounts import AccountState, LinkedAccount
from janetbank.policies.calendar import BankCalendar
from janetbank.policies.instruction import PENDING, InstructionState
from janetbank.policies.step_up import Proof
from janetbank.ports.failures import Unavailable
from janetbank.testing.bank import INSTITUTION, START, Enrollee, TestBank, bank
from janetbank.testing.storage_conformance import an_instruction
from janetbank.values.account import Account
from janetbank.values.secret import Secret
from tests.flows.nights import (
    CURRENT,
    FRIDAY,
    SAVINGS,
    TUESDAY,
    WEDNESDAY,
    Nights,
    morning,
    with_account,
    with_strangers_account,
)
from tests.flows.scene import contract_of, entries_of, interrupted, letters, read, rewrite

DAY = timedelta(days=1)


def typed(account: Account) -> dict[str, str]:
    """What a customer types to name *account*."""
    return {"branch": account.branch.code, "type": account.type.value, "number": account.number.digits}


def add(there: TestBank, session: Secret, account: Account = SAVINGS) -> object:
    """Have *account* added."""
    return there.net.accounts.add(session, **typed(account))


def delete(there: TestBank, session: Secret, account: Account = SAVINGS) -> object:
    """Have *account* deleted."""
    return there.net.accounts.delete(session, **typed(account))


def refused(told: object) -> list[tuple[str, str]]:
    """The reasons of a refusal, with what they are about."""
    assert isinstance(told, Rejected | CannotChangeAccounts), told
    return [(one.code, one.field) for one in told.violations]


@pytest.fixture
def there() -> TestBank:
    """A bank."""
    return bank()


@pytest.fixture
def taro(there: TestBank) -> Enrollee:
    """A customer with a savings account that is none of the contract's."""
    taro = there.customer()
    with_account(there, taro, SAVINGS)
    return taro


def linked(there: TestBank, who: Enrollee) -> tuple[LinkedAccount, ...]:
    """The used accounts of *who*, as they are stored."""
    return contract_of(there, who).accounts


# --- Adding -----------------------------------------------------------------------------------------------------------


@pytest.mark.requirement("ACC-03", "ACC-04", "ACC-05")
def test_an_account_is_added_on_the_next_operating_day(there: TestBank, taro: Enrollee) -> None:
    """Accepted at once; usable from the next operating day; the chain says what was checked, accepted, reflected."""
    assert add(there, there.log_in(taro)) == AdditionAccepted(str(SAVINGS), TUESDAY)
    assert linked(there, taro) == (LinkedAccount(SAVINGS, AccountState.ADD_PENDING, TUESDAY),)
    night = Nights(there).come(TUESDAY)
    assert (night.accounts_added, night.accounts_removed) == (1, 0)
    assert linked(there, taro) == (LinkedAccount(SAVINGS, AccountState.ACTIVE, None),)
    *_, checked, accepted, reflected, _ = entries_of(there, taro)
    assert (checked.kind, accepted.kind, reflected.kind) == (
        "AccountChecked",
        "AccountAdditionAccepted",
        "AccountReflected",
    )
    assert checked.data == {
        "account": str(SAVINGS),
        "checks": ("exists=passed", "no_caution=passed", "no_restriction=passed", "own=passed"),
    }
    assert accepted.data == {"account": str(SAVINGS), "effective_on": "2026-11-24"}
    assert reflected.data == {"day": "2026-11-24", "account": str(SAVINGS), "state": "active"}


@pytest.mark.requirement("ACC-06", "OPS-03")
def test_an_addition_is_reported_to_the_representative_accounts_branch(there: TestBank, taro: Enrollee) -> None:
    """On the next business day the branch of the representative account reads of it, not that of the new account."""
    add(there, there.log_in(taro))
    nights = Nights(there)
    nights.come(TUESDAY)
    (head,) = nights.reports.written
    assert (head.on, head.branch.code, head.institution_name) == (TUESDAY, "001", INSTITUTION.name)
    assert [line.kind for line in nights.reported(TUESDAY)] == [
        AcceptanceKind.APPLICATION,
        AcceptanceKind.ACCOUNT_ADDITION,
    ]
    *_, line = nights.reported(TUESDAY)
    assert (line.account, line.representative) == (SAVINGS, taro.person.account)
    assert (line.kana.text, line.kanji.text) == (taro.person.kana, taro.person.kanji)
    assert (line.accepted_at, line.effective_on, line.unusable) == (START, TUESDAY, None)


@pytest.mark.requirement("ACC-05", "ACC-06", "HRS-08")
def test_reflected_on_an_operating_day_and_reported_on_a_business_day() -> None:
    """Where the host works on Saturdays, an account of Friday is usable on Saturday and reported on Tuesday."""
    calendar = BankCalendar(operates=lambda day: day.weekday() != 6)
    there = bank(evolve(profiles.fast_for_tests(profiles.JA), calendar=calendar))
    taro = there.customer()
    with_account(there, taro, SAVINGS)
    saturday = FRIDAY + DAY
    assert add(there, there.log_in(taro)) == AdditionAccepted(str(SAVINGS), saturday)
    nights = Nights(there)
    nights.come(saturday)
    assert linked(there, taro)[0].state is AccountState.ACTIVE
    assert [line.kind for line in nights.reported(saturday)] == [AcceptanceKind.APPLICATION]
    nights.come(TUESDAY)
    assert [line.kind for line in nights.reported(TUESDAY)] == [AcceptanceKind.ACCOUNT_ADDITION]


Spoil = Callable[[TestBank, Enrollee], object]
SPOILED: list[tuple[Spoil, set[str]]] = [
    (lambda there, _: there.core._accounts.pop((INSTITUTION.id, SAVINGS)), {"exists", "own"}),
    (lambda there, _: there.core.flag(INSTITUTION.id, SAVINGS), {"no_caution"}),
    (lambda there, _: there.core.plan_event(INSTITUTION.id, START, START + DAY), {"no_restriction"}),
    (lambda there, who: with_strangers_account(there, who, SAVINGS), {"own"}),
]


@pytest.mark.requirement("ACC-04")
@pytest.mark.parametrize(("spoil", "failed"), SPOILED, ids=["gone", "caution", "event", "stranger"])
def test_an_account_that_fails_a_check_is_not_added(
    there: TestBank, taro: Enrollee, spoil: Spoil, failed: set[str]
) -> None:
    """Which check failed is logged with all the others, and not told; nothing is added, reported or written home."""
    session = there.log_in(taro)
    spoil(there, taro)
    before = len(letters(there))
    assert add(there, session) == AccountNotAccepted()
    assert linked(there, taro) == ()
    *_, checked = entries_of(there, taro)
    checks = checked.data["checks"]
    assert isinstance(checks, tuple)
    assert {str(one).partition("=")[0] for one in checks if str(one).endswith("failed")} == failed
    assert len(checks) == 4
    assert len(letters(there)) == before
    nights = Nights(there)
    nights.come(TUESDAY)
    assert [line.kind for line in nights.reported(TUESDAY)] == [AcceptanceKind.APPLICATION]


def test_the_holder_is_who_the_host_says_now(there: TestBank, taro: Enrollee) -> None:
    """Whose accounts they are is compared at the host, name and birth date: a namesake of another age is a stranger."""
    session = there.log_in(taro)
    there.open_account(evolve(taro.person, account=SAVINGS, born=date(1980, 1, 3)), taro.institution)
    assert add(there, session) == AccountNotAccepted()
    there.open_account(evolve(taro.person, account=SAVINGS, kanji="農中大郎"), taro.institution)
    assert add(there, session) == AdditionAccepted(str(SAVINGS), TUESDAY)


@pytest.mark.parametrize("state", list(AccountState)[:3])
def test_an_account_is_added_once(there: TestBank, taro: Enrollee, state: AccountState) -> None:
    """Neither the representative account nor one that is used, or about to be, or still is, is added again."""
    session = there.log_in(taro)
    rewrite(there, taro, lambda contract: evolve(contract, accounts=(LinkedAccount(SAVINGS, state, TUESDAY),)))
    already = [("account.already_used", "account")]
    assert refused(add(there, session)) == already
    assert refused(add(there, session, taro.person.account)) == already
    assert len(linked(there, taro)) == 1


def test_a_number_that_cannot_be_taken_says_why(there: TestBank, taro: Enrollee) -> None:
    """A mistyped account is named, for adding and deleting alike; full-width digits and labels are taken."""
    session = there.log_in(taro)
    wrong = {"branch": "1", "type": "ordinary", "number": "1"}
    assert refused(there.net.accounts.add(session, **wrong)) == [("branch.shape", "account")]
    assert refused(there.net.accounts.delete(session, **wrong)) == [("branch.shape", "account")]
    told = there.net.accounts.add(session, branch="００２", type="貯蓄", number="７７７")
    assert told == AdditionAccepted(str(SAVINGS), TUESDAY)


def test_a_host_that_does_not_answer_adds_nothing(there: TestBank, taro: Enrollee) -> None:
    """Where the host is away nothing is decided; the customer tries again later."""
    session = there.log_in(taro)
    there.core.reachable = False
    with pytest.raises(Unavailable):
        add(there, session)
    assert linked(there, taro) == ()
    there.core.reachable = True
    assert isinstance(add(there, session), AdditionAccepted)


def test_what_was_added_while_the_host_was_asked_is_not_added_again(there: TestBank, taro: Enrollee) -> None:
    """Of two windows that add the same account at once one does; the other one is told that it is there."""
    session, told = there.log_in(taro), list[object]()
    slow = Accounts(interrupted(there, 1, lambda: told.append(add(there, session))))
    assert refused(slow.add(session, **typed(SAVINGS))) == [("account.already_used", "account")]
    assert told == [AdditionAccepted(str(SAVINGS), TUESDAY)]
    assert len(linked(there, taro)) == 1


# --- Deleting ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def using(there: TestBank, taro: Enrollee) -> Secret:
    """A session of Taro's, on the day on which his savings account was added."""
    add(there, there.log_in(taro))
    Nights(there).come(TUESDAY)
    return there.log_in(taro)


@pytest.mark.requirement("ACC-08", "ACC-09")
def test_an_account_is_deleted_on_the_next_operating_day(there: TestBank, taro: Enrollee, using: Secret) -> None:
    """Accepted at once; gone from the next operating day; nobody reports it, and it may be added again."""
    nights = Nights(there)
    assert delete(there, using) == DeletionAccepted(str(SAVINGS), WEDNESDAY)
    assert linked(there, taro) == (LinkedAccount(SAVINGS, AccountState.DELETE_PENDING, WEDNESDAY),)
    night = nights.come(WEDNESDAY)
    assert (night.accounts_added, night.accounts_removed) == (0, 1)
    assert linked(there, taro) == ()
    *_, accepted, reflected = entries_of(there, taro)
    assert (accepted.kind, reflected.kind) == ("AccountDeletionAccepted", "AccountReflected")
    assert accepted.data == {"account": str(SAVINGS), "effective_on": "2026-11-25"}
    assert reflected.data["state"] == "removed"
    assert nights.reported(WEDNESDAY) == []
    assert isinstance(add(there, there.log_in(taro)), AdditionAccepted)


@pytest.mark.requirement("ACC-08")
def test_the_representative_account_is_never_deleted(there: TestBank, taro: Enrollee, using: Secret) -> None:
    """It stands for the contract: whoever wants to be rid of it cancels."""
    assert refused(delete(there, using, taro.person.account)) == [("account.representative", "account")]


def test_only_what_is_used_can_be_deleted(there: TestBank, taro: Enrollee, using: Secret) -> None:
    """Not an account that is none of the contract's, nor one whose addition or deletion is pending."""
    assert refused(delete(there, using, CURRENT)) == [("account.not_used", "account")]
    assert isinstance(delete(there, using), DeletionAccepted)
    assert refused(delete(there, using)) == [("account.change_pending", "account")]
    with_account(there, taro, CURRENT)
    assert isinstance(add(there, using, CURRENT), AdditionAccepted)
    assert refused(delete(there, using, CURRENT)) == [("account.change_pending", "account")]
    assert [one.account for one in linked(there, taro)] == [SAVINGS, CURRENT]


def pending(taro: Enrollee, state: InstructionState, source: Account = SAVINGS) -> Instruction:
    """A transfer of Taro's from an account."""
    one = an_instruction()
    content = evolve(one.content, source=source)
    return evolve(
        one,
        institution=taro.institution,
        contract=taro.contract,
        content=content,
        digest=content.digest,
        proof=Proof.NONE,
        state=state,
    )


@pytest.mark.requirement("ACC-09")
@pytest.mark.parametrize("state", InstructionState)
def test_not_while_transfers_are_pending(
    there: TestBank, taro: Enrollee, using: Secret, state: InstructionState
) -> None:
    """While the host has a transfer from the account, or may have, it is not deleted; what is over does not matter."""
    with there.storage.transaction() as tx:
        tx.instructions.add(pending(taro, state))
    told = delete(there, using)
    if state in PENDING:
        assert refused(told) == [("account.transfers_pending", "account")]
    else:
        assert isinstance(told, DeletionAccepted)


@pytest.mark.requirement("ACC-09")
def test_transfers_from_another_account_do_not_matter(there: TestBank, taro: Enrollee, using: Secret) -> None:
    """A reserved transfer holds its own account alone."""
    with there.storage.transaction() as tx:
        tx.instructions.add(pending(taro, InstructionState.RESERVED, taro.person.account))
    assert isinstance(delete(there, using), DeletionAccepted)


# --- Both -------------------------------------------------------------------------------------------------------------


@pytest.mark.requirement("ACC-03", "ACC-08")
def test_only_individuals_change_accounts_online(there: TestBank, taro: Enrollee, using: Secret) -> None:
    """Whoever is not 「個人」 is told so, whatever he types, and goes to the counter."""
    with there.storage.transaction() as tx:
        customer = tx.customers.of(taro.institution, taro.contract)
        assert customer is not None
        tx.customers.put(evolve(customer, individual=False))
    for told in (add(there, using, CURRENT), delete(there, using), delete(there, using, taro.person.account)):
        assert isinstance(told, CannotChangeAccounts)
        assert refused(told) == [("lack.individual", "")]


def test_the_customer_is_told(there: TestBank, using: Secret) -> None:
    """Each acceptance is written to him; a deletion that is refused is not."""
    delete(there, using)
    delete(there, using)
    told = [letter.code for letter in letters(there)]
    assert [code for code in told if code in {LetterCode.ACCOUNT_ADDED, LetterCode.ACCOUNT_DELETED}] == [
        LetterCode.ACCOUNT_ADDED,
        LetterCode.ACCOUNT_DELETED,
    ]


@pytest.mark.requirement("ACC-03", "ACC-05", "ACC-09")
def test_the_list_says_what_is_pending(there: TestBank, taro: Enrollee, using: Secret) -> None:
    """The representative account first, then the others in the order of their addition, each with its day."""
    with_account(there, taro, CURRENT)
    add(there, using, CURRENT)
    delete(there, using)
    state = AccountState
    assert there.net.accounts.list(using) == UsedAccounts(
        (
            UsedAccount(account=str(taro.person.account), representative=True, state=state.ACTIVE, changes_on=None),
            UsedAccount(account=str(SAVINGS), representative=False, state=state.DELETE_PENDING, changes_on=WEDNESDAY),
            UsedAccount(account=str(CURRENT), representative=False, state=state.ADD_PENDING, changes_on=WEDNESDAY),
        )
    )


@pytest.mark.requirement("ACC-05", "ACC-09")
def test_the_list_is_that_of_the_day(there: TestBank, taro: Enrollee, using: Secret) -> None:
    """From midnight on it says what the accounts can be used for then, though the night's batch is still to come."""
    with_account(there, taro, CURRENT)
    add(there, using, CURRENT)
    delete(there, using)
    there.clock.set(morning(WEDNESDAY))
    told = there.net.accounts.list(there.log_in(taro))
    assert isinstance(told, UsedAccounts)
    assert [(one.account, one.state) for one in told.accounts] == [
        (str(taro.person.account), AccountState.ACTIVE),
        (str(CURRENT), AccountState.ACTIVE),
    ]


@pytest.mark.requirement("ACC-05", "ACC-09")
@pytest.mark.parametrize("deletes_first", [False, True])
def test_what_the_list_says_can_be_gone_on_from(
    there: TestBank, taro: Enrollee, using: Secret, *, deletes_first: bool
) -> None:
    """On the day, before its batch: what was added is deleted, what was deleted is added; the chain tells it once."""
    with_account(there, taro, CURRENT)
    add(there, using, CURRENT)
    delete(there, using)
    before = len(entries_of(there, taro))
    there.clock.set(morning(WEDNESDAY))
    session, thursday = there.log_in(taro), WEDNESDAY + DAY
    for deletes in (deletes_first, not deletes_first):
        if deletes:
            assert delete(there, session, CURRENT) == DeletionAccepted(str(CURRENT), thursday)
        else:
            assert add(there, session) == AdditionAccepted(str(SAVINGS), thursday)
    reflected = [entry.data["state"] for entry in entries_of(there, taro)[before:] if entry.kind == "AccountReflected"]
    assert reflected == ["removed", "active"]
    assert Nights(there).come(WEDNESDAY) == Done(reported=1, reports=1)
    assert linked(there, taro) == (
        LinkedAccount(CURRENT, AccountState.DELETE_PENDING, thursday),
        LinkedAccount(SAVINGS, AccountState.ADD_PENDING, thursday),
    )
    Nights(there).come(thursday)
    assert linked(there, taro) == (LinkedAccount(SAVINGS, AccountState.ACTIVE, None),)


def test_what_is_reflected_before_its_batch_is_in_the_chain_whatever_is_told(
    there: TestBank, taro: Enrollee, using: Secret
) -> None:
    """Also where nothing comes of what was asked for then: the account that is gone is said to be."""
    delete(there, using)
    there.clock.set(morning(WEDNESDAY))
    there.core.flag(INSTITUTION.id, SAVINGS)
    assert add(there, there.log_in(taro)) == AccountNotAccepted()
    *_, reflected, checked = entries_of(there, taro)
    assert (reflected.kind, checked.kind) == ("AccountReflected", "AccountChecked")
    assert reflected.data == {"day": "2026-11-25", "account": str(SAVINGS), "state": "removed"}
    assert linked(there, taro) == ()


def test_what_waits_too_long_is_reflected_late(there: TestBank, taro: Enrollee) -> None:
    """A night that was left out is made up for by the next one."""
    add(there, there.log_in(taro))
    Nights(there).come(WEDNESDAY)
    assert linked(there, taro)[0].state is AccountState.ACTIVE
    assert read(there.storage, lambda tx: tx.contracts.count_due(WEDNESDAY)) == 0
