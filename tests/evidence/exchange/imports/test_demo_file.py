from pathlib import Path

from tests.evidence.world import EvidenceWorld, counts
from tests.support.callers import NOBODY

DEMO = Path(__file__).parents[4] / "deploy" / "demo" / "prevention-and-carers.ris"


async def test_the_demonstration_file_shows_all_that_can_become_of_a_record(world: EvidenceWorld) -> None:
    job = await world.import_file(DEMO.read_bytes(), publish="true")
    assert counts(job) == (25, 23, 1, 1)
    await world.indexed()
    hits = await world.search("breaks for carers")
    assert len(hits["items"]) >= 5


async def test_every_demonstration_record_says_that_it_is_invented(world: EvidenceWorld) -> None:
    records = DEMO.read_text().split("ER  - ")[:-1]
    assert len(records) == 25
    assert all("nvented for demonstration" in record for record in records)
    await world.import_file(DEMO.read_bytes(), publish="true")
    items = (await world.json(NOBODY, "GET", "/v1/evidence"))["items"]
    for item in items:
        whole = await world.json(NOBODY, "GET", f"/v1/evidence/{item['id']}")
        assert all(identifier["value"].startswith("10.5555/impact.demo.") for identifier in whole["identifiers"])
