"""Raw requests on which HTTP implementations have disagreed, as data: RFC 9112, section 11.2, and what is published of
request smuggling, response queue poisoning and desynchronisation."""

from tests.gateway.http.raw_requests.bodies import CHUNKS, EXPECTATIONS, TRAILERS
from tests.gateway.http.raw_requests.body_lengths import ENCODINGS, LENGTHS
from tests.gateway.http.raw_requests.case import RawRequest
from tests.gateway.http.raw_requests.connections import PIPELINES, UPGRADES
from tests.gateway.http.raw_requests.heads import HEADERS, HOSTS, REQUEST_LINES, TARGETS

GROUPS: dict[str, tuple[RawRequest, ...]] = {
    "Transfer-Encoding": ENCODINGS,
    "Content-Length": LENGTHS,
    "chunks": CHUNKS,
    "trailers": TRAILERS,
    "Expect": EXPECTATIONS,
    "request line": REQUEST_LINES,
    "target": TARGETS,
    "headers": HEADERS,
    "Host": HOSTS,
    "Upgrade": UPGRADES,
    "pipeline": PIPELINES,
}
RAW_REQUESTS: tuple[RawRequest, ...] = tuple(
    request._replace(name=f"{group}: {request.name}") for group, requests in GROUPS.items() for request in requests
)
