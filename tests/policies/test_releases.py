"""Releases: each block against everything that might end it, written out from the sources (requirements, part 5)."""

from itertools import chain, combinations

import pytest

from janetbank.policies.releases import WAYS, Block, Release, releases, way_out

B, R = Block, Release

ENDED_BY = {
    B.PASSWORD_LOCK: {R.TIME, R.PASSWORD_RESET},  # LCK-01; PWR-14
    B.PASSWORD_BLOCK: {R.PASSWORD_RESET, R.CANCEL_AND_REAPPLY, R.BRANCH_FORM},  # LCK-04
    B.ANSWER_LOCK: {R.TIME, R.ANSWERS_RESET},  # LCK-10; RBR-09
    B.ANSWER_BLOCK: {R.ANSWERS_RESET, R.BRANCH_FORM},  # LCK-09, AMB-6
    B.PAYMENT_LOCK: {R.TIME},  # LCK-05
    B.PAYMENT_BLOCK: {R.BRANCH_TERMINAL},  # LCK-08
    B.CONFIRMATION_LOCK: {R.TIME},  # ours, as the password's (PRF-16)
    B.CONFIRMATION_BLOCK: {R.BRANCH_FORM},
    B.MAIL_PASSWORD_LOCK: {R.TIME},  # ours, likewise (PRF-17)
    B.MAIL_PASSWORD_BLOCK: {R.BRANCH_FORM},
    B.CODE_LOCK: {R.TIME, R.TOKEN_REISSUE, R.TOKEN_AT_BRANCH},  # ours, where a bank lets them rest (C05)
    B.CODE_BLOCK: {R.TOKEN_REISSUE, R.TOKEN_AT_BRANCH},  # LCK-12, part 5
    B.START_PASSWORD_LOCK: {R.TIME, R.TOKEN_REISSUE, R.TOKEN_AT_BRANCH},  # ours, likewise
    B.START_PASSWORD_BLOCK: {R.TOKEN_REISSUE, R.TOKEN_AT_BRANCH},  # APP-23, part 5
    B.CARD_FREEZE: {R.CARD_AT_BRANCH},  # LCK-13
    B.FORM_CLOSED: {R.NEXT_DAY},  # PWR-11
    B.SUSPENSION: {R.CANCEL_AND_REAPPLY, R.SUSPENSION_RELEASE},  # SUS-01, AMB-29
}
ONLINE = {R.PASSWORD_RESET, R.ANSWERS_RESET, R.TOKEN_REISSUE}
EVERYBODYS = {
    R.TIME, R.NEXT_DAY, R.BRANCH_FORM, R.BRANCH_TERMINAL, R.TOKEN_AT_BRANCH, R.CARD_AT_BRANCH, R.SUSPENSION_RELEASE,
}  # fmt: skip


@pytest.mark.requirement("LCK-03", "LCK-04", "LCK-08", "LCK-09", "LCK-12", "LCK-13", "LCK-15", "SUS-01")
@pytest.mark.parametrize(("block", "release"), [(block, release) for block in Block for release in Release])
def test_each_block_is_ended_by_its_own_procedures_alone(block: Block, release: Release) -> None:
    """What the sources name ends it; nothing else does, however right it is for another block."""
    assert releases(release, block) == (release in ENDED_BY[block])


def test_every_block_has_its_row() -> None:
    """A block without a row would have no way out; a way that is named twice would be one too many."""
    assert WAYS.keys() == set(Block) == ENDED_BY.keys()
    for row in WAYS.values():
        assert len(set(row)) == len(row) > 0


@pytest.mark.requirement("LCK-03", "LCK-16")
@pytest.mark.parametrize("block", Block)
def test_neither_a_right_entry_nor_a_change_of_password_ends_anything(block: Block) -> None:
    """While something is in the way no secret is looked at, so no right one can end it."""
    assert not releases(R.RIGHT_ENTRY, block)
    assert not releases(R.PASSWORD_CHANGE, block)


