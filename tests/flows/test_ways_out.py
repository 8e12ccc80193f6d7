"""Each block against each procedure, done: what `policies.releases` says ends it does, and nothing else does.

The table is written out from the sources beside the policy (`tests/policies/test_releases.py`); here every cell of it
that is this library's to do is tried on a bank.  What is done elsewhere, at the host or on paper, has none.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from attrs import evolve, frozen

from janetbank.flows.log_in import LoggedIn
from janetbank.flows.reissue_token import ReissueBegun
from janetbank.flows.release import FromBlock, Matter, Proposed
from janetbank.model.contract import Contract, Counter
from janetbank.policies.identity_form import FormTries
from janetbank.policies.lockout import Blocked, Locked, Tally
from janetbank.policies.recovery import Step
from janetbank.policies.releases import Block, Release, releases
from janetbank.policies.suspension import Finding
from janetbank.policies.token import TokenEvent
from janetbank.ports.core_banking import CardVerdict
from janetbank.testing.bank import CAFE, START, Enrollee, TestBank
from janetbank.values.moment import in_japan
from janetbank.values.paper import Paper
from janetbank.values.pin import Pin
from janetbank.values.secret import Secret
from tests.flows.counter_scene import FROM_SUSPENSION, STOPPED, Desk
from tests.flows.money_scene import find, send_bills
from tests.flows.recovery_scene import ORDER, What, reset
from tests.flows.reissue_scene import Lost, begin
from tests.flows.scene import REST, contract_of, rewrite, stepped_up, with_password
from tests.flows.token_scene import SMARTPHONE, START_PASSWORD, Telephone

COUNTERS = {block: counter for block in Block for counter in Counter if block.value.rpartition("_")[0] == counter.value}
"""What is counted, of the blocks that a counter brings."""
ENDS_TOKEN = {Block.CODE_BLOCK: TokenEvent.LOCK, Block.START_PASSWORD_BLOCK: TokenEvent.USE_UP_TRIES}
SHORTLY_BEFORE_MIDNIGHT = datetime(2026, 11, 20, 14, 50, tzinfo=UTC)
"""In Japan."""


@frozen
class Scene:
    """Taro, with a telephone, behind a *block*."""

    desk: Desk
    phone: Telephone
    block: Block

    @property
    def there(self) -> TestBank:
        """The bank."""
        return self.desk.there

    @property
    def taro(self) -> Enrollee:
        """Its customer."""
        return self.desk.taro

    @property
    def timed(self) -> bool:
        """Whether it is a lock, which time opens."""
        return self.block.value.endswith("_lock")

    @property
    def stands(self) -> bool:
        """Whether the block is still in his way."""
        there, now, contract = self.there, self.there.clock.now(), contract_of(self.there, self.taro)
        if (counter := COUNTERS.get(self.block)) is not None:
            standing = there.profile.lockout(counter).standing(contract.tally(counter), now)
            return isinstance(standing, Locked if self.timed else Blocked)
        if self.block is Block.CARD_FREEZE:
            account, pin = self.taro.person.account, Pin.parse(Secret(self.taro.person.pin))
            return there.core.check_card(self.taro.institution, account, pin) is CardVerdict.LOCKED
        if self.block is Block.FORM_CLOSED:
            return there.profile.identity_form.closed(contract.form_tries, now) is not None
        return contract.suspended_since is not None


def behind(block: Block, at: datetime = START) -> Scene:
    """A bank that is open, and Taro's way blocked, at an instant."""
    desk = Desk.open()
    send_bills(desk.there)
    phone = Telephone.of(desk.there, desk.taro)
    if block is Block.START_PASSWORD_BLOCK:
        phone.issue()
    else:
        phone.start()
    if block is Block.SUSPENSION:
        desk.formalised()
    desk.there.clock.set(max(at, desk.there.clock.now()))
    now = desk.there.clock.now()
    if (event := ENDS_TOKEN.get(block)) is not None:
        with desk.there.storage.transaction() as tx:
            tx.tokens.put(phone.token().on(event, now))
    if (counter := COUNTERS.get(block)) is not None:
        tally = Tally(issued=99, lockouts=3, blocked_since=now)
        if Scene(desk, phone, block).timed:
            tally = Tally(issued=99, lockouts=1, locked_until=now + REST)
        rewrite(desk.there, desk.taro, partial(_at, counter, tally))
    elif block is Block.CARD_FREEZE:
        for _ in range(3):
            desk.there.core.check_card(desk.taro.institution, desk.account, Pin.parse(Secret("0000")))
    elif block is Block.FORM_CLOSED:
        rewrite(desk.there, desk.taro, lambda one: evolve(one, form_tries=FormTries(in_japan(now).date(), 5)))
    scene = Scene(desk, phone, block)
    assert scene.stands
    return scene


def _at(counter: Counter, tally: Tally, contract: Contract) -> Contract:
    return contract.with_tally(counter, tally)


# --- What may be done about it ----------------------------------------------------------------------------------------


