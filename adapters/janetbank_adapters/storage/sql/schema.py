"""The tables, the same on SQLite and PostgreSQL.

Whatever is searched, counted or unique is a column with its constraint; the rest of an aggregate is compact JSON text.
What this module says and what the migrations make are compared by a test, on both engines.

Shape:  SQLAlchemy Core tables; `rows` translates between their rows and the aggregates.
Units:  instants are TIMESTAMPTZ on PostgreSQL and microseconds since 1970 UTC on SQLite; days are DATE and ISO text.
Source: CRD-04 and AMB-27 (unique login ids, tombstones included), LCK-16 (counters), AMB-3 (routes), TKN-05 (ids),
        docs/decisions/0003, 0004.

`contract.login_key` and `contract.account_key` hold what a contract is found by: its canonical login id and its
representative account, or for a decoy "?", its institution and its key, in both.  No login id and no account begins
with "?", so one statement finds the bearer or else the decoy.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    TextClause,
    false,
    text,
)
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.types import TypeEngine

# Texts compare by code point everywhere, as in Python; no locale of a server decides what is unique or comes first.
TEXT: TypeEngine[Any] = Text().with_variant(Text(collation="C"), "postgresql")
INSTANT: TypeEngine[Any] = BigInteger().with_variant(TIMESTAMP(timezone=True), "postgresql")
DAY: TypeEngine[Any] = Text().with_variant(Date(), "postgresql")

LOGIN_KEY_INDEX = "contract_login_key"
ACCOUNT_KEY_INDEX = "contract_account_key"

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_key",
        "ck": "%(table_name)s_%(constraint_name)s",
        "fk": "%(table_name)s_of",
    }
)


NOTHING = text("0")


def _counter(name: str, *, default: TextClause | None = None) -> list[Column[Any] | CheckConstraint]:
    return [
        Column(f"{name}_failures", Integer, nullable=False, server_default=default),
        Column(f"{name}_lockouts", Integer, nullable=False, server_default=default),
        Column(f"{name}_locked_until", INSTANT),
        Column(f"{name}_blocked_since", INSTANT),
        Column(f"{name}_issued", BigInteger, nullable=False, server_default=default),
        # The numbers of the tickets that failed, and the open tickets with their deadlines; NULL for none of either.
        Column(f"{name}_tickets", Text),
        CheckConstraint(
            f"{name}_failures >= 0 AND {name}_lockouts >= 0 AND {name}_issued >= {name}_failures",
            name=f"{name}_counts",
        ),
    ]


contract = Table(
    "contract",
    metadata,
    Column("institution", TEXT, nullable=False),
    Column("id", TEXT, nullable=False),
    Column("status", TEXT, nullable=False),
    Column("namespace", TEXT, nullable=False),
    Column("login_key", TEXT),
    Column("login_typed", TEXT),
    Column("account_key", TEXT),
    Column("password", Text, nullable=False),
    *_counter("password"),
    *_counter("answer"),
    # Whoever had a contract before there were tokens has counted nothing on these.
    *_counter("start_password", default=NOTHING),
    *_counter("code", default=NOTHING),
    *_counter("payment", default=NOTHING),
    *_counter("mail_password", default=NOTHING),
    Column("confirmation", Text),
    *_counter("confirmation", default=NOTHING),
    Column("provisional_until", INSTANT),
    Column("notice_by", TEXT),
    Column("notice_at", INSTANT),
    Column("customer_due", Boolean, nullable=False, server_default=false()),
    Column("form_tries_on", DAY),
    Column("form_tries", Integer, nullable=False, server_default=NOTHING),
    Column("questions", Text, nullable=False),
    Column("asked", Integer),
    Column("places", Text, nullable=False),
    Column("session_epoch", Integer, nullable=False),
    Column("suspended_since", INSTANT),
    Column("investigated_since", INSTANT),
    Column("password_reset_at", INSTANT),
    Column("questions_reset_at", INSTANT),
    Column("transfers_from", INSTANT),
    Column("must_change_password", Boolean, nullable=False, server_default=false()),
    Column("transaction_auth_advised", Boolean, nullable=False, server_default=false()),
    Column("applied_at", INSTANT, nullable=False),
    Column("effective_on", DAY, nullable=False),
    Column("otp_wanted", Boolean),
    Column("otp_entitled_at", INSTANT),
    # The used accounts; NULL for none of them.
    Column("accounts", Text),
    Column("ends_on", DAY),
    # The first day on which the night batch has something to do here; not part of the aggregate, which knows it anyway.
    Column("due_on", DAY),
    Column("chain_seq", BigInteger, nullable=False),
    Column("chain_digest", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    PrimaryKeyConstraint("institution", "id"),
    CheckConstraint("status IN ('applied', 'active', 'leaving', 'cancelled', 'decoy')", name="status"),
    CheckConstraint(
        "(status = 'decoy') = (login_key IS NOT NULL AND account_key IS NOT NULL"
        " AND substr(login_key, 1, 1) = '?' AND login_key = account_key)",
        name="decoy",
    ),
    CheckConstraint(
        "status = 'decoy' OR (substr(coalesce(login_key, ''), 1, 1) <> '?'"
        " AND substr(coalesce(account_key, ''), 1, 1) <> '?')",
        name="real",
    ),
    CheckConstraint("form_tries >= 0", name="form_tries_count"),
    CheckConstraint("asked >= 0 AND session_epoch >= 0 AND chain_seq >= 0 AND version >= 1", name="numbers"),
    # Room on each page for the next version of its rows, so that a counted guess touches no index.
    postgresql_with={"fillfactor": 75},
)

# A contract's chain is named by its id alone.
Index("contract_id", contract.c.id, unique=True)
# Tombstones included: a cancelled contract keeps its login id from everybody else until it releases it (AMB-27).
Index(LOGIN_KEY_INDEX, contract.c.namespace, contract.c.login_key, unique=True)
LIVE = text("status <> 'cancelled'")
"""The same words in the index and in the statements: PostgreSQL uses a partial index where it knows its condition."""
Index(
    ACCOUNT_KEY_INDEX,
    contract.c.institution,
    contract.c.account_key,
    unique=True,
    sqlite_where=LIVE,
    postgresql_where=LIVE,
)

DUE = text("due_on IS NOT NULL")
"""Few at any time: what the night batch reads from one end to the other, in the order of the keys."""
Index(
    "contract_due",
    contract.c.institution,
    contract.c.id,
    contract.c.due_on,
    sqlite_where=DUE,
    postgresql_where=DUE,
)

customer = Table(
    "customer",
    metadata,
    Column("institution", TEXT, nullable=False),
    Column("contract", TEXT, nullable=False),
    Column("data", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    PrimaryKeyConstraint("institution", "contract"),
    # Deferred: which of the two is written first in their transaction is nobody's business.
    ForeignKeyConstraint(
        ["institution", "contract"], ["contract.institution", "contract.id"], deferrable=True, initially="DEFERRED"
    ),
    CheckConstraint("version >= 1", name="numbers"),
)

# No foreign key and no second index here and in `audit`: both are written at each login. Contracts are never deleted,
# and a sweep may take its time.
session = Table(
    "session",
    metadata,
    Column("key", TEXT, nullable=False),
    Column("institution", TEXT, nullable=False),
    Column("contract", TEXT, nullable=False),
    Column("assurance", TEXT, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("by", Text, nullable=False),
    Column("channel", TEXT, nullable=False),
    Column("device", Text, nullable=False),
    Column("network", Text, nullable=False),
    Column("platform", Text, nullable=False),
    Column("question", Integer),
    Column("opened_at", INSTANT, nullable=False),
    Column("used_at", INSTANT, nullable=False),
    Column("stepped_up_at", INSTANT),
    Column("confirmed_at", INSTANT),
    Column("version", BigInteger, nullable=False),
    PrimaryKeyConstraint("key"),
    CheckConstraint("assurance IN ('password', 'code', 'call', 'duty', 'applying', 'full')", name="assurance"),
    CheckConstraint("epoch >= 0 AND question >= 0 AND version >= 1", name="numbers"),
    sqlite_with_rowid=False,
)

procedure = Table(
    "procedure",
    metadata,
    Column("key", TEXT, nullable=False),
    Column("id", TEXT, nullable=False),
    Column("kind", TEXT, nullable=False),
    Column("expires_at", INSTANT, nullable=False),
    Column("data", Text, nullable=False),
    Column("chain_seq", BigInteger, nullable=False),
    Column("chain_digest", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    PrimaryKeyConstraint("key"),
    Index("procedure_id", "id", unique=True),
    CheckConstraint("chain_seq >= 0 AND version >= 1", name="numbers"),
)

# A route, a pair of numbers, belongs to the newest attempt on it; `on_route` is not part of the aggregate.
phone_attempt = Table(
    "phone_attempt",
    metadata,
    Column("id", TEXT, nullable=False),
    Column("institution", TEXT, nullable=False),
    Column("contract", TEXT, nullable=False),
    Column("number", Integer, nullable=False),
    Column("caller", TEXT, nullable=False),
    Column("destination", TEXT, nullable=False),
    Column("on_route", Boolean, nullable=False),
    Column("call", TEXT),
    Column("started_at", INSTANT, nullable=False),
    Column("window_end", INSTANT, nullable=False),
    Column("data", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    PrimaryKeyConstraint("id"),
    CheckConstraint("number >= 1 AND version >= 1", name="numbers"),
    Index("phone_attempt_number", "institution", "contract", "number", unique=True),
)
ON_ROUTE = text("on_route")
Index(
    "phone_attempt_route",
    phone_attempt.c.caller,
    phone_attempt.c.destination,
    unique=True,
    sqlite_where=ON_ROUTE,
    postgresql_where=ON_ROUTE,
)
# NULLs are as many as there like.
Index("phone_attempt_call", phone_attempt.c.call, unique=True)

token = Table(
    "token",
    metadata,
    Column("institution", TEXT, nullable=False),
    Column("contract", TEXT, nullable=False),
    Column("number", Integer, nullable=False),
    Column("service_id", TEXT, nullable=False),
    Column("user_id", TEXT, nullable=False),
    Column("state", TEXT, nullable=False),
    Column("data", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    PrimaryKeyConstraint("institution", "contract", "number"),
    CheckConstraint("number >= 1 AND version >= 1", name="numbers"),
    Index("token_ids", "service_id", "user_id", unique=True),
)
# Few at any time: what a sweep reads from one end to the other.
UNFINISHED = text("state IN ('phone_pending', 'issued')")
Index(
    "token_unfinished",
    token.c.institution,
    token.c.contract,
    token.c.number,
    sqlite_where=UNFINISHED,
    postgresql_where=UNFINISHED,
)

instruction = Table(
    "instruction",
    metadata,
    Column("reference", TEXT, nullable=False),
    Column("institution", TEXT, nullable=False),
    Column("contract", TEXT, nullable=False),
    Column("state", TEXT, nullable=False),
    Column("requested_at", INSTANT, nullable=False),
    Column("data", Text, nullable=False),
    # From which day on the host is to be asked; not part of the aggregate, which knows it anyway.
    Column("ask_on", DAY),
    Column("version", BigInteger, nullable=False),
    PrimaryKeyConstraint("reference"),
    CheckConstraint("version >= 1", name="numbers"),
)
# What is done is most of them, and nobody looks for it but by its reference.
WAITING = text("state = 'proof_awaited'")
Index(
    "instruction_waiting",
    instruction.c.institution,
    instruction.c.contract,
    instruction.c.requested_at,
    sqlite_where=WAITING,
    postgresql_where=WAITING,
)

# What the host has, or may have: few of a contract's, and what an operator asks for (SUS-04).
PENDING = text("ask_on IS NOT NULL")
Index(
    "instruction_pending",
    instruction.c.institution,
    instruction.c.contract,
    instruction.c.requested_at,
    sqlite_where=PENDING,
    postgresql_where=PENDING,
)
Index(
    "instruction_unsettled",
    instruction.c.ask_on,
    instruction.c.reference,
    sqlite_where=PENDING,
    postgresql_where=PENDING,
)

allowance = Table(
    "allowance",
    metadata,
    Column("institution", TEXT, nullable=False),
    Column("contract", TEXT, nullable=False),
    Column("account", TEXT, nullable=False),
    Column("daily_limit", Integer),
    # The days on which something counts, each with its yen.
    Column("used", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    PrimaryKeyConstraint("institution", "contract", "account"),
    CheckConstraint("daily_limit >= 0 AND version >= 1", name="numbers"),
)

operator = Table(
    "operator",
    metadata,
    Column("id", TEXT, nullable=False),
    Column("institution", TEXT, nullable=False),
    Column("status", TEXT, nullable=False),
    Column("person", TEXT),
    Column("data", Text, nullable=False),
    Column("chain_seq", BigInteger, nullable=False),
    Column("chain_digest", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    PrimaryKeyConstraint("id"),
    CheckConstraint("status IN ('active', 'retired', 'decoy')", name="status"),
    CheckConstraint("(status = 'decoy') = (person IS NULL)", name="hand"),
    CheckConstraint("chain_seq >= 0 AND version >= 1", name="numbers"),
)
REAL = text("status <> 'decoy'")
Index("operator_of", operator.c.institution, operator.c.id, sqlite_where=REAL, postgresql_where=REAL)

operator_session = Table(
    "operator_session",
    metadata,
    Column("key", TEXT, nullable=False),
    Column("operator", TEXT, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("opened_at", INSTANT, nullable=False),
    Column("used_at", INSTANT, nullable=False),
    Column("version", BigInteger, nullable=False),
    PrimaryKeyConstraint("key"),
    CheckConstraint("epoch >= 0 AND version >= 1", name="numbers"),
)

# What is in the way of another case of the same matter is `live`; what is late from when on is `due_at`.
operator_case = Table(
    "operator_case",
    metadata,
    Column("id", TEXT, nullable=False),
    Column("institution", TEXT, nullable=False),
    Column("contract", TEXT, nullable=False),
    Column("kind", TEXT, nullable=False),
    Column("subject", TEXT, nullable=False),
    Column("live", Boolean, nullable=False),
    Column("due_at", INSTANT),
    Column("opened_at", INSTANT, nullable=False),
    Column("data", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    PrimaryKeyConstraint("id"),
    CheckConstraint(
        "kind IN ('suspension', 'suspension_release', 'block_release', 'fee_exemption', 'cancellation', 'token_form')",
        name="kind",
    ),
    CheckConstraint("version >= 1", name="numbers"),
    Index("operator_case_of", "institution", "contract", "opened_at"),
)
IS_LIVE = text("live")
Index(
    "operator_case_matter",
    operator_case.c.institution,
    operator_case.c.contract,
    operator_case.c.kind,
    operator_case.c.subject,
    unique=True,
    sqlite_where=IS_LIVE,
    postgresql_where=IS_LIVE,
)
IS_DUE = text("due_at IS NOT NULL")
Index(
    "operator_case_due",
    operator_case.c.institution,
    operator_case.c.due_at,
    sqlite_where=IS_DUE,
    postgresql_where=IS_DUE,
)

# In the order in which it is read; the primary key is the report's and its own.
acceptance = Table(
    "acceptance",
    metadata,
    Column("report_on", DAY, nullable=False),
    Column("institution", TEXT, nullable=False),
    Column("branch", TEXT, nullable=False),
    Column("accepted_at", INSTANT, nullable=False),
    Column("contract", TEXT, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("data", Text, nullable=False),
    PrimaryKeyConstraint("report_on", "institution", "branch", "accepted_at", "contract", "seq"),
    CheckConstraint("seq >= 0", name="numbers"),
    Index("acceptance_of", "institution", "contract", "seq", unique=True),
)

fee_terms = Table(
    "fee_terms",
    metadata,
    Column("institution", TEXT, nullable=False),
    Column("contract", TEXT, nullable=False),
    Column("data", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    PrimaryKeyConstraint("institution", "contract"),
    CheckConstraint("version >= 1", name="numbers"),
)

charge = Table(
    "charge",
    metadata,
    Column("institution", TEXT, nullable=False),
    Column("contract", TEXT, nullable=False),
    Column("kind", TEXT, nullable=False),
    Column("reference", TEXT, nullable=False),
    Column("month", TEXT, nullable=False),
    Column("account", TEXT, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("collected_on", DAY),
    PrimaryKeyConstraint("institution", "contract", "kind", "reference"),
    CheckConstraint("kind IN ('monthly', 'transfer', 'accrued', 'deferred')", name="kind"),
    CheckConstraint("amount >= 0", name="numbers"),
)
ACCRUED = text("kind = 'accrued'")
Index(
    "charge_accrued",
    charge.c.month,
    charge.c.institution,
    charge.c.contract,
    charge.c.account,
    sqlite_where=ACCRUED,
    postgresql_where=ACCRUED,
)

batch_run = Table(
    "batch_run",
    metadata,
    Column("day", DAY, nullable=False),
    Column("data", Text, nullable=False),
    Column("chain", TEXT, nullable=False),
    Column("chain_seq", BigInteger, nullable=False),
    Column("chain_digest", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    PrimaryKeyConstraint("day"),
    CheckConstraint("chain_seq >= 0 AND version >= 1", name="numbers"),
)

letter = Table(
    "letter",
    metadata,
    Column("id", TEXT, nullable=False),
    Column("due_at", INSTANT, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("data", Text, nullable=False),
    PrimaryKeyConstraint("id"),
    CheckConstraint("tries >= 0", name="numbers"),
    Index("letter_due", "due_at", "id"),
)

audit = Table(
    "audit",
    metadata,
    Column("chain", TEXT, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("at", INSTANT, nullable=False),
    Column("kind", Text, nullable=False),
    Column("data", Text, nullable=False),
    Column("previous", Text, nullable=False),
    Column("digest", Text, nullable=False),
    PrimaryKeyConstraint("chain", "seq"),
    CheckConstraint("seq >= 1", name="numbers"),
    sqlite_with_rowid=False,
)

checkpoint = Table(
    "checkpoint",
    metadata,
    Column("number", BigInteger, nullable=False, autoincrement=False),
    Column("at", INSTANT, nullable=False),
    Column("heads", Text, nullable=False),
    Column("key_id", Text, nullable=False),
    Column("seal", Text, nullable=False),
    PrimaryKeyConstraint("number"),
)
