"""Acts: how each of those who come to a simulated bank goes about it.

Source: issue 7, part 2.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from types import MappingProxyType
from typing import TypeVar

from janetbank.flows import operators as staff
from janetbank.flows import settle_instructions
from janetbank.flows.batch import AnotherFirst, NightBatch
from janetbank.flows.change_login_id import LoginIdChanged
from janetbank.flows.change_password import PasswordChanged
from janetbank.flows.dispatch_mail import MailDispatcher
from janetbank.flows.entry import LoggedIn, PasswordChangeNeeded, QuestionsNeeded
from janetbank.flows.instruct import CodeNeeded, Order
from janetbank.flows.log_in import CodeAsked, QuestionAsked
from janetbank.flows.phone_auth import Started
from janetbank.flows.prove import Authorised
from janetbank.flows.recover import Begun, Next, TypedForm
from janetbank.flows.refusals import (
    Blocked,
    Leaving,
    Left,
    LockedOut,
    OutsideServiceHours,
    Refused,
    Rejected,
    SessionEnded,
    Suspended,
    TryAgain,
)
from janetbank.flows.release import FromBlock, FromSuspension, Proposed
from janetbank.flows.reset_password import PasswordReset
from janetbank.flows.suspend import ContractSuspended, SuspensionRequested
from janetbank.flows.sweep import sweep
from janetbank.policies.recovery import Step as Stage
from janetbank.policies.releases import Block
from janetbank.policies.suspension import PAPERS, TO_EXPLAIN, Cause, Finding, Heard, Route
from janetbank.testing.bank import ANSWERS, HOME, INSTITUTION, PAYEE, Person
from janetbank.testing.simulation.schedule import Act, Step
from janetbank.testing.simulation.world import INITIAL, LINES, PASSWORDS, Customer, Outcome, World
from janetbank.values.caller import CallerAssurance
from janetbank.values.environment import Channel, Environment
from janetbank.values.instruction import InstructionKind
from janetbank.values.moment import in_japan
from janetbank.values.money import Yen
from janetbank.values.paper import Paper
from janetbank.values.person import KanaName
from janetbank.values.secret import Secret

_Told = TypeVar("_Told", bound=Outcome)

NO = (Refused, TryAgain, LockedOut, Blocked, Suspended, Leaving, Left, OutsideServiceHours, SessionEnded)
"""What is told to those who are not let in, or not any more."""

SMARTPHONE = Environment(device="a-smartphone", network="192.0.2.1", platform="ios", channel=Channel.SMARTPHONE)
ABROAD = Environment(device=None, network="198.51.100.23", platform="ios")
NOWHERE = Environment(device=None, network="192.0.2.99", platform="unheard of")
WRONG, WRONG_ANSWER, WRONG_PIN = Secret("wr0ng?one"), Secret("ちがう"), Secret("0000")
GUESSED = (PASSWORDS[0], *(Secret(f"gu3ss{number}") for number in range(20)))


# --- honest customers -------------------------------------------------------------------------------------------------


def visit(world: World, step: Step) -> None:
    """Log in, mistyping now and then, do something, and leave, or forget to."""
    one, chance = world.customers[step.customer], world.chance
    place = chance.choices([HOME, SMARTPHONE, ABROAD], [7, 2, 1])[0]
    wrong = chance.choices([0, 1, 2, 7], [88, 8, 3, 1])[0]
    entered = [*[WRONG] * wrong, *one.passwords]
    for login_id, password in [(name, typed) for typed in entered for name in one.login_ids]:
        call = partial(world.net.log_in.with_login_id, INSTITUTION.id, login_id, password, seen_from=place)
        told = world.ask("logs in" if password is not WRONG else "mistypes his password", call)
        if isinstance(told, LockedOut | Blocked | Suspended):
            return turned_away(world, step.customer, told)
        if isinstance(told, OutsideServiceHours | Leaving | Left | TryAgain):
            return None
        if not isinstance(told, Refused):
            one.login_ids, one.passwords = [login_id], [password]
            break
    else:
        return None
    session = past_the_rest(world, step.customer, told)
    if session is not None:
        world.came_in(one)
        busy(world, one, session)
    return None


def turned_away(world: World, number: int, told: object) -> None:
    """Wait, or, where waiting does not help, hand in a form."""
    world.kept_out(world.customers[number])
    if isinstance(told, Blocked | Suspended) and number not in world.appeals:
        world.note("hands in a form to be released")
        world.appeals.append(number)


def past_the_rest(world: World, number: int, told: object) -> Secret | None:
    """From the right password on: answers, codes and duties; the session, if it comes to one."""
    one, chance, log_in = world.customers[number], world.chance, world.net.log_in
    now: object
    for _ in range(12):
        match told:
            case LoggedIn(session):
                world.watch.entered(one.chain, world.net.platform.vault.token_key(session), "logging in")
                return session
            case QuestionAsked(challenge, question):
                answer = WRONG_ANSWER if chance.random() < 0.15 else one.who.answer_to(question)  # noqa: PLR2004 -- mistyped
                now = world.ask("answers", partial(log_in.answer, challenge, answer))
            case CodeAsked(challenge):
                code = Secret("000000") if chance.random() < 0.1 else world.code(one)  # noqa: PLR2004 -- mistyped
                now = world.ask("enters a code", partial(log_in.enter_code, challenge, code))
            case PasswordChangeNeeded(challenge):
                new = another(one)
                world.watch.frame.no_guess = True
                change = partial(log_in.choose_password, challenge, new=new, again=new)
                now = changing(world, one, new, "chooses another password", change)
            case QuestionsNeeded(challenge):
                questions = [(question, Secret(answer)) for question, answer in ANSWERS]
                register = partial(log_in.register_questions, challenge, questions, acknowledged=True)
                now = world.ask("registers questions", register)
            case LockedOut() | Blocked() | Suspended():
                turned_away(world, number, told)
                return None
            case _:
                return None
        told = told if isinstance(now, Refused) else now
    return None


def another(one: Customer) -> Secret:
    """A password that *one* does not have, and cannot have had, if there is one."""
    return next((password for password in PASSWORDS if password not in one.passwords), one.passwords[-1])


def changing(world: World, one: Customer, new: Secret, what: str, call: Callable[[], _Told]) -> _Told:
    """Change the password to *new*; where nothing is heard of it, it may have been."""
    before = one.passwords
    one.passwords = [new, *before]
    told = world.ask(what, call)
    kept = not isinstance(told, (*NO, PasswordChangeNeeded, Rejected))
    one.passwords = [new] if kept else before
    return told


def busy(world: World, one: Customer, session: Secret) -> None:
    """Do something in a session."""
    chance, net = world.chance, world.net
    told = world.inside(one, session, "looks around", partial(net.use_session, session), *NO)
    if isinstance(told, NO):
        return
    match chance.choices(["nothing", "transfer", "password", "login id"], [60, 30, 6, 4])[0]:
        case "transfer":
            transfer(world, one, session)
        case "password":
            new, current = another(one), WRONG if chance.random() < 0.1 else one.passwords[0]  # noqa: PLR2004 -- mistyped
            call = partial(net.change_password, session, current=current, new=new, again=new)
            changed = changing(world, one, new, "changes his password", call)
            session = changed.session if isinstance(changed, PasswordChanged) else session
        case "login id":
            session = rename(world, one, session)
        case _:
            pass
    if chance.random() < 0.5:  # noqa: PLR2004 -- every other customer
        world.ask("logs out", partial(net.log_out, session))


def rename(world: World, one: Customer, session: Secret) -> Secret:
    """Change the login id, to the other of two."""
    before, name = one.login_ids, one.login_ids[0]
    new = f"{name[:-2]}{'rx' if name.endswith('nd') else 'nd'}"
    one.login_ids = [new, *before]
    call = partial(world.net.change_login_id, session, password=one.passwords[0], new=new)
    told = world.ask("changes his login id", call)
    one.login_ids = [new] if isinstance(told, LoginIdChanged) else before
    return told.session if isinstance(told, LoginIdChanged) else session


def transfer(world: World, one: Customer, session: Secret) -> None:
    """Send money to somebody, by a code where he is nobody from the counter; and press the button twice, perhaps."""
    chance, instruct = world.chance, world.net.instruct
    kind = chance.choice([InstructionKind.AD_HOC_TRANSFER, InstructionKind.REGISTERED_PAYEE_TRANSFER])
    order = Order(
        kind=kind,
        payee_bank=PAYEE.bank,
        payee=PAYEE.account,
        payee_name=PAYEE.name,
        amount=Yen(chance.randint(1, 50) * 100),
        date=in_japan(world.clock.now()).date(),
    )
    told = world.inside(one, session, "orders a transfer", partial(instruct.request, session, order), *NO)
    match told:
        case CodeNeeded(reference):
            code = Secret("000000") if chance.random() < 0.1 else world.code(one)  # noqa: PLR2004 -- mistyped
            enter = partial(instruct.enter_code, session, reference, code)
            world.inside(one, session, "enters a code", enter, *NO)
        case Authorised(reference):
            pass
        case _:
            return
    for _ in range(chance.choice([1, 1, 2])):
        world.inside(one, session, "sends it", partial(instruct.execute, session, reference), *NO)


def forget(world: World, step: Step) -> None:
    """Try for a while, and then reset the password online: form, call, card."""
    one, chance = world.customers[step.customer], world.chance
    for _ in range(chance.randrange(8)):
        call = partial(world.net.log_in.with_login_id, INSTITUTION.id, one.login_ids[0], WRONG, seen_from=HOME)
        told = world.ask("tries to remember", call)
        if isinstance(told, LockedOut | Blocked | Suspended):
            turned_away(world, step.customer, told)
            break
    late = chance.random() < 0.15  # noqa: PLR2004 -- some look for their telephone first
    new = another(one)
    procedure = recognised(world, one, late=late)
    if procedure is None:
        return
    pin = WRONG_PIN if chance.random() < 0.1 else Secret(one.who.person.pin)  # noqa: PLR2004 -- mistyped
    one.passwords = [new, *one.passwords]
    reset = partial(world.net.reset_password.reset, procedure, new=new, again=new, pin=pin)
    done = world.ask("resets his password", reset)
    one.passwords = [new] if isinstance(done, PasswordReset) else one.passwords[1:]
    if isinstance(done, PasswordReset) and step.customer in world.appeals:
        world.appeals.remove(step.customer)


def recognised(world: World, one: Customer, *, late: bool) -> Secret | None:
    """Fill the form of a reset in, and call from the telephone: the procedure, if it comes to a recognised call."""
    flow = world.net.reset_password
    begun = world.ask("begins a reset", partial(flow.begin, INSTITUTION.id))
    if not isinstance(begun, Begun):
        return None
    token = begun.procedure
    form = partial(flow.fill_form, token, form_of(one.who.person), acknowledged=True)
    if not isinstance(world.ask("fills the form in", form), Next):
        return None
    started = world.ask("asks for a number to call", partial(flow.call, token, 0))
    if not isinstance(started, Started):
        return None
    if late:
        world.clock.advance(timedelta(seconds=world.chance.choice([119, 121, 600])))
    world.owner_calls(one, started.destination)
    world.note("calls it")
    polled = world.ask("looks whether the call came", partial(flow.poll, token))
    return token if isinstance(polled, Next) and polled.step is Stage.SECRET else None


def form_of(person: Person) -> TypedForm:
    """What *person* writes of himself."""
    return TypedForm(
        kana=person.kana,
        kanji=person.kanji,
        born=person.born.isoformat(),
        phone=person.phones[0],
        mail=person.mail,
        mail_again=person.mail,
        branch=person.account.branch.code,
        account_type=person.account.type.value,
        number=person.account.number.digits,
    )


# --- those who mean harm ----------------------------------------------------------------------------------------------


def guess(world: World, step: Step) -> None:
    """Try a few passwords at one id, or at one of nobody."""
    one, chance = world.customers[step.customer], world.chance
    name = "nobody99" if chance.random() < 0.05 else one.login_ids[0]  # noqa: PLR2004 -- one in twenty is of nobody
    for _ in range(chance.choice([1, 1, 2, 8])):
        attempt(world, name, chance.choice(GUESSED))


def spray(world: World, step: Step) -> None:
    """Try one password at some ids."""
    password, numbers = world.chance.choice(GUESSED), sorted(world.customers)
    first = next((at for at, number in enumerate(numbers) if number >= step.customer), 0)
    for number in (numbers * 2)[first : first + min(5, len(numbers))]:
        attempt(world, world.customers[number].login_ids[0], password)


def attempt(world: World, name: str, password: Secret) -> None:
    """One guess; where it is right, the question is guessed at, too."""
    call = partial(world.net.log_in.with_login_id, INSTITUTION.id, name, password, seen_from=NOWHERE)
    told = world.ask(f"guesses at {name}", call)
    if isinstance(told, QuestionAsked):
        for _ in range(world.chance.choice([1, 3, 8])):
            world.ask("guesses an answer", partial(world.net.log_in.answer, told.challenge, WRONG_ANSWER))


def spoof(world: World, step: Step) -> None:
    """Call the bank's numbers with the customer's number on the display, over a line that nobody vouches for."""
    one = world.customers[step.customer]
    telephone = world.there.exchange.telephone(one.phone, assurance=CallerAssurance.NONE)
    for line in LINES:
        telephone.dial(line)
    world.note("calls all numbers")


def steal(world: World, step: Step) -> None:
    """Go as far in a reset as telephone and papers bring one, and guess the card's PIN."""
    one = world.customers[step.customer]
    world.watch.frame.knows_pin = False
    procedure = recognised(world, one, late=False)
    if procedure is None:
        return
    new = Secret("th1ef#own")
    for number in range(world.chance.randint(1, 4)):
        pin = Secret(f"{number:04}")
        told = world.ask(
            "guesses the PIN", partial(world.net.reset_password.reset, procedure, new=new, again=new, pin=pin)
        )
        if isinstance(told, PasswordReset):
            return


