"""Which fields are a person's own words, and whether one text is a copy of another of which only hashes are left."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple, cast
from urllib.parse import unquote
from uuid import UUID

from services.evidence.library.items.descriptions import LivedExperienceFields, PracticeKnowledgeFields
from services.evidence.library.items.tables import Item, Proposal, Side
from services.evidence.library.items.words.canonical_words import hidden_streams, letters_of, words_of
from shared.callers import Caller
from shared.problems import Conflict

WORD_FIELDS: dict[str, frozenset[str]] = {
    "lived_experience": frozenset({"title", "summary", *LivedExperienceFields.model_fields}),
    "practice_knowledge": frozenset({"title", "summary", *PracticeKnowledgeFields.model_fields}),
}
"""The fields that hold what the person says. The others (topics, country, setting, language) are the library's."""
NARRATIVE_FIELDS = ("account", "what_was_done", "what_happened", "what_it_needs")
OTHER_FIELDS = (
    *("population", "sample", "intervention", "involvement", "role", "service"),
    *("published_in", "publisher", "volume", "issue", "pages"),
)
LIST_FIELDS = ("keywords", "authors", "editors")
ADDRESS_FIELDS = frozenset({"url", "identifiers"})
COMPARED_FIELDS = frozenset(
    {"title", "summary", "setting", *NARRATIVE_FIELDS, *OTHER_FIELDS, *LIST_FIELDS, *ADDRESS_FIELDS}
)
"""What `compared_texts_of` returns."""
MIN_SHARED_SHINGLES = 8
"""Two people begin alike: `My experience of caring for my mother at home`, and of a father."""
MIN_SHARED_FRACTION = 0.4
"""Of the shingles of the shorter text: what is left when every fifth word of a copy was changed."""
RESEARCH_PROBES = 16
LETTERS = 12
"""In a row, where only letters are compared."""


class WordsTakenBack(Conflict):
    title = "The person who gave these words has taken them back"
    detail = (
        "An account or practice knowledge with these words, or nearly these, was withdrawn. Only the person who gave "
        "it can give it again: ask them to add it themselves."
    )


class AnotherProposalWaits(Conflict):
    title = "Other words are waiting for an answer already"
    detail = (
        "The proposal {proposal_id} for this item has no answer yet. Wait for it, or withdraw that proposal (POST to "
        "/v1/evidence/proposals/{proposal_id}/withdraw) and send yours again. Whoever made it may also replace it "
        "(POST to its /replace)."
    )


class Fingerprint(NamedTuple):
    """Keyed hashes of one text: of all its words, and of each three in a row."""

    whole: bytes
    shingles: frozenset[int]


class KnownText(NamedTuple):
    """A text that a person gave, as far as it is remembered: the item may be withdrawn, and its words erased."""

    item_id: UUID
    contributor_id: UUID | None
    status: str
    fingerprint: Fingerprint
    shown_at: datetime


def texts_of(summary: str, details: Mapping[str, Any]) -> list[str]:
    """Return the texts in which a person's words may stand, of any way of knowing."""
    return [text for text in (summary, *(details.get(name) for name in NARRATIVE_FIELDS)) if text]


def compared_texts_of(title: str, summary: str, setting: str | None, details: Mapping[str, Any]) -> list[str]:
    """Return every text of an item that could repeat a person's words: also those in which they do not belong."""
    others = (title, setting, *(details.get(name) for name in OTHER_FIELDS))
    lists = (" ".join(details.get(name) or ()) for name in LIST_FIELDS)
    return [*texts_of(summary, details), *(text for text in (*others, *lists, *_addresses(details)) if text)]


def _addresses(details: Mapping[str, Any]) -> Iterable[str]:
    """Return the words of what is no text, and can be read all the same: `https://example.org/my-mother-never`."""
    identifiers: Iterable[Any] = details.get("identifiers") or ()
    values: Iterable[str] = (getattr(named, "value", None) or named["value"] for named in identifiers)
    return map(unquote, [details.get("url") or "", *values])


