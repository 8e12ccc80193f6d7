"""Statements: all that is ever asked of the database, composed once and compiled for its dialect.

At a login: by_login_id, change contract, add entry (reserve); by_id, change contract, add session, add entry (settle).

Shape:  each is SQL text with named parameters; *find* comes in two kinds, with and without a lock on what is found.
Source: issue "Statements per login on SQL: at most 8 in two transactions".
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from attrs import frozen
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Delete,
    Dialect,
    Select,
    Table,
    Update,
    and_,
    bindparam,
    cast,
    delete,
    false,
    func,
    insert,
    literal_column,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.sql import ClauseElement

from janetbank.policies.contract_life import ContractStatus
from janetbank.policies.instruction import InstructionState
from janetbank_adapters.storage.sql.schema import (
    ACCRUED,
    DUE,
    IS_DUE,
    IS_LIVE,
    LIVE,
    ON_ROUTE,
    PENDING,
    REAL,
    UNFINISHED,
    WAITING,
    acceptance,
    allowance,
    audit,
    batch_run,
    charge,
    checkpoint,
    contract,
    customer,
    fee_terms,
    instruction,
    letter,
    operator,
    operator_case,
    operator_session,
    phone_attempt,
    procedure,
    session,
    token,
)

_NONE: ColumnElement[int] = literal_column("0")
"""SQLite's LIMIT by a parameter comes with an OFFSET, which would else be a parameter without a name."""

_MET = text("met")
_THERE: ColumnElement[int] = literal_column("1")


@frozen
class Find:
    """One way to find rows; *locking* also queues for them, where the database locks rows."""

    plain: str
    locking: str


@frozen(eq=False)
class Write:
    """A statement that writes.

    *over*: it writes over one row that has the version at which it was read; where there is none, nothing of its
    transaction may be kept.  *checks*: it leaves that row as it is, which must be there all the same.  *if_met*: for an
    addition, the same made of the rows of `met` (one or none).  *many*: the same for many rows at once, each parameter
    an array of theirs, where the database has arrays.
    """

    sql: str
    over: bool = False
    checks: bool = False
    if_met: str | None = None
    many: str | None = None


class Kept:
    """How aggregates with a version are added, found by their key, written over and removed."""

    def __init__(self, table: Table, dialect: Dialect) -> None:
        self._table = table
        self._dialect = dialect
        self._changes: dict[tuple[str, ...], Write] = {}
        self._additions: dict[tuple[str, ...], Write] = {}
        self.keys = tuple(f"where_{column.name}" for column in table.primary_key)
        """The names of the parameters that hold the primary key."""
        this = [column == bindparam(name) for column, name in zip(table.primary_key, self.keys, strict=True)]
        self._this = [*this, table.c.version == bindparam("where_version")]
        self.by_key = _find(select(table).where(*this), dialect)
        self.remove = Write(_text(delete(table).where(*self._this), dialect), over=True)
        self.check = Write(_text(select(_THERE).select_from(table).where(*self._this), dialect), over=True, checks=True)

    def add(self, columns: Iterable[str]) -> Write:
        """Write a new row of *columns*; the others are as the table has them where nothing is said."""
        given = tuple(columns)
        if given not in self._additions:
            self._additions[given] = _addition(self._table, self._dialect, given)
        return self._additions[given]

    def change(self, columns: Iterable[str]) -> Write:
        """Write *columns* of the row that still has the version it was read at."""
        changed = tuple(columns)
        if changed not in self._changes:
            written = (*changed, "version")
            values = {name: bindparam(name, type_=self._table.c[name].type) for name in written}
            sql = _text(update(self._table).where(*self._this).values(values), self._dialect)
            self._changes[changed] = Write(sql, over=True, many=self._many(written))
        return self._changes[changed]

    def _many(self, written: Iterable[str]) -> str | None:
        """The same change of many rows."""
        of = {name: self._table.c[name] for name in written}
        this = {f"where_{column.name}": column for column in (*self._table.primary_key, self._table.c.version)}
        rows = _arrays({**of, **this}, self._dialect)
        changes = ", ".join(f'"{name}" = many."{name}"' for name in of)
        met = " AND ".join(f'{self._table.name}."{column.name}" = many."{name}"' for name, column in this.items())
        return rows and f"UPDATE {self._table.name} SET {changes} FROM {rows} WHERE {met}"  # noqa: S608 -- our own names


