"""Stores with one fault each, and the laws of the storage suite that find it: every law stands here at least once.

Shape:  `BROKEN`: what is wrong, how to make such a store, and the laws that must fail before it, by their names.
Source: issue 7, part 3.
"""

# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false
# A twist stands in the place of any call, whatever that takes and tells.

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any, cast

from attrs import evolve, frozen

from janetbank.model.audit import ChainHead, Entry
from janetbank.model.contract import Contract
from janetbank.model.instruction import Instruction
from janetbank.policies.contract_life import ContractStatus
from janetbank.policies.dual_control import ProposalState
from janetbank.policies.instruction import InstructionState
from janetbank.policies.lockout import Tally
from janetbank.policies.phone_auth import Phase, Progress
from janetbank.policies.token import TokenState
from janetbank.ports.storage import Checkpoint, Conflict, LoginIdTaken, Storage, Transaction
from janetbank.testing import storage_conformance as made
from janetbank.testing.night_conformance import TUESDAY, a_charge, a_run, an_acceptance, terms_of
from janetbank.testing.storage_conformance import HERE, KINDS, LATER, MICROSECOND, NOW
from janetbank.values.identifiers import ContractId
from janetbank.values.login_id import LoginId
from janetbank.values.money import Yen
from janetbank_adapters.storage.memory import MemoryStorage
from tests.testing.broken.twisted import (
    PATIENCE,
    Eager,
    Jealous,
    Starving,
    Twist,
    TwistedStorage,
    Unchecked,
    always,
    backwards,
    conflict,
    each,
    given,
    none_at_all,
    nothing,
    once_only,
    one_more,
    told,
)

DAY = timedelta(days=1)
LONG = 1_000


@frozen
class Law:
    """A test of the suite, by its name without "test_", and what it is run with besides the store."""

    name: str
    given: Mapping[str, object]


@frozen
class Broken:
    """A store with one fault: *what* is wrong, how to make one, and the *laws* that find it."""

    what: str
    make: Callable[[], Storage]
    laws: tuple[Law, ...]


def law(name: str, **given: object) -> Law:
    """The law of this name."""
    return Law(name, given)


def of_a_contract(name: str) -> Law:
    """The law of this name, which holds for every kind of aggregate, for contracts."""
    return Law(name, {"kind": KINDS[0]})


def twisted(what: str, twists: Mapping[str, Twist], *laws: str | Law) -> Broken:
    """A sound store with *twists*."""
    return Broken(what, lambda: TwistedStorage(twists), _laws(laws))


def _laws(laws: tuple[str | Law, ...]) -> tuple[Law, ...]:
    return tuple(one if isinstance(one, Law) else law(one) for one in laws)


# --- Twists of their own --------------------------------------------------------------------------------------------


_KIND = {kind.name: kind for kind in KINDS}


def _believed(_: Transaction, __: Twist, read: object) -> object:
    """It takes for granted what it was told, and never finds out."""
    return read


def _believing(_: Transaction, __: Twist, contract: Contract) -> Contract:
    """The same of what was written."""
    return evolve(contract, version=contract.version + 1)


def over_anything(tx: Transaction, real: Twist, contract: Contract) -> None:
    """It writes over whatever is there, or nothing."""
    current = tx.contracts.by_id(contract.institution, contract.id)
    if current is None:
        tx.contracts.add(contract)
    else:
        real(evolve(contract, version=current.version))


def _vague(_: Transaction, real: Twist, contract: Contract) -> None:
    """It says that somebody was first, and not at what."""
    try:
        real(contract)
    except Conflict:
        raise Conflict from None


def _twice_is_once() -> Twist:
    """It lets a second write of an aggregate in a transaction pass."""
    seen: list[tuple[Transaction, object]] = []

    def twist(tx: Transaction, real: Twist, one: Contract) -> None:
        if (tx, one.id) not in seen:
            seen.append((tx, one.id))
            real(one)

    return twist


def _no_tombstone(tx: Transaction, real: Twist, *names: object) -> object:
    """A cancelled contract bears nothing."""
    del tx
    found = real(*names)
    return None if found is None or found.status is ContractStatus.CANCELLED else found


