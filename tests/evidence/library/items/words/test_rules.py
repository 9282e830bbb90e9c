"""A copy is recognised by what is left of words that were erased; two people's own words are not."""

from collections.abc import Callable

import pytest

from services.evidence.library.items.words.rules import (
    Fingerprint,
    fingerprints_of,
    is_copy,
    may_repeat,
    remembered_fingerprints,
)

ACCOUNT = (
    "For four years I did not sleep through. When the sitter came on Thursdays I walked, and saw a friend. Breaks did "
    "not make me care less; they let me go on. Nobody had told me that I could ask for one, and when I asked, the form "
    "was eleven pages long and wanted to know what my mother could still do, not what I could not do any more."
)
SIMILAR = (
    "For two years I was up every night with my father. Nobody had told me that there was help. When I asked for a "
    "break, the form wanted to know what he could still do. Then a neighbour came on Thursdays and I saw my friends "
    "again; it let me go on, and I did not feel that I cared less."
)


def is_recognised(copy: str, original: str) -> bool:
    """Whether a copy is recognised by what is remembered of the original, at first sight and when it is compared."""
    remembered = remembered_fingerprints([original], "of this test")
    shingles = frozenset[int]().union(*(text.shingles for text in remembered))
    compared = any(is_copy(mine, text, "") for mine in fingerprints_of([copy], "of this test") for text in remembered)
    assert compared is False or may_repeat([copy], shingles, "of this test")
    return compared


def of(text: str, key: str = "of this test") -> Fingerprint:
    return fingerprints_of([text], key)[0]


def every(number: int, text: str) -> str:
    """The text with every so many words replaced."""
    return " ".join("something" if place % number == 0 else word for place, word in enumerate(text.split(), 1))


@pytest.mark.parametrize(
    "copy",
    [
        ACCOUNT.upper().replace(",", "").replace(";", " -"),
        ACCOUNT.replace("Thursdays", "Mondays").replace("eleven", "ten"),
        every(5, ACCOUNT),
        " ".join(ACCOUNT.split()[10:45]),
        f"An account that somebody gave us last year. {ACCOUNT}",
    ],
    ids=["typing", "details", "every fifth word", "excerpt", "with an introduction"],
)
@pytest.mark.parametrize("way", ["lived_experience", "practice_knowledge", "research"])
def test_a_copy_with_small_changes_is_one(copy: str, way: str) -> None:
    assert is_copy(of(copy), of(ACCOUNT), way)


@pytest.mark.parametrize("words_before", range(10))
def test_it_is_worth_comparing_wherever_in_a_text_it_stands(words_before: int) -> None:
    introduction = " ".join(SIMILAR.split()[:words_before])
    eight_shingles = " ".join(ACCOUNT.split()[:10])
    assert is_recognised(f"{introduction} {eight_shingles}", eight_shingles)
    changed = every(5, " ".join(ACCOUNT.split()[:25]))
    assert may_repeat([f"{introduction} {changed}"], of(ACCOUNT).shingles, "of this test")


@pytest.mark.parametrize("way", ["lived_experience", "practice_knowledge", "research"])
def test_what_another_person_lived_through_is_none(way: str) -> None:
    assert not is_copy(of(SIMILAR), of(ACCOUNT), way)


def test_a_study_that_quotes_a_short_account_is_none() -> None:
    quoted = "Somebody I trusted stayed with my mother, and I slept"
    study = f"{SIMILAR} One carer said: {quoted}. We analysed forty such interviews by theme, in two councils."
    assert not is_copy(of(study), of(quoted), "research")
    assert is_copy(of(quoted), of(quoted), "research")


def test_a_short_text_is_a_copy_only_if_it_is_the_same() -> None:
    assert is_copy(of("I slept"), of("I slept!"), "lived_experience")
    assert not is_copy(of("I slept all night"), of("I slept"), "lived_experience")


def test_without_the_secret_a_fingerprint_says_nothing() -> None:
    ours, guessed = of(ACCOUNT), of(ACCOUNT, "a guess")
    assert ours.whole != guessed.whole
    assert not ours.shingles & guessed.shingles


def test_a_text_without_words_has_no_fingerprint() -> None:
    assert fingerprints_of(["", "...", "\u2028"], "a secret") == []


def test_without_the_secret_of_a_service_no_fingerprint_is_made() -> None:
    with pytest.raises(ValueError, match="secret"):
        fingerprints_of([ACCOUNT], "")


CYRILLIC = str.maketrans(
    "aeiopcxysBHKMT", "\u0430\u0435\u0456\u043e\u0440\u0441\u0445\u0443\u0455\u0412\u041d\u041a\u041c\u0422"
)


DISGUISES: list[Callable[[str], str]] = [
    " ".join,
    lambda text: " ".join(text.replace(" ", "")),
    lambda text: "-".join(text.split()[3]).join(("It was: ", "")) + " ".join(text),
    lambda text: text.replace(" ", ""),
    lambda text: text.translate(CYRILLIC),
    "\u200b".join,
    lambda text: text.replace("o", "o\u00ad").replace("e", "\u2060e"),
    lambda text: text.replace("o", "0").replace("l", "1"),
    lambda text: text.lower().translate(str.maketrans("eoaits", "304175")),
    lambda text: text.lower().translate(str.maketrans("as", "@$")) + "\u2019",
    lambda text: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text),
    lambda text: "".join(chr(0x1D41A + ord(c) - ord("a")) if "a" <= c <= "z" else c for c in text),
    lambda text: text.replace("e", "e\u0301").replace(" ", "_"),
    lambda text: f"{SIMILAR} {SIMILAR.upper()} One carer wrote: {text} We end with this.",
    lambda text: f"{SIMILAR} She said: {' '.join(text)}. {SIMILAR}",
]


@pytest.mark.parametrize(
    "disguise",
    DISGUISES,
    ids=[
        *("spaced out", "spaced out without words", "part by part", "run together", "cyrillic", "zero width"),
        *(
            "soft hyphens",
            "digits",
            "more digits",
            "signs",
            "full width",
            "mathematical",
            "accents",
            "within a longer text",
        ),
        "spaced out within a longer text",
    ],
)
@pytest.mark.parametrize("words", [ACCOUNT, "The hoist in our hall broke down every night and nobody came to us."])
def test_a_cheap_disguise_is_seen_through(disguise: Callable[[str], str], words: str) -> None:
    assert is_recognised(disguise(words), words)


@pytest.mark.parametrize(
    "text",
    [
        SIMILAR,
        " ".join(SIMILAR),
        SIMILAR.replace(" ", ""),
        "A N N U A L R E P O R T O F T H E D E P A R T M E N T O F C A R E",
        "p = a b c d e f g h i j k l m n o p q r s t u v w x y z",
        "\u0410\u043d\u043d\u0430 \u0433\u043e\u0432\u043e\u0440\u0438\u0442 \u043e \u0441\u0432\u043e\u0435\u0439 "
        "\u043c\u0430\u0442\u0435\u0440\u0438 \u0438 \u043e \u043d\u043e\u0447\u0430\u0445",
    ],
    ids=["of another", "of another, spaced out", "of another, run together", "a heading", "letters", "another script"],
)
def test_what_somebody_else_wrote_stays_theirs_however_it_is_typed(text: str) -> None:
    assert not is_recognised(text, ACCOUNT)
