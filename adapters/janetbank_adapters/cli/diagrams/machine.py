"""A chart of a machine, from the table from (state, event) to state that the machine runs on.

Shape:  states and events are enumerations; `states` and `arrows` take their words, and the table; a *prefix* keeps the
        states of two machines on one sheet apart.
Errors: KeyError for a state or an event that has no words.
Source: STYLE "one file owns a whole machine", "diagrams are drawn from the table".
"""

from collections.abc import Mapping
from enum import Enum
from typing import TypeVar

from janetbank_adapters.cli.diagrams.chart import Arrow, State, Tone
from janetbank_adapters.cli.text import Text

_State = TypeVar("_State", bound=Enum)
_Event = TypeVar("_Event", bound=Enum)


def states(words: Mapping[_State, Text], tones: Mapping[_State, Tone], prefix: str = "") -> tuple[State, ...]:
    """A box for each state, in the order of *words*; plain where *tones* says nothing."""
    return tuple(State(f"{prefix}{one.value}", label, tone=tones.get(one, Tone.PLAIN)) for one, label in words.items())


def arrows(
    table: Mapping[tuple[_State, _Event], _State], words: Mapping[_Event, Text], prefix: str = ""
) -> tuple[Arrow, ...]:
    """An arrow for each cell of *table*."""
    return tuple(
        Arrow(f"{prefix}{state.value}", f"{prefix}{after.value}", words[event])
        for (state, event), after in table.items()
    )
