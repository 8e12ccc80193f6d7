"""Counter story: the chapter of the tour in which a customer has her contract stopped, and two people let it go again.

It follows the chapter in which whoever was blocked comes back.  Where nothing is reset online she is blocked still, and
the block is released behind the counter, too.

Shape:  `chapter(profile)`, as in `story`.
Source: SUS-01..05, SUS-08, SUS-10, SUS-17..22, SUS-25, SUS-28, SUS-30, SUS-32, LCK-04, OPS-08, OPS-09, MAL-13, MAL-14,
        TXA-09; AMB-17, AMB-29.
"""

from collections.abc import Collection
from typing import Any

from janetbank.flows.enquire import ContractStanding, History
from janetbank.flows.entry import PasswordChangeNeeded
from janetbank.flows.log_in import LoggedIn
from janetbank.flows.operating import OwnCase
from janetbank.flows.operators import NewOperator, NewPasswordNeeded, Registered, SignedIn, register
from janetbank.flows.refusals import Blocked, Rejected, Suspended
from janetbank.flows.release import Done, FromBlock, FromSuspension, Proposed
from janetbank.flows.suspend import (
    ContractSuspended,
    NotIdentified,
    SuspensionChecked,
    SuspensionFormalised,
    SuspensionRequested,
    Unexplained,
)
from janetbank.messages import Language, phrase
from janetbank.model.case import CaseKind
from janetbank.policies.authority import Role
from janetbank.policies.releases import Block
from janetbank.policies.suspension import PAPERS, TO_EXPLAIN, Cause, Explanation, Finding, Heard, Route
from janetbank.profiles.profile import Profile
from janetbank.values.paper import Paper
from janetbank.values.person import KanaName
from janetbank.values.secret import Secret
from janetbank_adapters.cli import recovery_story
from janetbank_adapters.cli.people import suited
from janetbank_adapters.cli.scenes import Chapter, ClockTurned, MailDelivered, Step, deliver
from janetbank_adapters.cli.stage import BRANCH, Stage
from janetbank_adapters.cli.text import Text

STRANGER = "ヨシダハルコ"
SUSPENDED, RELEASED = phrase("letter.suspended.subject"), phrase("letter.suspension_released.subject")
_GIVEN, _OWN = Secret("given#out#by#the#bank"), Secret("chosen#alone#27#lamps")
_STAFF: dict[str, tuple[str, Role, str | None]] = {
    "mori": ("E-5", Role.HELP_DESK, None),
    "kudo": ("E-1", Role.TELLER, BRANCH),
    "tanaka": ("E-2", Role.OPERATOR, None),
    "tanaka-2": ("E-2", Role.SUPERVISOR, None),
    "sato": ("E-3", Role.SUPERVISOR, None),
}
"""Accounts, with whose they are: Tanaka has two."""
_CLEAN = FromSuspension(paper=Paper.IB_3, finding=Finding.NO_ILLICIT_ACCESS, note=True)
_UNEXAMINED = FromSuspension(paper=Paper.IB_3, finding=Finding.NOT_EXAMINED, note=True)
_BLOCK = FromBlock(block=Block.PASSWORD_BLOCK, paper=Paper.IB_3, finding=Finding.NO_ILLICIT_ACCESS)


def chapter(profile: Profile) -> Chapter:
    """From her call to the help desk to her new password."""
    known = recovery_story.new_password(profile) if recovery_story.offered(profile) else None
    return Chapter(
        Text("花子さんが利用停止を頼み、解除される", "Hanako has her contract stopped, and released"),
        (*_asking(), *_stopping(known), *_releasing(), *_back(profile, known)),
    )


def _asking() -> tuple[Step, ...]:
    return (
        Step(
            does=Text(
                "花子さんを名乗る人が全国ヘルプデスクに電話する。氏名が一致しない。",
                "Somebody calls the national help desk as Hanako; the name is not hers, and no former one either.",
            ),
            act=lambda on: _asks(on, TO_EXPLAIN[Route.HELP_DESK], name=STRANGER),
            expects=(NotIdentified,),
            rows=("SUS-17", "SUS-18", "SUS-19", "SUS-20", "SUS-21"),
        ),
        Step(
            does=Text(
                "花子さん本人が電話する。担当者は、まだすべてを説明していない。",
                "Hanako herself calls; the help desk has not explained everything yet.",
            ),
            act=lambda on: _asks(on, TO_EXPLAIN[Route.HELP_DESK][:6]),
            expects=(Unexplained,),
            rows=("SUS-22", "SUS-25", "SUS-28"),
            shows=_missing,
        ),
        Step(
            does=Text("すべて説明し、受付票を起こす。", "Now she has been told everything; a slip is filled in."),
            act=lambda on: _asks(on, TO_EXPLAIN[Route.HELP_DESK]),
            expects=(SuspensionRequested,),
            rows=("SUS-17", "SUS-19", "SUS-28", "OPS-07"),
        ),
    )


