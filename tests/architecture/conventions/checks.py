"""Checks of single nodes of a syntax tree, and of single lines. One walk over the tree of a file makes all of them."""

import ast
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from pathlib import PurePosixPath
from typing import Any

BANNED = frozenset({"told", "said", "wanted", "found", "given", "one", "kept", "each", "thing", "things", "wrong"})
"""As names that the code binds, also in capitals or with underscores around. Names of libraries are not bound by us."""
RENAMED = frozenset(
    {
        "Following", "Lane", "Held", "Handlers", "Handling", "Delivered", "NotYet", "Patience", "Place",
        "AtOnce", "Reach", "Says", "Understood", "Wanted", "Found", "Shown", "Placed", "Showing", "Things",
        "Tie", "Word", "Remembered", "Incoming", "Trouble", "Plainly", "BEAT", "SILENCE", "LOOK", "MOST",
        "ENTER", "LEAVE", "DEAF", "AT_ONCE", "LEAVE_WITHIN", "KNOCK_PAUSE_SECONDS", "SILENT_SECONDS", "HURRY",
        "FIGURES", "behind", "place_of", "write_together", "knock", "looks", "expel", "put_off", "keep_house",
        "within", "given_up", "heard", "heard_sequence", "among", "not_yet", "strays", "asking", "consents",
        "wishes", "changing", "hurry_otherwise", "in_hand_of", "give_back", "tell_use", "thing_id", "ties",
        "proofs", "known", "filed", "weighing", "stamping", "already", "not_held", "listed", "news", "hear",
        "proved", "forgiven", "drained", "from_inside", "inside", "last_wish", "last_words", "call_ourselves",
    }
)  # fmt: skip
"""Names that gave way to the field's terms, as they were written then. Some were for other things: they may stand."""
COLUMN_CONSTRUCTORS = ("Column", "column", "label", "literal_column")
SQL_ALIAS = re.compile(rf"\bAS ({'|'.join(sorted(BANNED | RENAMED))})\b")
ROUTER_CONSTRUCTORS = ("create_router", "APIRouter")
SENTENCE_CASE = re.compile(r"[A-Z][\w-]*( ([a-z]+|[A-Z]{2,}))*")
CACHING_POLICY = re.compile(r"(public|private), [\w=-]+(, [\w=-]+)*|(no-store|no-cache|must-revalidate)(, [\w=-]+)*")
MAY_NAME_CACHE_CONTROL = frozenset(
    {
        PurePosixPath("shared/http/caching.py"),
        PurePosixPath("shared/http/conditional_requests.py"),  # sets the policy of a route
        PurePosixPath("gateway/edge/proxy.py"),  # reads what a service says
        PurePosixPath("gateway/edge/compression.py"),  # as well
    }
)
GIVE_ROLES = frozenset(
    PurePosixPath("gateway", name) for name in ("credentials/oidc.py", "identity/personas.py", "identity/queries.py")
)
"""Say which roles whoever signs in has; what a role may do is said in callers.py."""
SUPPRESSION = re.compile(r"#\s*(noqa|(type|pyright):\s*ignore)")
SUPPRESSION_WITH_REASON = re.compile(
    r"#\s*(noqa:\s*[A-Z]+\d+(,\s*[A-Z]+\d+)*|(type|pyright):\s*ignore\[[\w, -]+\])\s+(- )?\w"
)

INPUT_OR_OUTPUT = ("open", "input", "print", "exec", "eval", "__import__", "import_module")

Check = Callable[[PurePosixPath, Any], str | None]
"""Returns what is wrong with this node of this file, or None."""
_checks: dict[type[ast.AST], list[Check]] = defaultdict(list)


def check(*kinds: type[ast.AST]) -> Callable[[Check], Check]:
    """Register a check of the nodes of these kinds."""

    def register(function: Check) -> Check:
        for kind in kinds:
            _checks[kind].append(function)
        return function

    return register