# --- behind the counter -----------------------------------------------------------------------------------------------


def session_of(world: World, name: str) -> Secret | None:
    """Sign *name* in; he mistypes at times, and chooses another password when that is due."""
    own, operators = world.hired[name], world.net.operators
    typed = INITIAL if world.chance.random() < 0.05 else own  # noqa: PLR2004 -- mistyped
    told = world.ask(f"{name} signs in", partial(operators.sign_in, INSTITUTION.id, name, typed))
    if isinstance(told, Refused):
        told = world.ask(f"{name} signs in", partial(operators.sign_in, INSTITUTION.id, name, own))
    if isinstance(told, staff.SignedIn):
        return told.session
    if isinstance(told, staff.NewPasswordNeeded):
        new = Secret("chosen#alone#28" if own.reveal().endswith("27") else "chosen#alone#27")
        change = partial(operators.change_password, told.session, current=own, new=new, again=new)
        changed = world.ask(f"{name} changes his password", change)
        if isinstance(changed, staff.OperatorPasswordChanged):
            world.hired[name] = new
            return changed.session
    return None


def suspend(world: World, step: Step) -> None:
    """The customer has lost a device: the help desk stops his contract, and a supervisor checks it."""
    one, net = world.customers[step.customer], world.net
    if (mori := session_of(world, "mori")) is None:
        return
    heard = Heard(name=KanaName(one.who.person.kana), former_name=None, account=one.who.person.account)
    route = Route.HELP_DESK
    request = partial(
        net.suspend.request,
        mori,
        route=route,
        heard=heard,
        cause=Cause.LOST_DEVICE,
        paper=PAPERS[route],
        explained=TO_EXPLAIN[route],
    )
    told = world.ask("takes the request", request)
    if not isinstance(told, SuspensionRequested):
        return
    entered = world.ask("enters the stop", partial(net.suspend.enter, mori, told.case))
    if isinstance(entered, ContractSuspended) and (sato := session_of(world, "sato")) is not None:
        world.ask("checks the stop", partial(net.suspend.check, sato, told.case))


