"""Who may use which procedure online: the table of AMB-28, cell by cell."""

import pytest

from janetbank.policies.eligibility import EXCLUDED, Lack, OnlineProcedure, excluded

INDIVIDUAL, CARD, PHONE = Lack.INDIVIDUAL, Lack.CARDED_ORDINARY_ACCOUNT, Lack.USABLE_PHONE

# AMB-28, written out from the register and not from the code: procedure, and what each lack does to it.
CLOSED = {
    OnlineProcedure.APPLICATION: {INDIVIDUAL: True, CARD: True, PHONE: False},
    OnlineProcedure.PASSWORD_RESET: {INDIVIDUAL: True, CARD: True, PHONE: True},
    OnlineProcedure.QUESTIONS_RESET: {INDIVIDUAL: True, CARD: True, PHONE: True},
    OnlineProcedure.TOKEN_ISSUE: {INDIVIDUAL: False, CARD: False, PHONE: True},
    OnlineProcedure.TOKEN_REISSUE: {INDIVIDUAL: True, CARD: False, PHONE: True},
    OnlineProcedure.ACCOUNT_ADDITION: {INDIVIDUAL: True, CARD: False, PHONE: False},
    OnlineProcedure.ACCOUNT_DELETION: {INDIVIDUAL: True, CARD: False, PHONE: False},
    OnlineProcedure.CANCELLATION: {INDIVIDUAL: True, CARD: True, PHONE: False},
    OnlineProcedure.LOG_IN: {INDIVIDUAL: False, CARD: False, PHONE: True},  # ours: it takes a call
}


@pytest.mark.requirement("PRF-05", "ENR-18")
@pytest.mark.parametrize(("procedure", "lack"), [(one, lack) for one in OnlineProcedure for lack in Lack])
def test_each_lack_closes_what_the_register_says(procedure: OnlineProcedure, lack: Lack) -> None:
    """A lack closes exactly the procedures that AMB-28 names, and says that it was this lack."""
    assert excluded(procedure, {lack}) == ({lack} if CLOSED[procedure][lack] else frozenset())


def test_every_procedure_has_its_row() -> None:
    """No procedure is left out of the table."""
    assert set(EXCLUDED) == set(OnlineProcedure) == set(CLOSED)


def test_all_lacks_that_close_a_procedure_are_told() -> None:
    """Where several lacks close a procedure, all of them are named, and no other."""
    assert excluded(OnlineProcedure.APPLICATION, set(Lack)) == {INDIVIDUAL, CARD}
    assert excluded(OnlineProcedure.APPLICATION, ()) == frozenset()
