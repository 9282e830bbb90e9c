"""All that is tried, and on which APIs."""

from functools import partial
from typing import Final

from tests.architecture.apps import api_of
from tests.architecture.permissions import engagement, evidence, funding, gateway
from tests.architecture.permissions.attempts import Api, Noun
from tests.engagement.world import world_on as engagement_on
from tests.evidence.world import world_on as evidence_on
from tests.funding.world import world_on as funding_on

NOUNS: Final[tuple[Noun, ...]] = (*evidence.NOUNS, *engagement.NOUNS, *funding.NOUNS, *gateway.NOUNS)
APIS: Final[dict[str, Api]] = {
    "evidence": Api(partial(api_of, "evidence"), evidence_on),
    "engagement": Api(partial(api_of, "engagement"), engagement_on),
    "funding": Api(partial(api_of, "funding"), funding_on),
    "gateway": Api(gateway.described, gateway.gateway_on, gateway.GatewayWorld.signed_in),
}
