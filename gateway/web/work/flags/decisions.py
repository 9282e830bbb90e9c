"""Flags of guides with what they are about, and decisions about them: only about what was read."""

import asyncio
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import orjson

from gateway.web.api_client import ApiRefusal, Document, PublicApi
from gateway.web.layout.languages import text
from gateway.web.work.guides.evidence import ItemEvidence, load_evidence

MAX_ATTEMPTS: Final = 5
DIGEST_LENGTH: Final = 16
CHANGED: Final = text("It has changed since you looked at it. Look again, then decide.")
DECIDED: Final = text("Somebody has already decided this, or there is no longer a reason for it.")
GONE: Final = text("The statement no longer cites this.")
REASONS_AGAINST: Final = {
    "keep": text("It was withdrawn, so nothing can be based on it any more."),
    "repin": text("It is no longer shown, so there is no version to cite."),
}


class FlagKey(NamedTuple):
    """Which citation a flag is on."""

    guide_id: str
    statement_id: str
    item_id: str

    @classmethod
    def of(cls, document: Document) -> "FlagKey":
        """Return the key of a flag in the list of the API."""
        return cls(document["guide_id"], document["statement_id"], document["item_id"])

    @property
    def path(self) -> str:
        """The path of its page, below `/staff/flags`."""
        return "/staff/flags/" + "/".join(self)


class NotDecided(Exception):
    """Nothing was decided: `reason` says why, as a text of these pages."""

    def __init__(self, reason: str, *, is_done: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.is_done = reason, is_done


@dataclass(frozen=True, slots=True)
class FlaggedCitation:
    """A citation with its statement and guide as they are now, and what is flagged about it."""

    key: FlagKey
    guide: Document
    etag: str
    statement: Document
    citation: Document
    flag: Document | None
    evidence: ItemEvidence = field(default_factory=lambda: ItemEvidence({}))

    @property
    def shown(self) -> str:
        """What changes when anything changes that somebody reads before they decide."""
        read = [self.statement["text"], self.citation, self.flag]
        return hashlib.sha256(orjson.dumps(read, option=orjson.OPT_SORT_KEYS)).hexdigest()[:DIGEST_LENGTH]

    @property
    def value(self) -> str:
        """The flag as it was shown, as the value of a field."""
        return "/".join((*self.key, self.shown))

    def reason_against(self, decision: str) -> str | None:
        """Return why this decision cannot be made, or None."""
        is_gone = self.citation["status"] == "withdrawn"
        if decision == "repin" and is_gone:
            return REASONS_AGAINST["repin"]
        if decision == "keep" and (is_gone or (self.flag is not None and self.flag["reason"] == "withdrawn")):
            return REASONS_AGAINST["keep"]
        return None

    @property
    def decisions(self) -> list[str]:
        """The decisions that can be made."""
        return [decision for decision in ("keep", "repin", "remove") if self.reason_against(decision) is None]


async def load_flag(api: PublicApi, key: FlagKey, *, with_evidence: bool = False) -> FlaggedCitation | None:
    """Return the citation as it is now, or None where the guide no longer has it. Raises ApiRefusal."""
    response = await api.read(f"/v1/guides/{key.guide_id}")
    for statement in response.document["statements"]:
        for citation in statement["citations"]:
            if (statement["id"], citation["item_id"]) == key[1:]:
                flags = [flag for flag in statement["flags"] if flag["item_id"] == key.item_id]
                evidence = await load_evidence(api, [citation]) if with_evidence else {}
                return FlaggedCitation(
                    key,
                    response.document,
                    response.etag or "",
                    statement,
                    citation,
                    flags[0] if flags else None,
                    evidence.get(key.item_id, ItemEvidence({})),
                )
    return None


async def load_flags(
    api: PublicApi, keys: Iterable[FlagKey], *, with_evidence: bool = False
) -> dict[FlagKey, FlaggedCitation]:
    """Return those of the citations that there are."""
    keys = list(keys)
    loaded = await asyncio.gather(*(_find(api, key, with_evidence=with_evidence) for key in keys))
    return {key: flagged for key, flagged in zip(keys, loaded, strict=True) if flagged is not None}


async def decide(api: PublicApi, key: FlagKey, shown: str, body: Document) -> None:
    """Decide about a flag as it was shown, whatever else has changed in its guide. Raises NotDecided, ApiRefusal."""
    for attempt in range(1, MAX_ATTEMPTS + 1):
        flagged = check(await _find(api, key, with_evidence=False), shown)
        path = f"/v1/guides/{key.guide_id}/statements/{key.statement_id}/citations/{key.item_id}/resolve"
        try:
            await api.send("POST", path, body, etag=flagged.etag)
        except ApiRefusal as error:
            if error.slug == "nothing-flagged":
                raise NotDecided(DECIDED, is_done=True) from None
            if error.status != 412 or attempt == MAX_ATTEMPTS:
                raise
        else:
            return


def check(flagged: FlaggedCitation | None, shown: str) -> FlaggedCitation:
    """Return the citation where it is as it was shown. Raises NotDecided."""
    if flagged is None:
        raise NotDecided(GONE)
    if flagged.flag is None:
        raise NotDecided(DECIDED, is_done=True)
    if flagged.shown != shown:
        raise NotDecided(CHANGED)
    return flagged


async def _find(api: PublicApi, key: FlagKey, *, with_evidence: bool) -> FlaggedCitation | None:
    try:
        return await load_flag(api, key, with_evidence=with_evidence)
    except ApiRefusal as error:
        if error.status in (404, 410):
            return None
        raise
