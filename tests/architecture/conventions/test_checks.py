"""The code follows the conventions of names and of places, and a planted violation of each is noticed."""

import ast
from pathlib import PurePosixPath

import pytest

from tests.architecture.conventions import checks
from tests.architecture.conventions.sources import python_files, text_of

API = "services/funding/programme/rates/api.py"
RULES = "services/funding/programme/rates/rules.py"
PLANTED = [
    *((RULES, code, "binds ") for code in (
        "wanted = 1",
        "_Found = 1",
        "ONE = 1",
        "self.given = 1",
        "for each in rows: pass",
        "(kept := 1)",
        "def f(said): pass",
        "lambda *, thing: thing",
        "def told(): pass",
        "async def told(): pass",
        "class Wanted: pass",
        "class View:\n    found: int",
        "import rows as things",
        "with open(path) as one: pass",
        "try: pass\nexcept ValueError as wrong: pass",
        "match x:\n    case [said, *found]: pass",
        "match x:\n    case {**kept}: pass",
        "row(kept=1)",
        "Column('wanted', Integer)",
        "func.count().label('found')",
        f"text('SELECT count(*) AS {'found'} FROM rates')",  # noqa: S608  nothing of a person's
        "class Following: pass",
        "class Held(NamedTuple): pass",
        "HURRY = {}",
        "_BEAT = 1.0",
        "def give_back(): pass",
        "async def _knock(): pass",
        "for known in rows: pass",
        "Column('heard_sequence', BigInteger)",
        f"text('SELECT id AS {'thing_id'} FROM sources')",  # noqa: S608  nothing of a person's
    )),
    (RULES, "try: pass\nexcept ValueError as e: pass", "calls an error e"),
    (RULES, "router = create_router('/v1/rates', 'Rates')", "makes a router outside api.py or a page's pages.py"),
    ("gateway/web/html.py", "router = fastapi.APIRouter()", "makes a router outside api.py or a page's pages.py"),
    (API, "rates = create_router('/v1/rates', 'Rates')", "has a router that is not called router"),
    (API, "router = create_router('/v1/rates', 'Rate Cards')", "whose tag is not in sentence case"),
    (API, "router = create_router('/v1/rates', 'rates')", "whose tag is not in sentence case"),
    (API, "Officer = Annotated[Caller, Depends(allow(Role.FINANCE))]", "declares a right outside callers.py"),
    (RULES, "caller.has(Role.FINANCE)", "asks for a role outside callers.py"),
    (RULES, "caller.has(callers.Role.FINANCE)", "asks for a role outside callers.py"),
    ("gateway/partners/commands.py", "if Role.PARTNER in roles: pass", "asks for a role outside callers.py"),
    (RULES, "from shared.callers import Role as Right", "imports Role by another name"),
    (RULES, "async def approve(claim): pass", "has a rule that waits, reads or writes"),
    ("gateway/identity/rules.py", "text = open(path).read()", "has a rule that waits, reads or writes"),
    (RULES, "importlib.import_module('socket')", "has a rule that waits, reads or writes"),
    (API, "@router.post('', status_code=status.HTTP_201_CREATED)\nasync def create_rate(): pass", "no number"),
    (API, "response.headers['cache-control'] = NO_STORE.value", "names Cache-Control"),
    ("gateway/edge/app.py", "header = (b'Cache-Control', value)", "names Cache-Control"),
    ("shared/service/app.py", "policy = 'public, max-age=60'", "has a caching policy of its own"),
    (API, "policy = b'no-store'", "has a caching policy of its own"),
]  # fmt: skip
FOLLOWED = [
    (RULES, "try: pass\nexcept ValueError as parse_error: pass"),
    (RULES, "from hypothesis import given\n@given(one_row)\ndef test(amount): pass"),
    (API, "items_router = create_router('/v1/api-clients', 'API clients')"),
    (API, "@router.post('', status_code=201)\nasync def create_rate(): pass"),
    ("services/funding/callers.py", "def is_officer(caller): return caller.has(Role.FINANCE)"),
    ("gateway/identity/personas.py", "roles = {Role.FINANCE}"),
    (API, "text = open(path).read()"),
    (RULES, "for word, place, held in rows: pass"),
    ("services/funding/callers.py", "Officer = Annotated[Caller, Depends(allow(Role.FINANCE))]"),
    ("gateway/http/headers.py", "HTTPS_ONLY = (b'strict-transport-security', b'max-age=31536000')"),
]


def violations(path: str, code: str) -> list[str]:
    return list(checks.violations(PurePosixPath(path), ast.parse(code)))


def test_the_code_follows_the_conventions() -> None:
    trees = [(path, ast.parse(text_of(path))) for path in python_files()]
    assert [violation for path, tree in trees for violation in checks.violations(path, tree)] == []
    assert list(checks.repeated_classes(trees)) == []


@pytest.mark.parametrize(("path", "code", "problem"), PLANTED, ids=[code for _, code, _ in PLANTED])
def test_a_planted_violation_is_noticed(path: str, code: str, problem: str) -> None:
    assert any(problem in violation for violation in violations(path, code))


@pytest.mark.parametrize(("path", "code"), FOLLOWED, ids=[code for _, code in FOLLOWED])
def test_what_follows_the_conventions_is_not_refused(path: str, code: str) -> None:
    assert violations(path, code) == []


@pytest.mark.parametrize(
    ("other", "refused"),
    [
        ("services/engagement/surveys/surveys/views.py", False),
        ("gateway/partners/views.py", False),
        ("services/evidence/discovery/search/views.py", True),
        ("services/evidence/library/items/views.py", True),
        ("shared/views.py", True),
        ("tests/support/world.py", True),
    ],
)
def test_a_class_name_means_one_thing_but_where_two_services_have_the_same_noun(other: str, refused: bool) -> None:
    files = [
        (PurePosixPath(path), ast.parse("class Place: pass"))
        for path in ("services/evidence/library/items/views.py", other)
    ]
    assert bool(list(checks.repeated_classes(files))) == refused


def test_every_suppression_of_a_check_names_it_and_says_why() -> None:
    assert [place for path in python_files() for place in checks.unexplained_suppressions(path, text_of(path))] == []


@pytest.mark.parametrize(
    ("comment", "refused"),
    [
        ("noqa", True),
        ("noqa: S608", True),
        ("noqa: S608  our own numbers", False),
        ("noqa: S608, PLC0415  our own numbers", False),
        ("type: ignore", True),
        ("pyright: ignore[reportPrivateUsage]", True),
        ("pyright: ignore[reportPrivateUsage]  its size is the point", False),
    ],
)
def test_a_suppression_without_a_reason_is_noticed(comment: str, refused: bool) -> None:
    unexplained = list(checks.unexplained_suppressions(PurePosixPath(RULES), f"x = 1  # {comment}"))
    assert bool(unexplained) == refused
