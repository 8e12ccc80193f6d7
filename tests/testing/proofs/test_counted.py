"""The proofs of what is counted in small: codes, forms and destinations; they hold, and find whatever is planted."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from types import ModuleType

import pytest
from attrs import evolve, frozen

from janetbank import profiles
from janetbank.policies.destinations import DestinationPool, Exhausted, Rental
from janetbank.policies.identity_form import FormTries, IdentityFormRules
from janetbank.policies.one_time_password import Accepted, OtpRules, OtpVerdict, Replayed, WrongCode
from janetbank.testing.explore import explore
from janetbank.testing.proofs import MachineOfProfile, destinations, identity_form, one_time_password
from janetbank.testing.proofs.destinations import DestinationsMachine
from janetbank.testing.proofs.identity_form import Act, FormMachine
from janetbank.testing.proofs.one_time_password import CodesMachine
from janetbank.values.phone import PhoneNumber
from janetbank.values.secret import Secret
from tests.testing.proofs.planted import laws, never, story_of

WINDOW = timedelta(seconds=300)


@pytest.mark.requirement("OTP-11", "PWR-11", "TEL-10")
@pytest.mark.parametrize(
    ("machine", "states", "outcomes"),
    [
        (CodesMachine(OtpRules()), 5, {"accepted", "replayed", "wrongcode", "later"}),
        (CodesMachine(OtpRules(window=0)), 3, {"accepted", "replayed", "wrongcode", "later"}),
        (
            FormMachine(profiles.JA.identity_form),
            16,
            {"counted", "counted, yesterday", "matched", "closed", "later"},
        ),
        (DestinationsMachine(WINDOW), 125, {"rented", "exhausted", "later"}),
    ],
    ids=["codes", "codes of the very step", "form", "destinations"],
)
def test_every_law_is_kept(machine: MachineOfProfile, states: int, outcomes: set[str]) -> None:
    """Every law holds in every order, and everything that can happen did."""
    report = explore(machine)
    assert report.proven, report.story
    assert report.states == states
    assert set(report.outcomes) == outcomes


@frozen(kw_only=True)
class Replays(OtpRules):
    """What was taken is taken again."""

    def verify(self, seed: bytes, code: Secret, now: datetime, *, after: int | None) -> OtpVerdict:
        """Forget it."""
        del after
        return super().verify(seed, code, now, after=None)


@frozen(kw_only=True)
class LastAlone(OtpRules):
    """Only the last one that was taken is told apart."""

    def verify(self, seed: bytes, code: Secret, now: datetime, *, after: int | None) -> OtpVerdict:
        """Forget that there were earlier ones."""
        verdict = super().verify(seed, code, now, after=None)
        return Replayed(verdict.step) if isinstance(verdict, Accepted) and verdict.step == after else verdict


@frozen(kw_only=True)
class WideWindow(OtpRules):
    """A step more either way."""

    def verify(self, seed: bytes, code: Secret, now: datetime, *, after: int | None) -> OtpVerdict:
        """Wider."""
        return OtpRules(window=self.window + 1).verify(seed, code, now, after=after)


@frozen(kw_only=True)
class PastAlone(OtpRules):
    """The present code is none yet."""

    def verify(self, seed: bytes, code: Secret, now: datetime, *, after: int | None) -> OtpVerdict:
        """Only in the next period."""
        verdict = super().verify(seed, code, now, after=after)
        present = isinstance(verdict, Accepted) and verdict.step == self.step_at(now)
        return WrongCode() if present else verdict


@frozen(kw_only=True)
class NeverClosed(IdentityFormRules):
    """The form is never closed."""

    def closed(self, tries: FormTries, now: datetime) -> datetime | None:
        """Never."""
        del tries, now
        return None


@frozen(kw_only=True)
class TwoDays(IdentityFormRules):
    """The count belongs to the day that a clock shows, whatever was counted later."""

    def counted(self, tries: FormTries, now: datetime) -> FormTries:
        """Begin anew whenever the day is another one."""
        today = now.date()
        return FormTries(today, tries.count + 1 if today == tries.day else 1)


@frozen(kw_only=True)
class OpensLater(IdentityFormRules):
    """Who is closed out is told another instant."""

    def closed(self, tries: FormTries, now: datetime) -> datetime | None:
        """An hour later."""
        until = super().closed(tries, now)
        return until and until + timedelta(hours=1)


@frozen(kw_only=True)
class NewDayCounts(IdentityFormRules):
    """A new day does not begin at nothing."""

    def closed(self, tries: FormTries, now: datetime) -> datetime | None:
        """As if all were of today."""
        return super().closed(evolve(tries, day=max(tries.day or date.min, now.date())), now)


@frozen
class Doubled(DestinationPool):
    """A number is rented that is rented."""

    def rent(self, rentals: Iterable[Rental], now: datetime, drawn: int) -> PhoneNumber | Exhausted:
        """Look at nothing."""
        del rentals
        return super().rent((), now, drawn)


@frozen
class FirstAlone(DestinationPool):
    """Only one number is ever rented."""

    def rent(self, rentals: Iterable[Rental], now: datetime, drawn: int) -> PhoneNumber | Exhausted:
        """The first."""
        return DestinationPool(self.numbers[:1]).rent(rentals, now, drawn)


CODES, FORM = CodesMachine(OtpRules()), FormMachine(profiles.JA.identity_form)


def form(kind: type[IdentityFormRules]) -> FormMachine:
    """The machine of a form with that fault."""
    return FormMachine(kind(mismatches=5, gaiji_until=None))


FAULTS: list[tuple[ModuleType, MachineOfProfile, str]] = [
    (one_time_password, CodesMachine(Replays()), one_time_password.ONCE),
    (one_time_password, CodesMachine(LastAlone()), one_time_password.ONCE),
    (one_time_password, CodesMachine(WideWindow()), one_time_password.NEAR),
    (one_time_password, CodesMachine(PastAlone()), one_time_password.FRESH_TAKEN),
    (one_time_password, never(CODES, one_time_password.WAIT), one_time_password.TIME_GIVES),
    (identity_form, form(NeverClosed), identity_form.NO_MORE),
    (identity_form, form(TwoDays), identity_form.NO_MORE),
    (identity_form, form(OpensLater), identity_form.OPEN_AGAIN),
    (identity_form, form(NewDayCounts), identity_form.OPEN_AGAIN),
    (identity_form, never(FORM, Act.DAY), identity_form.TIME_OPENS),
    (destinations, DestinationsMachine(WINDOW, Doubled), destinations.ONE_EACH),
    (destinations, DestinationsMachine(WINDOW, FirstAlone), destinations.NONE_WASTED),
    (destinations, never(DestinationsMachine(WINDOW), destinations.WAIT), destinations.TIME_FREES),
]


@pytest.mark.parametrize(("machine", "law"), [fault[1:] for fault in FAULTS])
def test_a_planted_fault_is_told(machine: MachineOfProfile, law: str) -> None:
    """Each fault ends in a story of the law that it breaks."""
    assert story_of(machine).law == law


@pytest.mark.parametrize("proof", [one_time_password, identity_form, destinations], ids=lambda proof: proof.__name__)
def test_every_law_has_a_fault(proof: ModuleType) -> None:
    """There is no law that nothing was ever found to break."""
    waiting = {vars(proof)["WAIT"]} if "WAIT" in vars(proof) else set[str]()
    assert {law for of, _, law in FAULTS if of is proof} == laws(proof) - waiting
