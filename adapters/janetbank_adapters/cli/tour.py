"""`janetbank tour`: the story of a customer, a guesser and a bank, on a real store.

Exit code 0: everything happened as the story tells it; 1: something did not, and the tour says what.

Source: README "make tour"; `janetbank_adapters.cli.story`.
"""

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Protocol

from attrs import frozen

from janetbank.flows.allowances import LimitReached
from janetbank.flows.approve import Declined
from janetbank.flows.audit import Damaged
from janetbank.flows.biometrics import BiometricsNotSetUp
from janetbank.flows.enrol import NotAccepted
from janetbank.flows.entry import CustomerDataNeeded, LoginIdWanted, PasswordsNeeded, TokenWanted
from janetbank.flows.hand_over import AnswerAwaited
from janetbank.flows.instruct import AppConfirmationNeeded, TokenNeeded
from janetbank.flows.instructions import NotAuthorised
from janetbank.flows.issue_token import NotYet
from janetbank.flows.leave import CannotLeave
from janetbank.flows.log_in import CodeAsked, PasswordChangeNeeded, QuestionAsked, QuestionsNeeded
from janetbank.flows.obtain_login_id import NothingToObtain
from janetbank.flows.operating import OwnCase
from janetbank.flows.phone_auth import PhoneAborted, Waiting
from janetbank.flows.recover import FormRefused, PinRefused
from janetbank.flows.refusals import (
    Blocked,
    ConfirmationNeeded,
    Leaving,
    LockedOut,
    Refused,
    Rejected,
    StepUpNeeded,
    Suspended,
)
from janetbank.flows.step_up import StepUpQuestion
from janetbank.flows.suspend import NotIdentified, Unexplained
from janetbank.messages import Language
from janetbank.ports.storage import Storage
from janetbank.profiles.profile import Profile
from janetbank.values.moment import in_japan
from janetbank_adapters.cli import Misuse, stores
from janetbank_adapters.cli.arguments import add_json, add_lang, add_profile
from janetbank_adapters.cli.scenes import Chapter, Step, says
from janetbank_adapters.cli.screen import beside, language_of_the_machine, screen, write
from janetbank_adapters.cli.stage import DOMAIN, Stage
from janetbank_adapters.cli.story import chapters
from janetbank_adapters.cli.text import Text
from janetbank_adapters.storage.memory import MemoryStorage

if TYPE_CHECKING:
    from janetbank_adapters.cli.arguments import Commands

MEMORY = "memory:"

_INDENT = 6
_STYLES: dict[type, str] = {
    **dict.fromkeys((LockedOut, Blocked, Damaged, NotAuthorised, BiometricsNotSetUp), "red"),
    **dict.fromkeys((Refused, Rejected, NotAccepted, StepUpNeeded, QuestionAsked, StepUpQuestion), "yellow"),
    **dict.fromkeys((ConfirmationNeeded, FormRefused, PinRefused, QuestionsNeeded), "yellow"),
    **dict.fromkeys((LoginIdWanted, PasswordsNeeded, CustomerDataNeeded, NothingToObtain, TokenWanted), "yellow"),
    **dict.fromkeys((LimitReached, AnswerAwaited, CannotLeave, Leaving), "yellow"),
    **dict.fromkeys((NotIdentified, Unexplained, OwnCase, Suspended, PasswordChangeNeeded), "yellow"),
    **dict.fromkeys((Waiting, PhoneAborted, CodeAsked, TokenNeeded, AppConfirmationNeeded, NotYet, Declined), "yellow"),
}


def add(commands: "Commands") -> None:
    """Describe the command."""
    about = "walk through the bank: apply, log in, be locked out, be let in again"
    command = commands.add_parser(
        "tour",
        help=about,
        description="Walk through the bank, on a real database, with real Argon2id, keys in a file and letters in a "
        "Maildir.  A customer applies, is refused a password with every reason, logs in, is asked a question from a "
        "strange device, is locked out and let in again; another is guessed at until she is blocked.  The first one "
        "makes a token of his telephone, approves a transfer on it and declines another, and logs in by his finger "
        "until he changes his password.  The other one has her password reset, and then her questions; she has her "
        "contract stopped, and two people behind the counter release it.  The first one sets a limit, transfers, "
        "reserves and pays a tax, and a host who falls silent pays nothing twice.  "
        "Days and a month pass, each with its night batch, until he leaves and comes back.  Nobody waits: the clock is "
        "turned by hand.  Exit code 0: everything happened as the story tells it; 1: something did not.",
    )
    command.add_argument(
        "--store",
        metavar="URL",
        help=f"{stores.URLS}, or {MEMORY}; its tables are made or brought up to date, and two customers stay in "
        "it, who must be its only ones (without it: an SQLite file made for the purpose)",
    )
    command.add_argument("--keep", action="store_true", help="do not remove the database, the keys and the letters")
    add_profile(command)
    add_lang(command, "without it: that of the machine")
    add_json(command, "one JSON object a step, and nothing else")
    command.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    lang = args.lang or language_of_the_machine()
    with _folder(keep=args.keep) as folder, _store(args.store, folder) as (url, storage):
        stage = Stage(args.profile, storage, folder)
        shown = url if url == MEMORY else stores.shown(url)
        scene = Scene(stage, shown, folder, kept=args.keep)
        teller: Teller = InJson(lang) if args.json else OnScreen(lang)
        return 0 if tell(scene, chapters(args.profile), teller) else 1