def texts_by_pointer(document: object, pointer: str = "") -> dict[str, str]:
    """Return every text in a JSON document, by its JSON pointer."""
    if isinstance(document, str):
        return {pointer: document}
    entries: Iterable[tuple[object, object]] = ()
    if isinstance(document, Mapping):
        entries = cast("Mapping[object, object]", document).items()
    elif isinstance(document, list):
        entries = enumerate(cast("list[object]", document))
    return {
        place: text for name, value in entries for place, text in texts_by_pointer(value, f"{pointer}/{name}").items()
    }


@lru_cache(maxsize=4)
def key_from(secret: str) -> bytes:
    """Return the key of fingerprints: without the service's secret they say nothing of the words.

    Raises ValueError for an empty secret, with which anybody could compute them.
    """
    if not secret:
        raise ValueError("fingerprints need the secret of the service: open the database by Database.of(settings)")
    return hashlib.blake2b(secret.encode(), person=b"impact words 1", digest_size=32).digest()


def fingerprints_of(texts: Iterable[str], secret: str) -> list[Fingerprint]:
    """Return the fingerprints by which to compare: of each text that has words, and of what is hidden in it.

    Case, accents, punctuation and look-alikes make no difference.
    """
    key = key_from(secret)
    fingerprints: list[Fingerprint] = []
    for words in filter(None, map(words_of, texts)):
        fingerprints.append(_fingerprint(words, key))
        fingerprints += [_fingerprint_of_letters(stream, key) for stream in hidden_streams(words)]
    return fingerprints


def remembered_fingerprints(texts: Iterable[str], secret: str) -> list[Fingerprint]:
    """Return the fingerprints by which texts are recognised: of the words of each, and of its letters alone."""
    key = key_from(secret)
    of_words = [words for text in texts if (words := words_of(text))]
    of_letters = (_fingerprint_of_letters(letters_of(words), key) for words in of_words)
    return [*(_fingerprint(words, key) for words in of_words), *(text for text in of_letters if text.shingles)]


def _fingerprint(words: Sequence[str], key: bytes) -> Fingerprint:
    threes = zip(words, words[1:], words[2:], strict=False)
    return Fingerprint(_digest(" ".join(words), key), _shingles(map(" ".join, threes), key))


def _fingerprint_of_letters(stream: str, key: bytes) -> Fingerprint:
    """Return the fingerprint of a text of which only the letters are compared. It is never that of words."""
    windows = (stream[begin : begin + LETTERS] for begin in range(len(stream) - LETTERS + 1))
    return Fingerprint(_digest(f"\n{stream}", key), _shingles(windows, key))


def _digest(text: str, key: bytes) -> bytes:
    return hashlib.blake2b(text.encode(), key=key, digest_size=16).digest()


def _shingles(texts: Iterable[str], key: bytes) -> frozenset[int]:
    return frozenset(map(_keyed_hash(key), texts))


def _keyed_hash(key: bytes) -> Callable[[str], int]:
    copy, from_bytes = hashlib.blake2b(key=key, digest_size=8).copy, int.from_bytes

    def hash_of(text: str) -> int:
        digest = copy()
        digest.update(text.encode())
        return from_bytes(digest.digest(), signed=True)

    return hash_of


def may_repeat(texts: Iterable[str], shingles: frozenset[int], secret: str) -> bool:
    """Return whether one of the texts may repeat what these shingles are of: whether it is worth comparing.

    Every eighth shingle is looked up, the first among them: of an excerpt that shares `MIN_SHARED_SHINGLES` in a row
    always one, and of a copy of 25 words in which every fifth was changed too. Texts with something hidden are all
    compared.
    """
    hash_of = _keyed_hash(key_from(secret))
    for words in filter(None, map(words_of, texts)):
        if hidden_streams(words):
            return True
        for begin in range(0, len(words) - 2, MIN_SHARED_SHINGLES):
            if hash_of(" ".join(words[begin : begin + 3])) in shingles:
                return True
    return False


def is_copy(text: Fingerprint, original: Fingerprint, way_of_knowing: str) -> bool:
    """Return whether the text is the original, or mostly made of it.

    An excerpt is a copy too, but research that quotes a short account is not: most of it must be the account's.
    """
    if text.whole == original.whole:
        return True
    shared = len(text.shingles & original.shingles)
    shorter = len(text.shingles) if way_of_knowing == "research" else min(len(text.shingles), len(original.shingles))
    return shared >= MIN_SHARED_SHINGLES and shared >= MIN_SHARED_FRACTION * shorter


