"""The documents say what the profiles say, cell by cell."""

import json

import pytest

from janetbank import profiles
from tests.profiles.deviations import CHECKS
from tests.profiles.documents import BANKS, DEVIATED, OURS, PROFILES, SCHEMA, cell
from tests.profiles.parameters import OPEN, PARAMETERS, Parameter


@pytest.mark.requirement("PRF-01", "PRF-06", "PRF-07", "PRF-10", "PRF-11", "PRF-12", "PRF-14", "PRF-15")
@pytest.mark.parametrize("bank", ["ja", "akita", "aomori"])
@pytest.mark.parametrize("parameter", PARAMETERS, ids=lambda one: one.name)
def test_each_cell_is_what_its_source_states(parameter: Parameter, bank: str) -> None:
    """A cell that a source states is that; a cell that none does is marked as ours."""
    sourced, says = parameter.sourced(bank), parameter.says(BANKS[bank])
    assert sourced in {None, says}
    assert cell(parameter, bank).endswith(OURS) is (sourced is None)


def test_the_table_is_whole() -> None:
    """No parameter stands twice, or both in a profile and outside of it."""
    names = [*(one.name for one in PARAMETERS), *OPEN]
    assert len(set(names)) == len(names)


def test_the_page_is_what_the_profiles_say() -> None:
    """docs/profiles.md is as it would be written anew: `python -m tests.profiles.documents`."""
    assert PROFILES.path.read_text(encoding="utf-8") == PROFILES.written()


def test_the_schema_is_what_the_profiles_say() -> None:
    """docs/profile.schema.json too: `python -m tests.profiles.documents`."""
    assert json.loads(SCHEMA.read_text(encoding="utf-8")) == profiles.schema()


# --- The checklist ----------------------------------------------------------------------------------------------------

DEVIATIONS = {
    "ja": {"C05", "C07", "C08", "C09", "C10", "C12", "C13", "C21", "C26", "C27", "C35", "C36"},
    "akita": {"C05", "C07", "C08", "C09", "C10", "C12", "C13", "C21", "C30", "C35", "C37"},
    "aomori": {"C05", "C07", "C08", "C09", "C12", "C13", "C21", "C26", "C27", "C28", "C30", "C35", "C36", "C37"},
    "modern": set[str](),
}


@pytest.mark.parametrize("bank", BANKS)
def test_each_profile_deviates_where_it_is_known_to(bank: str) -> None:
    """No number slips from a standard, or back to it, without somebody saying so here."""
    found = {one.id for one in CHECKS if one.meets is not None and not one.meets(BANKS[bank])}
    assert found == DEVIATIONS[bank]


def test_the_checklist_is_whole() -> None:
    """All forty rows, in their order, each with what is wanted and what makes up for it."""
    assert [one.id for one in CHECKS] == [f"C{number:02}" for number in range(1, 41)]
    assert all(one.wanted and one.instead for one in CHECKS)


def test_the_page_of_deviations_is_what_the_profiles_say() -> None:
    """docs/deviations.md is as it would be written anew: `python -m tests.profiles.documents`."""
    assert DEVIATED.path.read_text(encoding="utf-8") == DEVIATED.written()
