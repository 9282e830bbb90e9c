"""Names in what somebody asked that stand again in a text about it: of people, of addresses, or any two.

Names are known by their capitals, so that one that is written without, or only as the first word of a sentence in both
texts, is not seen. One name alone may be of a condition or a city, and a title cannot do without; two together point at
somebody.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

_WORD = re.compile(r"[^\W_]+")
_POSSESSIVE = re.compile(r"['\u2019]s\b")
_SENTENCE_END = re.compile(r"[.!?:;\n\"\u201c\u201d]")
_HONORIFICS = frozenset({"mr", "mrs", "ms", "miss", "mx", "dr"})
_ADDRESS_WORDS = "avenue close court crescent drive gardens grove house lane lodge place road square street terrace way"
_ADDRESSES = frozenset(_ADDRESS_WORDS.split())
MIN_NAMES = 2
MIN_TITLE_LENGTH = 4
TITLE_CASE_SHARE = 0.6
"""Of the longer words of a text. With more capitals than that, capitals say nothing."""
_ORDINARY_WORDS = """
act acts acute adult adults advocacy age allowance alzheimer alzheimers approved april asperger assessment assessments
association attendance august authority autism badge benefit best blue board braille breaks britain british cancer
capacity care carer carers charity child children christmas code commission commissioner community continuing council
councils court covid credit cross deaf december dementia deprivation direct disabilities disability disabled
discretionary diwali down downs easter easy education eid england english equality europe european excellence families
family february foundation freedoms friday general government gp grant group guidance health healthcare home human
huntington huntingtons i independence independent information institute integrated interests interim international
ireland irish january july june justice kingdom language learning lewy liberty link living local makaton march may
mental mind minister monday multiple national neurone northern november nurse nurses nursing october of office older
ombudsman order panel parkinson parkinsons partnership payment payments pension people personal plan practice
protection provision public quality ramadan read red research review rights royal safeguarding safeguards saturday
scheme scope scotland scottish september service services shared sign skills social society standard standards state
statement statutory sunday support syndrome team teams thursday trust tuesday union united universal wales wednesday
wellbeing welsh whatsapp worker workers young zoom
"""
_ORDINARY = frozenset(_ORDINARY_WORDS.split())
"""Capitals of days, nations, laws, benefits and bodies: whoever asks about these is one of thousands."""


class _Token(NamedTuple):
    """A word of a text. `is_name`: it begins with a capital, and is no abbreviation."""

    text: str
    is_name: bool
    is_first: bool
    """Of a sentence, where every word has a capital."""


def names_somebody(text: str, own: str) -> bool:
    """Return whether the text names a person or an address that the other text names."""
    words, own_words = _words(text), _words(own)
    people = {following.text for title, following in pairwise(own_words) if title.text in _HONORIFICS}
    named = {following.text for title, following in pairwise(words) if title.text in _HONORIFICS}
    is_title = _is_title(words)
    mid_sentence = {word.text for word in words if word.is_name and not word.is_first and not is_title}
    addresses = [run for run in _runs(own_words) if run[-1] in _ADDRESSES]
    return bool(people & (named | mid_sentence)) or any(_stands_in(run, words) for run in addresses)


def shares_names(text: str, own: str) -> bool:
    """Return whether two names of the other text, next to each other or apart, stand in the text."""
    words, own_words = _words(text), _words(own)
    lower = {word.text for word in own_words if not word.is_name}
    mid_sentence = {word.text for word in own_words if word.is_name and not word.is_first}
    if not _is_title(words):
        mid_sentence |= {word.text for word in words if word.is_name and not word.is_first}
    common = {word.text for word in words if word.is_name} & {word.text for word in own_words if word.is_name}
    if len((common & mid_sentence) - lower - _ORDINARY) >= MIN_NAMES:
        return True
    return any(_stands_in(run, words) for run in _runs(own_words) if _ORDINARY.isdisjoint(run))


def _words(text: str) -> list[_Token]:
    text = _POSSESSIVE.sub("", text)
    words: list[_Token] = []
    end = 0
    for match in _WORD.finditer(text):
        word, before = match[0], text[end : match.start()]
        ends = _SENTENCE_END.search(before) is not None and not (words and words[-1].text in _HONORIFICS)
        is_abbreviation = len(word) > 1 and word.isupper()
        words.append(_Token(word.casefold(), word[0].isupper() and not is_abbreviation, ends or not words))
        end = match.end()
    return words


def _is_title(words: Sequence[_Token]) -> bool:
    long_words = [word for word in words if len(word.text) >= MIN_TITLE_LENGTH]
    return sum(word.is_name for word in long_words) > TITLE_CASE_SHARE * len(long_words)


def _runs(words: Sequence[_Token]) -> Iterator[list[str]]:
    """Yield names of several words, such as `Mill Lane`, but for a first word, which may be none."""
    run: list[str] = []
    for word in (*words, _Token("", is_name=False, is_first=True)):
        if word.is_name and not word.is_first and word.text not in _HONORIFICS:
            run.append(word.text)
            continue
        if len(run) >= MIN_NAMES:
            yield run
        run = []


def _stands_in(run: Sequence[str], words: Sequence[_Token]) -> bool:
    texts = [word.text for word in words]
    return any(texts[start : start + len(run)] == run for start in range(len(texts)))