def _stopping(known: Secret | None) -> tuple[Step, ...]:
    return (
        Step(
            does=Text(
                "オペレータの田中さんが取引停止を入力する。この瞬間から有効。",
                "Tanaka, an operator, enters the stop: it counts from this instant.",
            ),
            act=lambda on: on.bank.suspend.enter(_by(on, "tanaka"), _case(on, CaseKind.SUSPENSION)),
            expects=(ContractSuspended,),
            rows=("SUS-08", "SUS-30", "AMB-17"),
        ),
        Step(
            does=Text("花子さんはもうログインできない。", "Hanako cannot log in any more."),
            act=lambda on: on.hanako.logs_in(known),
            expects=(Suspended,),
            rows=("SUS-25", "LCK-15"),
        ),
        Step(
            does=Text(
                "田中さんは自分で検印しようとする。検印者の権限を持つ別のIDでも、同じ人。",
                "Tanaka wants to check it as well, by a second account that may: it is the same person.",
            ),
            act=lambda on: on.bank.suspend.check(_by(on, "tanaka-2"), _case(on, CaseKind.SUSPENSION)),
            expects=(OwnCase,),
            rows=("SUS-10", "SUS-32", "OPS-09"),
        ),
        Step(
            does=Text("佐藤さんが受付票と照合し、検印する。", "Sato compares it with the slip, and checks it."),
            act=lambda on: on.bank.suspend.check(_by(on, "sato"), _case(on, CaseKind.SUSPENSION)),
            expects=(SuspensionChecked,),
            rows=("SUS-10", "SUS-31", "SUS-32"),
        ),
        Step(
            does=Text("同じ日に、停止の結果がメールで届く。", "On the same day she is told of it by mail."),
            act=deliver,
            expects=(MailDelivered,),
            rows=("MAL-13", "MAL-14", "SUS-12"),
            holds=lambda _, outcome: any(SUSPENDED in subject for subject in outcome.subjects),
            shows=lambda outcome, _: "\n".join(outcome.subjects),
        ),
        Step(
            does=Text("翌営業日になる。", "The next business day."),
            act=_next_business_day,
            expects=(ClockTurned,),
            rows=("SUS-28",),
        ),
        Step(
            does=Text(
                "花子さんは代表口座の店舗で正式な書面（IB-1）を出す。",
                "At her branch Hanako hands in the form that had to follow, IB-1.",
            ),
            act=lambda on: on.bank.suspend.formalise(_by(on, "kudo"), _case(on, CaseKind.SUSPENSION), paper=Paper.IB_1),
            expects=(SuspensionFormalised,),
            rows=("SUS-28", "OPS-07"),
        ),
    )


def _releasing() -> tuple[Step, ...]:
    return (
        Step(
            does=Text(
                "解除の申込書（IB-3）も出す。履歴を調べる前には、解除を申請できない。",
                "She hands in IB-3, to be released: nobody proposes that before the history has been searched.",
            ),
            act=lambda on: on.bank.release.propose(_by(on, "tanaka"), on.hanako.account, _UNEXAMINED),
            expects=(Rejected,),
            rows=("SUS-01", "SUS-02"),
        ),
        Step(
            does=Text("田中さんが履歴を照会する。不正アクセスはない。", "Tanaka searches it: no illicit access."),
            act=lambda on: on.bank.enquire.history(_by(on, "tanaka"), on.hanako.account),
            expects=(History,),
            rows=("SUS-01", "SUS-05", "OPS-06"),
        ),
        Step(
            does=Text("田中さんが取引停止解除を申請する。", "Tanaka proposes the release."),
            act=lambda on: on.bank.release.propose(_by(on, "tanaka"), on.hanako.account, _CLEAN),
            expects=(Proposed,),
            rows=("SUS-01", "SUS-02", "OPS-08"),
        ),
        Step(
            does=Text("田中さんは、別のIDでも承認できない。", "Tanaka cannot approve it, by whatever account."),
            act=lambda on: _approved(on, "tanaka-2", CaseKind.SUSPENSION_RELEASE),
            expects=(OwnCase,),
            rows=("SUS-10", "AMB-17"),
        ),
        Step(
            does=Text("佐藤さんが承認する。", "Sato approves it."),
            act=lambda on: _approved(on, "sato", CaseKind.SUSPENSION_RELEASE),
            expects=(Done,),
            rows=("SUS-01", "SUS-10", "AMB-17"),
        ),
    )


