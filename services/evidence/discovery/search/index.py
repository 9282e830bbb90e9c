"""The search index: tantivy, in a folder of this process. PostgreSQL is the truth; this is a copy."""

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import orjson
import tantivy
from tantivy import Document, Index, Query, Searcher

from services.evidence.discovery.search import asking, language, layout, placing, rules, spelling
from services.evidence.discovery.search.asking import Question
from services.evidence.discovery.search.filters import EVERYTHING, Filters
from services.evidence.discovery.search.folder import BrokenIndex, Place, check
from services.evidence.discovery.search.layout import GUIDE, POSITION, VOICE, Entry
from services.evidence.discovery.search.placing import Placed
from services.evidence.discovery.search.querying import Querying
from services.evidence.discovery.search.spelling import Spelling
from services.evidence.discovery.search.synonyms import Saying, Synonyms, of_the_sector
from services.evidence.library.items.descriptions import WAYS

logger = logging.getLogger(__name__)

HEAP_BYTES = 50_000_000


@dataclass(frozen=True, slots=True)
class Position:
    """How far the index is: every change of a transaction below `since` is in it.

    While it is first built `since` is 0, and everything up to `after` of `source` is in it; `horizon` is what `since`
    becomes. `made` and `origin` say which code and which database it was made from. `left`: since when the words of
    what was changed or taken out may still lie in its files.
    """

    made: str = field(default_factory=lambda: layout.MADE)
    origin: str | None = None
    since: int = 0
    horizon: int | None = None
    source: str = ""
    after: tuple[int, str] | None = None
    left: float | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody searches for. `topics`: any of these. `kind_of`: items or guides alone."""

    text: str
    filters: Filters = EVERYTHING
    topics: Collection[str] | None = None
    by_relevance: bool = False
    kind_of: str | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """A hit on the page."""

    id: str
    score: float
    ways: tuple[str, ...]
    guide: bool


@dataclass(frozen=True, slots=True)
class Found:
    """The hits of a page; how many there are in all, of each way of knowing, and of each facet's values."""

    hits: list[Shown]
    question: Question
    total: int
    guides: int
    per_way: Mapping[str, int]
    facets: Mapping[str, Mapping[str, int]]
    spelling: Spelling = field(default_factory=Spelling)


