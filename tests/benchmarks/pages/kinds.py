"""The kinds of pages that are timed, each with the address of the API whose answer it shows."""

from dataclasses import dataclass
from typing import Any, Final

import httpx

from tests.benchmarks.pages.walker import Phone

EDITOR: Final = "evidence-editor"


@dataclass(frozen=True, slots=True)
class PageKind:
    """A page for somebody, and the API answer behind it."""

    path: str
    api: str
    persona: str | None = None

    @property
    def headers(self) -> dict[str, str]:
        """What a browser sends that follows a link of the site itself."""
        return {"Accept": "text/html", "Sec-Fetch-Site": "same-origin", "Accept-Encoding": "gzip"}


def find_kinds(phone: Phone) -> list[PageKind]:
    """Return a page of each kind of the demo library."""
    headers = {"Authorization": f"Bearer {phone.token(EDITOR)}"}
    with httpx.Client(base_url=phone.platform.url, headers=headers) as http:
        guide, item = _first(http, "/v1/guides"), _first(http, "/v1/evidence?status=published")
        topic, question = guide["topics"][0], _first(http, "/v1/evidence-requests")["id"]
        piece, waiting = _first(http, "/v1/learning")["id"], _first(http, "/v1/evidence-requests/queue")["id"]
    thread = f"/line-of-sight?from=guide:{guide['id']}"
    public = [
        PageKind("/", "/v1/topics/tree"),
        PageKind("/search?q=carers", "/v1/search?q=carers&limit=20"),
        PageKind("/evidence", "/v1/evidence?limit=20"),
        _of("/evidence/{}", item["id"]),
        PageKind("/topics", "/v1/topics/tree"),
        _of("/topics/{}", topic),
        PageKind("/gaps", "/v1/topics/gaps"),
        PageKind("/guides", "/v1/guides?limit=20"),
        _of("/guides/{}", guide["id"]),
        PageKind(thread, f"/v1{thread}"),
        PageKind("/questions", "/v1/evidence-requests?limit=20"),
        PageKind(f"/questions/{question}", f"/v1/evidence-requests/{question}"),
        PageKind("/learning", "/v1/learning?limit=20"),
        _of("/learning/{}", piece),
        PageKind("/take-part", "/v1/assemblies?upcoming=true&status=open&limit=20"),
    ]
    own = [
        PageKind("/questions/mine", "/v1/evidence-requests/mine?limit=20", "practitioner"),
        PageKind("/contributions", "/v1/contributions?limit=20", "carer"),
    ]
    staff = [
        ("", "/v1/evidence-requests/queue?limit=1&count=true"),
        ("/questions", "/v1/evidence-requests/queue?limit=20&count=true"),
        (f"/questions/{waiting}", f"/v1/evidence-requests/{waiting}"),
        ("/evidence", "/v1/evidence?limit=20"),
        (f"/evidence/{item['id']}", f"/v1/evidence/{item['id']}"),
        (f"/evidence/{item['id']}/edit", f"/v1/evidence/{item['id']}"),
        (f"/evidence/{item['id']}/transferability/new", f"/v1/evidence/{item['id']}"),
        ("/guides", "/v1/guides?limit=20&count=true"),
        (f"/guides/{guide['id']}", f"/v1/guides/{guide['id']}"),
        (f"/learning/{piece}", f"/v1/learning/{piece}"),
        ("/duplicates", "/v1/duplicates?limit=20&count=true"),
        ("/imports", "/v1/imports?limit=20"),
    ]
    return public + own + [PageKind(f"/staff{path}", api, EDITOR) for path, api in staff]


def _first(http: httpx.Client, path: str) -> dict[str, Any]:
    return http.get(path).raise_for_status().json()["items"][0]


def _of(path: str, id: str) -> PageKind:
    address = path.format(id)
    return PageKind(address, f"/v1{address}")
