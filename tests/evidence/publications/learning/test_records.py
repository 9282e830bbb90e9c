import jwt
import pytest

from services.evidence.publications.learning.certificates import ALPHABET, as_written, new_code
from shared import clock
from shared.callers import person
from shared.persistence.tables import new_id
from tests.evidence.publications.learning.teaching import RIGHT, finished, published
from tests.evidence.world import EvidenceWorld
from tests.support.callers import CARER, EDITOR, NOBODY

SOMEBODY = person(new_id())
RECORDS = "/v1/learning/completions"


async def test_a_record_is_seen_by_the_person_alone(world: EvidenceWorld) -> None:
    record = await finished(world, (await published(world))["id"], SOMEBODY)
    assert [one["id"] for one in (await world.done(SOMEBODY, "GET", RECORDS))["items"]] == [record["id"]]
    assert await world.done(SOMEBODY, "GET", f"{RECORDS}/{record['id']}") == record
    for other in (CARER, EDITOR):
        assert (await world.done(other, "GET", RECORDS))["items"] == []
        assert (await world.call(other, "GET", f"{RECORDS}/{record['id']}")).status_code == 404
        for action in ("certificate", "certificate/revoke", "forget"):
            assert (await world.call(other, "POST", f"{RECORDS}/{record['id']}/{action}")).status_code == 404
    assert (await world.call(NOBODY, "GET", RECORDS)).status_code == 401


async def test_a_code_tells_what_was_finished_and_when_and_nothing_of_whom(world: EvidenceWorld) -> None:
    piece = await published(world)
    record = await finished(world, piece["id"], SOMEBODY)
    shown = await world.done(SOMEBODY, "POST", f"{RECORDS}/{record['id']}/certificate")
    assert shown["check_at"] == f"http://testserver/v1/learning/proofs/{shown['code']}"
    checked = await world.call(NOBODY, "GET", f"/v1/learning/proofs/{shown['code'].lower().replace('-', ' ')}")
    assert checked.json() == {
        "title": piece["title"],
        "edition": 1,
        "minutes": 4,
        "completed_on": clock.today().isoformat(),
    }
    assert str(SOMEBODY.id) not in checked.text
    assert record["id"] not in checked.text


async def test_a_signed_proof_is_checked_with_the_public_key_alone(world: EvidenceWorld) -> None:
    record = await finished(world, (await published(world))["id"], SOMEBODY)
    shown = await world.done(SOMEBODY, "POST", f"{RECORDS}/{record['id']}/certificate")
    [key] = (await world.done(NOBODY, "GET", "/v1/learning/proof-keys"))["keys"]
    assert jwt.get_unverified_header(shown["signed"])["kid"] == key["kid"]
    read = jwt.decode(shown["signed"], jwt.PyJWK(key), algorithms=["EdDSA"])
    assert read["learning"] == {name: value for name, value in shown.items() if name != "signed"}
    head, payload, signature = shown["signed"].split(".")
    forged = ".".join((head, payload[:-2] + ("AA" if payload[-2:] != "AA" else "BB"), signature))
    with pytest.raises(jwt.PyJWTError):
        jwt.decode(forged, jwt.PyJWK(key), algorithms=["EdDSA"])
    assert "d" not in key, "the private part stays here"


async def test_asked_for_again_it_is_the_same_until_it_is_taken_back(world: EvidenceWorld) -> None:
    record = await finished(world, (await published(world))["id"], SOMEBODY)
    path = f"{RECORDS}/{record['id']}/certificate"
    first = await world.done(SOMEBODY, "POST", path)
    assert (await world.done(SOMEBODY, "POST", path))["code"] == first["code"]
    assert (await world.done(SOMEBODY, "POST", f"{path}/revoke"))["code"] is None
    gone = await world.call(NOBODY, "GET", f"/v1/learning/proofs/{first['code']}")
    assert (gone.status_code, gone.json()["title"]) == (410, "This code was taken back")
    second = await world.done(SOMEBODY, "POST", path)
    assert second["code"] != first["code"]
    assert (await world.call(NOBODY, "GET", f"/v1/learning/proofs/{first['code']}")).status_code == 410
    assert (await world.call(NOBODY, "GET", f"/v1/learning/proofs/{second['code']}")).status_code == 200


async def test_a_record_can_be_forgotten_with_its_codes(world: EvidenceWorld) -> None:
    record = await finished(world, (await published(world))["id"], SOMEBODY)
    shown = await world.done(SOMEBODY, "POST", f"{RECORDS}/{record['id']}/certificate")
    assert (await world.call(SOMEBODY, "POST", f"{RECORDS}/{record['id']}/forget")).status_code == 204
    assert (await world.done(SOMEBODY, "GET", RECORDS))["items"] == []
    assert (await world.call(NOBODY, "GET", f"/v1/learning/proofs/{shown['code']}")).status_code == 404
    assert await world.rows("SELECT * FROM learning_proofs") == []


async def test_a_repeat_does_not_bring_a_record_back_that_was_forgotten(world: EvidenceWorld) -> None:
    path = f"/v1/learning/{(await published(world))['id']}/completions"
    sent = {"Idempotency_Key": '"once"'}
    record = (await world.done(SOMEBODY, "POST", path, {"answers": RIGHT}, **sent))["completion"]
    shown = await world.done(SOMEBODY, "POST", f"{RECORDS}/{record['id']}/certificate", **sent)
    await world.call(SOMEBODY, "POST", f"{RECORDS}/{record['id']}/forget")
    again = await world.call(SOMEBODY, "POST", path, {"answers": RIGHT}, **sent)
    assert (again.status_code, record["id"] in again.text) == (410, False)
    certified = await world.call(SOMEBODY, "POST", f"{RECORDS}/{record['id']}/certificate", **sent)
    assert (certified.status_code, shown["code"] in certified.text) == (410, False)


async def test_a_proof_outlives_the_piece(world: EvidenceWorld) -> None:
    piece = await published(world)
    record = await finished(world, piece["id"], SOMEBODY)
    shown = await world.done(SOMEBODY, "POST", f"{RECORDS}/{record['id']}/certificate")
    await world.done(EDITOR, "POST", f"/v1/learning/{piece['id']}/withdraw")
    assert (await world.done(NOBODY, "GET", f"/v1/learning/proofs/{shown['code']}"))["title"] == piece["title"]


async def test_records_page_by_key_set(world: EvidenceWorld) -> None:
    made = [(await finished(world, (await published(world))["id"], SOMEBODY))["id"] for _ in range(3)]
    first = await world.done(SOMEBODY, "GET", f"{RECORDS}?limit=2&count=true")
    rest = await world.done(SOMEBODY, "GET", first["next"])
    assert [one["id"] for one in first["items"] + rest["items"]] == made[::-1]
    assert (first["total"], rest["next"]) == (3, None)


def test_a_code_is_read_however_it_is_typed() -> None:
    code = new_code()
    assert set(code) <= {*ALPHABET, "-"}
    assert len({new_code() for _ in range(100)}) == 100
    for typed in (code, code.lower(), code.replace("-", ""), f" {code.replace('-', ' ')} "):
        assert as_written(typed) == code
