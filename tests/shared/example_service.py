"""A small service for tests of the shared library: boxes with some pence and a personal note."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Annotated
from uuid import UUID

from fastapi import Depends, FastAPI, File, Response, UploadFile
from pydantic import SecretStr
from sqlalchemy import text
from sqlmodel import Field, col, select

from shared.callers import Caller, Role, allow
from shared.events.event import Event
from shared.http.command_responses import flush_and_tag
from shared.http.conditional_requests import create_router
from shared.http.etags import IfMatch
from shared.http.pagination import Page, Paging, paginate
from shared.persistence.database import Database
from shared.persistence.dependencies import Reading, Transaction
from shared.persistence.fetch import fetch
from shared.persistence.idempotency import required_key
from shared.persistence.migrations import schema
from shared.persistence.tables import PERSONAL, tables_of
from shared.problems import NotFound, PreconditionRequired, Problem, documented
from shared.service.app import create_service
from shared.settings import ServiceSettings
from shared.views import Body, View
from tests.support.settings import settings_for_tests
from tests.support.world import run_lifespan

Row = tables_of("example")


class Box(Row, table=True):
    __tablename__ = "boxes"
    note: str = Field(sa_column_kwargs={"info": PERSONAL})
    pence: int = Field(ge=0)


class BoxFilled(Event, topic="example.boxes", key="box_id"):
    box_id: UUID
    pence: int


class BoxTooFull(Problem):
    status = 409
    title = "This box is full"
    detail = "Take another box."


class NewBox(Body):
    note: str
    pence: int


class BoxView(View):
    id: UUID
    pence: int


class ExampleSettings(ServiceSettings):
    service: str = "example"
    example_database_url: SecretStr


boxes = create_router("/v1/boxes", "boxes")
AnyPerson = Annotated[Caller, Depends(allow(Role.CONTRIBUTOR, scope="boxes:write"))]
Anyone = Annotated[Caller, Depends(allow(anyone=True))]


@boxes.post("", status_code=201, response_model=BoxView, responses=documented(BoxTooFull))
async def fill_box(new: NewBox, _caller: AnyPerson, uow: Transaction, response: Response) -> Box:
    box = Box(note=new.note, pence=new.pence)
    uow.save(box)
    uow.publish(BoxFilled(box_id=box.id, pence=box.pence))
    if new.pence > 1000:
        raise BoxTooFull
    return await flush_and_tag(uow, response, box)


@boxes.post("/paid", status_code=201, response_model=BoxView, dependencies=[Depends(required_key)])
async def fill_paid_box(new: NewBox, _caller: AnyPerson, uow: Transaction) -> Box:
    box = Box(note=new.note, pence=new.pence)
    uow.save(box)
    await uow.session.execute(text("SELECT pg_sleep(0.2)"))
    return box


@boxes.post("/labelled", status_code=201)
async def label_box(
    _caller: AnyPerson, uow: Transaction, label: Annotated[UploadFile, File()], response: Response
) -> str:
    """Return the content of the file, and set a cookie."""
    response.set_cookie("session", "a secret session")
    uow.save(Box(note="labelled", pence=1))
    return (await label.read()).decode()


@boxes.get("", response_model=Page[BoxView])
async def list_boxes(_caller: Anyone, session: Reading, paging: Paging, at_least: int = 0) -> Page[BoxView]:
    rich = select(Box).where(col(Box.pence) >= at_least)
    return await paginate(session, rich, paging, key=(col(Box.pence), col(Box.id)), view=BoxView)


@boxes.patch("/{box_id}", response_model=BoxView, responses=documented(PreconditionRequired))
async def add_to_box(box_id: UUID, _caller: AnyPerson, match: IfMatch, uow: Transaction, response: Response) -> Box:
    box = await fetch(uow.session, Box, box_id, missing=NotFound, lock=True)
    match.check(box)
    box.pence += 1
    box.note = "changed"
    uow.publish(BoxFilled(box_id=box.id, pence=box.pence))
    return await flush_and_tag(uow, response, box)


@boxes.post("/broken")
async def fail(_caller: Anyone, uow: Transaction) -> None:
    uow.save(Box(note="lost", pence=1))
    raise RuntimeError("a fault of ours, with a secret in it")


@boxes.post("/overfilled")
async def overfill_box(new: NewBox, _caller: AnyPerson, uow: Transaction) -> None:
    await uow.session.execute(text("SELECT CAST(CAST(:note AS text) AS int)"), {"note": new.note})


@boxes.get("/slow")
async def wait(_caller: Anyone, session: Reading) -> None:
    """Run a query that takes longer than any test."""
    await session.execute(text("SELECT pg_sleep(3600)"))


async def prepare(url: str) -> None:
    """Create the example's tables beside the platform's."""
    await schema.upgrade(schema.PLATFORM, url)
    database = Database(url, "example", pool=1)
    async with database.engine.begin() as connection:
        await connection.run_sync(Row.metadata.create_all)
    await database.close()


@asynccontextmanager
async def run_example_service(url: str) -> AsyncGenerator[FastAPI]:
    """Run the example service on a database with its tables."""
    settings = ExampleSettings(
        example_database_url=SecretStr(url), request_timeout_seconds=3600, **settings_for_tests()
    )
    async with run_lifespan(create_service(settings, [boxes])) as app:
        yield app
