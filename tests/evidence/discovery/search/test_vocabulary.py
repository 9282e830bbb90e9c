"""Synonyms, misspellings, function words and Welsh in a search."""

from tests.evidence.discovery.search.searches import WELSH, found_ids, publish_works
from tests.evidence.world import ACCOUNT, EvidenceWorld
from tests.support.callers import CARER, EDITOR


async def test_words_of_the_sector_that_mean_the_same_are_found_and_the_word_itself_comes_first(
    world: EvidenceWorld,
) -> None:
    other, same = await publish_works(world, "Respite for families", "Replacement care for families")
    await world.indexed()
    assert await found_ids(world, "replacement care") == [same, other]
    assert await found_ids(world, "respite") == [other, same]


async def test_a_misspelt_word_is_forgiven_and_the_answer_says_so(world: EvidenceWorld) -> None:
    (item,) = await publish_works(world, "Replacement care for carers")
    await world.indexed()
    for misspelt in ("repalcement", "rpelacement", "erplacement", "raplacement"):
        response = await world.search(f"{misspelt} care")
        assert [item["id"] for item in response["items"]] == [item]
        assert response["corrected"] == "replacement care"


async def test_a_word_that_asks_is_not_a_slip_for_another(world: EvidenceWorld) -> None:
    (item,) = await publish_works(world, "Cold call bells for carers")
    await world.indexed()
    for q in ("could carers call", "sut mae gofalwyr yn cael call bells"):
        response = await world.search(q)
        assert ([item["id"] for item in response["items"]], response["corrected"]) == ([item], None), q


async def test_a_question_in_welsh_is_found_by_the_words_that_tell_something(world: EvidenceWorld) -> None:
    await publish_works(world, "Call bells", "Beds and pain", "Falls")
    account = await world.publish(WELSH, title="Cymorth i'n teulu", account="Mae'r teulu'n cysgu.")
    await world.indexed()
    for q in ("beth sy'n helpu teuluoedd i gysgu?", "pwy sy\u2019n cysgu", "cysgu o'r diwedd", "theulu'r"):
        assert await found_ids(world, q) == [account], q


async def test_a_word_that_is_known_is_never_changed(world: EvidenceWorld) -> None:
    items = await publish_works(world, *[f"Wards together {n}" for n in range(25)], "Words together")
    await world.indexed()
    response = await world.search("words")
    assert [item["id"] for item in response["items"]] == [items[-1]]
    assert response["corrected"] is None
    assert response["did_you_mean"] == "wards"
    page = await world.search("wards")
    assert (page["corrected"], page["did_you_mean"]) == (None, None)
    nothing = await world.search("xyzzyq")
    assert (nothing["items"], nothing["corrected"]) == ([], None)


async def test_beside_a_word_that_is_known_another_is_proposed_only_where_twenty_times_as_many_have_it(
    world: EvidenceWorld,
) -> None:
    await publish_works(world, *[f"Wards together {n}" for n in range(19)], "Words together")
    await world.indexed()
    assert (await world.search("words"))["did_you_mean"] is None
    await publish_works(world, "Wards together 19")
    await world.indexed()
    assert (await world.search("words"))["did_you_mean"] == "wards"


async def test_a_word_of_the_sector_that_no_item_has_yet_is_never_changed(world: EvidenceWorld) -> None:
    (item, _) = await publish_works(world, "Replacement care for carers", "The goal of oral health")
    await world.indexed()
    for q in ("gofal seibiant", "ofal seibiant"):
        response = await world.search(q)
        assert [item["id"] for item in response["items"]] == [item]
        assert response["corrected"] is None


async def test_welsh_is_found_in_each_form_and_by_english_words_of_the_sector(world: EvidenceWorld) -> None:
    item = await world.publish(WELSH)
    await world.indexed()
    for q in ("gwsg", "cwsg", "seibiant", "ofalwyr", "gofalwr", "carer", "respite", "Roeddwn i'n gofalu"):
        assert await found_ids(world, q) == [item], q
        assert await found_ids(world, q, language="cy", country="GB") == [item]
        assert await found_ids(world, q, language="en") == []


async def test_welsh_words_are_marked_in_the_form_they_have(world: EvidenceWorld) -> None:
    await world.publish(WELSH)
    await world.indexed()
    (item,) = (await world.search("cwsg"))["items"]
    assert item["highlights"]["title"] == "Noson o <mark>gwsg</mark>"


async def test_what_else_a_topic_is_called_is_found_as_soon_as_an_editor_says_so(world: EvidenceWorld) -> None:
    (item,) = await publish_works(world, "Breaks from caring at weekends")
    await world.indexed()
    assert await found_ids(world, "sitter scheme") == []
    names = {"name": "Breaks from caring", "synonyms": ["sitter scheme"]}
    await world.json(EDITOR, "POST", "/v1/topics", names)
    await world.indexed()
    assert await found_ids(world, "sitter scheme") == [item]


async def test_a_word_that_was_taken_back_is_never_proposed(world: EvidenceWorld) -> None:
    await publish_works(world, "Replacement care for carers", "Night care")
    account = await world.publish(ACCOUNT, account="My daughter Gwenllian stayed with me.")
    await world.indexed()
    assert (await world.search("Gwenlian"))["corrected"] == "gwenllian"
    await world.json(CARER, "POST", f"/v1/evidence/{account}/withdraw")
    await world.indexed()
    for misspelt in ("Gwenlian", "Gwenlian carers"):
        response = await world.search(misspelt)
        assert (response["corrected"], response["did_you_mean"]) == (None, None)


async def test_a_topic_that_is_also_called_something_without_a_word_can_be_searched_for(world: EvidenceWorld) -> None:
    await world.json(EDITOR, "POST", "/v1/topics", {"name": "Autism", "synonyms": ["++", "the"]})
    await world.json(EDITOR, "POST", "/v1/topics", {"name": "??", "synonyms": ["sensory rooms"]})
    autism, rooms = await publish_works(world, "Autism and carers", "Sensory rooms")
    await world.indexed()
    assert await found_ids(world, "autism") == [autism]
    assert await found_ids(world, "sensory rooms") == [rooms]
