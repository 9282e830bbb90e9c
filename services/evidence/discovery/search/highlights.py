"""Highlights: where the words of a query stand in a text, as HTML that is safe to show."""

from collections.abc import Iterable, Sequence
from html import escape

from services.evidence.discovery.search.query import language
from services.evidence.discovery.search.query.query_parser import TEXT_FIELDS, ParsedQuery
from services.evidence.discovery.search.query.thesaurus import Thesaurus

SNIPPET_CHARACTERS = 240
"""About the length of a snippet."""
MAX_WORD_CHARACTERS = 60
"""How many characters a snippet may grow at each end, so that it neither begins nor ends within a word."""
MAX_TEXT_CHARACTERS = 20_000
"""How much of a text is searched for words."""
MAX_SNIPPETS = 2
MAX_WINDOW_SPANS = 40

Span = tuple[int, int]


def query_terms(query: ParsedQuery, thesaurus: Thesaurus) -> frozenset[str]:
    """Return every term that the query matches: of its words, their synonyms and its phrases."""
    texts = [clause.text for clause in query.required if clause.field is None or clause.field in TEXT_FIELDS]
    for concept in thesaurus.concepts(query.words):
        texts += [" ".join(concept.words), *(synonym.text for synonym in concept.synonyms)]
    words = (word for text in texts for word in language.split_words(text))
    return frozenset(term for word in words for term in language.terms(word))


def highlight(text: str, terms: frozenset[str], language_tag: str) -> str | None:
    """Return the whole text with matching words in `<mark>`; None where none matches."""
    spans = _matching_spans(text[:MAX_TEXT_CHARACTERS], terms, language_tag)
    return _html(text, spans, 0, len(text)) if spans else None


def snippets(texts: Iterable[str], terms: frozenset[str], language_tag: str) -> list[str]:
    """Return the passages in which most matching words stand together, with the words in `<mark>`."""
    scored: list[tuple[int, int, str]] = []
    for number, text in enumerate(texts):
        spans = _matching_spans(text[:MAX_TEXT_CHARACTERS], terms, language_tag)
        if spans:
            score, start, end = _densest_window(text, spans)
            scored.append((-score, number, _html(text, spans, start, end)))
    return [html for _, _, html in sorted(scored)[:MAX_SNIPPETS]]


def _matching_spans(text: str, terms: frozenset[str], language_tag: str) -> list[Span]:
    matches = _matches_welsh if language.is_welsh(language_tag) else _matches_english
    return [(start, end) for word, start, end in language.word_spans(text) if matches(word, terms)]


def _matches_english(word: str, terms: frozenset[str]) -> bool:
    return language.stem(word) in terms


def _matches_welsh(word: str, terms: frozenset[str]) -> bool:
    return not terms.isdisjoint(language.terms(word))


def _densest_window(text: str, spans: Sequence[Span]) -> tuple[int, int, int]:
    """Return how many different words the best window has, and its start and end."""
    best = (0, 0, 0)
    for number, (start, _) in enumerate(spans):
        window = [span for span in spans[number : number + MAX_WINDOW_SPANS] if span[1] <= start + SNIPPET_CHARACTERS]
        distinct_words = len({text[left:right].lower() for left, right in window})
        if distinct_words > best[0]:
            end = window[-1][1] if window else start
            margin = max(0, SNIPPET_CHARACTERS - (end - start)) // 2
            best = (distinct_words, *_at_word_boundaries(text, start - margin, end + margin))
    return best


def _at_word_boundaries(text: str, start: int, end: int) -> Span:
    start, end = max(0, start), min(len(text), end)
    lowest, highest = start - MAX_WORD_CHARACTERS, end + MAX_WORD_CHARACTERS
    while start > max(0, lowest) and not text[start - 1].isspace():
        start -= 1
    while end < min(len(text), highest) and not text[end].isspace():
        end += 1
    return start, end


def _html(text: str, spans: Sequence[Span], start: int, end: int) -> str:
    fragments = ["\u2026 "] if start > 0 else []
    position = start
    for left, right in spans:
        if left >= position and right <= end:
            fragments += [escape(text[position:left]), "<mark>", escape(text[left:right]), "</mark>"]
            position = right
    fragments.append(escape(text[position:end]))
    if end < len(text):
        fragments.append(" \u2026")
    return "".join(fragments)
