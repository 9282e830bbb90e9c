"""A piece takes the minutes that reading it takes, and a certificate says no more."""

import importlib
from typing import Any

import pytest
from sqlalchemy import text

from tests.evidence.publications.learning.learning_factories import finish_piece, piece_content, publish_piece
from tests.evidence.world import EvidenceWorld
from tests.support.callers import EDITOR, NOBODY

FILM: dict[str, Any] = {"title": "A first visit", "url": "https://example.org/film", "seconds": 240}


async def test_other_minutes_than_reading_takes_are_refused_and_left_out_they_are_counted(world: EvidenceWorld) -> None:
    content = await piece_content(world)
    problem = await world.problem(EDITOR, "POST", "/v1/learning", content | {"minutes": 8})
    assert [error["pointer"] for error in problem["errors"]] == ["/minutes"]
    assert problem["errors"][0]["detail"].endswith("take 1 minute: leave the minutes out, or say 1 minute.")
    for more in ({}, {"minutes": 1}):
        piece = await world.json(EDITOR, "POST", "/v1/learning", content | more)
        assert (piece["minutes"], piece["minutes_to_read"]) == (1, 1)


async def test_minutes_follow_the_text_and_the_media_of_a_piece(world: EvidenceWorld) -> None:
    piece = await publish_piece(world)
    path = f"/v1/learning/{piece['id']}"
    for change, minutes in (({"text": "word " * 700}, 5), ({"media": [FILM]}, 9), ({"text": "Short."}, 5)):
        assert (await world.json(EDITOR, "PATCH", path, change, If_Match="*"))["minutes"] == minutes
    refused = await world.problem(EDITOR, "PATCH", path, {"minutes": 10}, If_Match="*")
    assert [error["pointer"] for error in refused["errors"]] == ["/minutes"]
    public = await world.json(NOBODY, "GET", path)
    assert (public["minutes"], public["media"]) == (5, [FILM])
    assert (await world.json(NOBODY, "GET", "/v1/learning"))["items"][0]["minutes"] == 5


async def test_a_certificate_says_what_reading_took(world: EvidenceWorld) -> None:
    piece = await publish_piece(world, text="word " * 400)
    assert (await finish_piece(world, piece["id"]))["minutes"] == 3


async def test_a_draft_may_be_too_long_and_is_not_published_so(world: EvidenceWorld) -> None:
    draft = await world.json(EDITOR, "POST", "/v1/learning", await piece_content(world, text="word " * 2_500))
    assert (draft["minutes"], [obstacle["pointer"] for obstacle in draft["obstacles"]]) == (15, ["/minutes"])
    assert (await world.problem(EDITOR, "POST", f"/v1/learning/{draft['id']}/publish"))["status"] == 422


@pytest.mark.parametrize("words", [20, 400, 1_500])
async def test_the_migration_counts_as_the_service_does(world: EvidenceWorld, words: int) -> None:
    piece = await publish_piece(world, text="carer\u2019s well-being, 50 " * (words // 4))
    record = await finish_piece(world, piece["id"])
    migration = importlib.import_module("services.evidence.migrations.versions.2026_12_01_equal_treatment")
    async with world.database.transaction() as uow:
        await uow.session.execute(text("UPDATE learning_pieces SET minutes = 10"))
        await uow.session.execute(text("UPDATE learning_completions SET minutes = 10"))
        await uow.session.execute(text(migration._COUNT_MINUTES))
        await uow.session.execute(text(migration._COUNT_COMPLETIONS))
    counted = await world.rows(
        "SELECT p.minutes AS piece, c.minutes AS completion FROM learning_pieces p, learning_completions c"
    )
    assert counted == [{"piece": piece["minutes"], "completion": record["minutes"]}]
