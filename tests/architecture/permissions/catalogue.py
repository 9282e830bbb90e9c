"""All attempts, and the APIs that they are made on."""

from functools import partial
from typing import Final

from tests.architecture.apps import api_of
from tests.architecture.permissions import engagement, evidence, funding, gateway
from tests.architecture.permissions.attempts import Noun, TriedApi
from tests.architecture.permissions.gateway import world
from tests.engagement.world import EngagementWorld
from tests.evidence.world import EvidenceWorld
from tests.funding.world import FundingWorld
from tests.support.world import open_world

NOUNS: Final[tuple[Noun, ...]] = (*evidence.NOUNS, *engagement.NOUNS, *funding.NOUNS, *gateway.NOUNS)
APIS: Final[dict[str, TriedApi]] = {
    "evidence": TriedApi(partial(api_of, "evidence"), partial(open_world, EvidenceWorld)),
    "engagement": TriedApi(partial(api_of, "engagement"), partial(open_world, EngagementWorld)),
    "funding": TriedApi(partial(api_of, "funding"), partial(open_world, FundingWorld, demo=True)),
    "gateway": TriedApi(world.described, world.gateway_on, world.GatewayWorld.signed_in),
}
