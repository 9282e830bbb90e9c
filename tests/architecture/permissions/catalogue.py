"""All that is tried, and on which APIs."""

from functools import partial
from typing import Final

from tests.architecture.apps import api_of
from tests.architecture.permissions import engagement, evidence, funding, gateway
from tests.architecture.permissions.attempts import Api, Noun
from tests.engagement.world import EngagementWorld
from tests.evidence.world import EvidenceWorld
from tests.funding.world import FundingWorld
from tests.support.world import open_world

NOUNS: Final[tuple[Noun, ...]] = (*evidence.NOUNS, *engagement.NOUNS, *funding.NOUNS, *gateway.NOUNS)
APIS: Final[dict[str, Api]] = {
    "evidence": Api(partial(api_of, "evidence"), partial(open_world, EvidenceWorld)),
    "engagement": Api(partial(api_of, "engagement"), partial(open_world, EngagementWorld)),
    "funding": Api(partial(api_of, "funding"), partial(open_world, FundingWorld, demo=True)),
    "gateway": Api(gateway.described, gateway.gateway_on, gateway.GatewayWorld.signed_in),
}
