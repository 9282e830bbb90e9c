from uuid import UUID

from services.evidence.publications.guides.documents.citations import pin_editions, remove_citation, repin_citation
from services.evidence.publications.guides.documents.content import GuideContent
from shared.persistence.tables import new_id
from tests.evidence.publications.cited_items.test_rules import cited


def content(*item_ids: UUID, edition: int | None = 1) -> GuideContent:
    """Two statements, each of which cites these items."""
    citations = [{"item_id": str(item_id), "edition": edition} for item_id in item_ids]
    statement = {"id": str(new_id()), "text": "x", "citations": citations}
    return GuideContent.model_validate({"title": "x", "statements": [statement, statement | {"id": str(new_id())}]})


def test_a_citation_without_an_edition_is_of_the_current_one() -> None:
    item = cited(edition=3)
    pinned = pin_editions(content(item.id, edition=None), {item.id: item})
    assert [statement.citations[0].edition for statement in pinned.statements] == [3, 3]


def test_a_citation_moves_to_the_current_edition_in_its_statement_alone() -> None:
    item = cited(edition=3)
    before = content(item.id)
    after = repin_citation(before, before.statements[0].id or item.id, item.id, item)
    assert [statement.citations[0].edition for statement in after.statements] == [3, 1]


def test_a_citation_that_moves_to_an_item_that_is_cited_already_joins_that() -> None:
    item, merged_id = cited(edition=3), new_id()
    before = content(merged_id, item.id)
    after = repin_citation(before, before.statements[0].id or merged_id, merged_id, item)
    assert [citation.item_id for citation in after.statements[0].citations] == [item.id]
    unchanged = repin_citation(content(merged_id), merged_id, merged_id, item)
    assert [citation.item_id for citation in unchanged.statements[0].citations] == [merged_id]


def test_a_citation_is_removed_from_its_statement_alone() -> None:
    item_id = new_id()
    before = content(item_id)
    after = remove_citation(before, before.statements[1].id or item_id, item_id)
    assert [len(statement.citations) for statement in after.statements] == [1, 0]
