"""Who takes part in the story, and what came about."""

from dataclasses import dataclass, field
from typing import Any

import aiohttp

from deploy.story.client import Visitor

TOPICS = (
    "Prevention and wellbeing",
    "Carers' health and wellbeing",
    "Supporting people who work in care",
    "People who do not qualify today",
)


@dataclass
class People:
    """Who takes part: one visitor for each persona, and one whom nobody knows."""

    nobody: Visitor
    carer: Visitor
    practitioner: Visitor
    evidence_editor: Visitor
    engagement_officer: Visitor
    funding_officer: Visitor
    approver: Visitor
    finance: Visitor
    partner_developer: Visitor
    guide_reviewer: Visitor


@dataclass
class Facts:
    """What came about, for whoever tells it or checks it."""

    topics: dict[str, str] = field(default_factory=dict[str, str])
    imported: dict[str, Any] = field(default_factory=dict[str, Any])
    account: str = ""
    practice: str = ""
    found: dict[str, Any] = field(default_factory=dict[str, Any])
    survey: str = ""
    results: dict[str, Any] = field(default_factory=dict[str, Any])
    priority: dict[str, Any] = field(default_factory=dict[str, Any])
    assembly: dict[str, Any] = field(default_factory=dict[str, Any])
    claim: dict[str, Any] = field(default_factory=dict[str, Any])
    run: dict[str, Any] = field(default_factory=dict[str, Any])
    proof: dict[str, Any] = field(default_factory=dict[str, Any])
    guide: str = ""
    request: dict[str, Any] = field(default_factory=dict[str, Any])
    learning: dict[str, Any] = field(default_factory=dict[str, Any])
    project: str = ""
    thread: dict[str, Any] = field(default_factory=dict[str, Any])
    contribution: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def topic(self) -> str:
        return self.topics[TOPICS[1]]


async def people_of(http: aiohttp.ClientSession, gateway: str, tokens: dict[str, str]) -> People:
    """A visitor for each persona's token (`carer`, `evidence-editor`...)."""
    visitors = {name.replace("-", "_"): Visitor(http, gateway, token) for name, token in tokens.items()}
    return People(nobody=Visitor(http, gateway), **visitors)
