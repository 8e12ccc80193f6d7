"""Story: what happens on the tour, as a table of chapters.

A step is what somebody does and what the bank has to answer; where it answers otherwise, the bank or the story is
wrong, and the tour says so.  Numbers are the profile's.

Shape:  `chapters(profile)`, made of `scenes`; what the telephone and the token are for is in `token_story`, and what
        becomes of them where the telephone is lost in `reissue_story`; how whoever was blocked comes back in
        `recovery_story`, and is stopped and released behind the counter in `counter_story`.
Source: ENR-01..16, CRD-01..09, RBA-01..12, LGN-03, LCK-01..03, 16, MAL-01; AMB-26, 39.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from attrs import evolve

from janetbank.flows import audit
from janetbank.flows.audit import Damaged, EntryAltered, Intact
from janetbank.flows.change_login_id import LoginIdChanged
from janetbank.flows.change_password import PasswordChanged
from janetbank.flows.enrol import Begun, Done, Enrolled, Next, NotAccepted, Review
from janetbank.flows.log_in import CallAsked, LoggedIn, QuestionAsked
from janetbank.flows.log_out import LoggedOut
from janetbank.flows.phone_auth import Recognised, Started, Waiting
from janetbank.flows.refusals import Blocked, LockedOut, OutsideServiceHours, Refused, Rejected, StepUpNeeded
from janetbank.messages import Language, phrase
from janetbank.messages import text as bank_says
from janetbank.model.audit import Entry
from janetbank.model.contract import Contract, Counter
from janetbank.model.customer import Notice
from janetbank.model.events import LockedOut as LockedOutEvent
from janetbank.policies.admission import Operation
from janetbank.policies.eligibility import OnlineProcedure
from janetbank.policies.enrolment import Step as Due
from janetbank.policies.step_up import Guarded
from janetbank.ports.storage import Transaction
from janetbank.profiles.profile import Profile
from janetbank.values.account import AccountType
from janetbank.values.environment import Environment
from janetbank.values.secret import Secret
from janetbank_adapters.cli import (
    counter_story,
    days_story,
    first_use_story,
    money_story,
    recovery_story,
    reissue_story,
    token_story,
)
from janetbank_adapters.cli.people import Actor
from janetbank_adapters.cli.scenes import (
    Chapter,
    MailDelivered,
    Step,
    deliver,
    proof,
    question,
    second_password,
    short,
    turn_clock,
    where,
)
from janetbank_adapters.cli.stage import Stage
from janetbank_adapters.cli.text import Text, ordinal
from janetbank_adapters.storage.memory import MemoryStorage

CAFE = Environment(device=None, network="198.51.100.23", platform="ios")
WRONG_PIN = Secret("8265")
WRONG_PASSWORD = Secret("rain7+soil")
BIRTH_DATE_PASSWORD = Secret("taro19800102")
NEW_PASSWORD = Secret("tea+9lamp")
LONG_AFTER = timedelta(days=30)

_FOR_GOOD = Text("ロックアウトは時間では明けない。", "Left out: here the first lock is for good, and ends by no time.")


def chapters(profile: Profile) -> tuple[Chapter, ...]:
    """The whole story with the numbers of *profile*, and without the chapters that it does not have."""
    ends = profile.lockout(Counter.PASSWORD).rest is not None
    return (
        _applying() if profile.offers(Operation.ENROL) else _at_the_counter(),
        _logging_in(profile),
        where(ends, lambda: _locked_out(profile), _FOR_GOOD),
        _blocked(profile),
        where(ends, lambda: _unknown(profile), _FOR_GOOD),
        _changing(profile, _letters(profile)),
        *token_story.chapters(profile),
        reissue_story.chapter(profile),
        token_story.giving_up(profile),
        recovery_story.chapter(profile),
        counter_story.chapter(profile),
        money_story.chapter(profile),
        _auditing(),
        days_story.chapter(profile),
        *first_use_story.chapters(profile),
    )


def _letters(profile: Profile) -> int:
    """Taro: applied, locked out, password and login id changed, each to two addresses; Hanako: applied, each lock."""
    rule = profile.lockout(Counter.PASSWORD)
    return 2 * (3 if rule.rest is None else 4) + 1 + rule.lockouts_to_block


def _at_the_counter() -> Chapter:
    why = Text("オンライン申込みは、ここにはありません。", "Left out: nobody applies online here.")
    step = Step(
        does=Text("太郎さんは窓口で申し込む。", "Taro applies at the counter."),
        act=lambda on: on.taro.applies(),
        expects=(Enrolled,),
        rows=("ENR-39",),
    )
    return Chapter(Text("太郎さんが窓口で申し込む", "Taro applies at the counter"), (step,), why)


def _reviewed(outcome: Review, lang: Language) -> str:
    """The account as it is written on a card, the login id, the telephones; and what goes to each address."""
    branch, kind, number = outcome.account.split("-")
    lines = [" · ".join((f"{branch} {AccountType(kind).label} {number}", outcome.login_id, *outcome.phones))]
    for address in outcome.addresses:
        notices = (phrase(f"notice.{one.value}", lang) for one in Notice if one in address.notices)
        lines.append(" · ".join((str(address.mail), *notices)))
    return "\n".join(lines)


def _applying() -> Chapter:
    return Chapter(
        Text("太郎さんがオンラインで申し込む", "Taro applies online"),
        (
            Step(
                does=Text("自宅のパソコンから［新規申込み］を始める。", "At home he begins an application."),
                act=lambda on: on.taro.begins(),
                expects=(Begun,),
                rows=("ENR-01",),
            ),
            Step(
                does=Text("利用規定に同意する。", "He agrees to the terms of use."),
                act=lambda on: on.taro.agrees(),
                expects=(Next,),
                rows=("ENR-02",),
            ),
            Step(
                does=Text("都道府県とJAを選ぶ。", "He chooses the prefecture and the cooperative."),
                act=lambda on: on.taro.chooses_institution(),
                expects=(Next,),
                rows=("ENR-02", "LGN-01"),
                holds=_is_next(Due.HOLDER),
            ),
            Step(
                does=Text(
                    "支店番号・口座番号・生年月日は正しく、暗証番号を間違える。",
                    "Branch, account and birth date are right, the card's PIN is wrong.",
                ),
                act=lambda on: on.taro.proves(WRONG_PIN),
                expects=(NotAccepted,),
                rows=("ENR-03", "ENR-16", "CRD-18"),
            ),
            Step(
                does=Text("正しい暗証番号を入力する。", "He enters the right PIN."),
                act=lambda on: on.taro.proves(),
                expects=(Next,),
                rows=("ENR-03", "ENR-14", "ENR-15"),
                holds=_is_next(Due.CREDENTIALS),
            ),
            Step(
                does=Text(
                    "ログインID「ab123456」と、名前と生年月日のパスワードを登録しようとする。",
                    "He wants the login id ab123456, and his name and birth date as the password.",
                ),
                act=lambda on: on.taro.chooses("ab123456", BIRTH_DATE_PASSWORD),
                expects=(Rejected,),
                rows=("ENR-04", "CRD-03", "CRD-06"),
                holds=lambda _, outcome: _names_all_reasons(outcome),
            ),
            Step(
                does=Text(
                    "推測されにくいIDとパスワード、質問と回答3組を登録する。",
                    "He chooses what nobody guesses, and answers to three questions.",
                ),
                act=lambda on: on.taro.chooses(on.taro.login_id, on.taro.password),
                expects=(Next,),
                rows=("ENR-04", "ENR-05", "CRD-01", "CRD-05", "RBA-03"),
                holds=_is_next(Due.CUSTOMER),
            ),
            Step(
                does=Text("メールアドレスを2つ登録する。", "He gives two mail addresses."),
                act=lambda on: on.taro.gives_addresses(),
                expects=(Next,),
                rows=("ENR-06", "ENR-07", "MAL-01"),
                holds=_is_next(Due.REVIEW),
            ),
            Step(
                does=Text("登録内容を確認する。", "He looks at what will be registered."),
                act=lambda on: on.taro.reviews(),
                expects=(Review,),
                rows=("ENR-09", "PRF-09"),
                holds=lambda on, outcome: outcome.login_id == on.taro.login_id,
                shows=_reviewed,
            ),
            Step(
                does=Text("［登録を確定する］を押す。", "He confirms."),
                act=lambda on: on.taro.confirms(),
                expects=(Enrolled,),
                rows=("ENR-09", "HRS-08"),
            ),
            Step(
                does=Text(
                    "ワンタイムパスワードは「申請しない」を選ぶ。", "Asked for the one-time password, he declines."
                ),
                act=lambda on: on.taro.declines_otp(),
                expects=(Done,),
                rows=("ENR-10", "ENR-12"),
                holds=lambda _, outcome: not outcome.otp_wanted,
            ),
        ),
    )


def _logging_in(profile: Profile) -> Chapter:
    in_capitals = Refused if profile.login_id.case_sensitive else LoggedIn
    return Chapter(
        Text("ログインする", "He logs in"),
        (
            Step(
                does=Text("自宅から、IDを大文字で入力する。", "From home, his login id in capitals."),
                act=lambda on: on.taro.logs_in(login_id=on.taro.login_id.upper()),
                expects=(in_capitals,),
                rows=("LGN-03", "CRD-02"),
            ),
            Step(
                does=Text("IDの代わりに支店・科目・口座番号で。", "By branch, type and number of his account instead."),
                act=lambda on: on.taro.logs_in_by_account(),
                expects=(LoggedIn if profile.login_by_account else OutsideServiceHours,),
                rows=("LGN-03", "LGN-13"),
            ),
            *(_asked() if profile.asks_questions else _called(profile)),
            Step(
                does=Text("ログアウトする。", "He logs out."),
                act=lambda on: on.taro.logs_out(),
                expects=(LoggedOut,),
                rows=("LCK-15",),
            ),
        ),
    )


def _asked() -> tuple[Step, ...]:
    """From a strange place he is asked a question."""
    return (
        Step(
            does=Text("喫茶店で、見慣れない端末から。", "In a café, from a device that nobody has seen."),
            act=lambda on: on.taro.logs_in(seen_from=CAFE),
            expects=(QuestionAsked,),
            rows=("RBA-01", "RBA-10"),
            shows=question,
        ),
        Step(
            does=Text("答えを間違える。", "His answer is wrong."),
            act=lambda on: on.taro.answers(Secret("さあ")),
            expects=(Refused,),
            rows=("RBA-07", "LCK-10"),
        ),
        Step(
            does=Text(
                "易しい質問を期待してやり直しても、同じ質問。",
                "He starts again in the hope of an easier question: it is the same.",
            ),
            act=lambda on: on.taro.logs_in(seen_from=CAFE),
            expects=(QuestionAsked,),
            rows=("RBA-10", "AMB-26"),
            holds=lambda on, _: on.taro.asked[-1] == on.taro.asked[-2],
            shows=question,
        ),
        Step(
            does=Text("登録したとおりに答える。", "He answers as he registered."),
            act=lambda on: on.taro.answers(),
            expects=(LoggedIn,),
            rows=("RBA-07", "RBA-10", "LCK-11"),
        ),
    )


def _called(profile: Profile) -> tuple[Step, ...]:
    """From a strange place he is asked for a call, where no questions are asked."""
    return (
        Step(
            does=Text("喫茶店で、見慣れない端末から。", "In a café, from a device that nobody has seen."),
            act=lambda on: on.taro.logs_in(seen_from=CAFE),
            expects=(CallAsked,),
            rows=("RBA-01", "AMB-40"),
        ),
        Step(
            does=Text(
                "質問はない。かける先と番号が画面に出る。", "There are no questions; the screen says where to call."
            ),
            act=lambda on: on.taro.will_call_in(),
            expects=(Started,),
            rows=("TEL-11", "AMB-40"),
        ),
        Step(
            does=Text(
                "花子さんの電話からかけても、呼出音も鳴らない。",
                "He calls with Hanako's telephone: it does not even ring.",
            ),
            act=lambda on: on.taro.calls_in(on.hanako.line),
            expects=(Waiting,),
            rows=("TEL-01", "TEL-05"),
        ),
        Step(
            does=token_story.KEYED[profile.token.calls[OnlineProcedure.LOG_IN].mode][0],
            act=lambda on: on.taro.calls_in(),
            expects=(Recognised,),
            rows=("TEL-01", "AMB-40"),
        ),
        Step(
            does=Text("画面が次へ進む。", "The screen goes on."),
            act=lambda on: on.taro.is_called_in(),
            expects=(LoggedIn,),
            rows=("AMB-40",),
        ),
    )


def _locked_out(profile: Profile) -> Chapter:
    rule, rest = profile.lockout(Counter.PASSWORD), _rest(profile)
    minute = timedelta(minutes=1)
    return Chapter(
        Text("パスワードを忘れて、ロックアウトされる", "He forgets his password and is locked out"),
        (
            Step(
                does=Text(
                    f"間違ったパスワードを{rule.trips_at}回入力する。", f"He types {rule.trips_at} wrong passwords."
                ),
                act=lambda on: on.taro.logs_in(WRONG_PASSWORD),
                expects=_refused_then(LockedOut, rule.trips_at),
                rows=("LCK-01",),
                holds=_until(rest),
            ),
            Step(
                does=Text(
                    "正しいパスワードを思い出しても、同じ答え。照合もしない。",
                    "He remembers the right one: the same answer, and nothing is checked.",
                ),
                act=lambda on: on.taro.logs_in(),
                expects=(LockedOut,),
                rows=("LCK-01", "LCK-16"),
                holds=_until(rest),
            ),
            turn_clock(rest - minute),
            Step(
                does=Text("まだ早い。正しいパスワードでも入れない。", "Too early by a minute, even for the right one."),
                act=lambda on: on.taro.logs_in(),
                expects=(LockedOut,),
                rows=("LCK-01", "LCK-16"),
                holds=_until(minute),
            ),
            turn_clock(minute),
            Step(
                does=Text("正しいパスワードを入力する。", "Now the right one."),
                act=lambda on: on.taro.logs_in(),
                expects=(LoggedIn,),
                rows=("LCK-01", "LCK-02"),
            ),
        ),
    )


def _blocked(profile: Profile) -> Chapter:
    rule = profile.lockout(Counter.PASSWORD)
    tries = rule.trips_at

    def guesses(done: int, end: type) -> Step:
        first, last = done + 1, done + tries
        return Step(
            does=Text(
                f"他人が{first}〜{last}回目の推測をする。",
                f"Somebody guesses, for the {ordinal(first)} to {ordinal(last)} time.",
            ),
            act=lambda on: on.hanako.logs_in(WRONG_PASSWORD, seen_from=CAFE),
            expects=_refused_then(end, tries),
            rows=("LCK-01", "LCK-03"),
        )

    rounds = [
        step
        for one in range(rule.lockouts_to_block - 1)
        for step in (guesses(one * tries, LockedOut), turn_clock(_rest(profile)))
    ]
    return Chapter(
        Text("花子さんのIDが推測され、閉塞される", "Hanako is guessed at until she is blocked"),
        (
            Step(
                does=Text("花子さんが同じように申し込む。", "Hanako applies in the same way."),
                act=lambda on: on.hanako.applies(),
                expects=(Enrolled,),
                rows=("ENR-09",),
            ),
            *rounds,
            guesses(rule.guesses_to_block - tries, Blocked),
            Step(
                does=Text("花子さん本人の正しいパスワードでも入れない。", "Her own right password does not help."),
                act=lambda on: on.hanako.logs_in(),
                expects=(Blocked,),
                rows=("LCK-03", "LCK-16"),
            ),
            turn_clock(LONG_AFTER),
            Step(
                does=Text("時間がたっても入れない。", "Nor does time."),
                act=lambda on: on.hanako.logs_in(),
                expects=(Blocked,),
                rows=("LCK-03",),
            ),
        ),
    )


def _unknown(profile: Profile) -> Chapter:
    rule, rest = profile.lockout(Counter.PASSWORD), _rest(profile)
    return Chapter(
        Text("だれのものでもないログインID", "A login id that nobody has"),
        (
            Step(
                does=Text(
                    f"存在しないIDで{rule.trips_at}回試す。答えも手間も、太郎さんのときと同じ。",
                    f"{rule.trips_at} tries: the same answers and the same work as with Taro's.",
                ),
                act=lambda on: on.taro.logs_in(WRONG_PASSWORD, login_id=on.nobodys_login_id),
                expects=_refused_then(LockedOut, rule.trips_at),
                rows=("LCK-01", "LCK-16"),
                holds=_until(rest),
            ),
            turn_clock(rest),
            Step(
                does=Text("ロックアウトが明けて、もう一度。", "The lockout is over; once more."),
                act=lambda on: on.taro.logs_in(WRONG_PASSWORD, login_id=on.nobodys_login_id),
                expects=(Refused,),
                rows=("LCK-16",),
            ),
        ),
    )


def _changing(profile: Profile, letters: int) -> Chapter:
    return Chapter(
        Text("太郎さんがパスワードとIDを変える", "Taro changes his password and his login id"),
        (
            Step(
                does=Text("自宅からログインする。", "He logs in at home."),
                act=lambda on: on.taro.logs_in(),
                expects=(LoggedIn,),
                rows=("LGN-03",),
            ),
            *second_password(profile),
            Step(
                does=Text("パスワードを変える。", "He changes his password."),
                act=lambda on: on.taro.changes_password(NEW_PASSWORD),
                expects=(PasswordChanged,),
                rows=("CRD-05", "CRD-09"),
            ),
            *short(
                profile,
                Guarded.CUSTOMER_DATA,
                Step(
                    does=Text("ログインIDを変えようとする。", "He wants to change his login id."),
                    act=lambda on: on.taro.changes_login_id(on.second_login_id),
                    expects=(StepUpNeeded,),
                    rows=("AMB-39",),
                ),
            ),
            *proof(profile, Guarded.CUSTOMER_DATA),
            Step(
                does=Text("もう一度、ログインIDを変える。", "Once more he changes his login id."),
                act=lambda on: on.taro.changes_login_id(on.second_login_id),
                expects=(LoginIdChanged,),
                rows=("CRD-04", "AMB-39"),
            ),
            Step(
                does=Text("古いIDでは入れない。", "The old login id is nobody's now."),
                act=lambda on: on.taro.logs_in(),
                expects=(Refused,),
                rows=("AMB-39",),
            ),
            Step(
                does=Text("新しいIDと新しいパスワードで入る。", "With the new one, and the new password, he is in."),
                act=lambda on: on.taro.logs_in(login_id=on.second_login_id),
                expects=(LoggedIn,),
                rows=("LGN-03",),
            ),
            Step(
                does=Text(
                    "ここまでのお知らせをMaildirへ配信する。", "What the bank wrote meanwhile goes to the Maildir."
                ),
                act=deliver,
                expects=(MailDelivered,),
                rows=("MAL-01", "MAL-06", "LGN-04"),
                holds=lambda _, outcome: outcome.letters == letters,
                shows=lambda outcome, _: "\n".join(outcome.subjects),
            ),
        ),
    )


def _auditing() -> Chapter:
    return Chapter(
        Text("監査記録", "What was recorded"),
        (
            Step(
                does=Text(
                    "二人の記録の写しを取り、封印して検証する。",
                    "A copy of both customers' records is sealed and verified.",
                ),
                act=lambda on: _verified_copy(on, lambda entry: entry),
                expects=(Intact,),
                rows=("OPS-10",),
            ),
            Step(
                does=Text(
                    "別の写しで、太郎さんのロックアウトの記録を1件だけ書き換える。",
                    "In another copy, the one record of Taro's lockout is rewritten.",
                ),
                act=lambda on: _verified_copy(on, partial(_lockout_undone, on.taro)),
                expects=(Damaged,),
                rows=("OPS-10", "SUS-24"),
                holds=lambda _, outcome: [type(one) for one in outcome.findings] == [EntryAltered],
                shows=lambda outcome, lang: bank_says(outcome.findings[0], lang),
            ),
        ),
    )


def _rest(profile: Profile) -> timedelta:
    rest = profile.lockout(Counter.PASSWORD).rest
    assert rest is not None, "the story is of a bank whose first lock ends by itself"
    return rest


def _refused_then(end: type, tries: int) -> tuple[type, ...]:
    """*tries* outcomes, of which the last is *end*."""
    return (*[Refused] * (tries - 1), end)


def _is_next(due: Due) -> Callable[[Stage, Any], bool]:
    return lambda _, outcome: outcome.step is due


def _until(span: timedelta) -> Callable[[Stage, Any], bool]:
    return lambda on, outcome: outcome.until == on.clock.now() + span


def _names_all_reasons(outcome: Rejected) -> bool:
    told = {violation.code for violation in outcome.violations}
    return told >= {
        "login_id.guessable.sequence",
        "login_id.guessable.common",
        "password.guessable.birth_date",
        "password.guessable.name",
    }


def _verified_copy(on: Stage, change: Callable[[Entry], Entry]) -> object:
    """Copy what the store holds of our two into one in memory, *change* the entries there, seal and verify it."""
    platform = on.bank.platform
    whose = [actor.contract for actor in (on.taro, on.hanako) if actor.contract is not None]

    def read(tx: Transaction) -> list[tuple[Contract | None, list[Entry]]]:
        return [(tx.contracts.by_id(on.institution.id, one), list(tx.audit.chain(one.text))) for one in whose]

    originals = platform.transact(read)
    copy = evolve(platform, storage=MemoryStorage())

    def write(tx: Transaction) -> None:
        for contract, entries in originals:
            if contract is not None:
                tx.contracts.add(evolve(contract, version=0))
            tx.audit.append([change(entry) for entry in entries])

    copy.transact(write)
    audit.checkpoint(copy)
    return audit.verify(copy)


def _lockout_undone(actor: Actor, entry: Entry) -> Entry:
    """*entry*, rewritten if it tells of a lockout of *actor*."""
    if entry.kind != LockedOutEvent.__name__ or entry.chain != str(actor.contract):
        return entry
    return evolve(entry, data={**entry.data, "lockouts": 0})