def _of_old(store: MemoryStorage, call: Callable[[Transaction], Callable[..., Any]]) -> Twist:
    """It sees what others would see: nothing of its own transaction."""

    def twist(_: Transaction, __: Twist, *names: object, **named: object) -> object:
        with store.transaction() as other:
            return call(other)(*names, **named)

    return twist


def _blind(what: str, call: str, *laws: str | Law) -> Broken:
    """A store whose *call* sees nothing of its own transaction."""
    room, _, name = call.partition(".")

    def make() -> Storage:
        sound = MemoryStorage(patience=PATIENCE)
        return TwistedStorage({call: _of_old(sound, lambda tx: getattr(getattr(tx, room), name))}, sound)

    return Broken(what, make, _laws(laws))


def _grudging() -> Storage:
    """Whoever bore a login id when the transaction began bears it until it ends."""
    sound = MemoryStorage(patience=PATIENCE)

    def add(_: Transaction, real: Twist, contract: Contract) -> None:
        if contract.login_id is not None:
            with sound.transaction() as other:
                if other.contracts.bearer(contract.namespace, contract.login_id.canonical) is not None:
                    raise LoginIdTaken
        real(contract)

    return TwistedStorage({"contracts.add": add}, sound)


def _capped(_: Transaction, real: Twist, *names: object) -> object:
    """It reads so many, and stops."""
    return iter(list(islice(real(*names), LONG)))


def _no_empty_post(_: Transaction, real: Twist, letters: list[object]) -> None:
    """It cannot write nothing."""
    if not letters:
        raise Conflict
    real(letters)


def _first_letters() -> Twist:
    """It lets a second letter of one id pass."""
    seen = set[str]()

    def twist(_: Transaction, real: Twist, letters: list[Any]) -> None:
        real([one for one in letters if one.id not in seen])
        seen.update(one.id for one in letters)

    return twist


def _first_entries() -> Twist:
    """It lets a second entry of one number pass."""
    seen = set[tuple[str, int]]()

    def twist(_: Transaction, real: Twist, entries: tuple[Entry, ...]) -> None:
        real([one for one in entries if (one.chain, one.seq) not in seen])
        seen.update((one.chain, one.seq) for one in entries)

    return twist


def _first_charges() -> Twist:
    """It lets a second charge of one reference pass."""
    seen = set[str]()

    def twist(_: Transaction, real: Twist, charges: list[Any]) -> None:
        real([one for one in charges if one.reference not in seen])
        seen.update(one.reference for one in charges)

    return twist


def _if_contended(tx: Transaction, real: Twist, *asked: object) -> object:
    """It cannot find many and lock them."""
    if cast("Any", tx).contended:
        raise Conflict
    return real(*asked)


def _wherever(tx: Transaction, real: Twist, _: object, *names: object) -> object:
    """It looks at the one institution that it knows."""
    del tx
    return real(HERE, *names)


def _everybodys(_: Transaction, real: Twist, institution: object, __: ContractId) -> object:
    """It does not look whose they are."""
    return [*real(institution, ContractId("c")), *real(institution, ContractId("other"))]


def _no_letter_case(_: Transaction, real: Twist, institution: object, namespace: str, login: str, decoy: str) -> object:
    """It looks for login ids as they were typed."""
    return real(institution, namespace, login.casefold(), decoy)


def _or_void(tx: Transaction, real: Twist, token: Any) -> None:  # noqa: ANN401 -- a token
    """What is void has no ids: another one may have them."""
    before = tx.tokens.by_ids(token.service_id, token.user_id)
    if before is not None and before.state is TokenState.VOID:
        token = evolve(token, user_id=f"{token.user_id}-")
    real(token)


def _over_tokens(tx: Transaction, real: Twist, token: Any) -> None:  # noqa: ANN401 -- a token
    """It takes ids away from whoever has them."""
    there = tx.tokens.by_ids(token.service_id, token.user_id)
    mine = there is not None and (there.contract, there.number) == (token.contract, token.number)
    real(token if there is None or mine else evolve(token, user_id=f"{token.user_id}-"))


