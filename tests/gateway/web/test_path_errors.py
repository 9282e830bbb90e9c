import pytest

from tests.gateway.world import Gateway


@pytest.mark.parametrize("path", ["/evidence/xyz", "/guides/nope", "/questions/zzz", "/evidence/x/versions/0"])
async def test_a_link_that_was_cut_off_leads_to_nothing(gateway: Gateway, path: str) -> None:
    assert (await gateway.http.get(path)).status_code == 404


async def test_the_api_names_the_bad_field(gateway: Gateway) -> None:
    refused = await gateway.http.get("/v1/api-clients/x", headers=await gateway.token("partner-developer"))
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "client_id")
