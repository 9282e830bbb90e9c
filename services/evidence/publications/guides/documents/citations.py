"""Changes of the citations in a guide's document."""

from collections.abc import Callable, Mapping
from uuid import UUID

from services.evidence.publications.cited_items.rules import CitedItem
from services.evidence.publications.guides.documents.content import GuideContent, GuideStatement, StatementCitation


def pin_editions(content: GuideContent, items: Mapping[UUID, CitedItem]) -> GuideContent:
    """Give every citation an edition: the current one where its author named none."""

    def pin(citation: StatementCitation) -> StatementCitation:
        return citation.model_copy(update={"edition": citation.edition or items[citation.item_id].edition})

    def pin_all(statement: GuideStatement) -> GuideStatement:
        return statement.model_copy(update={"citations": [pin(citation) for citation in statement.citations]})

    return content.model_copy(update={"statements": [pin_all(statement) for statement in content.statements]})


def repin_citation(content: GuideContent, statement_id: UUID, item_id: UUID, item: CitedItem) -> GuideContent:
    """Cite the current edition of the item, or of the one that it was merged into, in this statement."""

    def repin(statement: GuideStatement) -> GuideStatement:
        cited_ids = {citation.item_id for citation in statement.citations}
        citations = [
            citation.model_copy(update={"item_id": item.id, "edition": item.edition})
            if citation.item_id == item_id
            else citation
            for citation in statement.citations
            if citation.item_id != item_id or item.id == item_id or item.id not in cited_ids
        ]
        return statement.model_copy(update={"citations": citations})

    return _change_statement(content, statement_id, repin)


def remove_citation(content: GuideContent, statement_id: UUID, item_id: UUID) -> GuideContent:
    """Remove the citation of the item from this statement."""

    def remove(statement: GuideStatement) -> GuideStatement:
        citations = [citation for citation in statement.citations if citation.item_id != item_id]
        return statement.model_copy(update={"citations": citations})

    return _change_statement(content, statement_id, remove)


def _change_statement(
    content: GuideContent, statement_id: UUID, change: Callable[[GuideStatement], GuideStatement]
) -> GuideContent:
    statements = [change(statement) if statement.id == statement_id else statement for statement in content.statements]
    return content.model_copy(update={"statements": statements})
