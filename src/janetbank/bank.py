"""NetBank: a bank's front door, made of a profile and the ports of the world.

    bank = NetBank(profiles.JA, storage=…, core=…, directory=…, keys=…, exchange=…, clock=…, entropy=…)

One attribute per procedure; each of its public methods is an operation that returns one member of a closed union.

Source: ARCHITECTURE "How it should feel to import".
"""

from collections.abc import Callable, Mapping
from typing import Any

from janetbank.flows.accounts import Accounts
from janetbank.flows.admit import Admit
from janetbank.flows.approve import Approve
from janetbank.flows.biometrics import Biometrics
from janetbank.flows.call_in import CallIn
from janetbank.flows.change_confirmation import ChangeConfirmation
from janetbank.flows.change_login_id import ChangeLoginId
from janetbank.flows.change_password import ChangePassword
from janetbank.flows.enquire import Enquire
from janetbank.flows.enrol import Enrol
from janetbank.flows.instruct import Instruct
from janetbank.flows.issue_token import IssueToken
from janetbank.flows.leave import Leave
from janetbank.flows.log_in import LogIn
from janetbank.flows.log_out import LogOut
from janetbank.flows.obtain_login_id import ObtainLoginId
from janetbank.flows.operators import Operators
from janetbank.flows.pay_bills import PayBills
from janetbank.flows.phone_auth import PhoneAuth
from janetbank.flows.phone_desk import PhoneDesk
from janetbank.flows.platform import Platform
from janetbank.flows.reissue_token import ReissueToken
from janetbank.flows.release import Release
from janetbank.flows.reset_password import ResetPassword
from janetbank.flows.reset_questions import ResetQuestions
from janetbank.flows.select_mail import SelectMail
from janetbank.flows.set_limits import SetLimits
from janetbank.flows.set_up_app import SetUpApp
from janetbank.flows.step_up import StepUp
from janetbank.flows.suspend import Suspend
from janetbank.flows.use_session import UseSession
from janetbank.flows.use_token import UseToken
from janetbank.flows.view_account import ViewAccount
from janetbank.ports.biometrics import Authenticators
from janetbank.ports.carriers import Carriers
from janetbank.ports.clock import Clock
from janetbank.ports.core_banking import CoreBanking
from janetbank.ports.directory import Directory
from janetbank.ports.entropy import Entropy
from janetbank.ports.keys import Keys
from janetbank.ports.storage import Storage
from janetbank.ports.telephony import Exchange
from janetbank.profiles.profile import Profile
from janetbank.vault import Vault

_WIRING = frozenset({"platform", "desk"})
BEHIND_THE_COUNTER = frozenset({"operators", "enquire", "suspend", "release", "admit"})
"""The procedures that are for operators."""


class NetBank:
    """The flows over one set of ports; it keeps no state, so any number of processes may each have one."""

    def __init__(
        self,
        profile: Profile,
        *,
        storage: Storage,
        core: CoreBanking,
        directory: Directory,
        keys: Keys,
        exchange: Exchange,
        clock: Clock,
        entropy: Entropy,
        biometrics: Authenticators | None = None,
        carriers: Carriers | None = None,
        hashes_at_once: int | None = None,
    ) -> None:
        """Wire them; without *biometrics* nobody logs in by finger or face, without *carriers* nobody is asked.

        *hashes_at_once*: how many Argon2id this process computes at one time, each of which takes a core and the memory
        that the profile says; as many as there are cores, unless it shares them with further processes.
        """
        self.platform = Platform(
            profile=profile,
            storage=storage,
            core=core,
            directory=directory,
            clock=clock,
            entropy=entropy,
            vault=Vault(keys=keys, entropy=entropy, cost=profile.hashing, at_once=hashes_at_once),
        )
        self.enrol = Enrol(self.platform)
        self.obtain_login_id = ObtainLoginId(self.platform)
        self.log_in = LogIn(self.platform)
        self.use_session = UseSession(self.platform)
        self.step_up = StepUp(self.platform)
        token = profile.token
        phone_auth = PhoneAuth(
            platform=self.platform,
            exchange=exchange,
            callers=token.callers,
            rules=token.calls,
            line_change=token.line_change,
            carriers=carriers,
        )
        self.desk = PhoneDesk(platform=self.platform, callers=token.callers)
        self.call_in = CallIn(platform=self.platform, phone_auth=phone_auth)
        self.issue_token = IssueToken(platform=self.platform, phone_auth=phone_auth)
        self.reissue_token = ReissueToken(platform=self.platform, phone_auth=phone_auth)
        self.reset_password = ResetPassword(platform=self.platform, phone_auth=phone_auth)
        self.reset_questions = ResetQuestions(platform=self.platform, phone_auth=phone_auth)
        self.set_up_app = SetUpApp(self.platform)
        self.use_token = UseToken(self.platform)
        self.instruct = Instruct(self.platform)
        self.pay_bills = PayBills(self.platform)
        self.limits = SetLimits(self.platform)
        self.select_mail = SelectMail(self.platform)
        self.view_account = ViewAccount(self.platform)
        self.approve = Approve(self.platform)
        self.biometrics = Biometrics(self.platform, biometrics)
        self.accounts = Accounts(self.platform)
        self.leave = Leave(self.platform)
        self.change_password = ChangePassword(self.platform)
        self.change_login_id = ChangeLoginId(self.platform)
        self.change_confirmation = ChangeConfirmation(self.platform)
        self.log_out = LogOut(self.platform)

        self.operators = Operators(self.platform)
        self.enquire = Enquire(self.platform)
        self.suspend = Suspend(self.platform)
        self.release = Release(self.platform)
        self.admit = Admit(self.platform)

    def operations(self) -> Mapping[str, Callable[..., Any]]:
        """Every public operation by its name ("log_in.answer", "log_out"), found by looking, not by a list."""
        return _found({name: flow for name, flow in vars(self).items() if name not in _WIRING | BEHIND_THE_COUNTER})

    def acts(self) -> Mapping[str, Callable[..., Any]]:
        """The same for those who work behind the counter ("suspend.enter")."""
        return _found({name: getattr(self, name) for name in sorted(BEHIND_THE_COUNTER)})


def _found(flows: Mapping[str, object]) -> Mapping[str, Callable[..., Any]]:
    found: dict[str, Callable[..., Any]] = {}
    for name, flow in flows.items():
        for act in dir(flow):
            if not act.startswith("_") and callable(method := getattr(flow, act)):
                found[f"{name}.{act}"] = method
        if callable(flow):
            found[name] = flow
    return found
