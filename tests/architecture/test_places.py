"""Every module of the services, the gateway and shared has a place: in an exhaustive import contract, or by name here.

A contract that is exhaustive refuses what it does not name, but only in its containers, and a name that it ignores is
ignored in all of them.
"""

import ast
from collections.abc import Iterable
from pathlib import PurePosixPath

import pytest

from tests.architecture.conventions.sources import python_files, text_of, tracked_files
from tests.architecture.test_contracts import contracts

MODULES = {
    package: frozenset(modules.split())
    for package, modules in {
        "gateway/credentials": "cache oidc oidc_client provider_responses revocations sign_in_state tokens",
        "gateway/edge": "app authentication browser_problems compression cross_origin metrics proxy rate_limits "
        "shared_rate_limits single_flight",
        "gateway/http": "body headers internal_routes request",
        "gateway/http_client": "aiohttp_transport client connection jobs resilience response",
        "gateway/identity": "addresses commands devices jobs link_mail link_requests personas queries rules "
        "sessions tables",
        "gateway/mail": "mailer outbox smtp",
        "gateway/partners": "api callers commands queries rules tables views",
        "gateway/roles": "api callers commands first_administrator queries rules views",
        "gateway/web": "addresses api_client charts forms html idempotency_keys lists path_errors "
        "problem_page routers vocabulary",
        "gateway/web/contributions": "own_items pages word_changes",
        "gateway/web/contributions/words": "pages",
        "gateway/web/demo": "pages",
        "gateway/web/descriptions": "descriptions fields",
        "gateway/web/front_page": "pages",
        "gateway/web/guides": "pages",
        "gateway/web/information": "pages",
        "gateway/web/items": "pages schema_org",
        "gateway/web/layout": "assets callers environment languages local_paths page preferences refusals",
        "gateway/web/learning": "pages",
        "gateway/web/learning/completions": "pages",
        "gateway/web/line_of_sight": "pages thread",
        "gateway/web/pages": "api reference schemas status",
        "gateway/web/preferences": "pages",
        "gateway/web/questions": "answers callers forms pages",
        "gateway/web/questions/follow_up": "pages",
        "gateway/web/questions/new": "pages",
        "gateway/web/questions/own": "pages",
        "gateway/web/saved_answers": "about_one content jobs journey pages tables",
        "gateway/web/search": "columns filters list_filters pages",
        "gateway/web/sessions": "pages",
        "gateway/web/sign_in": "api browser pages views",
        "gateway/web/take_part": "pages",
        "gateway/web/tell": "choices description pages questions",
        "gateway/web/topics": "coverage pages",
        "gateway/web/unsaved_forms": "unsaved_form",
        "gateway/web/work": "file_forms filters item_fields origins pages queues text_changes",
        "gateway/web/work/appraisals": "pages",
        "gateway/web/work/appraisals/judgements": "forms pages",
        "gateway/web/work/bulk_changes": "forms pages",
        "gateway/web/work/duplicates": "comparison pages",
        "gateway/web/work/duplicates/many": "pages",
        "gateway/web/work/flags": "decisions pages",
        "gateway/web/work/guides": "choices drafts evidence forms pages presenter",
        "gateway/web/work/guides/reviews": "pages",
        "gateway/web/work/guides/statements": "changes pages",
        "gateway/web/work/harvests": "forms pages",
        "gateway/web/work/harvests/quarantine": "pages",
        "gateway/web/work/harvests/settings": "pages",
        "gateway/web/work/import_conflicts": "decisions pages",
        "gateway/web/work/imports": "choices counts pages",
        "gateway/web/work/imports/corrections": "pages",
        "gateway/web/work/imports/records": "pages",
        "gateway/web/work/imports/withdrawal": "pages",
        "gateway/web/work/items": "filters pages",
        "gateway/web/work/items/descriptions": "agreements pages",
        "gateway/web/work/items/states": "pages",
        "gateway/web/work/learning": "forms pages",
        "gateway/web/work/learning/parts": "changes pages",
        "gateway/web/work/learning/sources": "pages source",
        "gateway/web/work/merges": "pages",
        "gateway/web/work/proposals": "pages",
        "gateway/web/work/questions": "choices differences drafts entries field_names pages question_page search_words",
        "gateway/web/work/questions/answers": "pages sources",
        "gateway/web/work/questions/assignments": "pages selection",
        "gateway/web/work/questions/classification": "pages",
        "gateway/web/work/questions/decisions": "changes pages",
        "gateway/web/work/questions/figures": "charts pages",
        "gateway/web/work/questions/publication": "pages",
        "gateway/web/work/renditions": "forms pages",
        "gateway/web/work/retractions": "pages",
        "gateway/web/work/transferability": "forms pages",
        "services/evidence/discovery/search/query": "language query_parser thesaurus",
        "services/evidence/exchange/harvests/protocol": "client metadata responses",
        "services/evidence/exchange/oai/metadata": "datacite dublin_core formats records",
        "services/evidence/exchange/readers": "cutter encodings formats records rules",
        "services/evidence/exchange/readers/bibtex": "context entries fields latex reader",
        "services/evidence/exchange/readers/fields": "dates identifiers keywords list_literals name_order "
        "page_ranges person_names placeholders plain_text publication_types",
        "services/evidence/exchange/readers/json": "csl datacite openalex reader",
        "services/evidence/exchange/readers/tables": "columns heading table",
        "services/evidence/exchange/readers/tagged": "endnote lines medline ovid refworks ris web_of_science",
        "services/evidence/exchange/readers/xml": "elements endnote_xml jats pubmed",
        "services/evidence/exchange/writers": "bibtex csl exported_item extension formats jats jsonld pubmed_xml "
        "spreadsheets tagged xml_elements",
        "services/evidence/exchange/writers/fields": "person_names",
        "services/evidence/library": "date_ranges field_types place_filters setting_names terms years",
        "services/evidence/publications/guides/documents": "checks citations confidence content plain_text",
        "services/funding/payments/iso20022": "days documents pain001 pain002 reasons",
        "shared/event_log": "protocol",
        "shared/event_log/embedded": "connections group log statements",
        "shared/event_log/kafka": "calls log member producer topics",
        "shared/events": "event",
        "shared/events/contracts": "engagement evidence funding",
        "shared/http": "caching command_responses conditional_requests etags form_fields merge_patch openapi "
        "pagination query_parameters",
        "shared/http_server": "addresses client_address head limits problems protocol refusal server stall trailers",
        "shared/messaging": "cloudevents dead_letters dispatcher group_consumer inbox partition_processor redriver "
        "relay replicas",
        "shared/persistence": "audit columns database dependencies fetch idempotency outbox platform_tables "
        "statement_executor tables unit_of_work",
        "shared/persistence/migrations": "env schema",
        "shared/service": "app background health maintenance middleware problem_handlers worker",
    }.items()
}
"""The modules of the packages that are no slices, in which no import contract names every module."""


