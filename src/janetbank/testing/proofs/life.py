"""The life of a contract and of a used account, proved: accepted at once, reflected on the operating day.

The customer adds, deletes and cancels at any time; days pass; the night batch comes on the day, or late.

Shape:  `ContractMachine(table)`, `AccountMachine(kind)`.
Source: ENR-09, ACC-03..09, CAN-05..08; AMB-13, 15, 27, 38; requirements.md part 7.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from enum import Enum

from attrs import evolve, field, frozen

from janetbank.model.contract import Contract
from janetbank.policies.accounts import AccountEvent, AccountState, AccountUse, LinkedAccount
from janetbank.policies.contract_life import NEXT, ContractEvent, ContractStatus
from janetbank.profiles.profile import Profile
from janetbank.testing.explore import Machine, Way, as_table, keep
from janetbank.values.account import Account
from janetbank.values.identifiers import ContractId, InstitutionId

TODAY = date(2026, 4, 1)
DAY = timedelta(days=1)

ON_ITS_DAY = "what is accepted is reflected on its day, and neither before it nor never"
NO_WAY_BACK = "what has ended does not begin again"
MONEY_MOVES = "money is moved in the active state alone"
DAYS_END_WAITING = "days alone end what is pending"
CAN_END = "it can be ended"


class Act(Enum):
    """What happens."""

    WANT_TO_END = "the customer wants it ended"
    NIGHT = "the night batch comes"
    DAY = "a day passes"


# --- An account -------------------------------------------------------------------------------------------------------


@frozen(cache_hash=True)
class Linked:
    """The account as it is stored, *waited* days since the last acceptance, and whether money may be moved, as seen."""

    account: LinkedAccount
    waited: int = 0
    usable: bool = False
    ended: bool = False


@frozen
class AccountMachine(Machine[Linked, Act]):
    """One account besides the representative one; *kind* is the policy's class."""

    kind: type[LinkedAccount] = LinkedAccount

    def starts(self) -> Iterable[Linked]:
        """Just added."""
        return [Linked(self.kind.added(Account.parse("001", "ordinary", "7654321"), TODAY + DAY))]

    def events(self, state: Linked) -> Iterable[Act]:
        """Everything; after two days another one makes no difference."""
        return (act for act in Act if act is not Act.DAY or state.waited < 2)  # noqa: PLR2004 -- its day, and the next

    def after(self, state: Linked, event: Act) -> tuple[Linked, str]:
        """What follows, with the laws."""
        account, today = state.account, TODAY + state.waited * DAY
        if event is Act.DAY:
            return evolve(state, waited=state.waited + 1), "later"
        if event is Act.WANT_TO_END:
            if not account.can(AccountEvent.DELETE):
                return state, "refused"
            keep(ON_ITS_DAY, account.changes_on is None, "something else is pending")
            then = Linked(account.deleted(TODAY + DAY), 0, usable=False)
            return self._checked(then), then.account.state.value
        after = account.at(today)
        due = account.changes_on is not None and state.waited > 0
        keep(ON_ITS_DAY, (after != account) == due, "after {} days it is {}", state.waited, after.state.value)
        keep(NO_WAY_BACK, not state.ended or after == account, "it is {}", after.state.value)
        added = account.state is AccountState.ADD_PENDING
        if not due:
            return state, "unmoved"
        return self._checked(Linked(after, state.waited, usable=added, ended=not added)), after.state.value

    def _checked(self, state: Linked) -> Linked:
        account = state.account
        moves, shows = account.serves(AccountUse.TRANSFERS), account.serves(AccountUse.STATEMENTS)
        keep(MONEY_MOVES, moves == state.usable, "it is {}", account.state.value)
        keep(NO_WAY_BACK, not (state.ended and shows), "statements are shown of what is gone")
        pending = account.state in {AccountState.ADD_PENDING, AccountState.DELETE_PENDING}
        keep(ON_ITS_DAY, (account.changes_on is not None) == pending, "it is {}", account.state.value)
        return state

    def ways(self) -> Sequence[Way[Linked, Act]]:
        """What is pending ends; the account can."""
        return (
            Way(
                law=DAYS_END_WAITING,
                of=lambda linked: linked.account.changes_on is not None,
                to=lambda linked: linked.account.changes_on is None,
                by=lambda act: act in {Act.DAY, Act.NIGHT},
            ),
            Way(law=CAN_END, of=lambda _: True, to=lambda linked: linked.ended),
        )

    def say(self, event: Act) -> str:
        """The act in words."""
        return event.value

    def show(self, state: Linked) -> str:
        """Where it stands."""
        return f"{state.account.state.value}, {state.waited} days on"