class SearchIndex:
    """One process's own. Its methods block for milliseconds: call them from a thread. One thread writes at a time."""

    complete = False
    """Whether everything that was public when this process began can be found."""

    def __init__(self, folder: Path | None = None) -> None:
        self.synonyms = of_the_sector()
        self._also: Sequence[tuple[str, ...]] = []
        self._place = Place(folder)
        self._schema = layout.schema()
        self._open()

    def _open(self) -> None:
        try:
            check(self._place.index)
            self._use(self._place.index)
        except (BrokenIndex, ValueError, OSError) as broken:
            logger.warning("the search index on disk cannot be used and is built anew: %s", type(broken).__name__)
            self._use(self._place.emptied())
        if self._size() and self.position.made != layout.MADE:
            logger.info("the search index on disk was made by another release and is built anew")
            self.clear(Position())

    def _use(self, path: Path) -> None:
        path.mkdir(parents=True, exist_ok=True)
        self._index = Index(self._schema, str(path))
        self._index.config_reader("manual")
        layout.register(self._index)
        self._writer = self._index.writer(HEAP_BYTES, 1)
        self._waiting: set[str] = set()
        self.position = self._read_position()

    def _read_position(self) -> Position:
        searcher = self._index.searcher()
        hits = searcher.search(self._is("position"), 1).hits
        if not hits:
            if searcher.num_docs:
                raise ValueError("an index without a position")
            return Position()
        kept: dict[str, Any] = orjson.loads(str(searcher.doc(hits[0][1]).get_first(POSITION)))
        after = kept.pop("after")
        return Position(**kept, after=tuple(after) if after else None)

    def also(self, groups: Sequence[tuple[str, ...]]) -> None:
        """Words that mean the same beside those of the sector: topics are called by more than one name."""
        if groups != self._also:
            self._also = groups
            added = [
                [Saying(text, welsh=False) for text in dict.fromkeys(group) if language.words(text)] for group in groups
            ]
            self.synonyms = Synonyms([*of_the_sector().groups, *added])

    def clear(self, position: Position) -> None:
        """Forget everything."""
        self._writer.delete_all_documents()
        self.show(position)

    def apply(self, entries: Iterable[Entry], gone: Iterable[str]) -> bool:
        """Put these in the place of what was there under their ids; not to be found before `show`.

        Returns whether something was there, whose words the files still hold.
        """
        shown, left = self._index.searcher(), False
        for entry in entries:
            # To delete costs a sixth of what it costs to add: what is nowhere yet, shown or waiting, is only added.
            if entry.id in self._waiting or shown.doc_freq("id", entry.id):
                self._writer.delete_documents_by_term("id", entry.id)
                left = True
            self._waiting.add(entry.id)
            self._writer.add_document(layout.document(entry, self._schema))
        for entry_id in gone:
            self._writer.delete_documents_by_term("id", entry_id)
            left = left or entry_id in self._waiting or shown.doc_freq("id", entry_id) > 0
        return left

    def show(self, position: Position) -> None:
        """Let what was applied be found. The position is committed with it: both are on disk, or neither is."""
        self._writer.delete_documents_by_term("id", "position")
        told = orjson.dumps(asdict(position)).decode()
        self._writer.add_document(Document.from_dict({"id": "position", POSITION: told}, self._schema))
        self._writer.commit()
        self._index.reload()
        self._waiting.clear()
        self.position = position

    @property
    def tantivy(self) -> Index:
        """For whoever measures; all else goes by this class."""
        return self._index

    @property
    def folder(self) -> Path:
        return self._place.path

    def close(self) -> None:
        """Let go of the folder. Nothing may be asked of the index any more."""
        self._writer.wait_merging_threads()
        self._place.close()

    @property
    def size(self) -> int:
        """How many items and guides can be found."""
        return max(0, self._size() - 1)

    def _size(self) -> int:
        return self._index.searcher().num_docs

    def has(self, entry_id: str) -> bool:
        return bool(self._index.searcher().search(self._is(entry_id), 1, count=False).hits)

    def search(self, wanted: Wanted, begin: int, end: int) -> Found:
        """The hits from place `begin` to before `end`, in balance or by relevance alone."""
        searcher = self._index.searcher()
        querying = Querying(self._schema, searcher, self.synonyms)
        question = asking.read(wanted.text)
        spelt = spelling.check(self._schema, searcher, self.synonyms, question.words)
        question = question.with_words(spelt.corrected)
        query, numbers = self._asked(searcher, querying, wanted, question)
        voices = {int(float(value)): number for value, number in numbers.pop("voices").items()}
        order = (
            self._best(searcher, query, end)
            if wanted.by_relevance
            else self._balanced(searcher, querying, query, voices, end)
        )
        return Found(
            hits=[_shown(searcher, placed) for placed in order[begin:end]],
            question=question,
            total=sum(voices.values()),
            guides=sum(number for voice, number in voices.items() if voice >= GUIDE),
            per_way={
                way: sum(number for voice, number in voices.items() if voice & VOICE[way])
                for way in WAYS
                if wanted.filters.way_of_knowing in (None, way)
            },
            facets=numbers,
            spelling=spelt,
        )

    def _asked(
        self, searcher: Searcher, querying: Querying, wanted: Wanted, question: Question
    ) -> tuple[Query, dict[str, dict[str, int]]]:
        """The query, and the numbers of what it finds; asked more loosely of whatever has hardly anything to say."""
        asked = (question, wanted.filters, wanted.topics, wanted.kind_of)
        query, counting = querying.asked(*asked), querying.asked(*asked, scored=False)
        numbers = placing.counted(searcher, counting)
        if len(question.words) < 2:
            return query, numbers
        for share, few in rules.LOOSER:
            groups = [
                bits for bits in placing.ALL_GROUPS if sum(numbers["voices"].get(str(bit), 0) for bit in bits) < few
            ]
            bits = [bit for group in groups for bit in group]
            also, also_counting = (
                querying.only(querying.asked(*asked, share=share, scored=scored), bits) for scored in (True, False)
            )
            if bits and (added := placing.counted(searcher, querying.without(also_counting, counting)))["voices"]:
                query = querying.either(query, also)
                counting = querying.either(counting, also_counting, scored=False)
                numbers = placing.together(numbers, added)
        return query, numbers

    def ids(self, wanted: Wanted, most: int) -> list[str]:
        """The items among the best `most`, the best first: for exports. Spelling is not corrected."""
        searcher = self._index.searcher()
        querying = Querying(self._schema, searcher, self.synonyms)
        query = querying.asked(asking.read(wanted.text), wanted.filters, wanted.topics, "item")
        return [_shown(searcher, placed).id for placed in self._best(searcher, query, most)]

    def _balanced(
        self, searcher: Searcher, querying: Querying, query: Query, voices: Mapping[int, int], end: int
    ) -> list[Placed]:
        """Of what fits well enough, each way of knowing in proportion; then the rest in plain order.

        One look at the best of all is mostly enough. Only where it ends among hits that may have a claim too, a way of
        knowing that it shows too little of is looked for by itself.
        """
        plain = self._best(searcher, query, placing.looked_at(voices, end))
        if not plain:
            return []
        best, last = plain[0].score, plain[-1].score
        found: dict[str, list[Placed]] = {}
        for hit in plain:
            found.setdefault(placing.group(hit), []).append(hit)
        for group, bits in placing.groups(voices).items():
            own = found.get(group, [])
            enough = min(end, sum(voices[bit] for bit in bits))
            if len(own) < enough and last >= rules.least(best, own[0].score if own else last):
                found[group] = self._best(searcher, querying.only(query, bits), end)
        least = {group: rules.least(best, hits[0].score) for group, hits in found.items()}
        claims = {group: [hit for hit in hits if hit.score >= least[group]] for group, hits in found.items()}
        rest = [hit for hit in plain if hit.score < least[placing.group(hit)]]
        return [*rules.balanced(claims, end), *rest][:end]

    def _best(self, searcher: Searcher, query: Query, most: int) -> list[Placed]:
        hits: list[tuple[float, tantivy.DocAddress]] = searcher.search(query, most, count=False).hits
        voices = searcher.fast_field_values("voices", [address for _, address in hits])
        return [
            Placed(address, score, placing.ways(int(voice or 0)), int(voice or 0) >= GUIDE)
            for (score, address), voice in zip(hits, voices, strict=True)
        ]

    def _is(self, entry_id: str) -> Query:
        return Query.term_query(self._schema, "id", entry_id)


def _shown(searcher: Searcher, placed: Placed) -> Shown:
    found = str(searcher.doc(placed.address).get_first("id"))
    return Shown(found, placed.score, placed.ways, placed.guide)