@pytest.mark.requirement("LCK-03")
def test_time_ends_locks_and_the_day_of_the_form_alone() -> None:
    """A block, a freeze and a suspension last for ever if nobody ends them."""
    waited = {block for block in Block if releases(R.TIME, block) or releases(R.NEXT_DAY, block)}
    assert waited == {
        *(B.PASSWORD_LOCK, B.ANSWER_LOCK, B.PAYMENT_LOCK, B.CONFIRMATION_LOCK, B.MAIL_PASSWORD_LOCK),
        *(B.CODE_LOCK, B.START_PASSWORD_LOCK, B.FORM_CLOSED),
    }


@pytest.mark.requirement("LCK-08", "LCK-13")
def test_what_has_no_online_way() -> None:
    """Payment numbers, the second password, the card and a suspension are never released online (AMB-29)."""
    without = {block for block in Block if not ONLINE & set(WAYS[block])}
    assert without == {
        *(B.PAYMENT_LOCK, B.PAYMENT_BLOCK, B.CONFIRMATION_LOCK, B.CONFIRMATION_BLOCK),
        *(B.MAIL_PASSWORD_LOCK, B.MAIL_PASSWORD_BLOCK),
        *(B.CARD_FREEZE, B.FORM_CLOSED, B.SUSPENSION),
    }


TOLD = [
    (B.PASSWORD_BLOCK, (), R.PASSWORD_RESET),
    (B.PASSWORD_BLOCK, (R.PASSWORD_RESET,), R.CANCEL_AND_REAPPLY),
    (B.PASSWORD_BLOCK, (R.PASSWORD_RESET, R.CANCEL_AND_REAPPLY), R.BRANCH_FORM),
    (B.ANSWER_BLOCK, (), R.ANSWERS_RESET),
    (B.ANSWER_BLOCK, (R.ANSWERS_RESET, R.CANCEL_AND_REAPPLY), R.BRANCH_FORM),
    (B.PAYMENT_BLOCK, (), R.BRANCH_TERMINAL),
    (B.CODE_BLOCK, (), R.TOKEN_REISSUE),
    (B.CODE_BLOCK, (R.TOKEN_REISSUE,), R.TOKEN_AT_BRANCH),
    (B.START_PASSWORD_BLOCK, (R.TOKEN_REISSUE,), R.TOKEN_AT_BRANCH),
    (B.CARD_FREEZE, (), R.CARD_AT_BRANCH),
    (B.FORM_CLOSED, (), R.NEXT_DAY),
    (B.SUSPENSION, (), R.CANCEL_AND_REAPPLY),
    (B.SUSPENSION, (R.CANCEL_AND_REAPPLY,), R.SUSPENSION_RELEASE),
    (B.PASSWORD_LOCK, (R.PASSWORD_RESET,), R.TIME),
    (B.ANSWER_LOCK, (), R.TIME),
    (B.PAYMENT_LOCK, (), R.TIME),
]


@pytest.mark.requirement("LCK-04", "LCK-09", "LCK-12", "LCK-13", "SUS-01", "CAN-10")
@pytest.mark.parametrize(("block", "closed", "told"), TOLD)
def test_a_customer_is_told_the_first_way_that_is_open_to_him(
    block: Block, closed: tuple[Release, ...], told: Release
) -> None:
    """Online first, then cancelling and applying anew, then the form at the branch."""
    assert way_out(block, closed) is told


@pytest.mark.requirement("LCK-04")
@pytest.mark.parametrize("block", Block)
def test_there_is_always_a_way_out(block: Block) -> None:
    """Whatever may be closed to a customer, the way that he is told is one of the block's and is not closed to him."""
    may_be_closed = [release for release in Release if release not in EVERYBODYS]
    for closed in chain.from_iterable(combinations(may_be_closed, size) for size in range(len(may_be_closed) + 1)):
        told = way_out(block, closed)
        assert releases(told, block)
        assert told not in closed