# --- A contract -------------------------------------------------------------------------------------------------------


@frozen(cache_hash=True)
class Life:
    """The contract as it is stored, *waited* days since the last acceptance."""

    contract: Contract
    waited: int = 0


@frozen
class ContractMachine(Machine[Life, Act]):
    """One contract, whose life is that *table*."""

    table: Mapping[tuple[ContractStatus, ContractEvent], ContractStatus] = field(
        default=NEXT, converter=as_table, hash=False
    )

    def starts(self) -> Iterable[Life]:
        """Just applied for."""
        return [
            Life(
                Contract(
                    institution=InstitutionId("0000"),
                    id=ContractId("contract"),
                    status=ContractStatus.APPLIED,
                    namespace="0000",
                    password="hash",  # noqa: S106 -- stands for one
                    applied_at=datetime(2026, 4, 1, tzinfo=UTC),
                    effective_on=TODAY + DAY,
                )
            )
        ]

    def events(self, state: Life) -> Iterable[Act]:
        """Everything; after two days another one makes no difference."""
        return (act for act in Act if act is not Act.DAY or state.waited < 2)  # noqa: PLR2004 -- its day, and the next

    def after(self, state: Life, event: Act) -> tuple[Life, str]:
        """What follows, with the laws."""
        contract, today = state.contract, TODAY + state.waited * DAY
        if event is Act.DAY:
            return evolve(state, waited=state.waited + 1), "later"
        due = contract.due_on is not None and contract.due_on <= today
        # As the night batch does: it looks at what is due, and at nothing else.
        happens = ContractEvent.LEAVE if event is Act.WANT_TO_END else ContractEvent.REFLECT
        status = self.table.get((contract.status, happens))
        if status is None or (event is Act.NIGHT and not due):
            keep(ON_ITS_DAY, event is not Act.NIGHT or not due, "it is {} and stays so", contract.status.value)
            return state, "refused" if event is Act.WANT_TO_END else "unmoved"
        keep(NO_WAY_BACK, contract.status is not ContractStatus.CANCELLED, "it is {}", status.value)
        if event is Act.WANT_TO_END:
            keep(ON_ITS_DAY, contract.due_on is None, "something else is pending")
            after = Life(evolve(contract, status=status, ends_on=TODAY + DAY))
            keep(ON_ITS_DAY, after.contract.due_on is not None, "it is {} at once", status.value)
        else:
            after = evolve(state, contract=evolve(contract, status=status))
        pending = status in {ContractStatus.APPLIED, ContractStatus.LEAVING}
        keep(ON_ITS_DAY, (after.contract.due_on is not None) == pending, "it is {}", status.value)
        return after, status.value

    def ways(self) -> Sequence[Way[Life, Act]]:
        """What is pending ends; the contract can."""
        return (
            Way(
                law=DAYS_END_WAITING,
                of=lambda life: life.contract.due_on is not None,
                to=lambda life: life.contract.due_on is None,
                by=lambda act: act in {Act.DAY, Act.NIGHT},
            ),
            Way(law=CAN_END, of=lambda _: True, to=lambda life: life.contract.status is ContractStatus.CANCELLED),
        )

    def say(self, event: Act) -> str:
        """The act in words."""
        return event.value

    def show(self, state: Life) -> str:
        """Where it stands."""
        return f"{state.contract.status.value}, {state.waited} days on"


def contracts(_: Profile) -> Iterable[tuple[str, Machine[Life, Act]]]:
    """The same for every profile."""
    return [("contract", ContractMachine())]


def accounts(_: Profile) -> Iterable[tuple[str, Machine[Linked, Act]]]:
    """The same for every profile."""
    return [("account", AccountMachine())]