def exhaustive() -> dict[str, frozenset[str]]:
    """Return the containers of exhaustive contracts, as folders, with the names that the contract ignores in them."""
    return {
        container.replace(".", "/"): frozenset(contract.get("exhaustive_ignores", ()))
        for contract in contracts().values()
        if contract.get("exhaustive")
        for container in contract["containers"]
    }


def misplaced(files: Iterable[PurePosixPath]) -> set[str]:
    """Return the modules that neither an exhaustive contract nor MODULES names.

    What a contract ignores are packages, each of which is a container itself or stands in MODULES.
    """
    ignored_in = exhaustive()
    return {
        str(path)
        for path in files
        if path.parts[0] in ("services", "gateway", "shared") and path.stem != "__init__"
        if path.stem not in MODULES.get(str(path.parent), ())
        if path.stem in ignored_in.get(str(path.parent), {path.stem})
    }


def has_code(package: str) -> bool:
    """Say whether an `__init__.py`, which no contract names, has more than its docstring."""
    match ast.parse(package).body:
        case [] | [ast.Expr(value=ast.Constant())]:
            return False
        case _:
            return True


def test_every_module_has_a_place() -> None:
    assert misplaced(python_files()) == set()


def test_every_place_is_taken() -> None:
    files = {str(path.with_suffix("")) for path in python_files()}
    folders = {str(folder) for path in tracked_files() for folder in path.parents}
    assert {f"{package}/{module}" for package, modules in MODULES.items() for module in modules} - files == set()
    for name in frozenset[str]().union(*exhaustive().values()):
        assert any(f"{container}/{name}" in folders for container, ignored in exhaustive().items() if name in ignored)


def test_the_code_of_a_package_is_in_its_modules() -> None:
    packages = [path for path in python_files() if path.name == "__init__.py" and path.parts[0] != "tests"]
    assert [str(path) for path in packages if has_code(text_of(path))] == ["shared/event_log/kafka/__init__.py"]


@pytest.mark.parametrize(
    "path",
    [
        "services/funding/programme/rates/queue.py",
        "services/funding/programme/rates/queue/api.py",
        "services/evidence/publications/requests/queue.py",
        "services/evidence/publications/requests/drafts/rules.py",
        "services/evidence/library/oddments.py",
        "services/evidence/library/works/oddments.py",
        "services/evidence/exchange/oai/metadata/oddments.py",
        "services/evidence/exchange/readers/oddments.py",
        "services/evidence/discovery/search/query/oddments.py",
        "services/funding/programme/oddments.py",
        "services/funding/programme/migrations/env.py",
        "services/oddments.py",
        "gateway/partners/oddments.py",
        "gateway/edge/oddments.py",
        "gateway/migrations.py",
        "shared/service/oddments.py",
        "shared/messaging/retries/oddments.py",
    ],
)
def test_a_module_without_a_place_is_noticed(path: str) -> None:
    assert misplaced([PurePosixPath(path)]) == {path}


@pytest.mark.parametrize(("package", "noticed"), [("", False), ('"""Rates."""', False), ("import httpx", True)])
def test_code_of_a_package_outside_its_modules_is_noticed(package: str, noticed: bool) -> None:
    assert has_code(package) == noticed
