"""janetbank: a bank's front door as a library.

    from janetbank import NetBank, profiles

`NetBank` is the door, `profiles` the numbers of each bank, `messages` every answer as Japanese and English text,
`Secret` what passwords travel in.  Each is loaded when it is first asked for, so that importing the package costs
nothing, and no adapter and no extra is ever loaded by it.

Source: ARCHITECTURE "The rooms".
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from janetbank import messages, profiles
    from janetbank.bank import NetBank
    from janetbank.values.secret import Secret

__all__ = ["NetBank", "Secret", "__version__", "messages", "profiles"]

__version__ = "0.1.0"

_HOMES = {"NetBank": "janetbank.bank", "Secret": "janetbank.values.secret"}
_ROOMS = ("messages", "profiles")


def __getattr__(name: str) -> Any:  # noqa: ANN401 -- whatever bears the name
    if name in _ROOMS:
        return import_module(f"janetbank.{name}")
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)


def __dir__() -> list[str]:
    return sorted(__all__)
