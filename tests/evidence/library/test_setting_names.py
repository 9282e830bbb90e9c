"""What people call a setting leads to one name, wherever it comes in and wherever it is looked for."""

import importlib

import pytest
from sqlalchemy import text

from services.evidence.library.setting_names import SETTING_NAMES, setting_name
from tests.evidence.world import ACCOUNT, PRACTICE, RESEARCH, EvidenceWorld
from tests.support.callers import CARER, EDITOR, NOBODY

MIGRATION = importlib.import_module("services.evidence.migrations.versions.2026_12_01_setting_names")


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("At home", "own home"),
        ("Own  Home", "own home"),
        ("in their own home", "own home"),
        ("in people\u2019s homes", "own home"),
        ("Domiciliary care", "home care"),
        ("in a care home.", "care home"),
        ("Extra-care housing", "extra care housing"),
        ("at work", "workplace"),
    ],
)
def test_a_setting_that_has_a_name_is_called_by_it(written: str, name: str) -> None:
    assert setting_name(written) == name


@pytest.mark.parametrize(
    "written", ["Mill Lane care home", "a home for two", "In", "night shelter", "hospital discharge"]
)
def test_any_other_setting_stays_as_it_is_written(written: str) -> None:
    assert setting_name(written) == written


def test_no_word_leads_to_two_settings() -> None:
    texts = [text for name, texts in SETTING_NAMES.items() for text in (name, *texts)]
    assert len(texts) == len(set(texts))
    assert all(setting_name(text) in SETTING_NAMES for text in texts)


async def test_at_home_and_own_home_are_one_setting_in_every_list(world: EvidenceWorld) -> None:
    at_home = await world.publish(ACCOUNT, setting="At home")
    own_home = await world.publish(RESEARCH, setting="own home")
    await world.publish(PRACTICE, setting="Mill Lane care home")
    for name in ("own%20home", "AT%20HOME", "in%20their%20own%20home"):
        page = await world.json(NOBODY, "GET", f"/v1/evidence?setting={name}")
        assert {(item["id"], item["setting"]) for item in page["items"]} == {
            (at_home, "own home"),
            (own_home, "own home"),
        }, name
    await world.json(EDITOR, "PATCH", f"/v1/evidence/{own_home}", {"setting": "Day centres"}, If_Match="*")
    places = await world.json(NOBODY, "GET", "/v1/statistics/places")
    assert [(place["value"], place["count"]) for place in places["settings"]] == [
        ("day centre", 1),
        ("mill lane care home", 1),
        ("own home", 1),
    ]
    assert (places["without_country"], places["without_setting"]) == (3, 0)


async def test_the_places_of_what_is_not_public_are_in_no_list_of_places(world: EvidenceWorld) -> None:
    await world.json(CARER, "POST", "/v1/evidence", {**ACCOUNT, "country": "IE", "setting": "hostel"})
    gone = await world.publish(PRACTICE, country="FR", setting="school")
    await world.publish(RESEARCH, country="GB-WLS")
    await world.json(EDITOR, "POST", f"/v1/evidence/{gone}/withdraw")
    places = await world.json(NOBODY, "GET", "/v1/statistics/places")
    assert places == {
        "countries": [{"value": "GB-WLS", "count": 1}],
        "settings": [],
        "without_country": 0,
        "without_setting": 1,
    }


async def test_the_migration_names_the_settings_that_are_there_already(world: EvidenceWorld) -> None:
    written = (
        "At home",
        "in people\u2019s homes",
        "Domiciliary-care",
        "Mill Lane care home",
        "own home",
        "in a day centre",
    )
    items = [await world.publish(RESEARCH, title=name, identifiers=[]) for name in written]
    async with world.database.transaction() as uow:
        for item, name in zip(items, written, strict=True):
            statement = text("UPDATE items SET setting = :setting WHERE id = CAST(:id AS uuid)")
            await uow.session.execute(statement, {"setting": name, "id": item})
        before = await uow.session.execute(text("SELECT title, version FROM items"))
        versions = {row.title: row.version for row in before}
        for statement in MIGRATION.RENAMINGS.values():
            await uow.session.execute(text(statement))
    rows = await world.rows("SELECT title, setting, version FROM items")
    assert {row["title"]: row["setting"] for row in rows} == {name: setting_name(name) for name in written}
    changed = {row["title"] for row in rows if row["version"] > versions[row["title"]]}
    assert changed == {name for name in written if setting_name(name) != name}, "no other row is touched"