def wait(scene: Scene) -> None:
    """The sixty minutes of a lockout."""
    scene.there.clock.advance(REST)


def wait_for_the_day(scene: Scene) -> None:
    """From shortly before midnight to shortly after it."""
    scene.there.clock.advance(timedelta(minutes=15))


def enter_rightly(scene: Scene) -> None:
    """Everything that is counted, rightly, wherever it can be entered."""
    there, taro, phone = scene.there, scene.taro, scene.phone
    net = there.net
    with_password(there, taro)
    with_password(there, taro, seen_from=CAFE)
    asked = net.step_up.ask(phone.session)
    if (question := getattr(asked, "question", None)) is not None:
        net.step_up.answer(phone.session, taro.answer_to(question))
    told = with_password(there, taro, seen_from=SMARTPHONE)
    if phone.seed is not None:
        net.use_token.cancel(phone.session, phone.code())
        if (challenge := getattr(told, "challenge", None)) is not None:
            net.log_in.enter_code(challenge, phone.code())
    phone.again(START_PASSWORD)
    find(phone)
    reset(there, taro, "password").do_all(ORDER[:1])


def change_password(scene: Scene) -> None:
    """Within a session that was there before."""
    new = Secret("moss4+stone")
    scene.there.net.change_password(scene.phone.session, current=scene.taro.password, new=new, again=new)


def reset_to_the_end(what: What, scene: Scene) -> None:
    """As far as one is let."""
    one = reset(scene.there, scene.taro, what)
    for act, step in zip(ORDER, (Step.FORM, Step.PHONE, Step.CALL, Step.SECRET), strict=True):
        if one.where() is not step:
            return
        one.do(act)


def reissue(scene: Scene) -> None:
    """As far as one is let."""
    begun = begin(scene.there, scene.taro)
    if isinstance(begun, ReissueBegun):
        Lost(scene.there, scene.taro, begun.procedure).complete()


def stop_and_apply(scene: Scene) -> None:
    """In writing, by two people; and then for another one, as far as one is let."""
    there, taro = scene.there, scene.taro
    _decided(scene, STOPPED)
    told = with_password(there, taro)
    if isinstance(told, LoggedIn):
        evolve(scene.phone, session=stepped_up(there, taro, told.session)).issue()


def by_form(scene: Scene) -> None:
    """Two people, with the form, and nothing found."""
    matter = FromBlock(block=scene.block, paper=Paper.IB_3, finding=Finding.NO_ILLICIT_ACCESS)
    _decided(scene, matter)


def from_suspension(scene: Scene) -> None:
    """Two people, with the form, the note, and nothing found."""
    _decided(scene, FROM_SUSPENSION)


def _decided(scene: Scene, matter: Matter) -> None:
    release = scene.there.net.release
    told = release.propose(scene.desk.by("tanaka"), scene.desk.account, matter)
    if isinstance(told, Proposed):
        release.approve(scene.desk.by("sato"), told.case)


DONE: dict[str, tuple[Callable[[Scene], None], set[Release]]] = {
    "time": (wait, {Release.TIME}),
    "the next day": (wait_for_the_day, {Release.NEXT_DAY}),
    "right entries": (enter_rightly, {Release.RIGHT_ENTRY}),
    "a change of the password": (change_password, {Release.PASSWORD_CHANGE}),
    "a reset of the password": (partial(reset_to_the_end, "password"), {Release.PASSWORD_RESET}),
    "a reset of the answers": (partial(reset_to_the_end, "questions"), {Release.ANSWERS_RESET}),
    "a reissue": (reissue, {Release.TOKEN_REISSUE}),
    "a stop of the token": (stop_and_apply, {Release.TOKEN_AT_BRANCH}),
    "a form at the branch": (by_form, {Release.BRANCH_FORM, Release.BRANCH_TERMINAL}),
    "a release from the suspension": (from_suspension, {Release.SUSPENSION_RELEASE}),
}


@pytest.mark.requirement(
    "LCK-03", "LCK-04", "LCK-07", "LCK-09", "LCK-12", "LCK-13", "LCK-15", "SUS-01", "PWR-14", "RBR-09", "TKR-01"
)
@pytest.mark.parametrize("name", DONE)
@pytest.mark.parametrize("block", Block)
def test_a_block_is_ended_by_what_the_table_says_and_by_nothing_else(block: Block, name: str) -> None:
    """Done as well as it can be by whoever has everything: the right secrets, the telephone, the card, the form."""
    act, ways = DONE[name]
    scene = behind(block, SHORTLY_BEFORE_MIDNIGHT if Release.NEXT_DAY in ways else START)
    act(scene)
    assert scene.stands != any(releases(way, block) for way in ways)


def test_whoever_is_behind_a_block_is_behind_nothing_else() -> None:
    """Each scene is a block of its own: where none was made nothing stands."""
    for block in Block:
        scene = behind(block)
        others = [other for other in Block if other is not block and evolve(scene, block=other).stands]
        assert others == []