@contextmanager
def _folder(*, keep: bool) -> Generator[Path]:
    """A folder for what the tour makes, removed at the end unless it is to be kept."""
    folder = Path(tempfile.mkdtemp(prefix="janetbank-tour-"))
    try:
        yield folder
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _store(url: str | None, folder: Path) -> Generator[tuple[str, Storage]]:
    """The store at *url*, or a new one in *folder*."""
    if url == MEMORY:
        yield url, MemoryStorage()
        return
    there = f"sqlite:///{folder / 'bank.db'}" if url is None else url
    stores.upgrade(there)
    with stores.opened(there) as storage:
        if stores.letters_waiting(storage, but_to=DOMAIN):  # those of a tour that was interrupted are nobody's
            msg = "letters are waiting in the outbox of this store, and the tour would take them along"
            raise Misuse(msg)
        if stores.customers_there(storage, but_of=DOMAIN):
            msg = "this store has customers, and the nights of the tour would be theirs too"
            raise Misuse(msg)
        yield there, storage


@frozen
class Scene:
    """Where the story happens."""

    stage: Stage
    store: str
    folder: Path
    kept: bool


@frozen(kw_only=True)
class Told:
    """A step as it happened: its last *outcome* after so many *tries*, and what *differs* from the story, if at all."""

    chapter: int
    number: int
    step: Step
    outcome: object
    tries: int
    seconds: float
    clock: datetime
    differs: Text | None


class Teller(Protocol):
    """Tells what happens while it happens."""

    def opens(self, scene: Scene) -> None:
        """The tour begins."""

    def begins(self, number: int, chapter: Chapter) -> None:
        """So does a chapter."""

    def leaves_out(self, number: int, why: Text) -> None:
        """There is nothing to it in this profile."""

    def watches(self, step: Step) -> AbstractContextManager[Callable[[], None]]:
        """A step is being done; what is returned is called after each try."""
        ...

    def tells(self, told: Told) -> None:
        """It has been done."""

    def closes(self, scene: Scene, steps: int) -> None:
        """All of them have, as told."""


def tell(scene: Scene, story: tuple[Chapter, ...], teller: Teller) -> bool:
    """Let *story* happen until its end, or until something differs; whether it came to its end."""
    teller.opens(scene)
    for chapter_number, chapter in enumerate(story, start=1):
        teller.begins(chapter_number, chapter)
        if chapter.left_out is not None:
            teller.leaves_out(chapter_number, chapter.left_out)
        for number, step in enumerate(chapter.steps, start=1):
            with teller.watches(step) as tick:
                told = _take(scene.stage, step, chapter_number, number, tick)
            teller.tells(told)
            if told.differs:
                return False
    teller.closes(scene, sum(len(chapter.steps) for chapter in story))
    return True


def _take(on: Stage, step: Step, chapter: int, number: int, tick: Callable[[], None]) -> Told:
    outcome: object = None
    differs: Text | None = None
    tries, start = 0, perf_counter()
    for expected in step.expects:
        outcome, tries = step.act(on), tries + 1
        tick()
        if type(outcome) is not expected:
            told, came = expected.__name__, type(outcome).__name__
            differs = Text(f"{tries}回目は{told}のはずが、{came}でした。", f"Try {tries}: not {told}, but {came}.")
            break
    seconds = perf_counter() - start
    if differs is None and not step.holds(on, outcome):
        differs = Text(f"話と違います：{outcome!r}", f"This is not what the story tells: {outcome!r}")
    return Told(
        chapter=chapter,
        number=number,
        step=step,
        outcome=outcome,
        tries=tries,
        seconds=seconds,
        clock=in_japan(on.clock.now()),
        differs=differs,
    )


