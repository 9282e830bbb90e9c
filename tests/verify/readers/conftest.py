"""A topic with real references and with titles that are difficult for formats, and its exports."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from tests.support.platform import CHECKOUT, Platform

FORMATS = ("ris", "bibtex", "csl-json", "csv", "xlsx", "jsonld", "nbib", "pubmed-xml", "jats", "endnote")
REAL_FILES = CHECKOUT.parent / "shared" / "data" / "evidence"
FILES = (
    CHECKOUT / "deploy" / "demo" / "prevention-and-carers.ris",
    *(REAL_FILES / "asreview" / "tests" / "demo_data" / name for name in ("proquest.ris", "scopus.ris", "embase.csv")),
    REAL_FILES / "asreview" / "tests" / "demo_data" / "ovid_psycinfo.ris",
    REAL_FILES / "colrev" / "tests" / "data" / "dedupe" / "records.bib",
    REAL_FILES / "colrev" / "tests" / "data" / "search_files" / "crossref_feed.bib",
    REAL_FILES / "rispy" / "tests" / "data" / "example_wos.ris",
)
TITLES = (
    "TY  - JOUR",
    "%0 Book",
    "PMID- 1",
    "} @article{x, title={y}}",
    '"Quoted", {braced} 100% $x_1^2$ ~ # & --- so',
    "<script>alert(1)</script> p < 0.05 & more ]]> &amp; &lt;b&gt;",
    "=1+1",
    '-5; "a", b',
    "Łódź 養護 ñ \U0001f600",
    "x, y; z and w",
)
"""Markup of the formats, and formulas that a spreadsheet would compute."""


class TopicItem(NamedTuple):
    id: str
    title: str


class ExportedTopic(NamedTuple):
    """The published items of the topic, in the order of exports."""

    topic: str
    items: list[TopicItem]

    @property
    def titles(self) -> list[str]:
        return [item.title for item in self.items]


@pytest.fixture(scope="session")
def library(platform: Platform, editor_token: str) -> ExportedTopic:
    headers = {"Authorization": f"Bearer {editor_token}"}
    with httpx.Client(base_url=platform.url, headers=headers, timeout=60) as editor:
        topic = json_of(editor.post("/v1/topics", json={"name": "Read by other programs"}))["id"]
        for file in filter(Path.exists, FILES):
            import_file(editor, file, topic)
        for title in TITLES:
            item = {"way_of_knowing": "research", "kind": "journal_article", "title": title, "topics": [topic]}
            created = json_of(editor.post("/v1/evidence", json=item))
            json_of(editor.post(f"/v1/evidence/{created['id']}/publish"))
        page = json_of(editor.get("/v1/evidence", params={"topic": topic, "limit": 200, "count": "true"}))
    assert page["next"] is None
    assert page["total"] == len(page["items"]) >= 25 + len(TITLES)
    return ExportedTopic(topic, [TopicItem(item["id"], item["title"]) for item in page["items"]])


@pytest.fixture(scope="session")
def exported(
    platform: Platform, library: ExportedTopic, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Path]:
    """Return a function that exports the topic: `exported("ris")` is the file in that format."""
    folder = tmp_path_factory.mktemp("exports")

    def export(format: str) -> Path:
        file = folder / f"evidence.{format}"
        if not file.exists():
            parameters = {"format": format, "topic": library.topic}
            response = httpx.get(f"{platform.url}/v1/exports/evidence", params=parameters, timeout=60)
            assert response.status_code == 200, response.text
            file.write_bytes(response.content)
        return file

    return export


def import_file(editor: httpx.Client, file: Path, topic: str) -> None:
    form = {"topics": topic, "publish": "true"}
    job = json_of(editor.post("/v1/imports", files={"file": (file.name, file.read_bytes())}, data=form))
    deadline = time.monotonic() + 60
    while job["status"] not in ("done", "failed"):
        assert time.monotonic() < deadline, job
        time.sleep(0.1)
        job = json_of(editor.get(f"/v1/imports/{job['id']}"))
    assert job["status"] == "done", job


def json_of(response: httpx.Response) -> Any:
    assert response.is_success, response.text
    return response.json()
