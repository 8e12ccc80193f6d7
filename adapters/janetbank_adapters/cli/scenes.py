"""Scenes: what a chapter of the tour's story is made of, and the steps that occur in more than one.

Shape:  a step's act takes the `Stage` and returns an outcome, once for each class in `expects`.
Source: README "make tour"; MAL-06.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, ClassVar, cast

from attrs import evolve, frozen

from janetbank.flows.log_in import CodeAsked, QuestionAsked
from janetbank.flows.refusals import ConfirmationNeeded
from janetbank.flows.step_up import Confirmed, SteppedUp, StepUpQuestion
from janetbank.messages import Language, phrase
from janetbank.messages import text as bank_says
from janetbank.policies.step_up import QUESTIONED, Guarded
from janetbank.profiles.profile import Profile
from janetbank.values.moment import in_japan
from janetbank.values.secret import Secret
from janetbank_adapters.cli.people import AppShows
from janetbank_adapters.cli.stage import Stage
from janetbank_adapters.cli.text import Text, length


@frozen
class ClockTurned:
    """Nobody waited: the clock stands at *at* now."""

    at: datetime
    code: ClassVar[str] = "tour.clock_turned"


@frozen
class MailDelivered:
    """*letters* have left the outbox for the Maildir, *subjects* among them."""

    letters: int
    subjects: tuple[str, ...]
    code: ClassVar[str] = "tour.mail_delivered"


@frozen
class ReportRead:
    """The acceptance report of a branch has these *lines*, by the names of its columns."""

    lines: tuple[Mapping[str, str], ...]
    code: ClassVar[str] = "tour.report_read"


@frozen(kw_only=True)
class Step:
    """Somebody *does* something: *act* is called once for each of *expects*, and returns one of that class.

    *holds* says what else is true of the last outcome; *shows* what of it deserves a line of its own.
    """

    does: Text
    act: Callable[[Stage], object]
    expects: tuple[type, ...]
    rows: tuple[str, ...]
    holds: Callable[[Stage, Any], bool] = lambda _on, _outcome: True
    shows: Callable[[Any, Language], str] = lambda _outcome, _lang: ""


@frozen
class Chapter:
    """Steps that tell one thing; none, and why, where the profile has no such thing."""

    title: Text
    steps: tuple[Step, ...]
    left_out: Text | None = None


def where(offered: bool, chapter: Callable[[], Chapter], why: Text) -> Chapter:  # noqa: FBT001 -- it reads as it is said
    """The *chapter* where the profile has what it is about, and otherwise *why* there is nothing to it."""
    return chapter() if offered else Chapter(why, (), why)


def says(outcome: object, lang: Language) -> str:
    """What the bank says to *outcome*; or the tour, to one of its own."""
    match outcome:
        case ClockTurned(at=at):
            there = f"{in_japan(at):%Y-%m-%d %H:%M}"
            return Text(f"時計は {there} です。", f"The clock stands at {there} in Japan.").said(lang)
        case MailDelivered(letters=letters):
            return Text(f"{letters}通のメールを配信しました。", delivered(letters)).said(lang)
        case AppShows(waiting=waiting):
            many = len(waiting)
            return Text(f"確認待ちの取引：{many}件", f"Waiting for an answer: {many}").said(lang)
        case ReportRead(lines=lines):
            many = len(lines)
            return Text(f"申込受付票：{many}件", f"Lines of the report: {many}").said(lang)
        case _:
            return bank_says(cast("Any", outcome), lang)


def delivered(letters: int) -> str:
    """So many letters, in English."""
    return "One letter has been delivered." if letters == 1 else f"{letters} letters have been delivered."


def turn_clock(span: timedelta) -> Step:
    """Nobody waits for *span*."""
    said = length(span)

    def turn(on: Stage) -> ClockTurned:
        on.clock.advance(span)
        return ClockTurned(on.clock.now())

    return Step(
        does=Text(f"時計の針を手で進める：{said.ja}後。", f"The clock is turned by hand: {said.en} later."),
        act=turn,
        expects=(ClockTurned,),
        rows=(),
    )


def short(profile: Profile, act: Guarded, step: Step) -> tuple[Step, ...]:
    """The *step* in which somebody is told what *act* takes besides his session; none, where it takes nothing."""
    if profile.confirms(act):
        return (evolve(step, expects=(ConfirmationNeeded,)),)
    return (step,) if profile.asks_questions else ()


def proof(profile: Profile, act: Guarded) -> tuple[Step, ...]:
    """Taro shows what *act* takes besides his session: his second password, or the answer to a question."""
    if profile.confirms(act):
        return second_password(profile)
    if act not in QUESTIONED or not profile.asks_questions:
        return ()
    return (
        Step(
            does=Text("追加認証を求める。", "He asks to be asked."),
            act=lambda on: on.taro.is_asked(),
            expects=(StepUpQuestion,),
            rows=("RBA-13", "AMB-26", "AMB-39"),
            shows=question,
        ),
        Step(
            does=Text("質問に答える。", "He answers."),
            act=lambda on: on.taro.steps_up(),
            expects=(SteppedUp,),
            rows=("RBA-07", "RBA-13", "AMB-39"),
        ),
    )


def at_a_new_device(profile: Profile, ja: str, en: str) -> tuple[Step, ...]:
    """He logs in on a device that the bank has not seen: first a question, where there are any, and then a code."""
    if not profile.asks_questions:
        step = Step(
            does=Text(
                f"{ja}質問はなく、コードを求められる。", f"{en}, and is asked for a code, for there are no questions."
            ),
            act=lambda on: on.taro.logs_in(login_id=on.second_login_id, seen_from=on.taro.outside),
            expects=(CodeAsked,),
            rows=("LGN-09", "AMB-40"),
        )
        return (step,)
    return (
        Step(
            does=Text(
                f"{ja}初めての端末なので、まず質問。", f"{en}; the bank has not seen it yet, so first a question."
            ),
            act=lambda on: on.taro.logs_in_by_app(on.second_login_id),
            expects=(QuestionAsked,),
            rows=("RBA-10",),
            shows=question,
        ),
        Step(
            does=Text("質問に答えると、コードを求められる。", "He answers, and is asked for a code."),
            act=lambda on: on.taro.answers(),
            expects=(CodeAsked,),
            rows=("LGN-09", "OTP-06"),
        ),
    )


def second_password(profile: Profile) -> tuple[Step, ...]:
    """Taro shows his confirmation password, where he has one."""
    if profile.confirmation is None:
        return ()
    return (
        Step(
            does=Text("確認用パスワードを入力する。", "He enters his confirmation password."),
            act=lambda on: on.taro.shows_confirmation(),
            expects=(Confirmed,),
            rows=("PRF-16", "CRD-15"),
        ),
    )


def question(outcome: Any, lang: Language) -> str:  # noqa: ANN401 -- both kinds of question
    """What was asked."""
    return phrase(outcome.question, lang)


def deliver(on: Stage) -> MailDelivered:
    """Dispatch until nothing is due, and look into the Maildir for what came of it to our two."""
    before = _ours(on)
    while on.dispatch_mail().sent:
        pass
    came = [letter for name, letter in _ours(on).items() if name not in before]
    in_order = sorted(came, key=lambda letter: (letter["Date"].datetime, letter["Subject"]))
    return MailDelivered(len(came), tuple(dict.fromkeys(letter["Subject"] for letter in in_order)))


def mailed_password(on: Stage) -> Secret:
    """The password that the last letter with one has in it."""
    letters = [one for one in _ours(on).values() if "メール通知パスワード" in one["Subject"]]
    body = max(letters, key=lambda letter: letter["Date"].datetime).get_body()
    assert body is not None
    return Secret(re.findall(r"(?<![0-9])[0-9]{6,12}(?![0-9])", str(body.get_content()))[0])


def _ours(on: Stage) -> dict[str, EmailMessage]:
    """The letters to our two in the Maildir, by the names of their files."""
    there = on.letters / "new"
    files = there.iterdir() if there.exists() else ()
    read = {file.name: message_from_bytes(file.read_bytes(), policy=policy.default) for file in files}
    mine = {
        address for actor in (on.taro, on.hanako) for address in (*actor.mails, actor.phone_mail, actor.new_phone_mail)
    }
    return {name: letter for name, letter in read.items() if letter["To"] in mine}