@frozen
class InJson:
    """One object a line for each step, and nothing else."""

    _lang: Language

    def opens(self, scene: Scene) -> None:
        """Where things are kept is for people: on stderr, where they are to be kept."""
        if scene.kept:
            sys.stderr.write(f"janetbank: kept in {scene.folder}\n")

    def begins(self, number: int, chapter: Chapter) -> None:
        """A step tells its chapter's number."""

    def leaves_out(self, number: int, why: Text) -> None:
        """One line, which is no step."""
        write(f"{json.dumps({'chapter': number, 'left_out': why.said(self._lang)}, ensure_ascii=False)}\n")

    @contextmanager
    def watches(self, step: Step) -> Generator[Callable[[], None]]:
        """Nobody watches."""
        _ = step
        yield lambda: None

    def tells(self, told: Told) -> None:
        """One line."""
        line = {
            "chapter": told.chapter,
            "step": told.number,
            "does": told.step.does.said(self._lang),
            "outcome": type(told.outcome).__name__,
            "code": getattr(told.outcome, "code", None),
            "text": says(told.outcome, self._lang),
            "requirements": list(told.step.rows),
            "clock": told.clock.isoformat(),
            "tries": told.tries,
            "milliseconds": round(told.seconds * 1000, 1),
            "as_told": told.differs is None,
        }
        write(f"{json.dumps(line, ensure_ascii=False)}\n")
        sys.stdout.flush()
        if told.differs:
            sys.stderr.write(f"janetbank: {told.differs.said(self._lang)}\n")

    def closes(self, scene: Scene, steps: int) -> None:
        """The last step was the last line."""


class OnScreen:
    """For people: what is done, what the bank answers, which rows that is from, and how long it took."""

    def __init__(self, lang: Language) -> None:
        self._lang: Language = lang
        self._out = screen()

    def opens(self, scene: Scene) -> None:
        """Where it happens."""
        profile, there = scene.stage.profile, scene.stage.institution
        self._out.print(f"janetbank tour: {profile.title} ({profile.name}), {there.name} ({there.id})", style="bold")
        for name, value in (
            (Text("データベース", "store"), Text.same(scene.store)),
            (Text("メール", "letters"), Text.same(str(scene.stage.letters))),
            (Text("パスワード", "secrets"), _cost(profile)),
            (Text("時計", "clock"), Text("手で進めます。だれも待ちません。", "turned by hand; nobody waits")),
        ):
            self._out.print(f"  {name.said(self._lang)}: {value.said(self._lang)}", style="dim", soft_wrap=True)

    def begins(self, number: int, chapter: Chapter) -> None:
        """Its title."""
        self._out.print()
        from rich.text import Text as Styled

        title = Styled(f"{number}  {chapter.title.said(self._lang)}", style="bold")
        self._out.rule(title, align="left", style="dim")

    def leaves_out(self, number: int, why: Text) -> None:
        """Why."""
        _ = number
        self._print("－", why.said(self._lang), "dim")

    @contextmanager
    def watches(self, step: Step) -> Generator[Callable[[], None]]:
        """A bar on a terminal, where there is something to wait for."""
        if len(step.expects) == 1 or not self._out.is_terminal:
            yield lambda: None
            return
        from rich.progress import Progress

        with Progress(console=self._out, transient=True) as progress:
            task = progress.add_task(step.does.said(self._lang), total=len(step.expects))
            yield lambda: progress.advance(task)

    def tells(self, told: Told) -> None:
        """Deed, answer, and small print."""
        self._print(f"{told.chapter}.{told.number}", told.step.does.said(self._lang), "bold")
        style = _STYLES.get(type(told.outcome), "green")
        for line in says(told.outcome, self._lang).splitlines():
            self._print("→", line, style)
        if told.differs:
            self._print("✗", told.differs.said(self._lang), "bold red")
            return
        for line in told.step.shows(told.outcome, self._lang).splitlines():
            self._print("", line)
        self._print("", _small_print(told), "dim")

    def _print(self, mark: str, said: str, style: str = "") -> None:
        beside(self._out, f"{mark:>{_INDENT - 1}}", said, indent=_INDENT, style=style, mark_style=style or "dim")

    def closes(self, scene: Scene, steps: int) -> None:
        """That all is well, and what is left of it."""
        self._out.print()
        well = Text(f"✓ {steps}の場面すべてが話のとおりでした。", f"✓ All {steps} steps happened as the story tells.")
        beside(self._out, "", well.said(self._lang), style="bold green")
        if scene.kept:
            kept = f"janetbank audit verify --store '{scene.store}' --keys {scene.stage.keys}"
            self._out.print(
                f"  {Text('残したもの', 'kept').said(self._lang)}: {scene.folder}\n  {kept}", soft_wrap=True
            )


def _cost(profile: Profile) -> Text:
    cost = profile.hashing
    lanes = Text(f"{cost.lanes}並列", f"{cost.lanes} lane{'s' if cost.lanes > 1 else ''}")
    return Text(
        f"Argon2id {cost.memory // 1024} MiB・{cost.passes}回・{lanes.ja}",
        f"Argon2id, {cost.memory // 1024} MiB, {cost.passes} passes, {lanes.en}",
    )


def _small_print(told: Told) -> str:
    """The outcome's name, the rows, and for each try how long it took."""
    took = f"{told.seconds / told.tries * 1000:.0f} ms"
    times = f"{told.tries} × {took}" if told.tries > 1 else took
    return " · ".join((type(told.outcome).__name__, *told.step.rows, *([times] if told.step.rows else ())))