def probes_of(text: Fingerprint, way_of_knowing: str) -> list[int]:
    """Return the shingles by which to look for what the text may copy.

    Of research a sample is enough, since most of a copy is copied: of 16, fewer than one in a thousand copies has none.
    """
    return sorted(text.shingles)[:RESEARCH_PROBES] if way_of_knowing == "research" else list(text.shingles)


def copied_text(texts: Iterable[Fingerprint], candidates: Iterable[KnownText], way_of_knowing: str) -> KnownText | None:
    """Return a known text of which one of these is a copy: one that was withdrawn, if there is one.

    A sentence of three words is everybody's, and no copy.
    """
    texts = list(texts)
    copied = [
        text
        for text in candidates
        if len(text.fingerprint.shingles) > 1 and any(is_copy(mine, text.fingerprint, way_of_knowing) for mine in texts)
    ]
    return min(copied, key=lambda text: text.status != "withdrawn", default=None)


def only_in_erased(
    erased: Iterable[Fingerprint], current: Iterable[Fingerprint], others: Iterable[Fingerprint]
) -> list[Fingerprint]:
    """Return the texts of an erased edition that no edition shows any more, without what the current one still says.

    So the words that are still shown can be quoted, and those that were taken back cannot.
    """
    current = list(current)
    shown = {text.whole for text in (*current, *others)}
    still_said = frozenset[int]().union(*(text.shingles for text in current))
    return [text._replace(shingles=text.shingles - still_said) for text in erased if text.whole not in shown]


def is_taken_back(
    texts: Iterable[Fingerprint],
    candidates: Iterable[KnownText],
    contributor_id: UUID | None = None,
    before: Iterable[Fingerprint] = (),
) -> bool:
    """Return whether one of the texts is a copy, or holds an excerpt, of what somebody else gave and took back.

    What its person has given again, and is shown, may be quoted. What nobody gave here (a file or another library
    brought it) a person, the contributor, may still give as their own. What an item said `before` it may go on saying:
    else whoever copies it and takes the copy back would stop its next change.
    """
    texts, before = list(texts), list(before)
    comparable = [candidate for candidate in candidates if len(candidate.fingerprint.shingles) > 1]
    return any(
        original.status == "withdrawn"
        and (contributor_id is None or original.contributor_id not in (None, contributor_id))
        and any(is_copy(text, original.fingerprint, "") for text in texts)
        and not _held_before(texts, before, original.fingerprint)
        and not any(_is_given_again(original, other) for other in comparable)
        for original in comparable
    )


def _is_given_again(original: KnownText, other: KnownText) -> bool:
    is_shown = other.status == "published" and other.contributor_id == original.contributor_id
    return is_shown and is_copy(other.fingerprint, original.fingerprint, "")


def _held_before(texts: Sequence[Fingerprint], before: Sequence[Fingerprint], original: Fingerprint) -> bool:
    """Return whether an item was a copy already, and its new texts take hardly more from the original."""
    shingles = frozenset[int]().union(*(text.shingles for text in before))
    return any(is_copy(text, original, "") for text in before) and all(
        len((text.shingles - shingles) & original.shingles) < MIN_SHARED_SHINGLES for text in texts
    )


def propose(
    item_id: UUID, side: Side, proposer: Caller, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Proposal:
    """Return the proposal to change these fields."""
    return Proposal(
        item_id=item_id,
        proposed_by=side,
        proposer_id=proposer.id,
        fields=sorted(after),
        before=dict(before),
        after=dict(after),
    )


def check_none_waits(waiting: Iterable[Proposal], side: Side) -> None:
    """Refuse a second proposal of one side, and lead to the first. Raises AnotherProposalWaits."""
    for proposal in waiting:
        if proposal.proposed_by == side:
            path = f"/v1/evidence/proposals/{proposal.id}"
            raise AnotherProposalWaits(proposal_id=proposal.id, headers={"Location": path})


def outdated_fields(proposal: Proposal, item: Item) -> list[str]:
    """Return the fields of a waiting proposal that have other words by now than when it was made."""
    if proposal.status != "waiting":
        return []
    current = {**item.details, "title": item.title, "summary": item.summary}
    return [name for name in proposal.fields if (current.get(name) or None) != (proposal.before.get(name) or None)]
