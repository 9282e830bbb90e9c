import asyncio
import hashlib

import pytest
from fastapi import FastAPI
from sqlalchemy import func, select, text

from shared.callers import person
from shared.persistence.tables import new_id
from tests.shared.example_service import Box
from tests.support.world import client

BODY = {"note": "x", "pence": 5}


async def boxes(app: FastAPI) -> int | None:
    async with app.state.database.session() as session:
        return await session.scalar(select(func.count()).select_from(Box))


async def test_the_same_key_and_body_give_the_first_answer_again(app: FastAPI) -> None:
    async with client(app, person(new_id()), **{"Idempotency-Key": '"one"'}) as http:
        first = await http.post("/v1/boxes", json=BODY)
        again = await http.post("/v1/boxes", json=BODY)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert await boxes(app) == 1


async def test_the_same_key_with_another_body_is_refused(app: FastAPI) -> None:
    async with client(app, person(new_id()), **{"Idempotency-Key": '"one"'}) as http:
        await http.post("/v1/boxes", json=BODY)
        other = await http.post("/v1/boxes", json={**BODY, "pence": 6})
    assert other.status_code == 422
    assert other.json()["type"].endswith("/problems/idempotency-key-reused")
    assert await boxes(app) == 1


async def test_a_double_click_has_one_effect(app: FastAPI) -> None:
    async with client(app, person(new_id()), **{"Idempotency-Key": '"one"'}) as http:
        clicks = await asyncio.gather(*(http.post("/v1/boxes/paid", json=BODY) for _ in range(5)))
    assert sorted(click.status_code for click in clicks) == [201, 409, 409, 409, 409]
    assert await boxes(app) == 1


async def test_two_people_may_choose_the_same_key(app: FastAPI) -> None:
    for someone in (person(new_id()), person(new_id())):
        async with client(app, someone, **{"Idempotency-Key": '"one"'}) as http:
            assert (await http.post("/v1/boxes", json=BODY)).status_code == 201
    assert await boxes(app) == 2


async def test_a_refused_request_may_be_mended_and_sent_with_the_same_key(app: FastAPI) -> None:
    async with client(app, person(new_id()), **{"Idempotency-Key": '"one"'}) as http:
        assert (await http.post("/v1/boxes", json={**BODY, "pence": 2000})).status_code == 409
        assert (await http.post("/v1/boxes", json=BODY)).status_code == 201


async def test_where_money_moves_a_key_is_needed(app: FastAPI) -> None:
    async with client(app, person(new_id())) as http:
        refused = await http.post("/v1/boxes/paid", json=BODY)
    assert refused.status_code == 400
    assert refused.json()["type"].endswith("/problems/idempotency-key-required")


async def test_who_is_not_signed_in_is_told_that_first(app: FastAPI) -> None:
    async with client(app) as http:
        assert (await http.post("/v1/boxes/paid", json=BODY)).status_code == 401


async def test_what_is_kept_of_an_answer_tells_nobody_anything(app: FastAPI) -> None:
    async with client(app, person(new_id()), **{"Idempotency-Key": '"one"'}) as http:
        label = {"label": ("label.txt", b"step-free way in")}
        first = await http.post("/v1/boxes/labelled", files=label)
        again = await http.post("/v1/boxes/labelled", files=label)
    assert (first.json(), again.json()) == ("step-free way in", "step-free way in")
    assert "set-cookie" in first.headers
    assert "set-cookie" not in again.headers
    async with app.state.database.engine.connect() as connection:
        record = (await connection.execute(text("SELECT body, headers::text FROM idempotency_records"))).one()
    assert b"step-free" not in record.body
    assert "secret" not in record.headers


async def test_what_is_kept_of_a_body_cannot_be_guessed_from_the_database_alone(app: FastAPI) -> None:
    async with client(app, person(new_id()), **{"Idempotency-Key": '"one"'}) as http:
        sent = (await http.post("/v1/boxes", json=BODY)).request.content
    async with app.state.database.engine.connect() as connection:
        fingerprint = await connection.scalar(text("SELECT fingerprint FROM idempotency_records"))
    assert fingerprint != hashlib.sha256(sent).digest()


async def test_another_file_of_the_same_length_is_another_request(app: FastAPI) -> None:
    async with client(app, person(new_id()), **{"Idempotency-Key": '"one"'}) as http:
        first = await http.post("/v1/boxes/labelled", files={"label": ("label.txt", b"first")})
        other = await http.post("/v1/boxes/labelled", files={"label": ("label.txt", b"other")})
    assert (first.status_code, other.status_code) == (201, 422)
    assert await boxes(app) == 1


async def test_long_keys_are_told_apart_to_their_ends(app: FastAPI) -> None:
    async with client(app, person(new_id())) as http:
        for end in ("a", "b"):
            await http.post("/v1/boxes", json=BODY, headers={"Idempotency-Key": f'"{"k" * 300}{end}"'})
    assert await boxes(app) == 2


@pytest.mark.parametrize("path", ["/v1/boxes", "/v1/boxes/paid"])
@pytest.mark.parametrize("empty", ["", '""', " "])
async def test_an_empty_key_is_refused_and_has_no_effect(app: FastAPI, path: str, empty: str) -> None:
    async with client(app, person(new_id()), **{"Idempotency-Key": empty}) as http:
        refused = await http.post(path, json=BODY)
    assert (refused.status_code, refused.json()["title"]) == (400, "The Idempotency-Key is empty")
    assert await boxes(app) == 0
