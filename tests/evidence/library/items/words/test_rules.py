"""A copy is recognised by what is left of words that were erased; two people's own words are not."""

import pytest

from services.evidence.library.items.words.rules import Fingerprint, fingerprints_of, is_copy

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
