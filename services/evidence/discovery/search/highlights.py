"""Where the words of a question stand in what was found, as HTML that is safe to show."""

from collections.abc import Iterable, Sequence
from html import escape

from services.evidence.discovery.search import language
from services.evidence.discovery.search.asking import Question
from services.evidence.discovery.search.synonyms import Synonyms

LONGEST = 240
"""Characters of a snippet, about."""
LONGEST_WORD = 60
"""Characters by which a snippet is made longer so that it neither begins nor ends within a word."""
MOST_READ = 20_000
"""Characters of a text that are looked through."""
MOST_SNIPPETS = 2

Span = tuple[int, int]


def wanted(question: Question, synonyms: Synonyms) -> frozenset[str]:
    """Every term that answers the question: of its words, of what else means the same, of its phrases."""
    texts = [part.text for part in question.must if part.field in (None, "title", "names", "source")]
    for concept in synonyms.concepts(question.words):
        texts += [" ".join(concept.words), *(other.text for other in concept.others)]
    words = (word for text in texts for word in language.words(text))
    return frozenset(term for word in words for term in language.terms(word))


def marked(text: str, terms: frozenset[str], spoken: str) -> str | None:
    """The whole text with its words marked; None where it has none of them. `spoken`: its language."""
    spans = _spans(text[:MOST_READ], terms, spoken)
    return _html(text, spans, 0, len(text)) if spans else None


def snippets(texts: Iterable[str], terms: frozenset[str], spoken: str) -> list[str]:
    """The places where most of the words stand together, with the words marked."""
    found: list[tuple[int, int, str]] = []
    for number, text in enumerate(texts):
        spans = _spans(text[:MOST_READ], terms, spoken)
        if spans:
            score, begin, end = _densest(text, spans)
            found.append((-score, number, _html(text, spans, begin, end)))
    return [html for _, _, html in sorted(found)[:MOST_SNIPPETS]]


def _spans(text: str, terms: frozenset[str], spoken: str) -> list[Span]:
    known = _welsh if language.is_welsh(spoken) else _english
    return [(begin, end) for word, begin, end in language.places(text) if known(word, terms)]


def _english(word: str, terms: frozenset[str]) -> bool:
    return language.stem(word) in terms


def _welsh(word: str, terms: frozenset[str]) -> bool:
    return not terms.isdisjoint(language.terms(word))


def _densest(text: str, spans: Sequence[Span]) -> tuple[int, int, int]:
    """How many different words the best window has, and where it begins and ends."""
    best = (0, 0, 0)
    for first, (begin, _) in enumerate(spans):
        inside = [span for span in spans[first : first + 40] if span[1] <= begin + LONGEST]
        kinds = len({text[left:right].lower() for left, right in inside})
        if kinds > best[0]:
            last = inside[-1][1] if inside else begin
            room = max(0, LONGEST - (last - begin)) // 2
            best = (kinds, *_at_words(text, begin - room, last + room))
    return best


def _at_words(text: str, begin: int, end: int) -> Span:
    begin, end = max(0, begin), min(len(text), end)
    first, last = begin - LONGEST_WORD, end + LONGEST_WORD
    while begin > max(0, first) and not text[begin - 1].isspace():
        begin -= 1
    while end < min(len(text), last) and not text[end].isspace():
        end += 1
    return begin, end


def _html(text: str, spans: Sequence[Span], begin: int, end: int) -> str:
    parts = ["\u2026 "] if begin > 0 else []
    here = begin
    for left, right in spans:
        if left >= here and right <= end:
            parts += [escape(text[here:left]), "<mark>", escape(text[left:right]), "</mark>"]
            here = right
    parts.append(escape(text[here:end]))
    if end < len(text):
        parts.append(" \u2026")
    return "".join(parts)