class Statements:
    """See the module."""

    def __init__(self, dialect: Dialect) -> None:
        def sql(statement: ClauseElement) -> str:
            return _text(statement, dialect)

        def write(statement: Update | Delete) -> Write:
            return Write(sql(statement))

        self.contract = Kept(contract, dialect)
        self.customer = Kept(customer, dialect)
        self.session = Kept(session, dialect)
        self.procedure = Kept(procedure, dialect)
        self.phone_attempt = Kept(phone_attempt, dialect)
        self.token = Kept(token, dialect)
        self.instruction = Kept(instruction, dialect)
        self.allowance = Kept(allowance, dialect)

        here = contract.c.institution == bindparam("institution")
        namespace = contract.c.namespace == bindparam("namespace")
        # Without the institution, which whoever asks compares: a planner without statistics reads all that is in it.
        self.by_login_id = _find(select(contract).where(namespace, _either(contract.c.login_key), LIVE), dialect)
        self.by_account = _find(select(contract).where(here, _either(contract.c.account_key), LIVE), dialect)
        self.bearer = _find(select(contract).where(namespace, contract.c.login_key == bindparam("known")), dialect)

        self.sweep_procedures = write(delete(procedure).where(procedure.c.expires_at < bindparam("before")))

        of_caller = select(phone_attempt).where(phone_attempt.c.caller == bindparam("caller"), ON_ROUTE)
        there = phone_attempt.c.destination == bindparam("destination")
        self.phone_attempts_of_caller = _find(of_caller, dialect)
        self.phone_attempt_by_route = _find(of_caller.where(there), dialect)
        self.phone_attempt_by_call = _find(
            select(phone_attempt).where(phone_attempt.c.call == bindparam("call")), dialect
        )
        self.latest_phone_attempt = _find(_latest_of(phone_attempt), dialect)
        self.free_route = write(
            update(phone_attempt)
            .where(
                phone_attempt.c.caller == bindparam("where_caller"),
                phone_attempt.c.destination == bindparam("where_destination"),
                phone_attempt.c.window_end < bindparam("now"),
                ON_ROUTE,
            )
            .values(on_route=false())
        )
        newer = phone_attempt.alias("newer")
        of_the_same = newer.c.institution == phone_attempt.c.institution, newer.c.contract == phone_attempt.c.contract
        self.sweep_phone_attempts = write(
            delete(phone_attempt).where(
                phone_attempt.c.started_at < bindparam("before"),
                select(newer.c.id).where(*of_the_same, newer.c.number > phone_attempt.c.number).exists(),
            )
        )
        self.phone_attempts_with_digits = _find(
            select(phone_attempt).where(
                phone_attempt.c.started_at < bindparam("before"), phone_attempt.c.data.not_like(bindparam("without"))
            ),
            dialect,
        )

        self.latest_token = _find(_latest_of(token), dialect)
        ids = token.c.service_id == bindparam("service_id"), token.c.user_id == bindparam("user_id")
        self.token_by_ids = _find(select(token).where(*ids), dialect)
        keys = token.c.institution, token.c.contract, token.c.number
        self.tokens_unfinished = _find(_page(select(token).where(UNFINISHED), keys), dialect)
        self._sessions(dialect)
        self._instructions(dialect)
        self._behind_the_counter(dialect)
        self._night(dialect)

        this, later = letter.c.id == bindparam("where_id"), bindparam("later", type_=letter.c.due_at.type)
        self.add_letter = _addition(letter, dialect)
        self.due_letters = sql(
            select(letter)
            .where(letter.c.due_at <= bindparam("now"))
            .order_by(letter.c.due_at, letter.c.id)
            .limit(bindparam("limit"))
            .offset(_NONE)
            # Whom another dispatcher is just taking up is his.
            .with_for_update(skip_locked=True)
        )
        self.take_letter = write(
            update(letter).where(this).values(due_at=later, tries=letter.c.tries + literal_column("1"))
        )
        self.postpone_letter = write(update(letter).where(this).values(due_at=later))
        self.done_letter = write(delete(letter).where(this))

        self.add_entry = _addition(audit, dialect)
        self.entries = sql(
            select(audit)
            .where(audit.c.chain == bindparam("chain"), audit.c.seq > bindparam("after"))
            .order_by(audit.c.seq)
            .limit(bindparam("limit"))
            .offset(_NONE)
        )
        page = (
            select(audit.c.chain, func.max(audit.c.seq).label("seq"))
            .where(audit.c.chain > bindparam("after"))
            .group_by(audit.c.chain)
            .order_by(audit.c.chain)
            .limit(bindparam("limit"))
            .offset(_NONE)
            .subquery()
        )
        self.heads = sql(
            select(audit.c.chain, audit.c.seq, audit.c.digest)
            .join(page, (audit.c.chain == page.c.chain) & (audit.c.seq == page.c.seq))
            .order_by(audit.c.chain)
        )
        self.contract_heads = sql(_heads_of(contract))
        self.procedure_heads = sql(_heads_of(procedure))
        self.add_checkpoint = _addition(checkpoint, dialect)
        self.checkpoints = sql(
            select(checkpoint)
            .where(checkpoint.c.number > bindparam("after"))
            .order_by(checkpoint.c.number)
            .limit(bindparam("limit"))
            .offset(_NONE)
        )

    def _night(self, dialect: Dialect) -> None:
        """What the night batch asks for: pages in the order of keys, each behind the last key of the one before."""
        due = DUE, contract.c.due_on <= bindparam("day", type_=contract.c.due_on.type)
        lives = LIVE, contract.c.status != literal_column(f"'{ContractStatus.DECOY.value}'")
        keys = contract.c.institution, contract.c.id
        self.contracts_due = _find(_page(select(contract).where(*due), keys), dialect)
        self.contracts_live = _find(_page(select(contract).where(*lives), keys), dialect)
        self.count_due = _text(select(func.count()).select_from(contract).where(*due), dialect)
        self.count_live = _text(select(func.count()).select_from(contract).where(*lives), dialect)

        self.add_acceptance = _addition(acceptance, dialect)
        day = acceptance.c.report_on
        between = (
            day > bindparam("after", type_=day.type),
            day <= bindparam("until", type_=day.type),
        )
        reports = day, acceptance.c.institution, acceptance.c.branch
        self.reports = _text(select(*reports).where(*between).distinct().order_by(*reports), dialect)
        self.count_acceptances = _text(select(func.count()).select_from(acceptance).where(*between), dialect)
        report = (
            day == bindparam("on", type_=day.type),
            acceptance.c.institution == bindparam("institution"),
            acceptance.c.branch == bindparam("branch"),
        )
        self.acceptances = _text(
            _page(
                select(acceptance).where(*report), (acceptance.c.accepted_at, acceptance.c.contract, acceptance.c.seq)
            ),
            dialect,
        )
        self.sweep_acceptances = Write(
            _text(delete(acceptance).where(day < bindparam("before", type_=day.type)), dialect)
        )

        self.fee_terms = Kept(fee_terms, dialect)
        key = fee_terms.c.institution, fee_terms.c.contract
        self.fee_terms_between = _find(
            select(fee_terms)
            .where(_behind(key), tuple_(*key) <= tuple_(bindparam("until_0"), bindparam("until_1")))
            .order_by(*key),
            dialect,
        )
        self.add_charge = _addition(charge, dialect)
        self.charges_of = _text(
            select(charge).where(*_of_contract(charge)).order_by(charge.c.month, charge.c.kind, charge.c.reference),
            dialect,
        )
        collected = select(charge).where(charge.c.collected_on == bindparam("day", type_=charge.c.collected_on.type))
        self.collected_on = _text(_page(collected, tuple(charge.primary_key)), dialect)
        payers = charge.c.institution, charge.c.contract, charge.c.account
        accrued = select(*payers, cast(func.sum(charge.c.amount), BigInteger)).where(
            ACCRUED, charge.c.month == bindparam("month")
        )
        self.accrued = _text(_page(accrued.group_by(*payers), payers), dialect)

        self.batch_run = Kept(batch_run, dialect)
        self.latest_batch_run = _find(
            select(batch_run).order_by(batch_run.c.day.desc()).limit(literal_column("1")).offset(_NONE), dialect
        )
        self.batch_heads = _text(_heads_of(batch_run, batch_run.c.chain), dialect)

    def _sessions(self, dialect: Dialect) -> None:
        whose = contract.c.institution == session.c.institution, contract.c.id == session.c.contract
        both = select(session, contract).join(contract, and_(*whose)).where(session.c.key == bindparam("key"))
        self.session_with_contract = _find(both, dialect)
        self.session_width = len(session.c)
        """So many columns of `session_with_contract` are the session's."""
        self.sweep_sessions = Write(_text(delete(session).where(session.c.used_at < bindparam("before")), dialect))

    def _instructions(self, dialect: Dialect) -> None:
        self.instructions_waiting = _find(
            select(instruction)
            .where(*_of_contract(instruction), WAITING)
            .order_by(instruction.c.requested_at, instruction.c.reference),
            dialect,
        )
        old = delete(instruction).where(instruction.c.requested_at < bindparam("before"))
        executed = instruction.c.state == literal_column(f"'{InstructionState.EXECUTED.value}'")
        self.sweep_executed = Write(_text(old.where(executed), dialect))
        self.sweep_unexecuted = Write(_text(old.where(~executed, instruction.c.ask_on.is_(None)), dialect))
        ask_on, reference = instruction.c.ask_on, instruction.c.reference
        after = bindparam("after", type_=ask_on.type)
        self.instructions_unsettled = _find(
            select(instruction)
            .where(PENDING, ask_on <= bindparam("day", type_=ask_on.type))
            .where((ask_on > after) | ((ask_on == after) & (reference > bindparam("after_reference"))))
            .order_by(ask_on, reference)
            .limit(bindparam("limit"))
            .offset(_NONE),
            dialect,
        )
        self.instructions_pending = _find(
            select(instruction)
            .where(*_of_contract(instruction), PENDING)
            .order_by(instruction.c.requested_at, instruction.c.reference),
            dialect,
        )

    def _behind_the_counter(self, dialect: Dialect) -> None:
        self.operator = Kept(operator, dialect)
        self.operator_session = Kept(operator_session, dialect)
        self.case = Kept(operator_case, dialect)
        self.operator_heads = _text(_heads_of(operator), dialect)
        names = operator.c.id.in_([bindparam("known"), bindparam("decoy")])
        self.operator_by_name = _find(select(operator).where(names), dialect)
        of_institution = operator.c.institution == bindparam("institution")
        self.operators_of = _find(select(operator).where(of_institution, REAL).order_by(operator.c.id), dialect)
        old = delete(operator_session).where(operator_session.c.used_at < bindparam("before"))
        self.sweep_operator_sessions = Write(_text(old, dialect))
        case = operator_case.c
        matter = case.kind == bindparam("kind"), case.subject == bindparam("subject")
        self.case_live = _find(select(operator_case).where(*_of_contract(operator_case), *matter, IS_LIVE), dialect)
        to_do = select(operator_case).where(case.institution == bindparam("institution"), IS_DUE)
        self.cases_to_do = _find(to_do.order_by(case.due_at, case.id), dialect)
        self.cases_due = _find(
            to_do.where(case.due_at <= bindparam("due_by", type_=case.due_at.type)).order_by(case.due_at, case.id),
            dialect,
        )
        self.cases_of = _find(
            select(operator_case).where(*_of_contract(operator_case)).order_by(case.opened_at, case.id), dialect
        )


