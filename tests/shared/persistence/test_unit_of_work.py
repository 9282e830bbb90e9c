import asyncio
import socket
from uuid import UUID

import asyncpg
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from shared.callers import person
from shared.persistence import audit
from shared.persistence import database as shared_database
from shared.persistence.database import Database
from shared.persistence.platform_tables import outbox
from shared.persistence.tables import new_id
from tests.shared.example_service import Box, BoxFilled
from tests.support.world import client, outbox_events


async def rows(database: Database) -> list[Box]:
    async with database.session() as session:
        return list((await session.scalars(select(Box))).all())


async def test_state_event_and_audit_entry_commit_together(app: FastAPI) -> None:
    someone = person(new_id())
    async with client(app, someone) as http:
        box_id = UUID((await http.post("/v1/boxes", json={"note": "mine", "pence": 5})).json()["id"])
    assert [box.id for box in await rows(app.state.database)] == [box_id]
    assert await outbox_events(app.state.database) == [BoxFilled(box_id=box_id, pence=5)]
    async with app.state.database.engine.connect() as connection:
        entry = (await connection.execute(select(audit.entries))).one()
    assert (entry.actor, entry.action, entry.kind, entry.subject) == (someone.id, "created", "Box", box_id)
    assert entry.after == {"note": audit.HIDDEN, "pence": 5}


@pytest.mark.parametrize("path", ["/v1/boxes", "/v1/boxes/broken"])
async def test_a_refusal_and_a_failure_leave_nothing_behind(app: FastAPI, path: str) -> None:
    async with client(app, person(new_id())) as http:
        assert (await http.post(path, json={"note": "x", "pence": 2000})).status_code in (409, 500)
    assert await rows(app.state.database) == []
    assert await outbox_events(app.state.database) == []
    async with app.state.database.engine.connect() as connection:
        assert (await connection.execute(select(audit.entries))).all() == []


async def test_each_event_carries_the_version_of_its_row(app: FastAPI) -> None:
    async with client(app, person(new_id())) as http:
        created = await http.post("/v1/boxes", json={"note": "x", "pence": 1})
        for version in ('"1"', '"2"'):
            changed = await http.patch(f"/v1/boxes/{created.json()['id']}", headers={"If-Match": version})
            assert changed.status_code == 200
    async with app.state.database.engine.connect() as connection:
        sent = (await connection.execute(select(outbox.c.sequence, outbox.c.key).order_by(outbox.c.id))).all()
    assert [row.sequence for row in sent] == [1, 2, 3]
    assert {row.key for row in sent} == {UUID(created.json()["id"])}


async def test_an_event_without_a_row_must_say_its_sequence(app: FastAPI) -> None:
    database: Database = app.state.database
    async with database.unit_of_work() as uow:
        uow.publish(BoxFilled(box_id=new_id(), pence=1))
        with pytest.raises(LookupError, match="box-filled"):
            await uow.commit()
    async with database.unit_of_work() as uow:
        uow.publish(BoxFilled(box_id=new_id(), pence=1), sequence=7)
        assert await uow.commit()
    assert len(await outbox_events(database)) == 1


COMMITS_WAIT = """
    CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql
        AS $$ BEGIN PERFORM pg_advisory_lock(1); RETURN NULL; END $$;
    CREATE CONSTRAINT TRIGGER boxes_wait AFTER INSERT ON boxes DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION wait();
    SELECT pg_advisory_lock(1);
"""


@pytest.mark.alters_schema
async def test_a_commit_that_does_not_end_is_given_up_with_its_connection(
    app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_database, "COMMIT_TIMEOUT_SECONDS", 0.2)
    holder = await asyncpg.connect(app.state.database.dsn)
    try:
        await holder.execute(COMMITS_WAIT)
        async with client(app, person(new_id())) as http, asyncio.timeout(10):
            response = await http.post("/v1/boxes", json={"note": "x", "pence": 1}, headers={"Request-Timeout": "0.5"})
            assert response.status_code == 504
        assert await rows(app.state.database) == []
    finally:
        await holder.close()


async def test_a_commit_notifies_the_relay(app: FastAPI) -> None:
    notified = asyncio.Event()

    def on_notify(*_: object) -> None:
        notified.set()

    listener = await asyncpg.connect(app.state.database.dsn)
    await listener.add_listener("outbox", on_notify)
    async with client(app, person(new_id())) as http:
        await http.post("/v1/boxes", json={"note": "x", "pence": 1})
    await asyncio.wait_for(notified.wait(), 5)
    await listener.close()


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="this system knows no such timeout")
async def test_a_dead_connection_times_out_before_a_quarter_of_an_hour(app: FastAPI) -> None:
    database: Database = app.state.database
    async with database.engine.connect() as connection:
        driver = (await connection.get_raw_connection()).driver_connection
        assert driver is not None
        tcp_socket: socket.socket = driver._transport.get_extra_info("socket")
        assert tcp_socket.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        timeout_milliseconds = tcp_socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)
    assert timeout_milliseconds == shared_database.TCP_USER_TIMEOUT_SECONDS * 1000