def _sweeps_all(tx: Transaction, real: Twist, before: datetime, *, executed: bool) -> int:
    """It forgets whatever is old, the host's and all."""
    for name in ("c", "other"):
        for one in tx.instructions.pending_of(HERE, ContractId(name)):
            tx.instructions.put(evolve(one, state=InstructionState.EXECUTED))
    swept = real(before, executed=executed)
    return int(swept)


def _since_now(tx: Transaction, real: Twist, day: date, after: Instruction | None, limit: int) -> object:
    """It goes on behind the last one as that is now."""
    return real(day, after and tx.instructions.by_reference(after.reference), limit)


def _whole_day(_: Transaction, real: Twist, day: date, after: Instruction | None, limit: int) -> object:
    """It asks a day too early."""
    return real(day + DAY, after, limit)


def _whoever(tx: Transaction, real: Twist, attempt: Any) -> None:  # noqa: ANN401 -- an attempt
    """A route is free as soon as its attempt is over."""
    there = tx.phone_attempts.by_route(attempt.route)
    if there is not None and there.progress.phase is not Phase.PENDING:
        attempt = evolve(attempt, route=evolve(attempt.route, destination=attempt.route.caller))
    real(attempt)


def _greedy_route(tx: Transaction, real: Twist, attempt: Any) -> None:  # noqa: ANN401 -- an attempt
    """A route is never free again."""
    if tx.phone_attempts.by_route(attempt.route) is not None:
        raise Conflict
    real(attempt)


def _early(moment: datetime, *rest: object) -> tuple[object, ...]:
    """A microsecond more is old."""
    return (moment + MICROSECOND, *rest)


def _none_swept(_: Transaction, __: Twist, ___: datetime) -> int:
    """There is never anything to sweep."""
    return 0


def _lost(**lost: object) -> Callable[[Any], object]:
    """What comes back without something."""
    return lambda found: evolve(found, **lost)


def _field(
    what: str, calls: tuple[str, ...], change: Callable[[Any], object], *laws: Law, many: bool = False
) -> Broken:
    """A store that loses a field of what it keeps."""
    return twisted(f"it loses {what}", dict.fromkeys(calls, each(change) if many else told(change)), *laws)


_UNCHECKED = (
    *(of_a_contract(name) for name in (
        "of_those_who_add_the_same_at_once_one_does",
        "of_those_who_write_over_what_they_read_one_does",
    )),
    law("no_write_is_lost", contended_first=False),
    *map(law, (
        "racing_for_a_login_id_one_gets_it",
        "racing_for_an_account_one_gets_it",
        "a_decoys_key_is_its_own",
        "a_session_is_exchanged_as_a_whole",
        "dispatchers_do_not_take_the_same_letter",
        "racing_for_the_next_entry_one_writes_it",
        "of_a_contracts_tokens_that_are_added_at_once_one_is",
        "racing_for_ids_one_gets_them",
        "every_step_is_taken_once",
        "racing_for_a_reference_one_gets_it",
        "an_instruction_is_executed_once",
        "the_instructions_of_a_contract_do_not_drive_each_other_out",
        "what_many_count_at_once_is_all_counted",
        "racing_for_a_matter_one_opens_a_case",
        "a_case_is_decided_once",
        "of_those_who_start_on_one_route_at_once_one_does",
        "of_a_contracts_attempts_that_start_at_once_one_does",
    )),
)  # fmt: skip

_FULL = evolve(made.a_contract("c", login_id="taro0001", account="1"), asked=7)
_READ = evolve(made.a_contract("before", login_id="taro0001", account="1"), asked=7)


class _Picks:
    """Draws one field, always the same."""

    def __init__(self, name: str) -> None:
        self._name = name

    def draw(self, _: object) -> str:
        """It."""
        return self._name


