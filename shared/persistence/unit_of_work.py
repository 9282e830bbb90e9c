"""The unit of work: rows, events and audit entries that one command or event handler writes in one transaction."""

from typing import Any
from uuid import UUID

from sqlalchemy import event as sqlalchemy_event
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from shared import tracing
from shared.callers import Caller
from shared.events.event import Envelope, Event
from shared.persistence import audit, outbox
from shared.persistence.tables import Row

# One round trip for both, on the path of every command; each array is a column.
_INSERT_AUDIT_AND_OUTBOX = """
WITH audited AS (
    INSERT INTO audit_entries (actor, actor_kind, action, kind, subject, before, after)
    SELECT $1, $2, action, kind, subject, before::jsonb, after::jsonb
    FROM unnest($3::text[], $4::text[], $5::uuid[], $6::text[], $7::text[]) AS t (action, kind, subject, before, after)
)
INSERT INTO outbox (source, traceparent, event_id, topic, key, type, sequence, data)
SELECT $8, $9, * FROM unnest($10::uuid[], $11::text[], $12::uuid[], $13::text[], $14::int[], $15::bytea[])
"""


class AuditedSession(Session):
    """A session that records in `info["changes"]` what its flushes change, for the audit trail."""


@sqlalchemy_event.listens_for(AuditedSession, "before_flush")
def _record_changes(session: Session, _context: object, _instances: object) -> None:
    changes: list[dict[str, Any]] = session.info.setdefault("changes", [])
    for rows, action in ((session.new, "created"), (session.dirty, "changed"), (session.deleted, "removed")):
        for row in rows:
            if not isinstance(row, Row) or not row.__audited__:
                continue
            if action != "changed" or session.is_modified(row):
                changes.append(audit.change_of(row, action))


class UnitOfWork:
    """The work of one command on one service. Only `Database.transaction` commits it.

    `caller` is whom the audit trail names, `cause` the event that is being handled. From `secret`, which is in no
    database, commands derive keys.
    """

    def __init__(
        self,
        session: AsyncSession,
        *,
        service: str,
        secret: str = "",
        caller: Caller | None = None,
        cause: Envelope | None = None,
    ) -> None:
        self.session = session
        self.service = service
        self.secret = secret
        self.caller = caller
        self.cause = cause
        self._events: list[tuple[Event, int | None, Row | None]] = []
        self._has_published = False

    def save(self, row: Row) -> None:
        """Insert the row when the work is flushed."""
        self.session.add(row)

    async def remove(self, row: Row) -> None:
        """Delete the row when the work is flushed."""
        await self.session.delete(row)

    def publish(self, *events: Event, sequence: int | None = None, of: Row | None = None) -> None:
        """Publish these events when the work commits, in this order.

        An event's sequence is the version of its aggregate: of the row `of`, else of the row of this session whose id
        is the event's key. Where there is no such row (a write through Core), pass `sequence`.
        """
        for event in events:
            row = of if of is not None or sequence is not None else self._find_row(event.key)
            self._events.append((event, sequence, row))

    def record(
        self,
        action: str,
        kind: str,
        subject: UUID,
        *,
        before: dict[str, Any] | None = None,
        after: dict[str, Any] | None = None,
    ) -> None:
        """Add an audit entry for a change that was made without a row of the session. No personal data."""
        changes: list[dict[str, Any]] = self.session.sync_session.info.setdefault("changes", [])
        changes.append(
            {
                "action": action,
                "kind": kind,
                "subject": subject,
                "before": audit.json_value(before),
                "after": audit.json_value(after),
            }
        )

    async def flush_events(self) -> None:
        """Write the changes and events so far, with the versions that the rows have now; the transaction stays open.

        Raises LookupError for an event that has neither a row nor a sequence.
        """
        await self.session.flush()
        changes = self.session.sync_session.info.pop("changes", ())
        events, self._events = self._with_sequences(self._events), []
        if changes or events:
            self._has_published = self._has_published or bool(events)
            connection = await self.session.connection()
            audit_columns = audit.columns(self.caller, changes)
            outbox_columns = outbox.columns(events, f"/{self.service}", tracing.current_traceparent())
            await connection.exec_driver_sql(_INSERT_AUDIT_AND_OUTBOX, (*audit_columns, *outbox_columns))

    async def commit(self) -> bool:
        """Commit everything, or nothing. Returns whether there are events to relay. Raises what `flush_events` does."""
        await self.flush_events()
        await self.session.commit()
        return self._has_published

    def _with_sequences(self, events: list[tuple[Event, int | None, Row | None]]) -> list[tuple[Event, int]]:
        sequenced: list[tuple[Event, int]] = []
        for event, sequence, of in events:
            row = of or (self._find_row(event.key) if sequence is None else None)
            number = row.version if row is not None else sequence
            if number is None:
                raise LookupError(
                    f"{event.event_type} has no row of its key in this unit of work: pass of= or sequence="
                )
            sequenced.append((event, number))
        return sequenced

    def _find_row(self, key: UUID) -> Row | None:
        """Return the row with this id. Also called while publishing: the session holds its rows only weakly."""
        for row in (*self.session.new, *self.session.identity_map.values()):
            if isinstance(row, Row) and row.id == key:
                return row
        return None