@cache
def statements_of(dialect: Dialect) -> Statements:
    """The statements for *dialect*, composed and compiled once in a process."""
    return Statements(dialect)


def _of_contract(table: Table) -> tuple[ColumnElement[bool], ...]:
    return table.c.institution == bindparam("institution"), table.c.contract == bindparam("contract")


def _latest_of(table: Table) -> Select[*tuple[Any, ...]]:
    latest = select(table).where(*_of_contract(table)).order_by(table.c.number.desc())
    return latest.limit(literal_column("1")).offset(_NONE)


def _page(statement: Select[*tuple[Any, ...]], keys: Sequence[Column[Any]]) -> Select[*tuple[Any, ...]]:
    """The first rows of *statement* behind a key, in the order of the keys."""
    return statement.where(_behind(keys)).order_by(*keys).limit(bindparam("limit")).offset(_NONE)


def _behind(keys: Sequence[Column[Any]]) -> ColumnElement[bool]:
    after = [bindparam(f"after_{n}", type_=key.type) for n, key in enumerate(keys)]
    return tuple_(*keys) > tuple_(*after)


def _heads_of(table: Table, name: Column[str] | None = None) -> Select[*tuple[Any, ...]]:
    name = table.c.id if name is None else name
    return (
        select(name, table.c.chain_seq, table.c.chain_digest)
        .where(name > bindparam("after"))
        .order_by(name)
        .limit(bindparam("limit"))
        .offset(_NONE)
    )


