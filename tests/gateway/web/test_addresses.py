import pytest

from gateway.routes import RouteTable
from gateway.web.addresses import PAGES, find_page

ID = "01900000-0000-7000-8000-000000000001"


@pytest.mark.parametrize(
    ("path", "query", "page"),
    [
        (f"/v1/evidence/{ID}", "", f"/evidence/{ID}"),
        (f"/v1/evidence/{ID}/versions/2", "", f"/evidence/{ID}/versions/2"),
        ("/v1/search", "q=carers+and+breaks&topic=a&limit=5", "/search?q=carers+and+breaks&topic=a"),
        ("/v1/evidence", "limit=50&count=true", "/evidence"),
        ("/v1/line-of-sight", f"from=evidence%3A{ID}", f"/line-of-sight?from=evidence%3A{ID}"),
        ("/v1/evidence", "status=draft", None),
        ("/v1/evidence", "country=GB-WLS&import=x", None),
        ("/v1/guides", "topic=a", "/guides?topic=a"),
        ("/v1/guides", "status=review", "/staff/guides?status=review"),
        ("/v1/guides", "status=review&order=x", None),
        (f"/v1/guides/{ID}/draft", "", f"/staff/guides/{ID}"),
        ("/v1/guides/flags", "mine=true", "/staff/flags?mine=true"),
        ("/v1/learning", "max_minutes=5", "/learning?max_minutes=5"),
        ("/v1/learning", "is_flagged=true", "/staff/learning?is_flagged=true"),
        ("/v1/evidence/renditions/outdated", "", "/staff/renditions"),
        ("/v1/search", "q=x&ranking=relevance", None),
        ("/v1/evidence/not-an-id", "", None),
        (f"/v1/evidence/{ID}/", "", None),
        ("/v1/claims", "", None),
    ],
)
def test_a_browser_is_sent_to_the_page_that_shows_the_same(path: str, query: str, page: str | None) -> None:
    assert find_page(path, query) == page


def test_every_page_has_a_route_of_the_gateway() -> None:
    routes = RouteTable()
    for _, page, _ in PAGES:
        route = routes.find(page.replace("{id}", ID).replace("{number}", "1").replace("{code}", "ABC"))
        assert route is not None, page
        assert route.service == "gateway", page
