import pytest

from gateway import rate_limit_policies
from gateway.rate_limit_policies import RateLimitPolicy
from gateway.routes import ROUTES, Anonymous, RouteTable

table = RouteTable()


@pytest.mark.parametrize(
    ("path", "prefix"),
    [
        ("/v1/topics", "/v1/topics"),
        ("/v1/topics/1/coverage", "/v1/topics"),
        ("/v1/surveys/1", "/v1/surveys"),
        ("/v1/surveys/1/responses", "/v1/surveys/*/responses"),
        ("/v1/surveys/1/responses/2", "/v1/surveys/*/responses"),
        ("/v1/claims/2", "/v1/claims"),
        ("/", "/"),
        ("/sign-in", "/sign-in"),
        ("/sign-in/token", "/sign-in/*"),
        ("/health/ready", "/health"),
    ],
)
def test_the_longest_prefix_that_fits_is_found(path: str, prefix: str) -> None:
    route = table.find(path)
    assert route is not None
    assert route.prefix == prefix


@pytest.mark.parametrize("path", ["/v1", "/v1/", "/v1/topic", "/v1/topicsx", "/v2/topics", "/admin", "/healthy"])
def test_what_is_not_in_the_table_is_not_found(path: str) -> None:
    assert table.find(path) is None


def test_where_money_and_people_are_nobody_comes_unknown() -> None:
    private = {route.prefix for route in ROUTES if route.anonymous is Anonymous.NOTHING}
    money = {"/v1/claims", "/v1/payees", "/v1/payment-runs", "/v1/bank-messages", "/v1/ledger"}
    assert money | {"/v1/me", "/v1/imports"} <= private


def test_only_answers_to_surveys_and_requests_of_harvesters_are_written_by_anyone() -> None:
    written = {route.prefix for route in ROUTES if route.anonymous is Anonymous.ANYTHING and route.service != "gateway"}
    assert written == {"/v1/surveys/*/responses", "/oai", "/v1/evidence-requests/search"}


def test_a_day_centre_behind_one_address_signs_in() -> None:
    (mails, links) = (table.find(path) for path in ("/sign-in", "/sign-in/token"))
    assert mails is not None
    assert links is not None
    assert {route.limit("GET").name for route in (mails, links)} == {"pages"}
    assert (links.limit("POST").quota, links.limit("POST").seconds) == (120, 60)
    assert mails.limit("POST") is not links.limit("POST")


def test_every_route_names_a_class_of_rate_limits_and_each_has_a_name_of_its_own() -> None:
    policies = [policy for policy in vars(rate_limit_policies).values() if isinstance(policy, RateLimitPolicy)]
    assert len({policy.name for policy in policies}) == len(policies)
    assert {limit for route in ROUTES for limit in (route.reads, route.writes)} < set(policies)
