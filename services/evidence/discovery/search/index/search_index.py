"""The search index: tantivy, in a folder of this process. PostgreSQL is the source of truth; this is a copy."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import orjson
from tantivy import Document, Index, Query

from services.evidence.discovery.search.index import layout
from services.evidence.discovery.search.index.layout import POSITION_FIELD, IndexEntry
from services.evidence.discovery.search.index.retrieval import Retrieval, SearchPage
from services.evidence.discovery.search.index.search_request import SearchRequest
from services.evidence.discovery.search.index.storage import BrokenIndex, IndexFolder, verify_checksums
from services.evidence.discovery.search.query import language
from services.evidence.discovery.search.query.thesaurus import Synonym, Thesaurus, sector_thesaurus

logger = logging.getLogger(__name__)

WRITER_HEAP_BYTES = 50_000_000
POSITION_ID = "position"


@dataclass(frozen=True, slots=True)
class IndexPosition:
    """How far the index has come: every change of a transaction below `since` is in it.

    While it is first built `since` is 0, everything up to the key `after` of `source` is in it, and `horizon` is what
    `since` becomes. `layout_hash` and `database` say which code and which database it was built from.
    `deleted_words_since` (Unix time): since when words of deleted or replaced entries may still lie in its files.
    """

    layout_hash: str = field(default_factory=lambda: layout.LAYOUT_HASH)
    database: str | None = None
    since: int = 0
    horizon: int | None = None
    source: str = ""
    after: tuple[int, str] | None = None
    deleted_words_since: float | None = None


class SearchIndex:
    """The index of one process. Its methods block for milliseconds: call them from a thread. One thread writes."""

    complete = False
    """Whether everything that was published when this process began can be found."""

    def __init__(self, parent_folder: Path | None = None) -> None:
        self.thesaurus = sector_thesaurus()
        self._added_synonyms: Sequence[tuple[str, ...]] = []
        self._folder = IndexFolder(parent_folder)
        self._schema = layout.build_schema()
        self._open()

    def _open(self) -> None:
        try:
            verify_checksums(self._folder.index_path)
            self._use(self._folder.index_path)
        except (BrokenIndex, ValueError, OSError) as error:
            logger.warning("the search index on disk cannot be used and is built again: %s", type(error).__name__)
            self._use(self._folder.empty())
        if self._document_count() and self.position.layout_hash != layout.LAYOUT_HASH:
            logger.info("the search index on disk has another layout and is built again")
            self.clear(IndexPosition())

    def _use(self, path: Path) -> None:
        path.mkdir(parents=True, exist_ok=True)
        self._index = Index(self._schema, str(path))
        self._index.config_reader("manual")
        layout.register_tokenizers(self._index)
        self._writer = self._index.writer(WRITER_HEAP_BYTES, 1)
        self._uncommitted_ids: set[str] = set()
        self.position = self._read_position()

    def _read_position(self) -> IndexPosition:
        searcher = self._index.searcher()
        hits = searcher.search(self._id_query(POSITION_ID), 1).hits
        if not hits:
            if searcher.num_docs:
                raise ValueError("an index without a position")
            return IndexPosition()
        stored: dict[str, Any] = orjson.loads(str(searcher.doc(hits[0][1]).get_first(POSITION_FIELD)))
        if stored.keys() != {column.name for column in fields(IndexPosition)}:
            raise ValueError("a position of another layout")
        after = stored.pop("after")
        return IndexPosition(**stored, after=tuple(after) if after else None)

    def set_synonyms(self, groups: Sequence[tuple[str, ...]]) -> None:
        """Use these groups of synonyms beside those of the sector: the names of each topic."""
        if groups != self._added_synonyms:
            self._added_synonyms = groups
            added = [
                [Synonym(text, is_welsh=False) for text in dict.fromkeys(group) if language.split_words(text)]
                for group in groups
            ]
            self.thesaurus = Thesaurus([*sector_thesaurus().groups, *added])

    def clear(self, position: IndexPosition) -> None:
        """Delete every entry."""
        self._writer.delete_all_documents()
        self.commit(position)

    def apply(self, entries: Iterable[IndexEntry], deleted_ids: Iterable[str]) -> bool:
        """Add or replace entries and delete others. None of this is found before `commit`.

        Returns whether anything was replaced or deleted, whose words the files still hold.
        """
        searcher, leaves_words = self._index.searcher(), False
        for entry in entries:
            # A deletion costs a sixth of an addition: an entry that is nowhere yet, committed or not, is only added.
            if entry.id in self._uncommitted_ids or searcher.doc_freq("id", entry.id):
                self._writer.delete_documents_by_term("id", entry.id)
                leaves_words = True
            self._uncommitted_ids.add(entry.id)
            self._writer.add_document(layout.build_document(entry, self._schema))
        for entry_id in deleted_ids:
            self._writer.delete_documents_by_term("id", entry_id)
            leaves_words = leaves_words or entry_id in self._uncommitted_ids or searcher.doc_freq("id", entry_id) > 0
        return leaves_words

    def commit(self, position: IndexPosition) -> None:
        """Make what was applied searchable. The position is committed with it: both are on disk, or neither is."""
        self._writer.delete_documents_by_term("id", POSITION_ID)
        stored = orjson.dumps(asdict(position)).decode()
        self._writer.add_document(Document.from_dict({"id": POSITION_ID, POSITION_FIELD: stored}, self._schema))
        self._writer.commit()
        self._index.reload()
        self._uncommitted_ids.clear()
        self.position = position

    @property
    def tantivy(self) -> Index:
        """The index itself, only for benchmarks."""
        return self._index

    @property
    def folder(self) -> Path:
        """The folder of this process."""
        return self._folder.path

    def close(self) -> None:
        """Release the folder. The index cannot be used any more."""
        self._writer.wait_merging_threads()
        self._folder.close()

    @property
    def size(self) -> int:
        """How many items and guides can be found."""
        return max(0, self._document_count() - 1)

    def _document_count(self) -> int:
        return self._index.searcher().num_docs

    def has(self, entry_id: str) -> bool:
        """Return whether the entry can be found."""
        return bool(self._index.searcher().search(self._id_query(entry_id), 1, count=False).hits)

    def search(self, request: SearchRequest, begin: int, end: int) -> SearchPage:
        """Return the hits of ranks `begin` (from 0) to before `end`, in balance or by relevance alone."""
        return self._retrieval().search(request, begin, end)

    def ids(self, request: SearchRequest, limit: int) -> list[str]:
        """Return the ids of the most relevant matches, the best first, without correcting the spelling."""
        return self._retrieval().ids(request, limit)

    def _retrieval(self) -> Retrieval:
        return Retrieval(self._schema, self._index.searcher(), self.thesaurus)

    def _id_query(self, entry_id: str) -> Query:
        return Query.term_query(self._schema, "id", entry_id)
