"""Promise P1: only the unit of work commits."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]
MAY_COMMIT = {
    Path("shared/persistence/unit_of_work.py"): "the unit of work itself",
    Path("shared/persistence/database.py"): "the end of a transaction commits its unit of work",
    Path(
        "services/evidence/discovery/search/index/search_index.py"
    ): "the writer of the search index, which has no database",
}


def commits(source: str) -> list[int]:
    """Return the lines that call `.commit()` without arguments (a commit of offsets has some) or execute COMMIT."""
    lines: list[int] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit":
            if not node.args and not node.keywords:
                lines.append(node.lineno)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.strip().upper() == "COMMIT":
            lines.append(node.lineno)
    return lines


def test_nothing_but_the_unit_of_work_commits() -> None:
    offenders = {
        f"{path.relative_to(ROOT)}:{line}"
        for folder in ("shared", "services", "gateway")
        for path in (ROOT / folder).rglob("*.py")
        if path.relative_to(ROOT) not in MAY_COMMIT
        for line in commits(path.read_text())
    }
    assert offenders == set()


def test_the_check_itself_finds_a_commit() -> None:
    assert commits("async def f(s):\n    await s.commit()\n    await consumer.commit({1: 2})\n    x('COMMIT')") == [
        2,
        4,
    ]
