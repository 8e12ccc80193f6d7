"""Step-up: every kind of instruction under every method."""

from itertools import product

import pytest

from janetbank.messages import LANGUAGES, Language, phrase
from janetbank.policies.step_up import NEEDED, Hindrance, Need, Proof, needed
from janetbank.values.instruction import TRANSFERS, InstructionKind
from janetbank.values.otp_method import OtpMethod

METHODS = (None, *OtpMethod)
NOTHING, CODE, APPROVAL = Proof.NONE, Proof.CODE, Proof.APPROVAL
NO_TOKEN, NO_APP = Hindrance.TOKEN_NOT_IN_USE, Hindrance.APP_CONFIRMATION_REQUIRED


def test_no_cell_is_missing() -> None:
    """The table says of every kind under every method, and without a token, what is needed; and of nothing else."""
    assert set(NEEDED) == set(product(InstructionKind, METHODS))


@pytest.mark.requirement("TRF-01", "TRF-02")
@pytest.mark.parametrize(
    ("kind", "needed"),
    [
        (InstructionKind.AD_HOC_TRANSFER, (NO_TOKEN, CODE, NO_APP, APPROVAL)),
        (InstructionKind.OWN_TRANSFER, (NOTHING, NOTHING, NO_APP, APPROVAL)),
        (InstructionKind.REGISTERED_PAYEE_TRANSFER, (NOTHING, NOTHING, NOTHING, NOTHING)),
        (InstructionKind.PAYEASY_PRIVATE, (NO_TOKEN, CODE, CODE, CODE)),
        (InstructionKind.PAYEASY_PUBLIC, (NOTHING, NOTHING, NOTHING, NOTHING)),
    ],
)
def test_each_row(kind: InstructionKind, needed: tuple[Need, ...]) -> None:
    """Without a token; with codes; with the app's confirmation outstanding; with approval: as AMB-8 has it."""
    assert tuple(NEEDED[kind, method] for method in METHODS) == needed


@pytest.mark.requirement("ENR-11")
def test_who_declined_tokens_does_without_two_functions() -> None:
    """Without a token in use ad hoc transfers and private Pay-easy are refused, and nothing else is."""
    refused = {kind for kind in InstructionKind if isinstance(NEEDED[kind, None], Hindrance)}
    assert refused == {InstructionKind.AD_HOC_TRANSFER, InstructionKind.PAYEASY_PRIVATE}
    assert all(NEEDED[kind, None] is Proof.NONE for kind in set(InstructionKind) - refused)


@pytest.mark.parametrize("method", OtpMethod)
def test_a_token_in_use_is_never_taken_for_none(method: OtpMethod) -> None:
    """With a token in use, whichever the method, nothing is refused for want of one."""
    assert all(NEEDED[kind, method] is not NO_TOKEN for kind in InstructionKind)


@pytest.mark.requirement("TXA-08")
def test_what_transaction_authentication_covers() -> None:
    """Approved in the app is every transfer but those to registered payees, and no bill."""
    approved = {kind for kind in InstructionKind if NEEDED[kind, OtpMethod.TXA_ENABLED] is APPROVAL}
    assert approved == TRANSFERS - {InstructionKind.REGISTERED_PAYEE_TRANSFER}


def test_exactly_what_will_be_approved_waits_for_the_app() -> None:
    """Until the app confirms the method, what it is going to approve is refused, and everything else goes on."""
    waiting = {kind for kind in InstructionKind if NEEDED[kind, OtpMethod.TXA_PENDING_APP] is NO_APP}
    assert waiting == {kind for kind in InstructionKind if NEEDED[kind, OtpMethod.TXA_ENABLED] is APPROVAL}
    for method in (None, OtpMethod.PASSCODE, OtpMethod.TXA_ENABLED):
        assert all(NEEDED[kind, method] is not NO_APP for kind in InstructionKind)


@pytest.mark.parametrize("kind", InstructionKind)
def test_approval_never_takes_less_than_a_code(kind: InstructionKind) -> None:
    """What takes a code takes a code or an approval, or waits, once transaction authentication is chosen."""
    if NEEDED[kind, OtpMethod.PASSCODE] is CODE:
        assert NEEDED[kind, OtpMethod.TXA_ENABLED] is not NOTHING
        assert NEEDED[kind, OtpMethod.TXA_PENDING_APP] is not NOTHING


@pytest.mark.requirement("PRF-17", "MAL-10")
@pytest.mark.parametrize(("kind", "method"), NEEDED)
def test_a_mailed_code_stands_in_for_a_token_alone(kind: InstructionKind, method: OtpMethod | None) -> None:
    """Where a token is what hinders a mailed code proves; elsewhere, and where none is mailed, the table says what."""
    need = NEEDED[kind, method]
    mailed = Proof.MAIL_PASSWORD if need is Hindrance.TOKEN_NOT_IN_USE else need
    assert needed(kind, method, by_mail=False, locked=False) is need
    assert needed(kind, method, by_mail=True, locked=False) is mailed


@pytest.mark.requirement("TXA-04", "LCK-12")
@pytest.mark.parametrize("by_mail", [False, True])
@pytest.mark.parametrize(("kind", "method"), NEEDED)
def test_a_locked_token_opens_no_other_way(kind: InstructionKind, method: OtpMethod | None, *, by_mail: bool) -> None:
    """What its token would prove is refused; what takes no proof under its method goes on."""
    free = NEEDED[kind, method] is NOTHING
    assert needed(kind, method, by_mail=by_mail, locked=True) is (NOTHING if free else Hindrance.TOKEN_NOT_IN_USE)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_everything_has_its_words(lang: Language) -> None:
    """Each kind, each method, each proof and each hindrance is shown by words of its own."""
    for kind in (InstructionKind, OtpMethod, Proof, Hindrance):
        assert len({phrase(f"{kind.__name__.lower()}.{one.value}", lang) for one in kind}) == len(kind)