def _back(profile: Profile, known: Secret | None) -> tuple[Step, ...]:
    new = suited(profile.password, Secret("moss4+stone"))
    still = (
        Step(
            does=Text(
                "停止は解けたが、取引閉塞はそのまま残っている。",
                "She is stopped no more, and still blocked: the one has nothing to do with the other.",
            ),
            act=lambda on: on.hanako.logs_in(),
            expects=(Blocked,),
            rows=("LCK-03", "LCK-15"),
        ),
        Step(
            does=Text(
                "取引閉塞も、書面と二人の手で解除する。", "The block, too, is released by a form and by two people."
            ),
            act=_unblocked,
            expects=(Done,),
            rows=("LCK-04", "OPS-08"),
        ),
    )
    return (
        *(still if known is None else ()),
        Step(
            does=Text(
                "花子さんがログインすると、まず新しいパスワードの設定を求められる。",
                "Hanako logs in, and is asked for a new password before anything else.",
            ),
            act=lambda on: on.hanako.logs_in(known),
            expects=(PasswordChangeNeeded,),
            rows=("SUS-03",),
        ),
        Step(
            does=Text("新しいパスワードを決めて、入る。", "She chooses one, and is in."),
            act=lambda on: on.hanako.chooses_password(new),
            expects=(LoggedIn,),
            rows=("SUS-03", "CRD-09"),
        ),
        Step(
            does=Text(
                "解除の知らせが届く。取引認証の利用も勧められている。",
                "Word of the release arrives; it recommends approving transfers in the app.",
            ),
            act=deliver,
            expects=(MailDelivered,),
            rows=("SUS-03", "TXA-09", "MAL-13"),
            holds=lambda _, outcome: any(RELEASED in subject for subject in outcome.subjects),
            shows=lambda outcome, _: "\n".join(outcome.subjects),
        ),
    )


def _unblocked(on: Stage) -> object:
    """The release of the block, proposed and approved."""
    told = on.bank.release.propose(_by(on, "tanaka"), on.hanako.account, _BLOCK)
    return _approved(on, "sato", CaseKind.BLOCK_RELEASE) if isinstance(told, Proposed) else told


# --- Behind the counter -----------------------------------------------------------------------------------------------


def _asks(on: Stage, explained: Collection[Explanation], name: str | None = None) -> object:
    heard = Heard(
        name=KanaName(name or on.hanako.person.kana),
        former_name=None if name is None else KanaName(name),
        account=on.hanako.account,
    )
    return on.bank.suspend.request(
        _by(on, "mori"),
        route=Route.HELP_DESK,
        heard=heard,
        cause=Cause.ILLICIT_ACCESS,
        paper=PAPERS[Route.HELP_DESK],
        explained=explained,
    )


def _case(on: Stage, kind: CaseKind) -> str:
    """The latest case of its *kind* that Tanaka finds with the contract."""
    standing = on.bank.enquire.contract(_by(on, "tanaka"), on.hanako.account)
    assert isinstance(standing, ContractStanding), standing
    return [one.id for one in standing.cases if one.kind is kind][-1]


def _approved(on: Stage, name: str, kind: CaseKind) -> object:
    return on.bank.release.approve(_by(on, name), _case(on, kind))


def _next_business_day(on: Stage) -> ClockTurned:
    on.come(on.profile.calendar.next_business_day(on.today()))
    return ClockTurned(on.clock.now())


def _by(on: Stage, name: str) -> Secret:
    """A session of somebody behind the counter, who is hired when he is first wanted."""
    person, role, branch = _STAFF[name]
    operator = f"{name}-{on.hanako.login_id}"  # the store may have been toured before
    new = NewOperator(operator=operator, person=person, full_name=name, roles=[role], branch=branch)
    if isinstance(register(on.bank.platform, on.institution.id, new, _GIVEN), Registered):
        given = on.bank.operators.sign_in(on.institution.id, operator, _GIVEN)
        assert isinstance(given, NewPasswordNeeded), given
        on.bank.operators.change_password(given.session, current=_GIVEN, new=_OWN, again=_OWN)
    signed_in = on.bank.operators.sign_in(on.institution.id, operator, _OWN)
    assert isinstance(signed_in, SignedIn), signed_in
    return signed_in.session


def _missing(outcome: Any, lang: Language) -> str:  # noqa: ANN401 -- `Unexplained`, as the step expects
    return "\n".join(phrase(f"explanation.{one.value}", lang) for one in outcome.missing)
