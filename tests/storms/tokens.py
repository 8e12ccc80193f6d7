"""Tokens in a storm: what each of a crowd does with one code, with a code of his own, or with a telephone.

Each process has a bank of its own over the shared store.  The mutants lack one guard each: the step that was taken is
forgotten; guesses in flight are not counted; a call is decided on what was read before it queued.
"""

import os
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from attrs import evolve, field, frozen

from janetbank import profiles
from janetbank.flows.phone_desk import PhoneDesk
from janetbank.model.contract import Counter
from janetbank.model.phone_attempt import PhoneAttempt
from janetbank.policies.one_time_password import Accepted, OtpRules, OtpVerdict, Replayed
from janetbank.ports.storage import PhoneAttempts, Transaction
from janetbank.ports.telephony import CallAnswer, IncomingCall, Reject
from janetbank.profiles.profile import Profile
from janetbank.testing.bank import START, TestBank
from janetbank.values.caller import CallerAssurance, CallerIdentity, Presentation, Route
from janetbank.values.secret import Secret
from janetbank_adapters.keys.file import FileKeys
from janetbank_adapters.storage.sql import connect
from tests.storms.crowd import Act
from tests.storms.guessers import unguarded


@frozen(kw_only=True)
class Scene:
    """Where the storm rages, as a process can be told it."""

    url: str
    keys: Path
    now: datetime
    guarded: bool = True
    """False: the mutant, without the guard."""

    def bank(self, profile: Profile | None = None) -> TestBank:
        """The bank of a process of its own, at the scene's instant."""
        profile = profile or profiles.fast_for_tests(profiles.JA)
        bank = TestBank(profile, storage=connect(self.url), keys=FileKeys(self.keys), seed=os.getpid())
        bank.clock.advance(self.now - START)
        return bank


@frozen(kw_only=True)
class CodeScene(Scene):
    """Everybody is asked for a code, with a *challenge* each."""

    challenges: tuple[str, ...] = field(repr=False)
    code: str = field(repr=False)
    evaluated: Path


@frozen(kw_only=True)
class Forgetful(OtpRules):
    """The mutant: no step was ever taken."""

    def verify(self, seed: bytes, code: Secret, now: datetime, *, after: int | None) -> OtpVerdict:
        """Whether *code* is right, whatever was taken."""
        verdict = super().verify(seed, code, now, after=after)
        return Accepted(verdict.step) if isinstance(verdict, Replayed) else verdict


@frozen(kw_only=True)
class Noting(OtpRules):
    """Rules that write down each code before it is evaluated."""

    evaluated: Path

    def verify(self, seed: bytes, code: Secret, now: datetime, *, after: int | None) -> OtpVerdict:
        """Note, then verify."""
        line = os.open(self.evaluated, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.write(line, f"{code.reveal()}\n".encode())
        os.close(line)
        return super().verify(seed, code, now, after=after)


def _with_codes(profile: Profile, codes: OtpRules) -> Profile:
    return evolve(profile, token=evolve(profile.token, codes=codes))


def one_code(scene: CodeScene) -> Act:
    """Everybody enters the same right code."""
    profile = profiles.fast_for_tests(profiles.JA)
    bank = scene.bank(profile if scene.guarded else _with_codes(profile, Forgetful()))

    def act(place: int) -> str:
        return type(bank.net.log_in.enter_code(Secret(scene.challenges[place]), Secret(scene.code))).__name__

    return act


def wrong_codes(scene: CodeScene) -> Act:
    """Everybody enters a wrong code of his own."""
    profile = _with_codes(profiles.fast_for_tests(profiles.JA), Noting(evaluated=scene.evaluated))
    bank = scene.bank(profile if scene.guarded else unguarded(profile, Counter.CODE))

    def act(place: int) -> str:
        return type(bank.net.log_in.enter_code(Secret(scene.challenges[place]), Secret(f"wrong {place}"))).__name__

    return act


@frozen(kw_only=True)
class CallScene(Scene):
    """One attempt waits for a call on *route*."""

    attempt: str
    route: Route


@frozen
class _Before:
    """Phone attempts of which one is *seen* as it was, and written over as it is."""

    room: PhoneAttempts
    seen: PhoneAttempt

    def by_route(self, route: Route) -> PhoneAttempt | None:
        now = self.room.by_route(route)
        return None if now is None else evolve(self.seen, version=now.version)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 -- the rest is the room's own
        return getattr(self.room, name)


@frozen
class _Hasty:
    tx: Transaction
    phone_attempts: _Before

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 -- the rest is the transaction's own
        return getattr(self.tx, name)


@frozen(kw_only=True)
class HastyDesk(PhoneDesk):
    """The mutant: it decides on the attempt as it had *seen* it, before it queued (TRAPS "a value read before")."""

    seen: PhoneAttempt

    def _called(self, call: IncomingCall, came: Route, tx: Transaction) -> CallAnswer | None:
        hasty = _Hasty(tx, _Before(tx.phone_attempts, self.seen))
        return super()._called(call, came, cast("Transaction", hasty))


def calls(scene: CallScene) -> Act:
    """Everybody calls from the right telephone to the right number, each in a call of his own."""
    bank = scene.bank()
    desk = bank.net.desk
    if not scene.guarded:
        with bank.storage.transaction() as tx:
            seen = tx.phone_attempts.by_id(scene.attempt)
        assert seen is not None
        desk = HastyDesk(platform=desk.platform, callers=desk.callers, seen=seen)
    identity = CallerIdentity(
        number=scene.route.caller,
        presentation=Presentation.ALLOWED,
        assurance=CallerAssurance.CARRIER,
        from_abroad=False,
    )

    def act(place: int) -> str:
        call = IncomingCall(id=f"call-{place}", identity=identity, dialled=scene.route.destination, at=scene.now)
        told = desk.report_call(call)
        return told.why.value if isinstance(told, Reject) else type(told).__name__

    return act
