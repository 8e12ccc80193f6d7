"""Admission: the table of which operation is refused in which condition."""

from itertools import chain, combinations

import pytest

from janetbank.policies.admission import REFUSED_IN, Condition, Operation, obstacle

C = Condition
DOOR = {C.LEFT, C.SUSPENDED, C.PASSWORD_BLOCKED, C.ANSWER_BLOCKED, C.PASSWORD_LOCKED, C.ANSWER_LOCKED}
"""What stops the whole service: LCK-01, 03, 10, 11; CAN-07."""
CODE = {C.CODE_BLOCKED, C.CODE_LOCKED}
PAYMENT = {C.PAYMENT_BLOCKED, C.PAYMENT_LOCKED}
CONFIRMATION = {C.CONFIRMATION_BLOCKED, C.CONFIRMATION_LOCKED}
MAIL = {C.MAIL_PASSWORD_BLOCKED, C.MAIL_PASSWORD_LOCKED}
START_PASSWORD = {C.START_PASSWORD_BLOCKED, C.START_PASSWORD_LOCKED}
SUBSETS = [frozenset(some) for some in chain.from_iterable(combinations(C, size) for size in (*range(5), len(C)))]
"""None, up to four at once, and all of them: which one is told is decided between any two."""
FREE = {Operation.ENROL, Operation.LOG_OUT}
TAKES_CODES = {
    Operation.ENTER_CODE,
    Operation.USE_CODE,
    Operation.PROVE_PAYMENT,
    Operation.APPROVE,
    Operation.SET_UP_APP,
    Operation.BIOMETRICS,
}
"""What a token whose codes are locked cannot do any more (LCK-12); everything else goes on (LCK-15)."""


WAYS_OUT = {Operation.RESET_PASSWORD, Operation.RESET_QUESTIONS}
"""What leads out of a lock or block of password or answer (LCK-04, LCK-09), but not out of a suspension (AMB-29)."""


ASKS_THE_HOST = {
    Operation.INSTRUCT,
    Operation.PAY,
    Operation.PROVE_PAYMENT,
    Operation.PROVE_BY_MAIL,
    Operation.BALANCE,
    Operation.APPROVE,
    Operation.RESET_PASSWORD,
    Operation.RESET_QUESTIONS,
    Operation.CHANGE_ACCOUNTS,
    Operation.LEAVE,
}
"""What ends in an error at the host once a cancellation is accepted (CAN-08); statements are shown, and one logs in."""


def closes(operation: Operation, condition: Condition) -> bool:
    """What the sources say: written out here, and not read off the table."""
    if operation in FREE:
        return False
    if condition is C.LEAVING:
        return operation in ASKS_THE_HOST
    if operation in WAYS_OUT:
        return condition in {C.LEFT, C.SUSPENDED}
    if condition in DOOR:
        return True
    if condition in CONFIRMATION:
        return operation in {Operation.CONFIRM, Operation.OBTAIN_LOGIN_ID, Operation.REGISTER_CUSTOMER}
    if condition in MAIL:
        return operation is Operation.PROVE_BY_MAIL
    if condition in PAYMENT:
        return operation in {Operation.PAY, Operation.PROVE_PAYMENT}
    return operation in TAKES_CODES if condition in CODE else operation is Operation.SET_UP_APP


def test_the_table_is_whole() -> None:
    """Every operation has its row; a forgotten one would be a door without a lock."""
    assert REFUSED_IN.keys() == set(Operation)


@pytest.mark.requirement("LCK-01", "LCK-03", "LCK-04", "LCK-09", "LCK-10", "LCK-11", "LCK-12", "RBA-12", "CAN-08")
@pytest.mark.parametrize("condition", C)
@pytest.mark.parametrize("operation", Operation)
def test_each_cell(operation: Operation, condition: Condition) -> None:
    """Suspension, leaving and locks of password or answer stop the service, a token's locks codes, a bill's bills."""
    assert obstacle(operation, {condition}) == (condition if closes(operation, condition) else None)


ORDER = [
    C.LEFT,
    C.SUSPENDED,
    C.LEAVING,
    C.PASSWORD_BLOCKED,
    C.ANSWER_BLOCKED,
    C.CODE_BLOCKED,
    C.PAYMENT_BLOCKED,
    C.CONFIRMATION_BLOCKED,
    C.MAIL_PASSWORD_BLOCKED,
    C.START_PASSWORD_BLOCKED,
    C.PASSWORD_LOCKED,
    C.ANSWER_LOCKED,
    C.CODE_LOCKED,
    C.PAYMENT_LOCKED,
    C.CONFIRMATION_LOCKED,
    C.MAIL_PASSWORD_LOCKED,
    C.START_PASSWORD_LOCKED,
]
"""The hardest to get rid of first: a person, a procedure, a wait."""


@pytest.mark.requirement("LCK-15")
@pytest.mark.parametrize("operation", Operation)
def test_the_first_in_their_order_is_told(operation: Operation) -> None:
    """Of several conditions at once the one hardest to get rid of is told, whatever order they are handed in."""
    for conditions in SUBSETS:
        held = [one for one in ORDER if one in conditions]
        expected = next((one for one in held if closes(operation, one)), None)
        assert obstacle(operation, held) is expected
        assert obstacle(operation, held[::-1]) is expected


@pytest.mark.requirement("LCK-15")
@pytest.mark.parametrize("operation", Operation)
def test_a_condition_gone_leaves_the_others(operation: Operation) -> None:
    """The conditions are independent: to take one away never opens a door that another holds shut."""
    for conditions in SUBSETS:
        for gone in conditions:
            left = conditions - {gone}
            shut = any(closes(operation, one) for one in left)
            assert (obstacle(operation, left) is None) == (not shut)
