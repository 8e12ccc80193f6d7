"""Rows: how aggregates are written into the tables' columns, and read back.

On the way in, a row is a mapping from column to value; on the way out, a tuple in the order of the table's columns.
What a login reads and writes is translated by hand, since that is most of what a login costs here; the rest by cattrs.

Shape:  `Rows(instant_in, instant_out, day_in, day_out)`: how a driver writes and reads instants and days.
Errors: what reading raises where a row is not what was written is `Corrupt` to the caller (`storage` sees to that);
        ValueError for a contract that is half a decoy.
Source: docs/decisions/0003, 0004.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

from attrs import frozen
from cattrs.preconf.json import make_converter

from janetbank.model.acceptance import Acceptance
from janetbank.model.allowance import Allowance
from janetbank.model.audit import ChainHead, Entry, Plain
from janetbank.model.batch import BatchRun
from janetbank.model.case import Case
from janetbank.model.contract import Contract, NoticeAsked, RegisteredQuestion
from janetbank.model.customer import Customer
from janetbank.model.fee import Accrued, Charge, ChargeKind, FeeTerms
from janetbank.model.instruction import Instruction
from janetbank.model.letter import Letter
from janetbank.model.operator import Operator, OperatorSession
from janetbank.model.phone_attempt import PhoneAttempt
from janetbank.model.procedure import KINDS, Procedure, kind_of
from janetbank.model.session import Assurance, Session
from janetbank.model.token import Token
from janetbank.policies.accounts import AccountState, LinkedAccount
from janetbank.policies.contract_life import ContractStatus
from janetbank.policies.identity_form import FormTries
from janetbank.policies.limits import Usage
from janetbank.policies.lockout import Tally, Ticket
from janetbank.policies.risk import Place
from janetbank.ports.storage import Checkpoint
from janetbank.values.account import Account, AccountNumber, AccountType, Branch
from janetbank.values.daily_limit import DailyLimit
from janetbank.values.environment import Channel
from janetbank.values.identifiers import ContractId, InstitutionId
from janetbank.values.login_id import LoginId
from janetbank.values.moment import aware
from janetbank.values.money import Yen
from janetbank.values.month import Month
from janetbank.values.operator import PersonId

Value = str | int | bool | datetime | date | None
Row = Mapping[str, Value]
Stored = Sequence[Any]
"""A row as a driver hands it out; what is in it is checked by making the aggregate."""

_DECOY = "?"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

_STATUSES = {status.value: status for status in ContractStatus}
_ASSURANCES = {assurance.value: assurance for assurance in Assurance}
_CHANNELS = {channel.value: channel for channel in Channel}
_CHARGE_KINDS = {kind.value: kind for kind in ChargeKind}
_ACCOUNT_STATES = {state.value: state for state in AccountState}
_ACCOUNT_TYPES = {kind.value: kind for kind in AccountType}
_EMPTY = Tally()

_whole = make_converter()
_whole.register_unstructure_hook(timedelta, lambda length: length // _MICROSECOND)
_whole.register_structure_hook(timedelta, lambda stored, _: stored * _MICROSECOND)


def microseconds(moment: datetime) -> int:
    """*moment* as microseconds since 1970 UTC: how SQLite keeps an instant."""
    return (moment - _EPOCH) // _MICROSECOND


def moment_of(stored: int) -> datetime:
    """The instant of so many microseconds since 1970 UTC."""
    return _EPOCH + timedelta(microseconds=stored)


def found_by(institution: InstitutionId, decoy: str) -> str:
    """What the decoy with this key is found by, as if it were a login id or an account."""
    return f"{_DECOY}{institution.code}{decoy}"


_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

NO_DIGITS = f"%{_json({'digits': None})[1:-1]}%"
"""What the data of a phone attempt without digits is like; of nothing else in it, for a quote in a text is escaped."""


@frozen
class Rows:
    """See the module."""

    instant_in: Callable[[datetime], Value]
    instant_out: Callable[[Any], datetime]
    day_in: Callable[[date], Value]
    day_out: Callable[[Any], date]

    # --- contract ---------------------------------------------------------------------------------------------------

    def contract_row(self, contract: Contract) -> dict[str, Value]:
        """The whole row, but for the version."""
        row: dict[str, Value] = {"institution": contract.institution.code, "id": contract.id.text}
        for encode in dict.fromkeys(_CONTRACT.values()):
            row.update(encode(self, contract))
        return row

    def new_contract_row(self, contract: Contract) -> dict[str, Value]:
        """The row, but for the version and for what the table has where nothing is said.

        Nearly all of a decoy is that, and a wrong password for nobody must take as long as one for somebody.
        """
        keys = {"institution": contract.institution.code, "id": contract.id.text}
        return {**keys, **_SAID_OF_ALL, **self.contract_changes(_BLANK, contract)}

    def contract_changes(self, read: Contract, contract: Contract) -> dict[str, Value]:
        """The columns in which *contract* differs from what was *read*.

        Both are looked through as the dictionaries that they are: nearly nothing has changed at a login.
        """
        row: dict[str, Value] = {}
        was = vars(read)
        for name, is_ in vars(contract).items():
            # Two login ids are equal that were typed differently, and how it was typed is kept, too.
            if is_ is not was[name] and (is_ != was[name] or name == "login_id") and name in _CONTRACT:
                row.update(_CONTRACT[name](self, contract))
        return row

    def contract(self, stored: Stored) -> Contract:
        """The contract of a whole row."""
        (
            institution, id_, status, namespace, login_key, login_typed, account_key, password,
            _, password_lockouts, password_locked_until, password_blocked_since, password_issued, password_tickets,
            _, answer_lockouts, answer_locked_until, answer_blocked_since, answer_issued, answer_tickets,
            _, start_lockouts, start_locked_until, start_blocked_since, start_issued, start_tickets,
            _, code_lockouts, code_locked_until, code_blocked_since, code_issued, code_tickets,
            _, payment_lockouts, payment_locked_until, payment_blocked_since, payment_issued, payment_tickets,
            _, mail_lockouts, mail_locked_until, mail_blocked_since, mail_issued, mail_tickets,
            confirmation,
            _, confirmation_lockouts, confirmation_locked_until, confirmation_blocked_since, confirmation_issued,
            confirmation_tickets, provisional_until, notice_by, notice_at, customer_due,
            form_tries_on, form_tries, questions, asked, places, session_epoch,
            suspended_since, investigated_since, password_reset_at, questions_reset_at, transfers_from,
            must_change_password, transaction_auth_advised, applied_at, effective_on, otp_wanted, otp_entitled_at,
            accounts, ends_on, _,
            chain_seq, chain_digest, version,
        ) = stored  # fmt: skip
        decoy = status == ContractStatus.DECOY.value
        named_so = (login_key or "").startswith(_DECOY) and login_key == account_key
        # The tables forbid it, too; a backup that was read back without its conditions does not.
        if named_so is not decoy or min(form_tries, asked or 0, session_epoch, chain_seq, version - 1) < 0:
            raise ValueError
        return Contract(
            institution=InstitutionId(institution),
            id=ContractId(id_),
            status=_STATUSES[status],
            namespace=namespace,
            login_id=LoginId(login_typed, login_key) if login_key and not decoy else None,
            account=_account(account_key) if account_key and not decoy else None,
            accounts=self._accounts(accounts) if accounts else (),
            decoy_key=login_key[len(found_by(InstitutionId(institution), "")) :] if decoy else None,
            password=password,
            password_tally=self._tally(
                password_lockouts, password_locked_until, password_blocked_since, password_issued, password_tickets
            ),
            questions=_questions(questions),
            asked=asked,
            answer_tally=self._tally(
                answer_lockouts, answer_locked_until, answer_blocked_since, answer_issued, answer_tickets
            ),
            start_password_tally=self._tally(
                start_lockouts, start_locked_until, start_blocked_since, start_issued, start_tickets
            ),
            code_tally=self._tally(code_lockouts, code_locked_until, code_blocked_since, code_issued, code_tickets),
            payment_tally=self._tally(
                payment_lockouts, payment_locked_until, payment_blocked_since, payment_issued, payment_tickets
            ),
            confirmation=confirmation,
            confirmation_tally=self._tally(
                confirmation_lockouts,
                confirmation_locked_until,
                confirmation_blocked_since,
                confirmation_issued,
                confirmation_tickets,
            ),
            mail_password_tally=self._tally(
                mail_lockouts, mail_locked_until, mail_blocked_since, mail_issued, mail_tickets
            ),
            provisional_until=self._moment(provisional_until),
            notice_asked=notice_by and NoticeAsked(PersonId(notice_by), self.instant_out(notice_at)),
            customer_due=bool(customer_due),
            form_tries=FormTries(form_tries_on and self.day_out(form_tries_on), form_tries),
            places=tuple([Place(*place) for place in json.loads(places)]),
            session_epoch=session_epoch,
            suspended_since=self._moment(suspended_since),
            investigated_since=self._moment(investigated_since),
            password_reset_at=self._moment(password_reset_at),
            questions_reset_at=self._moment(questions_reset_at),
            transfers_from=self._moment(transfers_from),
            must_change_password=bool(must_change_password),
            transaction_auth_advised=bool(transaction_auth_advised),
            applied_at=self.instant_out(applied_at),
            effective_on=self.day_out(effective_on),
            ends_on=ends_on and self.day_out(ends_on),
            otp_wanted=None if otp_wanted is None else bool(otp_wanted),
            otp_entitled_at=self._moment(otp_entitled_at),
            chain=ChainHead(chain_seq, chain_digest),
            version=version,
        )

    def _tally(
        self, lockouts: int, locked_until: object, blocked_since: object, issued: int, tickets: str | None
    ) -> Tally:
        if not (issued or lockouts or locked_until or blocked_since or tickets):
            return _EMPTY
        failed, still_open, forgiven = json.loads(tickets) if tickets else ((), (), ())
        if lockouts < 0 or issued < len(failed):
            raise ValueError
        return Tally(
            failed=tuple(failed),
            open=tuple([Ticket(number, moment_of(deadline)) for number, deadline in still_open]),
            forgiven=tuple([Ticket(number, moment_of(deadline)) for number, deadline in forgiven]),
            issued=issued,
            lockouts=lockouts,
            locked_until=self._moment(locked_until),
            blocked_since=self._moment(blocked_since),
        )

    def _accounts(self, stored: str) -> tuple[LinkedAccount, ...]:
        return tuple(
            [
                LinkedAccount(_account(account), _ACCOUNT_STATES[state], day and date.fromisoformat(day))
                for account, state, day in json.loads(stored)
            ]
        )

    def _moment(self, stored: object) -> datetime | None:
        return None if stored is None else self.instant_out(stored)

    def _instant(self, moment: datetime | None) -> Value:
        return None if moment is None else self.instant_in(moment)

    # --- customer ---------------------------------------------------------------------------------------------------

    def customer_row(self, customer: Customer) -> dict[str, Value]:
        """The whole row, but for the version."""
        data = _whole.unstructure(customer)
        for column in ("institution", "contract", "version"):
            del data[column]
        return {"institution": customer.institution.code, "contract": customer.contract.text, "data": _json(data)}

    def customer(self, stored: Stored) -> Customer:
        """The customer of a whole row."""
        institution, contract, data, version = stored
        keys = {"institution": {"code": institution}, "contract": {"text": contract}, "version": version}
        return _whole.structure(json.loads(data) | keys, Customer)

    # --- session ----------------------------------------------------------------------------------------------------

    def session_row(self, session: Session) -> dict[str, Value]:
        """The whole row, but for the version."""
        return {
            "key": session.key,
            "institution": session.institution.code,
            "contract": session.contract.text,
            "assurance": session.assurance.value,
            "epoch": session.epoch,
            "by": session.by,
            "channel": session.channel.value,
            "device": session.place.device,
            "network": session.place.network,
            "platform": session.place.platform,
            "question": session.question,
            "opened_at": self.instant_in(session.opened_at),
            "used_at": self.instant_in(session.used_at),
            "stepped_up_at": self._instant(session.stepped_up_at),
            "confirmed_at": self._instant(session.confirmed_at),
        }

    def session(self, stored: Stored) -> Session:
        """The session of a whole row."""
        (
            key, institution, contract, assurance, epoch, by, channel, device, network, platform, question,
            opened_at, used_at, stepped_up_at, confirmed_at, version,
        ) = stored  # fmt: skip
        return Session(
            key=key,
            institution=InstitutionId(institution),
            contract=ContractId(contract),
            assurance=_ASSURANCES[assurance],
            epoch=epoch,
            by=by,
            channel=_CHANNELS[channel],
            place=Place(device, network, platform),
            question=question,
            opened_at=self.instant_out(opened_at),
            used_at=self.instant_out(used_at),
            stepped_up_at=self._moment(stepped_up_at),
            confirmed_at=self._moment(confirmed_at),
            version=version,
        )

    # --- procedure --------------------------------------------------------------------------------------------------

    def procedure_row(self, procedure: Procedure) -> dict[str, Value]:
        """The whole row, but for the version."""
        data = _whole.unstructure(procedure)
        for column in ("key", "id", "expires_at", "chain", "version"):
            del data[column]
        return {
            "key": procedure.key,
            "id": procedure.id,
            "kind": kind_of(procedure),
            "expires_at": self.instant_in(procedure.expires_at),
            "data": _json(data),
            "chain_seq": procedure.chain.seq,
            "chain_digest": procedure.chain.digest,
        }

    def procedure(self, stored: Stored) -> Procedure:
        """The procedure of a whole row."""
        key, id_, kind, expires_at, data, chain_seq, chain_digest, version = stored
        columns = {
            "key": key,
            "id": id_,
            "expires_at": self.instant_out(expires_at).isoformat(),
            "chain": {"seq": chain_seq, "digest": chain_digest},
            "version": version,
        }
        return _whole.structure(json.loads(data) | columns, KINDS[kind])

    # --- phone attempt ----------------------------------------------------------------------------------------------

    def phone_attempt_row(self, attempt: PhoneAttempt) -> dict[str, Value]:
        """The whole row, but for the version and for whether the route is its own."""
        data = _whole.unstructure(attempt)
        for column in ("id", "institution", "contract", "number", "route", "version"):
            del data[column]
        return {
            "id": attempt.id,
            "institution": attempt.institution.code,
            "contract": attempt.contract.text,
            "number": attempt.number,
            "caller": attempt.route.caller.e164,
            "destination": attempt.route.destination.e164,
            "call": attempt.progress.call,
            "started_at": self.instant_in(attempt.progress.start),
            "window_end": self.instant_in(attempt.window_end),
            "data": _json(data),
        }

    def phone_attempt(self, stored: Stored) -> PhoneAttempt:
        """The attempt of a whole row."""
        id_, institution, contract, number, caller, destination, _, _, _, _, data, version = stored
        columns = {
            "id": id_,
            "institution": {"code": institution},
            "contract": {"text": contract},
            "number": number,
            "route": {"caller": {"e164": caller}, "destination": {"e164": destination}},
            "version": version,
        }
        return _whole.structure(json.loads(data) | columns, PhoneAttempt)

    # --- token ------------------------------------------------------------------------------------------------------

    def token_row(self, token: Token) -> dict[str, Value]:
        """The whole row, but for the version."""
        data = _whole.unstructure(token)
        for column in ("institution", "contract", "number", "service_id", "user_id", "state", "version"):
            del data[column]
        return {
            "institution": token.institution.code,
            "contract": token.contract.text,
            "number": token.number,
            "service_id": token.service_id,
            "user_id": token.user_id,
            "state": token.state.value,
            "data": _json(data),
        }

    def token(self, stored: Stored) -> Token:
        """The token of a whole row."""
        institution, contract, number, service_id, user_id, state, data, version = stored
        columns = {
            "institution": {"code": institution},
            "contract": {"text": contract},
            "number": number,
            "service_id": service_id,
            "user_id": user_id,
            "state": state,
            "version": version,
        }
        return _whole.structure(json.loads(data) | columns, Token)

    # --- instruction ------------------------------------------------------------------------------------------------

    def instruction_row(self, instruction: Instruction) -> dict[str, Value]:
        """The whole row, but for the version."""
        data = _whole.unstructure(instruction)
        for column in ("institution", "contract", "state", "requested_at", "version"):
            del data[column]
        return {
            "reference": instruction.reference,
            "ask_on": instruction.ask_on and self.day_in(instruction.ask_on),
            "institution": instruction.institution.code,
            "contract": instruction.contract.text,
            "state": instruction.state.value,
            "requested_at": self.instant_in(instruction.requested_at),
            "data": _json(data),
        }

    def instruction(self, stored: Stored) -> Instruction:
        """The instruction of a whole row."""
        _, institution, contract, state, requested_at, data, _, version = stored
        columns = {
            "institution": {"code": institution},
            "contract": {"text": contract},
            "state": state,
            "requested_at": self.instant_out(requested_at).isoformat(),
            "version": version,
        }
        return _whole.structure(json.loads(data) | columns, Instruction)

    # --- allowance --------------------------------------------------------------------------------------------------

    def allowance_row(self, allowance: Allowance) -> dict[str, Value]:
        """The whole row, but for the version."""
        return {
            "institution": allowance.institution.code,
            "contract": allowance.contract.text,
            "account": str(allowance.account),
            "daily_limit": None if allowance.limit is None else allowance.limit.man,
            "used": _json([(day.isoformat(), spent.amount) for day, spent in allowance.usage.days]),
        }

    def allowance(self, stored: Stored) -> Allowance:
        """The allowance of a whole row."""
        institution, contract, account, daily_limit, used, version = stored
        return Allowance(
            institution=InstitutionId(institution),
            contract=ContractId(contract),
            account=_account(account),
            limit=None if daily_limit is None else DailyLimit(daily_limit),
            usage=Usage(tuple([(date.fromisoformat(day), Yen(spent)) for day, spent in json.loads(used)])),
            version=version,
        )

    # --- behind the counter -----------------------------------------------------------------------------------------

    def operator_row(self, operator: Operator) -> dict[str, Value]:
        """The whole row, but for the version."""
        data = _whole.unstructure(operator)
        for column in ("institution", "name", "status", "chain", "version"):
            del data[column]
        data["roles"] = sorted(data["roles"])
        return {
            "id": operator.name,
            "institution": operator.institution.code,
            "status": operator.status.value,
            "person": None if operator.hand is None else operator.hand.person.text,
            "data": _json(data),
            "chain_seq": operator.chain.seq,
            "chain_digest": operator.chain.digest,
        }

    def operator(self, stored: Stored) -> Operator:
        """The account of a whole row."""
        name, institution, status, _, data, chain_seq, chain_digest, version = stored
        columns = {
            "institution": {"code": institution},
            "name": name,
            "status": status,
            "chain": {"seq": chain_seq, "digest": chain_digest},
            "version": version,
        }
        return _whole.structure(json.loads(data) | columns, Operator)

    def operator_session_row(self, session: OperatorSession) -> dict[str, Value]:
        """The whole row, but for the version."""
        return {
            "key": session.key,
            "operator": session.operator,
            "epoch": session.epoch,
            "opened_at": self.instant_in(session.opened_at),
            "used_at": self.instant_in(session.used_at),
        }

    def operator_session(self, stored: Stored) -> OperatorSession:
        """The session of a whole row."""
        key, operator, epoch, opened_at, used_at, version = stored
        return OperatorSession(
            key=key,
            operator=operator,
            epoch=epoch,
            opened_at=self.instant_out(opened_at),
            used_at=self.instant_out(used_at),
            version=version,
        )

    def case_row(self, case: Case) -> dict[str, Value]:
        """The whole row, but for the version."""
        data = _whole.unstructure(case)
        for column in ("institution", "id", "contract", "kind", "subject", "opened_at", "version"):
            del data[column]
        return {
            "id": case.id,
            "institution": case.institution.code,
            "contract": case.contract.text,
            "kind": case.kind.value,
            "subject": case.subject,
            "live": case.live,
            "due_at": self._instant(case.due_at),
            "opened_at": self.instant_in(case.opened_at),
            "data": _json(data),
        }

    def case(self, stored: Stored) -> Case:
        """The case of a whole row."""
        id_, institution, contract, kind, subject, _, _, opened_at, data, version = stored
        columns = {
            "id": id_,
            "institution": {"code": institution},
            "contract": {"text": contract},
            "kind": kind,
            "subject": subject,
            "opened_at": self.instant_out(opened_at).isoformat(),
            "version": version,
        }
        return _whole.structure(json.loads(data) | columns, Case)

    # --- what the night batch reports, charges and remembers ----------------------------------------------------------

    def acceptance_row(self, acceptance: Acceptance) -> dict[str, Value]:
        """The whole row."""
        data = _whole.unstructure(acceptance)
        for column in ("institution", "contract", "seq", "report_on", "accepted_at"):
            del data[column]
        return {
            "report_on": self.day_in(acceptance.report_on),
            "institution": acceptance.institution.code,
            "branch": acceptance.branch,
            "accepted_at": self.instant_in(acceptance.accepted_at),
            "contract": acceptance.contract.text,
            "seq": acceptance.seq,
            "data": _json(data),
        }

    def acceptance(self, stored: Stored) -> Acceptance:
        """The acceptance of a whole row."""
        report_on, institution, _, accepted_at, contract, seq, data = stored
        columns = {
            "institution": {"code": institution},
            "contract": {"text": contract},
            "seq": seq,
            "report_on": self.day_out(report_on).isoformat(),
            "accepted_at": self.instant_out(accepted_at).isoformat(),
        }
        return _whole.structure(json.loads(data) | columns, Acceptance)

    def fee_terms_row(self, terms: FeeTerms) -> dict[str, Value]:
        """The whole row, but for the version."""
        data = _whole.unstructure(terms)
        for column in ("institution", "contract", "version"):
            del data[column]
        return {"institution": terms.institution.code, "contract": terms.contract.text, "data": _json(data)}

    def fee_terms(self, stored: Stored) -> FeeTerms:
        """The terms of a whole row."""
        institution, contract, data, version = stored
        keys = {"institution": {"code": institution}, "contract": {"text": contract}, "version": version}
        return _whole.structure(json.loads(data) | keys, FeeTerms)

    def charge_row(self, charge: Charge) -> dict[str, Value]:
        """The whole row."""
        return {
            "institution": charge.institution.code,
            "contract": charge.contract.text,
            "kind": charge.kind.value,
            "reference": charge.reference,
            "month": str(charge.month),
            "account": str(charge.account),
            "amount": charge.amount.amount,
            "collected_on": None if charge.on is None else self.day_in(charge.on),
        }

    def charge(self, stored: Stored) -> Charge:
        """The charge of a whole row."""
        institution, contract, kind, reference, month, account, amount, collected_on = stored
        return Charge(
            institution=InstitutionId(institution),
            contract=ContractId(contract),
            kind=_CHARGE_KINDS[kind],
            reference=reference,
            month=Month.parse(month),
            account=_account(account),
            amount=Yen(amount),
            on=None if collected_on is None else self.day_out(collected_on),
        )

    @staticmethod
    def accrued(stored: Stored) -> Accrued:
        """What a sum of charges says."""
        institution, contract, account, amount = stored
        return Accrued(
            institution=InstitutionId(institution),
            contract=ContractId(contract),
            account=_account(account),
            amount=Yen(amount),
        )

    def batch_run_row(self, run: BatchRun) -> dict[str, Value]:
        """The whole row, but for the version."""
        data = _whole.unstructure(run)
        for column in ("day", "chain", "version"):
            del data[column]
        return {
            "day": self.day_in(run.day),
            "data": _json(data),
            "chain": run.chain_name,
            "chain_seq": run.chain.seq,
            "chain_digest": run.chain.digest,
        }

    def batch_run(self, stored: Stored) -> BatchRun:
        """The run of a whole row."""
        day, data, _, chain_seq, chain_digest, version = stored
        columns = {
            "day": self.day_out(day).isoformat(),
            "chain": {"seq": chain_seq, "digest": chain_digest},
            "version": version,
        }
        return _whole.structure(json.loads(data) | columns, BatchRun)

    # --- letter -----------------------------------------------------------------------------------------------------

    def letter_row(self, letter: Letter) -> dict[str, Value]:
        """The whole row."""
        data = _whole.unstructure(letter)
        for column in ("id", "due_at", "tries"):
            del data[column]
        return {
            "id": letter.id,
            "due_at": self.instant_in(letter.due_at),
            "tries": letter.tries,
            "data": _json(data),
        }

    def letter(self, stored: Stored) -> Letter:
        """The letter of a whole row."""
        id_, due_at, tries, data = stored
        columns = {"id": id_, "due_at": self.instant_out(due_at).isoformat(), "tries": tries}
        return _whole.structure(json.loads(data) | columns, Letter)

    # --- audit ------------------------------------------------------------------------------------------------------

    def entry_row(self, entry: Entry) -> dict[str, Value]:
        """The whole row."""
        return {
            "chain": entry.chain,
            "seq": entry.seq,
            "at": self.instant_in(entry.at),
            "kind": entry.kind,
            "data": _json(dict(entry.data)),
            "previous": entry.previous,
            "digest": entry.digest,
        }

    def entry(self, stored: Stored) -> Entry:
        """The entry of a whole row."""
        chain, seq, at, kind, data, previous, digest = stored
        return Entry(
            chain=chain,
            seq=seq,
            at=self.instant_out(at),
            kind=kind,
            data={name: _plain(value) for name, value in json.loads(data).items()},
            previous=previous,
            digest=digest,
        )

    def checkpoint_row(self, checkpoint: Checkpoint) -> dict[str, Value]:
        """The whole row."""
        return {
            "number": checkpoint.number,
            "at": self.instant_in(checkpoint.at),
            "heads": _json([(chain, head.seq, head.digest) for chain, head in checkpoint.heads]),
            "key_id": checkpoint.key_id,
            "seal": checkpoint.seal,
        }

    def checkpoint(self, stored: Stored) -> Checkpoint:
        """The checkpoint of a whole row."""
        number, at, heads, key_id, seal = stored
        return Checkpoint(
            number=number,
            at=self.instant_out(at),
            heads=tuple((chain, ChainHead(seq, digest)) for chain, seq, digest in json.loads(heads)),
            key_id=key_id,
            seal=seal,
        )


MICROSECONDS = Rows(microseconds, moment_of, date.isoformat, date.fromisoformat)
"""For SQLite, which knows neither instants nor days."""
NATIVE = Rows(aware, aware, lambda day: day, lambda day: day)
"""For PostgreSQL, which knows both; everything is in UTC on both ways."""


def _plain(value: list[str] | list[int] | str | bool | int | None) -> Plain:  # noqa: FBT001 -- what JSON can hold
    match value:
        case list():
            return cast("Plain", tuple(value))
        case _:
            return value


def _questions(stored: str) -> tuple[RegisteredQuestion, ...]:
    return tuple([RegisteredQuestion(*question) for question in json.loads(stored)])


def _account(stored: str) -> Account:
    branch, kind, number = stored.split("-")
    return Account(Branch(branch), _ACCOUNT_TYPES[kind], AccountNumber(number))


# --- Which columns each field of a contract is kept in ----------------------------------------------------------------

_Encode = Callable[[Rows, Contract], Row]


def _keys(_: Rows, contract: Contract) -> Row:
    if contract.status is ContractStatus.DECOY:
        if contract.decoy_key is None or contract.login_id or contract.account:
            msg = "a decoy has a key, and neither a login id nor an account"
            raise ValueError(msg)
        key = found_by(contract.institution, contract.decoy_key)
        return {"status": contract.status.value, "login_key": key, "login_typed": None, "account_key": key}
    if contract.decoy_key is not None:
        msg = "only a decoy has a decoy's key"
        raise ValueError(msg)
    return {
        "status": contract.status.value,
        "login_key": contract.login_id and contract.login_id.canonical,
        "login_typed": contract.login_id and contract.login_id.typed,
        "account_key": contract.account and str(contract.account),
    }


def _accounts(_: Rows, contract: Contract) -> Row:
    linked = [
        (str(one.account), one.state.value, one.changes_on and one.changes_on.isoformat()) for one in contract.accounts
    ]
    return {"accounts": _json(linked) if linked else None}


def _day(name: str) -> _Encode:
    def encode(rows: Rows, contract: Contract) -> Row:
        day = getattr(contract, name)
        return {name: None if day is None else rows.day_in(day)}

    return encode


def _column(name: str) -> _Encode:
    return lambda _, contract: {name: getattr(contract, name)}


def _moment(name: str) -> _Encode:
    return lambda rows, contract: {name: rows._instant(getattr(contract, name))}  # noqa: SLF001 -- the same module


def _counter(name: str) -> _Encode:
    def encode(rows: Rows, contract: Contract) -> Row:
        tally: Tally = getattr(contract, f"{name}_tally")
        tickets = None
        if tally.failed or tally.open or tally.forgiven:
            in_flight = [
                [(one.number, microseconds(one.deadline)) for one in some] for some in (tally.open, tally.forgiven)
            ]
            tickets = _json([tally.failed, *in_flight])
        return {
            f"{name}_failures": len(tally.failed),
            f"{name}_lockouts": tally.lockouts,
            f"{name}_locked_until": rows._instant(tally.locked_until),  # noqa: SLF001 -- the same module
            f"{name}_blocked_since": rows._instant(tally.blocked_since),  # noqa: SLF001 -- the same module
            f"{name}_issued": tally.issued,
            f"{name}_tickets": tickets,
        }

    return encode


def _with_due(encode: _Encode) -> _Encode:
    """For the fields that the night batch goes by: their columns, and when it has something to do."""
    due = _day("due_on")
    return lambda rows, contract: {**encode(rows, contract), **due(rows, contract)}


_CONTRACT: dict[str, _Encode] = {
    "status": _with_due(_keys),
    "login_id": _keys,
    "account": _keys,
    "decoy_key": _keys,
    "namespace": _column("namespace"),
    "password": _column("password"),
    "password_tally": _counter("password"),
    "questions": lambda _, it: {"questions": _json([(one.question, one.answer) for one in it.questions])},
    "asked": _column("asked"),
    "answer_tally": _counter("answer"),
    "start_password_tally": _counter("start_password"),
    "code_tally": _counter("code"),
    "payment_tally": _counter("payment"),
    "confirmation": _column("confirmation"),
    "confirmation_tally": _counter("confirmation"),
    "mail_password_tally": _counter("mail_password"),
    "provisional_until": _moment("provisional_until"),
    "notice_asked": lambda rows, it: {
        "notice_by": it.notice_asked.person.text if it.notice_asked else None,
        "notice_at": rows.instant_in(it.notice_asked.at) if it.notice_asked else None,
    },
    "customer_due": _column("customer_due"),
    "form_tries": lambda rows, it: {
        "form_tries_on": it.form_tries.day and rows.day_in(it.form_tries.day),
        "form_tries": it.form_tries.count,
    },
    "places": lambda _, it: {"places": _json([(one.device, one.network, one.platform) for one in it.places])},
    "session_epoch": _column("session_epoch"),
    "suspended_since": _moment("suspended_since"),
    "investigated_since": _moment("investigated_since"),
    "password_reset_at": _moment("password_reset_at"),
    "questions_reset_at": _moment("questions_reset_at"),
    "transfers_from": _moment("transfers_from"),
    "must_change_password": _column("must_change_password"),
    "transaction_auth_advised": _column("transaction_auth_advised"),
    "applied_at": _moment("applied_at"),
    "effective_on": _with_due(_day("effective_on")),
    "ends_on": _with_due(_day("ends_on")),
    "accounts": _with_due(_accounts),
    "otp_wanted": _column("otp_wanted"),
    "otp_entitled_at": _moment("otp_entitled_at"),
    "chain": lambda _, it: {"chain_seq": it.chain.seq, "chain_digest": it.chain.digest},
}

# What is nobody's, so that every contract differs from it in what no table can know.
_NOBODY: Any = None
_BLANK = Contract(
    institution=_NOBODY,
    id=_NOBODY,
    status=_NOBODY,
    namespace=_NOBODY,
    password=_NOBODY,
    applied_at=_NOBODY,
    effective_on=_NOBODY,
)
_SAID_OF_ALL: Row = {
    **{f"{name}_{what}": 0 for name in ("password", "answer") for what in ("failures", "lockouts", "issued")},
    "questions": "[]",
    "places": "[]",
    "session_epoch": 0,
    "chain_seq": _BLANK.chain.seq,
    "chain_digest": _BLANK.chain.digest,
}