def clerk(world: World, _: Step) -> None:
    """Propose and approve the release of whoever has handed in a form."""
    appeals = tuple(world.appeals)
    if not appeals:
        return
    tanaka, sato = session_of(world, "tanaka"), session_of(world, "sato")
    if tanaka is None or sato is None:
        return
    for number in appeals:
        account = world.customers[number].who.person.account
        for matter in (
            FromSuspension(paper=Paper.IB_3, finding=Finding.NO_ILLICIT_ACCESS, note=True),
            FromBlock(block=Block.PASSWORD_BLOCK, paper=Paper.IB_3, finding=Finding.NO_ILLICIT_ACCESS),
            FromBlock(block=Block.ANSWER_BLOCK, paper=Paper.IB_3, finding=Finding.NO_ILLICIT_ACCESS),
        ):
            told = world.ask("proposes a release", partial(world.net.release.propose, tanaka, account, matter))
            if isinstance(told, Proposed):
                world.ask("approves it", partial(world.net.release.approve, sato, told.case))
        world.appeals.remove(number)


def night(world: World, _: Step) -> None:
    """The night batch, the sweep and the host's late answers; what a fault stops is done the next time."""
    world.there.core.books.arrive()
    batch = NightBatch(world.net.platform, world.reports)
    day = world.profile.calendar.business_date(world.clock.now())
    told = world.ask("the batch runs", partial(batch, day))
    if isinstance(told, AnotherFirst):
        world.ask("the batch before it runs", partial(batch, told.day))
        world.ask("the batch runs", partial(batch, day))
    settled = settle_instructions.settle(world.net.platform)
    swept = sweep(world.net.platform)
    world.note(f"settled {settled.moved} of {settled.asked}, swept {swept.sessions} sessions")


def mail(world: World, step: Step) -> None:
    """Send what is due; some of it is lost on its way, or goes out twice."""
    world.post.chance = world.chance if step.fault else None
    dispatch = MailDispatcher(world.net.platform, world.post)
    sent = 0
    while now := dispatch(200).sent:
        sent += now
    world.note(f"{sent} letters sent")


def jump(world: World, _: Step) -> None:
    """A clock may be wrong, and set right: forward, by however much."""
    world.clock.advance(world.chance.choice([timedelta(seconds=31), timedelta(minutes=61), timedelta(hours=3)]))


ACTS: Mapping[Act, Callable[[World, Step], None]] = MappingProxyType(
    {
        Act.VISIT: visit,
        Act.FORGET: forget,
        Act.GUESS: guess,
        Act.SPRAY: spray,
        Act.SPOOF: spoof,
        Act.STEAL: steal,
        Act.SUSPEND: suspend,
        Act.CLERK: clerk,
        Act.NIGHT: night,
        Act.MAIL: mail,
        Act.JUMP: jump,
    }
)
