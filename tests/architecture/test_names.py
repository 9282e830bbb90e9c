"""Names say what they hold: empty words are not bound, and a class name means one thing in the whole tree."""

import ast
import re
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
BANNED = frozenset({"told", "said", "wanted", "found", "given", "one", "kept", "each", "thing", "things", "wrong"})
"""As names of variables, parameters, functions, classes, columns and fields. Names of libraries are not bound by us."""


def sources() -> list[Path]:
    """List the Python files of the repository, without migrations, which are frozen."""
    listing = subprocess.run(["git", "ls-files", "*.py"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in listing.stdout.split() if "/migrations/versions/" not in name]


def bound_names(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield the line and name of everything that the code binds: by assignment, as parameter, by definition."""
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()) | ast.arg(arg=name):
                yield node.lineno, name
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield node.lineno, name
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)):
                yield node.lineno, name
            case _:
                pass


def test_words_that_say_nothing_are_not_bound() -> None:
    bound = [
        f"{path.relative_to(ROOT)}:{line} {name}"
        for path in sources()
        for line, name in bound_names(ast.parse(path.read_text()))
        if name in BANNED
    ]
    assert bound == []


def test_a_banned_name_is_noticed_wherever_it_is_bound() -> None:
    code = """
wanted = 1
def told(said, *, kept=None):
    for each in said:
        self.found = each
class thing:
    given: int
try: pass
except ValueError as wrong: pass
with open("x") as one: pass
match x:
    case things: pass
"""
    assert {name for _, name in bound_names(ast.parse(code))} >= BANNED


def test_an_error_is_called_error() -> None:
    others = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in sources()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ExceptHandler) and not re.fullmatch(r"(\w+_)?errors?", node.name or "error")
    ]
    assert others == []


def test_a_class_name_means_one_thing_but_where_two_services_have_the_same_noun() -> None:
    places: dict[str, dict[str, str]] = defaultdict(dict)
    repeated: list[str] = []
    for path in sources():
        parts = path.relative_to(ROOT).parts
        owner = "/".join(parts[:2]) if parts[0] == "services" else parts[0]
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.ClassDef):
                place = f"{path.relative_to(ROOT)}:{node.lineno}"
                others = {other: at for other, at in places[node.name].items() if not _two_services(owner, other)}
                repeated.extend(f"{node.name}: {at}, {place}" for at in others.values())
                places[node.name][owner] = place
    assert repeated == []


def _two_services(first: str, second: str) -> bool:
    """Say whether these are two services; the gateway, with a database of its own, is one."""
    return first != second and all(owner == "gateway" or owner.startswith("services/") for owner in (first, second))
