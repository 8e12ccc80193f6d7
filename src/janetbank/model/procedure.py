"""Procedure: every kind of procedure in progress; what a store keeps of them.

Shape:  a union of frozen classes with `key`, `id`, `expires_at`, `chain` and `version`.  A store tells them apart by
        their `kind`: the name of the class, in small letters.
Source: ARCHITECTURE "A procedure".
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import get_args

from janetbank.model.enrolment import Enrolment
from janetbank.model.recovery import Recovery
from janetbank.model.reissue import Reissue

Procedure = Enrolment | Recovery | Reissue

KINDS: Mapping[str, type[Procedure]] = MappingProxyType({one.__name__.lower(): one for one in get_args(Procedure)})


def kind_of(procedure: Procedure) -> str:
    """The kind of *procedure*, which is one of `KINDS`."""
    return type(procedure).__name__.lower()
