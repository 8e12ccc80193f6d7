"""Authority: each role against each act, written out from the sources and not read off the table."""

from itertools import chain, combinations

import pytest

from janetbank.policies.authority import CODES, MAY, Act, Part, Role, may

T, O, S, H = Role.TELLER, Role.OPERATOR, Role.SUPERVISOR, Role.HELP_DESK  # noqa: E741 -- one letter for each column

MAKES = {
    Act.LIST_CASES: {T, O, S, H},
    Act.ENQUIRE_CONTRACT: {O, S, H},  # SUS-05, SUS-18
    Act.ENQUIRE_HISTORY: {O, S, H},  # SUS-05, SUS-13
    Act.ENQUIRE_TRANSFERS: {O, S, H},  # SUS-04, SUS-29
    Act.REQUEST_AT_COUNTER: {T},  # SUS-04, SUS-16
    Act.REQUEST_BY_TELEPHONE: {H},  # SUS-17
    Act.SUSPEND: {O, H},  # SUS-08, SUS-30
    Act.REFUSE_SUSPENSION: {O, H},  # SUS-11
    Act.FORMALISE: {T},  # SUS-28
    Act.RELEASE_SUSPENSION: {O},  # SUS-01
    Act.RELEASE_BLOCK: {O},  # LCK-08, LCK-09
    Act.EXEMPT_FEE: {T, O},  # FEE-07, FEE-09
    Act.GIVE_PASSWORDS: {T, O},  # ENR-23: ours
    Act.INITIALISE_LOGIN_ID: {O},  # ENR-29: ours
    Act.CANCEL_CONTRACT: {T, O},  # CAN-01
    Act.TAKE_TOKEN_FORM: {T, O},  # OPS-12
}
CHECKS = {
    Act.SUSPEND: {S},  # SUS-10, SUS-32
    Act.RELEASE_SUSPENSION: {S},
    Act.RELEASE_BLOCK: {S},
    Act.EXEMPT_FEE: {S},
    Act.GIVE_PASSWORDS: {S},
    Act.CANCEL_CONTRACT: {S},
    Act.TAKE_TOKEN_FORM: {S},
}


@pytest.mark.requirement("OPS-08", "OPS-09", "OPS-10", "SUS-09")
@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("act", Act)
def test_each_role_may_do_what_the_sources_say(act: Act, role: Role) -> None:
    """As the maker of an act, and as its checker."""
    assert may({role}, act, Part.MAKER) == (role in MAKES[act])
    assert may({role}, act, Part.CHECKER) == (role in CHECKS.get(act, set()))


@pytest.mark.parametrize(("act", "part"), [(act, part) for act in Act for part in Part])
def test_several_roles_may_do_what_one_of_them_may(act: Act, part: Part) -> None:
    """No more and no less; whoever has no role may do nothing."""
    for roles in chain.from_iterable(combinations(Role, size) for size in range(len(Role) + 1)):
        assert may(roles, act, part) == any(may({role}, act, part) for role in roles)


@pytest.mark.requirement("OPS-08", "SUS-10")
def test_what_changes_a_contract_for_its_holder_has_a_checker() -> None:
    """A stop and whatever undoes one need two; enquiries, requests and forms do not."""
    assert {act for act, part in MAY if part is Part.CHECKER} == CHECKS.keys()
    assert {act for act, part in MAY if part is Part.MAKER} == set(Act)


@pytest.mark.requirement("OPS-09")
def test_who_checks_enters_nothing() -> None:
    """A supervisor looks, and decides about what others entered."""
    assert {act for act in Act if may({S}, act, Part.MAKER)} == {
        Act.LIST_CASES,
        Act.ENQUIRE_CONTRACT,
        Act.ENQUIRE_HISTORY,
        Act.ENQUIRE_TRANSFERS,
    }


@pytest.mark.requirement("OPS-06", "SUS-05", "FEE-07")
def test_the_codes_of_the_terminal() -> None:
    """0382 and 1195, 4087 and 1162 where the sources name them; every act has its row."""
    assert CODES.keys() == set(Act)
    assert {act: codes for act, codes in CODES.items() if codes} == {
        Act.ENQUIRE_CONTRACT: ("0382", "1195"),
        Act.ENQUIRE_HISTORY: ("4087",),
        Act.EXEMPT_FEE: ("1162",),
    }
