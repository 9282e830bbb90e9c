import jwt
import pytest

from shared import clock
from shared.callers import person
from shared.persistence.tables import new_id
from tests.evidence.publications.learning.learning_factories import RIGHT, finish_piece, publish_piece
from tests.evidence.world import EvidenceWorld
from tests.support.callers import CARER, EDITOR, NOBODY

SOMEBODY = person(new_id())
RECORDS = "/v1/learning/completions"


async def test_a_record_is_seen_by_the_person_alone(world: EvidenceWorld) -> None:
    record = await finish_piece(world, (await publish_piece(world))["id"], SOMEBODY)
    assert [record["id"] for record in (await world.json(SOMEBODY, "GET", RECORDS))["items"]] == [record["id"]]
    assert await world.json(SOMEBODY, "GET", f"{RECORDS}/{record['id']}") == record
    for other in (CARER, EDITOR):
        assert (await world.json(other, "GET", RECORDS))["items"] == []
        assert (await world.call(other, "GET", f"{RECORDS}/{record['id']}")).status_code == 404
        for action in ("certify", "revoke", "erase"):
            assert (await world.call(other, "POST", f"{RECORDS}/{record['id']}/{action}")).status_code == 404
    assert (await world.call(NOBODY, "GET", RECORDS)).status_code == 401


async def test_a_code_tells_what_was_finished_and_when_and_nothing_of_whom(world: EvidenceWorld) -> None:
    piece = await publish_piece(world)
    record = await finish_piece(world, piece["id"], SOMEBODY)
    certificate = await world.json(SOMEBODY, "POST", f"{RECORDS}/{record['id']}/certify")
    assert certificate["check_at"] == f"http://testserver/v1/learning/certificates/{certificate['code']}"
    checked = await world.call(
        NOBODY, "GET", f"/v1/learning/certificates/{certificate['code'].lower().replace('-', ' ')}"
    )
    assert checked.json() == {
        "title": piece["title"],
        "edition": 1,
        "minutes": 1,
        "completed_on": clock.today().isoformat(),
    }
    assert str(SOMEBODY.id) not in checked.text
    assert record["id"] not in checked.text


async def test_a_signed_proof_is_checked_with_the_public_key_alone(world: EvidenceWorld) -> None:
    record = await finish_piece(world, (await publish_piece(world))["id"], SOMEBODY)
    certificate = await world.json(SOMEBODY, "POST", f"{RECORDS}/{record['id']}/certify")
    [key] = (await world.json(NOBODY, "GET", "/v1/learning/certificate-keys"))["keys"]
    assert jwt.get_unverified_header(certificate["signed"])["kid"] == key["kid"]
    read = jwt.decode(certificate["signed"], jwt.PyJWK(key), algorithms=["EdDSA"])
    assert read["learning"] == {name: value for name, value in certificate.items() if name != "signed"}
    head, payload, signature = certificate["signed"].split(".")
    forged = ".".join((head, payload[:-2] + ("AA" if payload[-2:] != "AA" else "BB"), signature))
    with pytest.raises(jwt.PyJWTError):
        jwt.decode(forged, jwt.PyJWK(key), algorithms=["EdDSA"])
    assert "d" not in key, "the private part stays here"


async def test_asked_for_again_it_is_the_same_until_it_is_taken_back(world: EvidenceWorld) -> None:
    record = await finish_piece(world, (await publish_piece(world))["id"], SOMEBODY)
    path = f"{RECORDS}/{record['id']}/certify"
    first = await world.json(SOMEBODY, "POST", path)
    assert (await world.json(SOMEBODY, "POST", path))["code"] == first["code"]
    assert (await world.json(SOMEBODY, "POST", f"{RECORDS}/{record['id']}/revoke"))["code"] is None
    response = await world.call(NOBODY, "GET", f"/v1/learning/certificates/{first['code']}")
    assert (response.status_code, response.json()["title"]) == (410, "This certificate was revoked")
    second = await world.json(SOMEBODY, "POST", path)
    assert second["code"] != first["code"]
    assert (await world.call(NOBODY, "GET", f"/v1/learning/certificates/{first['code']}")).status_code == 410
    assert (await world.call(NOBODY, "GET", f"/v1/learning/certificates/{second['code']}")).status_code == 200


async def test_a_record_can_be_forgotten_with_its_codes(world: EvidenceWorld) -> None:
    record = await finish_piece(world, (await publish_piece(world))["id"], SOMEBODY)
    certificate = await world.json(SOMEBODY, "POST", f"{RECORDS}/{record['id']}/certify")
    assert (await world.call(SOMEBODY, "POST", f"{RECORDS}/{record['id']}/erase")).status_code == 204
    assert (await world.json(SOMEBODY, "GET", RECORDS))["items"] == []
    assert (await world.call(NOBODY, "GET", f"/v1/learning/certificates/{certificate['code']}")).status_code == 404
    assert await world.rows("SELECT * FROM learning_certificates") == []


async def test_a_repeat_does_not_bring_a_record_back_that_was_forgotten(world: EvidenceWorld) -> None:
    path = f"/v1/learning/{(await publish_piece(world))['id']}/completions"
    sent = {"Idempotency_Key": '"once"'}
    record = (await world.json(SOMEBODY, "POST", path, {"answers": RIGHT}, **sent))["completion"]
    certificate = await world.json(SOMEBODY, "POST", f"{RECORDS}/{record['id']}/certify", **sent)
    await world.call(SOMEBODY, "POST", f"{RECORDS}/{record['id']}/erase")
    response = await world.call(SOMEBODY, "POST", path, {"answers": RIGHT}, **sent)
    assert (response.status_code, record["id"] in response.text) == (410, False)
    certified = await world.call(SOMEBODY, "POST", f"{RECORDS}/{record['id']}/certify", **sent)
    assert (certified.status_code, certificate["code"] in certified.text) == (410, False)


async def test_a_proof_outlives_the_piece(world: EvidenceWorld) -> None:
    piece = await publish_piece(world)
    record = await finish_piece(world, piece["id"], SOMEBODY)
    certificate = await world.json(SOMEBODY, "POST", f"{RECORDS}/{record['id']}/certify")
    await world.json(EDITOR, "POST", f"/v1/learning/{piece['id']}/withdraw")
    assert (await world.json(NOBODY, "GET", f"/v1/learning/certificates/{certificate['code']}"))["title"] == piece[
        "title"
    ]


async def test_records_page_by_key_set(world: EvidenceWorld) -> None:
    piece_ids = [(await finish_piece(world, (await publish_piece(world))["id"], SOMEBODY))["id"] for _ in range(3)]
    first = await world.json(SOMEBODY, "GET", f"{RECORDS}?limit=2&count=true")
    rest = await world.json(SOMEBODY, "GET", first["next"])
    assert [record["id"] for record in first["items"] + rest["items"]] == piece_ids[::-1]
    assert (first["total"], rest["next"]) == (3, None)