def _either(column: Column[Any]) -> ColumnElement[bool]:
    return column.in_([bindparam("known"), bindparam("decoy")])


def _addition(table: Table, dialect: Dialect, columns: Iterable[str] | None = None) -> Write:
    given = {name: table.c[name] for name in (table.c.keys() if columns is None else columns)}
    values = {name: bindparam(name, type_=column.type) for name, column in given.items()}
    if_met = insert(table).from_select(list(given), select(*values.values()).select_from(_MET))
    rows = _arrays(given, dialect)
    many = rows and f"INSERT INTO {table.name} ({_quoted(given)}) SELECT * FROM {rows}"  # noqa: S608 -- our own names
    return Write(_text(insert(table).values(values), dialect), if_met=_text(if_met, dialect), many=many)


def _arrays(columns: Mapping[str, Column[Any]], dialect: Dialect) -> str | None:
    """Rows of *columns*, each of which is a parameter of its name that holds an array; None where there are none."""
    if dialect.name != "postgresql":
        return None
    types = {name: column.type.compile(dialect=dialect).partition(" COLLATE")[0] for name, column in columns.items()}
    # Binary: as text, psycopg looks through each element for what would have to be quoted.
    arrays = ", ".join(f"%({name})b::{kind}[]" for name, kind in types.items())
    return f"unnest({arrays}) AS many({_quoted(columns)})"


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _find(statement: Select[*tuple[Any, ...]], dialect: Dialect) -> Find:
    return Find(_text(statement, dialect), _text(statement.with_for_update(), dialect))


def _text(statement: ClauseElement, dialect: Dialect) -> str:
    compiled = statement.compile(dialect=dialect)
    assert all(value is None for value in (compiled.params or {}).values()), "a value is a parameter with a name"
    return str(compiled)