def violations(path: PurePosixPath, tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        for function in _checks.get(type(node), ()):
            if (problem := function(path, node)) is not None:
                yield f"{path}:{getattr(node, 'lineno', 1)} {problem}"


def unexplained_suppressions(path: PurePosixPath, text: str) -> Iterator[str]:
    for number, line in enumerate(text.splitlines(), 1):
        if SUPPRESSION.search(line) and not SUPPRESSION_WITH_REASON.search(line):
            yield f"{path}:{number} suppresses a check without a rule or without the reason"


def repeated_classes(files: Iterable[tuple[PurePosixPath, ast.Module]]) -> Iterator[str]:
    """Yield the names that stand for two classes, unless these are of two services, each with its own noun."""
    places: dict[str, dict[str, str]] = defaultdict(dict)
    for path, tree in files:
        owner = "/".join(path.parts[:2]) if path.parts[0] == "services" else path.parts[0]
        for node in tree.body:
            if isinstance(node, ast.ClassDef):
                place = f"{path}:{node.lineno}"
                for other, earlier in places[node.name].items():
                    if not _are_two_services(owner, other):
                        yield f"{place} is called {node.name}, as is {earlier}"
                places[node.name][owner] = place


def _are_two_services(first: str, second: str) -> bool:
    """Say whether these are two services; the gateway, with a database of its own, is one."""
    return first != second and all(owner == "gateway" or owner.startswith("services/") for owner in (first, second))


@check(
    *(ast.Name, ast.Attribute, ast.arg, ast.keyword, ast.alias, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef),
    *(ast.ExceptHandler, ast.MatchAs, ast.MatchStar, ast.MatchMapping, ast.Call, ast.Constant),
)
def banned_name(_path: PurePosixPath, node: ast.AST) -> str | None:
    name = bound_name(node)
    if name is None or (name.strip("_").lower() not in BANNED and name.strip("_") not in RENAMED):
        return None
    return f"binds {name}"


def bound_name(node: ast.AST) -> str | None:
    """Return the name that this node binds: by assignment, as parameter, by definition, as column of a statement."""
    match node:
        case (
            ast.Name(id=name, ctx=ast.Store())
            | ast.Attribute(attr=name, ctx=ast.Store())
            | ast.arg(arg=name)
            | ast.keyword(arg=str(name))
            | ast.alias(asname=str(name))
            | ast.FunctionDef(name=name)
            | ast.AsyncFunctionDef(name=name)
            | ast.ClassDef(name=name)
            | ast.ExceptHandler(name=str(name))
            | ast.MatchAs(name=str(name))
            | ast.MatchStar(name=str(name))
            | ast.MatchMapping(rest=str(name))
        ):
            return name
        case ast.Call(args=[ast.Constant(value=str(name)), *_]) if called(node) in COLUMN_CONSTRUCTORS:
            return name
        case ast.Constant(value=str(text)) if alias := SQL_ALIAS.search(text):
            return alias[1]
        case _:
            return None


@check(ast.ExceptHandler)
def error_name(_path: PurePosixPath, handler: ast.ExceptHandler) -> str | None:
    if handler.name is None or re.fullmatch(r"(\w+_)?errors?", handler.name):
        return None
    return f"calls an error {handler.name}"


@check(ast.Call)
def router_elsewhere(path: PurePosixPath, call: ast.Call) -> str | None:
    layers = {"api", "pages"} if path.parts[:2] == ("gateway", "web") else {"api"}
    if not serves_requests(path) or path.stem in layers or called(call) not in ROUTER_CONSTRUCTORS:
        return None
    return "makes a router outside api.py or a page's pages.py"


@check(ast.Assign)
def router_name_and_tag(path: PurePosixPath, assignment: ast.Assign) -> str | None:
    if not serves_requests(path) or called(assignment.value) != "create_router":
        return None
    match assignment:
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(args=[_, ast.Constant(value=str(tag))])) if (
            re.fullmatch(r"(\w+_)?router", name) and SENTENCE_CASE.fullmatch(tag)
        ):
            return None
        case _:
            return "has a router that is not called router, or whose tag is not in sentence case"


@check(ast.Call)
def right_elsewhere(path: PurePosixPath, call: ast.Call) -> str | None:
    if not serves_requests(path) or path.stem == "callers" or called(call) != "allow":
        return None
    return "declares a right outside callers.py"


@check(ast.Attribute)
def role_elsewhere(path: PurePosixPath, attribute: ast.Attribute) -> str | None:
    match attribute.value:
        case ast.Name(id="Role") | ast.Attribute(attr="Role") if (
            serves_requests(path) and path.stem != "callers" and path not in GIVE_ROLES
        ):
            return "asks for a role outside callers.py"
        case _:
            return None


@check(ast.alias)
def role_by_another_name(_path: PurePosixPath, alias: ast.alias) -> str | None:
    return "imports Role by another name" if alias.name == "Role" and alias.asname else None


@check(ast.AsyncFunctionDef, ast.AsyncFor, ast.AsyncWith, ast.Await, ast.Call)
def rule_with_input_or_output(path: PurePosixPath, node: ast.AST) -> str | None:
    if path.stem != "rules" or not serves_requests(path):
        return None
    if isinstance(node, ast.Call) and called(node) not in INPUT_OR_OUTPUT:
        return None
    return "has a rule that waits, reads or writes"


@check(ast.keyword)
def status_code_number(path: PurePosixPath, keyword: ast.keyword) -> str | None:
    if path.parts[0] == "tests" or keyword.arg != "status_code":
        return None
    match keyword.value:
        case ast.Constant(value=int()):
            return None
        case _:
            return "gives a status code that is no number"


@check(ast.Constant)
def caching_elsewhere(path: PurePosixPath, constant: ast.Constant) -> str | None:
    value = constant.value.decode("latin-1") if isinstance(constant.value, bytes) else constant.value
    if path.parts[0] == "tests" or not isinstance(value, str):
        return None
    if value.lower() == "cache-control" and path not in MAY_NAME_CACHE_CONTROL:
        return "names Cache-Control outside shared/http/caching.py"
    if CACHING_POLICY.fullmatch(value) and path != PurePosixPath("shared/http/caching.py"):
        return "has a caching policy of its own"
    return None


def serves_requests(path: PurePosixPath) -> bool:
    return path.parts[0] in ("services", "gateway")


def called(node: ast.AST) -> str | None:
    """Return the name of the function that this node calls, without its module."""
    match node:
        case ast.Call(func=ast.Name(id=name)) | ast.Call(func=ast.Attribute(attr=name)):
            return name
        case _:
            return None
