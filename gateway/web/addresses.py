"""The pages that show what addresses of the API answer."""

import re
from typing import Final
from urllib.parse import unquote_plus, urlsplit

_id = r"(?P<id>[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})"
_number = r"(?P<number>[1-9][0-9]{0,9})"
PAGES: Final[tuple[tuple[str, str, str], ...]] = (
    ("/v1/search", "/search", "q topic way_of_knowing is kind design country setting from to language cursor"),
    ("/v1/evidence", "/evidence", "topic way_of_knowing country setting cursor"),
    ("/v1/evidence/{id}", "/evidence/{id}", ""),
    ("/v1/evidence/{id}/records", "/staff/evidence/{id}", ""),
    ("/v1/bulk-changes", "/staff/bulk-changes", "cursor"),
    ("/v1/bulk-changes/{id}", "/staff/bulk-changes/{id}", ""),
    ("/v1/bulk-changes/{id}/steps", "/staff/bulk-changes/{id}", "status cursor"),
    ("/v1/evidence/{id}/versions/{number}", "/evidence/{id}/versions/{number}", ""),
    ("/v1/evidence/{id}/(?:appraisals|citation|renditions|transferability|versions)", "/evidence/{id}", "style"),
    ("/v1/evidence/renditions/outdated", "/staff/renditions", "cursor"),
    ("/v1/topics(?:/tree)?", "/topics", "cursor"),
    ("/v1/topics/gaps", "/gaps", "missing country setting cursor"),
    ("/v1/topics/{id}(?:/coverage)?", "/topics/{id}", ""),
    ("/v1/guides", "/guides", "topic way_of_knowing cites country setting cursor"),
    ("/v1/guides", "/staff/guides", "status due mine topic way_of_knowing cites cursor"),
    ("/v1/guides/flags", "/staff/flags", "mine decided cursor"),
    ("/v1/guides/{id}", "/guides/{id}", ""),
    ("/v1/guides/{id}/draft", "/staff/guides/{id}", ""),
    ("/v1/guides/{id}/versions/{number}", "/guides/{id}/versions/{number}", ""),
    ("/v1/guides/{id}/(?:renditions|versions)", "/guides/{id}", ""),
    ("/v1/line-of-sight", "/line-of-sight", "from"),
    ("/v1/contributions", "/contributions", "cursor"),
    ("/v1/evidence-requests", "/questions", "q topic country setting cursor"),
    ("/v1/evidence-requests/mine", "/questions/mine", "cursor"),
    (
        "/v1/evidence-requests/queue",
        "/staff/questions",
        "urgency status topic used what_happened in_doubt mine country setting from to cursor",
    ),
    ("/v1/evidence-requests/{id}", "/questions/{id}", ""),
    ("/v1/learning", "/learning", "item guide max_minutes country setting cursor"),
    ("/v1/learning", "/staff/learning", "status is_flagged mine item guide max_minutes cursor"),
    ("/v1/learning/{id}", "/learning/{id}", ""),
    ("/v1/learning/completions", "/learning/record", "cursor"),
    ("/v1/learning/completions/{id}", "/learning/record/{id}", ""),
    ("/v1/duplicates", "/staff/duplicates", "status judgement import topic cursor"),
    ("/v1/duplicates/{id}", "/staff/duplicates/{id}", ""),
    ("/v1/evidence/appraisals/waiting", "/staff/appraisals", "cursor"),
    ("/v1/evidence/appraisals/agreement", "/staff/appraisals/agreement", ""),
    ("/v1/import-conflicts", "/staff/import-conflicts", "status import harvest item field cursor"),
    ("/v1/import-conflicts/{id}", "/staff/import-conflicts/{id}", ""),
    ("/v1/merges", "/staff/merges", "into cursor"),
    ("/v1/merges/{id}", "/staff/merges/{id}", ""),
    ("/v1/imports", "/staff/imports", "rejects_waiting cursor"),
    ("/v1/imports/{id}", "/staff/imports/{id}", ""),
    ("/v1/imports/{id}/records", "/staff/imports/{id}/records", "outcome cursor"),
    ("/v1/imports/{id}/rejects", "/staff/imports/{id}/rejects", "cursor"),
    ("/v1/imports/{id}/rejects/{number}", "/staff/imports/{id}/rejects/{number}", ""),
    ("/v1/imports/{id}/withdrawal(?:/stays)?", "/staff/imports/{id}/withdraw", "cursor"),
    ("/v1/harvests", "/staff/harvests", "cursor"),
    ("/v1/harvests/{id}", "/staff/harvests/{id}", ""),
    ("/v1/harvests/{id}/runs", "/staff/harvests/{id}/runs", "cursor"),
    ("/v1/harvests/{id}/records", "/staff/harvests/{id}/records", "outcome cursor"),
    ("/v1/harvests/{id}/quarantined-records", "/staff/harvests/{id}/quarantine", "cursor"),
    ("/v1/retractions", "/staff/retractions", "cursor"),
    ("/v1/retractions/{id}(?:/items)?", "/staff/retractions/{id}", "cursor"),
    ("/v1/retractions/{id}/rejects", "/staff/retractions/{id}/rejects", "cursor"),
    ("/v1/learning/certificates/(?P<code>[A-Za-z0-9-]{1,40})", "/learning/certificates/{code}", ""),
)
"""The path of an address of the API, as a pattern; that of its page; the query parameters that the page heeds too."""

PAGING: Final = frozenset({"limit", "count"})
"""What a page decides itself, so that it may be left out."""

_pages = tuple(
    (re.compile(pattern.replace("{id}", _id).replace("{number}", _number)), page, frozenset(names.split()))
    for pattern, page, names in PAGES
)


def find_page(path: str, query: str) -> str | None:
    """Return the address of the page for an address of the API.

    Returns None where there is none, or where the query asks for what every such page would ignore.
    """
    for pattern, page, names in _pages:
        if match := pattern.fullmatch(path):
            pairs = {pair: unquote_plus(pair.partition("=")[0]) for pair in query.split("&") if pair}
            heeded = [pair for pair, name in pairs.items() if name not in PAGING]
            if not names.issuperset(pairs[pair] for pair in heeded):
                continue
            address = page.format(**match.groupdict())
            return f"{address}?{'&'.join(heeded)}" if heeded else address
    return None


def next_page(path: str, next_url: str | None) -> str | None:
    """Return the address of the next page of a list on this page, by the `next` of the API."""
    return f"{path}?{urlsplit(next_url).query}" if next_url else None