BROKEN: tuple[Broken, ...] = (
    # --- transactions -------------------------------------------------------------------------------------------------
    Broken("whoever commits last wins", lambda: Unchecked(patience=PATIENCE), _UNCHECKED),
    Broken(
        "every call is committed by itself",
        Eager,
        (
            *(of_a_contract(name) for name in ("nobody_sees_what_is_not_committed", "an_exception_rolls_back")),
            of_a_contract("a_stale_write_meets_conflict"),
            of_a_contract("an_aggregate_is_written_once"),
            *map(
                law,
                (
                    "a_failure_that_is_swallowed_keeps_nothing",
                    "all_or_none_of_two_are_written_over",
                    "a_transaction_ends_with_its_block",
                    "a_page_of_which_one_was_written_over_is_not_kept",
                    "what_was_rolled_back_has_no_name",
                    "the_latest_token_is_put_and_the_next_one_added_together",
                ),
            ),
        ),
    ),
    Broken(
        "strangers are in each other's way", lambda: Jealous(patience=PATIENCE), _laws(("two_contracts_do_not_meet",))
    ),
    Broken("there is no queue", lambda: Starving(patience=PATIENCE), _laws(("who_queues_gets_his_turn",))),
    twisted(
        "it says that everything is durable",
        {"durable": always(value=True)},
        law("durable_or_not_it_is_seen_at_once", durable=False, contended=False),
    ),
    twisted(
        "a second write passes", {"contracts.put": _twice_is_once()}, of_a_contract("an_aggregate_is_written_once")
    ),
    twisted(
        "new contracts are lost",
        {"contracts.add": nothing},
        of_a_contract("what_was_committed_is_found"),
        of_a_contract("it_sees_its_own_writes"),
    ),
    _blind("its own writes are not seen", "contracts.by_id", of_a_contract("it_sees_its_own_writes")),
    twisted("writes are lost", {"contracts.put": nothing}, of_a_contract("each_write_raises_the_version_by_one")),
    twisted(
        "it writes over anything",
        {"contracts.put": over_anything},
        of_a_contract("a_stale_write_meets_conflict"),
        of_a_contract("what_is_not_there_cannot_be_written_over"),
    ),
    twisted(
        "what is there already is let pass",
        {"contracts.add": once_only(lambda one: one.id)},
        of_a_contract("the_same_name_twice_meets_conflict"),
    ),
    twisted("letters are not of the transaction", {"outbox.add": nothing}, "all_of_it_or_nothing"),
    twisted(
        "nothing is ever written again",
        {"contracts.again": conflict},
        law("what_was_written_is_written_again", contended=False),
    ),
    twisted(
        "what was written is believed to be there still",
        {"contracts.again": _believing, "contracts.put": over_anything},
        "what_was_written_over_meanwhile_is_not_written_again",
        "nothing_is_decided_on_what_was_written_over_meanwhile",
        law("what_is_gone_is_not_written_again", contended=False),
    ),
    twisted(
        "what was read of a session is believed to stand",
        {"sessions.still": _believed},
        law("what_was_written_over_meanwhile_stands_no_more", kind=_KIND["session"]),
        "a_session_that_is_gone_stands_no_more",
    ),
    twisted(
        "what was read of an instruction is believed to stand",
        {"instructions.still": _believed},
        law("what_was_written_over_meanwhile_stands_no_more", kind=_KIND["instruction"]),
    ),
    twisted(
        "no session that was read stands",
        {"sessions.still": conflict},
        law("what_was_read_still_stands", kind=_KIND["session"], contended=False),
    ),
    twisted(
        "no instruction that was read stands",
        {"instructions.still": conflict},
        law("what_was_read_still_stands", kind=_KIND["instruction"], contended=True),
    ),
    twisted("a session is found alone", {"sessions.with_contract": nothing}, "a_session_is_found_with_its_contract"),
    # --- contracts ----------------------------------------------------------------------------------------------------
    twisted("accounts are not found", {"contracts.by_account": nothing}, "a_contract_is_found_by_what_it_bears"),
    twisted(
        "a typed login id is one", {"contracts.by_login_id": _no_letter_case}, "a_contract_is_found_by_what_it_bears"
    ),
    twisted(
        "it says that somebody was first, and not at what",
        {"contracts.add": _vague, "contracts.put": _vague},
        "a_login_id_is_borne_once",
        "a_login_id_cannot_be_changed_into_a_taken_one",
        "an_account_has_one_live_contract",
    ),
    twisted("tombstones bear nothing", {"contracts.bearer": _no_tombstone}, "a_tombstone_keeps_its_login_id"),
    Broken(
        "a login id that was let go is free tomorrow",
        _grudging,
        _laws(("a_tombstone_may_release_its_login_id", "a_login_id_changes_hands_in_one_go")),
    ),
    twisted(
        "decoys are not found by login ids",
        {"contracts.by_login_id": given(lambda *names: (*names[:3], made.NOBODY))},
        "a_decoy_is_found_where_there_is_nobody",
        "a_decoy_steps_in_for_a_tombstone",
    ),
    # --- sessions, procedures, letters, the audit log -----------------------------------------------------------------
    twisted("sessions stay", {"sessions.remove": nothing}, "a_removed_session_is_gone"),
    twisted("a session of this instant is old", {"sessions.sweep": given(_early)}, "unused_sessions_are_swept"),
    twisted("a procedure of this instant is over", {"procedures.sweep": given(_early)}, "expired_procedures_are_swept"),
    twisted("letters are told newest first", {"outbox.claim": backwards}, "letters_are_taken_when_due_oldest_first"),
    twisted(
        "a letter that was taken can be taken at once",
        {"outbox.claim": given(lambda now, _, limit: (now, now, limit))},
        "a_taken_letter_comes_back_when_nobody_says_it_is_done",
    ),
    twisted("a refused letter does not wait", {"outbox.postpone": nothing}, "a_refused_letter_waits"),
    twisted("letters are never done", {"outbox.done": nothing}, "a_letter_that_is_done_is_gone"),
    twisted("no letters are a mistake", {"outbox.add": _no_empty_post}, "no_letters_are_no_letters"),
    Broken(
        "a letter that is there is let pass",
        lambda: TwistedStorage({"outbox.add": _first_letters()}),
        _laws(("a_letter_is_written_once",)),
    ),
    twisted("chains are read from their end", {"audit.chain": backwards}, "a_chain_is_read_in_its_order"),
    twisted("a chain ends after a while", {"audit.chain": _capped}, "a_long_chain_is_whole"),
    Broken(
        "an entry that is there is let pass",
        lambda: TwistedStorage({"audit.append": _first_entries()}),
        _laws(("a_chain_does_not_fork",)),
    ),
    twisted("there are so many heads", {"audit.heads": _capped}, "the_heads_are_the_last_entries"),
    twisted(
        "owners have no heads",
        {"audit.owned_heads": none_at_all},
        "the_owners_know_their_heads",
        "operators_own_their_chains",
        "a_run_knows_its_head",
    ),
    twisted("checkpoints come newest first", {"audit.checkpoints": backwards}, "checkpoints_come_in_their_order"),
    twisted(
        "an entry comes back with another digest",
        {"audit.chain": each(_lost(digest="0" * 64))},
        "a_recorded_event_is_intact_when_it_comes_back",
    ),
    # --- every field --------------------------------------------------------------------------------------------------
    _field(
        "what was asked",
        ("contracts.by_id",),
        _lost(asked=0),
        law("every_field_of_a_new_contract_comes_back", contract=_FULL),
        law("every_field_of_a_written_contract_comes_back", contract=_FULL),
        law("every_single_change_of_a_contract_comes_back", contract=_READ, data=_Picks("asked")),
        law("every_field_of_many_at_once_comes_back", one=_FULL, other=_FULL),
    ),
    _field(
        "how a login id is typed",
        ("contracts.by_login_id",),
        lambda found: evolve(found, login_id=LoginId.parse(found.login_id.canonical, case_sensitive=False)),
        law("how_a_login_id_is_typed_comes_back"),
    ),
    _field(
        "whether somebody is one",
        ("customers.of",),
        _lost(individual=False),
        law("every_field_of_a_customer_comes_back", customer=made.a_customer(_FULL)),
    ),
    _field(
        "an instant",
        ("sessions.by_key",),
        _lost(used_at=LATER),
        law("every_field_of_a_session_comes_back", session=made.a_session()),
    ),
    _field(
        "an instant",
        ("procedures.by_key",),
        _lost(started_at=LATER),
        law("every_field_of_a_procedure_comes_back", procedure=made.a_procedure()),
    ),
    _field(
        "its progress",
        ("phone_attempts.by_id",),
        _lost(progress=Progress(start=LATER)),
        law("every_field_of_a_phone_attempt_comes_back", attempt=made.a_phone_attempt()),
    ),
    _field(
        "when it was issued",
        ("tokens.by_ids",),
        _lost(since=LATER),
        law("every_field_of_a_token_comes_back", token=made.a_token()),
        law("every_field_of_a_written_token_comes_back", token=made.a_token()),
    ),
    _field(
        "when it was requested",
        ("instructions.by_reference",),
        _lost(requested_at=LATER),
        law("every_field_of_an_instruction_comes_back", instruction=made.an_instruction()),
        law("every_field_of_a_written_instruction_comes_back", instruction=made.an_instruction()),
    ),
    _field(
        "what was used",
        ("allowances.of",),
        lambda found: evolve(found, usage=evolve(found.usage, days=())),
        law("every_field_of_an_allowance_comes_back", allowance=made.an_allowance()),
    ),
    _field(
        "his roles",
        ("operators.by_name",),
        _lost(roles=frozenset()),
        law("every_field_of_an_operator_comes_back", operator=made.an_operator()),
    ),
    _field(
        "an instant",
        ("operator_sessions.by_key",),
        _lost(used_at=LATER),
        law("every_field_of_an_operator_session_comes_back", session=made.an_operator_session()),
    ),
    _field(
        "when it was opened",
        ("cases.by_id",),
        _lost(opened_at=LATER),
        law("every_field_of_a_case_comes_back", case=made.a_case()),
    ),
    _field(
        "when it was written",
        ("outbox.claim",),
        _lost(written_at=LATER),
        law("every_field_of_a_letter_comes_back", letter=made.a_letter()),
        many=True,
    ),
    _field(
        "when it was",
        ("audit.chain",),
        _lost(at=LATER),
        law("every_field_of_an_entry_comes_back", entry=made.a_chain("c", 1)[0]),
        many=True,
    ),
    _field(
        "its seal",
        ("audit.checkpoints",),
        _lost(seal=""),
        law(
            "every_field_of_a_checkpoint_comes_back",
            checkpoint=Checkpoint(1, NOW, (("c", ChainHead(1, "a" * 64)),), "key", "seal"),
        ),
        many=True,
    ),
    _field(
        "the day",
        ("acceptances.page",),
        _lost(effective_on=TUESDAY + DAY),
        law("every_field_of_an_acceptance_comes_back", acceptance=an_acceptance()),
        many=True,
    ),
    _field(
        "how much",
        ("fees.charges_of",),
        _lost(amount=Yen(1)),
        law("every_field_of_a_charge_comes_back", charge=a_charge()),
        many=True,
    ),
    _field(
        "exemptions",
        ("fees.terms_of",),
        _lost(exemptions=()),
        law("every_field_of_terms_comes_back", terms=terms_of("c")),
        law("terms_that_are_written_over_are_what_was_written"),
    ),
    _field(
        "where it was",
        ("batch_runs.by_day", "batch_runs.latest"),
        _lost(begun_at=LATER),
        law("every_field_of_a_run_comes_back", run=a_run()),
        law("a_run_that_is_written_over_is_what_was_written"),
    ),
    # --- the night ----------------------------------------------------------------------------------------------------
    twisted(
        "it is due a day late",
        {"contracts.due": given(lambda day, *rest: (day - DAY, *rest))},
        "what_is_due_is_found_by_its_day",
    ),
    _blind("what was reflected is due until the commit", "contracts.due", "what_was_reflected_is_due_no_more"),
    twisted("pages go backwards", {"contracts.live": backwards}, "pages_come_in_the_order_of_the_keys"),
    twisted("the dead are counted", {"contracts.count_live": one_more}, "the_living_are_neither_tombstones_nor_decoys"),
    twisted(
        "a page cannot be locked", {"contracts.due": _if_contended}, "a_page_that_is_contended_waits_for_nobody_else"
    ),
    twisted("acceptances go backwards", {"acceptances.page": backwards}, "acceptances_are_found_by_their_report"),
    Broken(
        "an acceptance that is there is let pass",
        lambda: TwistedStorage({"acceptances.add": once_only(lambda one: (one.institution, one.contract))}),
        _laws(("an_acceptance_is_kept_once",)),
    ),
    twisted(
        "a day's own report is old",
        {"acceptances.sweep": given(lambda day: (day + DAY,))},
        "old_acceptances_are_swept",
    ),
    Broken(
        "a charge that is there is let pass",
        lambda: TwistedStorage({"fees.charge": _first_charges()}),
        _laws(("charges_are_a_contracts_own",)),
    ),
    twisted(
        "a day collects the day before's",
        {"fees.collected_on": given(lambda day, *rest: (day - DAY, *rest))},
        "what_a_day_collects_is_found",
    ),
    twisted("nothing is summed", {"fees.accrued": each(_lost(amount=Yen(1)))}, "what_accrued_is_summed"),
    twisted("terms go backwards", {"fees.terms_between": backwards}, "terms_are_found_between_keys"),
    twisted("there is no latest run", {"batch_runs.latest": nothing}, "the_latest_run_is_that_of_the_latest_day"),
    # --- tokens and instructions --------------------------------------------------------------------------------------
    twisted(
        "a token is its contract's at any institution",
        {"tokens.latest_of": _wherever},
        "a_token_is_found_by_its_ids_and_as_the_latest",
    ),
    twisted(
        "the latest token is the first",
        {"tokens.latest_of": told(_lost(number=1))},
        "the_latest_token_is_the_one_with_the_highest_number",
    ),
    Broken(
        "a token of a number that is there is let pass",
        lambda: TwistedStorage({"tokens.add": once_only(lambda one: (one.institution, one.contract, one.number))}),
        _laws(("a_tokens_number_is_given_once",)),
    ),
    twisted("the ids of what is void are free", {"tokens.add": _or_void}, "the_ids_are_one_tokens"),
    twisted("other ids are not written", {"tokens.put": _over_tokens}, "other_ids_take_the_place_of_the_former"),
    twisted(
        "instructions are found by any reference",
        {"instructions.by_reference": given(lambda reference: (reference.casefold(),))},
        "an_instruction_is_found_by_its_reference",
    ),
    Broken(
        "a reference that is there is let pass",
        lambda: TwistedStorage({"instructions.add": once_only(lambda one: one.reference)}),
        _laws(("a_reference_is_given_once",)),
    ),
    twisted(
        "those that wait come newest first",
        {"instructions.waiting_of": backwards},
        "the_waiting_come_oldest_first",
        "those_of_one_instant_come_by_their_references",
    ),
    twisted("everybody's wait", {"instructions.waiting_of": _everybodys}, "only_ones_own_that_wait_are_waiting"),
    _blind("who was served waits until the commit", "instructions.waiting_of", "who_is_served_waits_no_longer"),
    twisted(
        "an instruction of this instant is old",
        {"instructions.sweep": given(_early)},
        law("old_instructions_are_swept", executed=True),
    ),
    twisted("nobody is unfinished", {"tokens.unfinished": none_at_all}, "the_unfinished_are_those_that_wait"),
    twisted("the unfinished go backwards", {"tokens.unfinished": backwards}, "the_unfinished_come_in_pages"),
    # --- money --------------------------------------------------------------------------------------------------------
    twisted("nothing is pending", {"instructions.pending_of": none_at_all}, "what_the_host_has_is_pending"),
    twisted(
        "the host is asked a day early",
        {"instructions.unsettled": _whole_day},
        law("whom_to_ask_the_host_about", limit=100),
    ),
    twisted(
        "a page goes on where the last one is now",
        {"instructions.unsettled": _since_now},
        "a_page_goes_on_where_the_last_one_ended",
    ),
    twisted(
        "the host is asked for ever",
        {"instructions.pending_of": always([made.an_instruction()])},
        "who_is_answered_is_asked_about_no_more",
    ),
    twisted(
        "what the host has is swept",
        {"instructions.sweep": _sweeps_all},
        law("what_the_host_has_is_not_swept", executed=True),
    ),
    twisted("any institution's allowance", {"allowances.of": _wherever}, "an_allowance_is_found_by_its_account"),
    Broken(
        "an allowance that is there is let pass",
        lambda: TwistedStorage({"allowances.add": once_only(lambda one: (one.contract, one.account))}),
        _laws(("an_account_has_one_allowance",)),
    ),
    # --- behind the counter -------------------------------------------------------------------------------------------
    twisted("a tally is lost", {"operators.by_name": told(_lost(tally=Tally()))}, "an_account_is_found_by_its_name"),
    Broken(
        "a name that is there is let pass",
        lambda: TwistedStorage({"operators.add": once_only(lambda one: one.name)}),
        _laws(("a_name_is_given_once",)),
    ),
    twisted(
        "operators' decoys are not found",
        {"operators.by_name": given(lambda name, *_: (name,))},
        "an_operators_decoy_is_found_where_there_is_nobody",
    ),
    twisted(
        "accounts go backwards",
        {"operators.of": backwards},
        "the_accounts_of_an_institution_come_in_the_order_of_their_names",
    ),
    twisted("operators' sessions stay", {"operator_sessions.remove": nothing}, "a_removed_operator_session_is_gone"),
    twisted(
        "an operator of this instant has gone",
        {"operator_sessions.sweep": given(_early)},
        "unused_operator_sessions_are_swept",
    ),
    twisted("cases are found anywhere", {"cases.by_id": _wherever}, "a_case_is_found_by_its_id_at_its_own_institution"),
    Broken(
        "a second case of a matter is let pass",
        lambda: TwistedStorage({"cases.add": once_only(lambda one: (one.institution, one.contract, one.subject))}),
        _laws((law("a_matter_has_one_live_case", matter=made.a_proposal()),)),
    ),
    twisted("cases are never over", {"cases.put": nothing}, "when_a_case_is_over_the_next_one_may_be_opened"),
    twisted(
        "what is to be done goes backwards",
        {"cases.to_do": backwards},
        "what_is_to_be_done_comes_in_the_order_in_which_it_is_due",
    ),
    _blind(
        "what was done is to be done until the commit",
        "cases.to_do",
        law("what_is_done_is_not_to_be_done", state=ProposalState.REJECTED),
    ),
    twisted("the newest case comes first", {"cases.of": backwards}, "the_cases_of_a_contract_come_oldest_first"),
    # --- telephone ----------------------------------------------------------------------------------------------------
    twisted("calls find nobody", {"phone_attempts.by_call": nothing}, "an_attempt_is_found_by_all_that_names_it"),
    twisted(
        "a contract's attempt is found at any institution",
        {"phone_attempts.latest_of": _wherever},
        "what_is_not_its_name_finds_nothing",
    ),
    twisted(
        "a route is free when its attempt is over",
        {"phone_attempts.add": _whoever},
        law("a_route_is_one_attempts_until_the_window_ends", phase=Phase.ABORTED, start=NOW),
    ),
    twisted("a route is never free", {"phone_attempts.add": _greedy_route}, "a_route_is_taken_over_after_the_window"),
    twisted(
        "a caller has one attempt",
        {"phone_attempts.of_caller": told(lambda found: found[:1])},
        "a_caller_has_an_attempt_on_each_of_his_routes",
    ),
    twisted(
        "the latest attempt is another",
        {"phone_attempts.latest_of": told(_lost(number=9))},
        "the_latest_is_the_one_with_the_highest_number",
    ),
    Broken(
        "an attempt of a number that is there is let pass",
        lambda: TwistedStorage({"phone_attempts.add": once_only(lambda one: (one.contract, one.number))}),
        _laws(("a_number_is_given_once",)),
    ),
    twisted("an attempt is nobody's call", {"phone_attempts.put": nothing}, "a_call_is_one_attempts"),
    twisted(
        "one who ends cannot begin",
        {"phone_attempts.put": nothing},
        "one_may_end_and_the_next_begin_in_one_transaction",
    ),
    twisted("an attempt of this instant is old", {"phone_attempts.sweep": given(_early)}, "the_old_ones_are_swept"),
    twisted(
        "the latest attempt is swept",
        {"phone_attempts.latest_of": nothing},
        "the_latest_of_each_contract_is_never_swept",
    ),
    twisted("old digits stay", {"phone_attempts.sweep": _none_swept}, "no_digits_outlive_their_sweep"),
    twisted(
        "sweeping takes a route from its newest",
        {"phone_attempts.by_route": nothing},
        "sweeping_leaves_a_route_with_its_newest",
    ),
)
