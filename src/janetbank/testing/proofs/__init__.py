"""Proofs: every machine of a profile, explored over the very policies that its bank runs on.

    for proof in proofs_of(profile):
        report = explore(proof.machine)          # janetbank.testing.explore
        assert report.proven, report.story

One module per machine: it says what may happen, what a witness would note, and which laws hold; `MACHINES` names them.
Whoever adds a machine adds a module with a function from a profile to what its machines are about, and its name here.
Machines that are equal (two profiles with the same rule) need to be explored once.

Shape:  `proofs_of(profile) -> tuple[Proof, …]`; machines are hashable and can be sent to another process.
Source: ARCHITECTURE ideas 1 and 3; docs/proofs.md.
"""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any

from attrs import frozen

from janetbank.profiles.profile import Profile
from janetbank.testing.explore import Machine
from janetbank.testing.proofs import (
    approval,
    destinations,
    dual_control,
    identity_form,
    instruction,
    life,
    lockout,
    mail_password,
    one_time_password,
    phone_auth,
    procedures,
    suspension,
    token,
)

MachineOfProfile = Machine[Any, Any]
"""Of whatever states and events."""

MACHINES: Mapping[str, Callable[[Profile], Iterable[tuple[str, MachineOfProfile]]]] = MappingProxyType(
    {
        "lockout": lockout.machines,
        "identity-form": identity_form.machines,
        "codes": one_time_password.machines,
        "phone-call": phone_auth.machines,
        "phone-attempts": phone_auth.rows,
        "destinations": destinations.machines,
        "token": token.machines,
        "approval": approval.machines,
        "mail-password": mail_password.machines,
        "instruction": instruction.machines,
        "procedure": procedures.machines,
        "dual-control": dual_control.machines,
        "suspension": suspension.machines,
        "contract": life.contracts,
        "account": life.accounts,
    }
)
"""By name, what of a profile is proved, and the machine of it."""


@frozen
class Proof:
    """That the laws of *machine*, one of the `MACHINES` called *name*, hold for *subject* of the profile *of*."""

    name: str
    of: str
    subject: str
    machine: MachineOfProfile


def proofs_of(profile: Profile) -> tuple[Proof, ...]:
    """Everything that is to be proved of *profile*."""
    return tuple(
        Proof(name, profile.name, subject, machine)
        for name, machines in MACHINES.items()
        for subject, machine in machines(profile)
    )
