"""The thread as stages from a voice to a change: what stands on each, and where the lines of the picture go."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from textwrap import wrap
from typing import Any, Final

from gateway.web import vocabulary
from gateway.web.addresses import find_page
from gateway.web.api_client import Document
from gateway.web.layout.page import WebPage

STAGES: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("voices", ("survey", "request")),
    ("topics", ("topic",)),
    ("evidence", ("evidence",)),
    ("guides", ("guide", "learning")),
    ("assemblies", ("assembly",)),
    ("projects", ("project",)),
    ("outcomes", ("outcome",)),
)
PATHS: Final = {
    "survey": "/v1/surveys/{id}",
    "request": "/v1/evidence-requests/{id}",
    "topic": "/v1/topics/{id}",
    "evidence": "/v1/evidence/{id}",
    "guide": "/v1/guides/{id}",
    "learning": "/v1/learning/{id}",
    "assembly": "/v1/assemblies/{id}",
    "project": "/v1/projects/{id}",
}
WIDTH: Final = 760
BOX_WIDTH, BOX_HEIGHT, GAP = 170, 64, 18
STAGE_HEIGHT: Final = 128
HEAD_HEIGHT: Final = 26
SIDE, SIDE_STEP = 130, 40
"""How far to the side a line goes around stages: more for each of them."""
MAX_BOXES: Final = 4
"""Beside each other in the picture; the list has all of them."""
LINE_CHARACTERS: Final = 20
LINES: Final = 2


@dataclass(frozen=True, slots=True)
class Node:
    """Something on the thread, with what is to be said of it in words. `href`: its page, where there is one."""

    ref: str
    kind: str
    text: str
    details: str
    way: str = ""
    language: str | None = None
    """Of the text, where somebody wrote it; None for a text of these pages."""
    href: str | None = None
    is_start: bool = False
    is_withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class ThreadBox:
    """A node's place in the picture. Without a node: how many more there are."""

    node: Node | None
    x: float
    y: float
    lines: Sequence[str]


@dataclass(frozen=True, slots=True)
class ThreadStage:
    """What stands on one stage, and its boxes in the picture."""

    name: str
    nodes: Sequence[Node]
    boxes: Sequence[ThreadBox]
    y: float


@dataclass(slots=True)
class Thread:
    """The whole thread, and what came before and after its start."""

    start: Node
    stages: list[ThreadStage] = field(default_factory=list[ThreadStage])
    lines: list[str] = field(default_factory=list[str])
    """Paths of SVG."""
    links: list[tuple[Node, str, Node]] = field(default_factory=list[tuple[Node, str, Node]])
    before: list[Node] = field(default_factory=list[Node])
    after: list[Node] = field(default_factory=list[Node])
    beside: list[Node] = field(default_factory=list[Node])

    @property
    def height(self) -> int:
        """Return the height of the picture."""
        return STAGE_HEIGHT * len(self.stages)


def page_of(ref: str) -> str | None:
    """Return the address of the page of a node, such as `guide:{id}`, or None where there is none."""
    kind, _, id = ref.partition(":")
    return find_page(PATHS[kind].format(id=id), "") if kind in PATHS else None


def lay_out(page: WebPage, document: Document, titles: Mapping[str, str]) -> Thread:
    """Return the thread of an answer of the API. `titles`: of nodes that the answer does not name, by reference."""
    nodes = [_node(page, node, titles, is_start=node["ref"] == document["from"]) for node in document["nodes"]]
    by_ref = {node.ref: node for node in nodes}
    thread = Thread(next((node for node in nodes if node.is_start), nodes[0]))
    places: dict[str, ThreadBox] = {}
    for name, kinds in STAGES:
        standing = _in_turns([node for node in nodes if node.kind in kinds])
        if standing:
            stage = _stage(page.text(vocabulary.STAGES[name]), standing, len(thread.stages) * STAGE_HEIGHT, page)
            thread.stages.append(stage)
            places |= {box.node.ref: box for box in stage.boxes if box.node}
    links = [link for link in document["links"] if link["from"] in by_ref and link["to"] in by_ref]
    drawn = {(link["from"], link["to"]) for link in links}
    thread.lines = [_line(places[a], places[b]) for a, b in sorted(drawn) if a in places and b in places]
    thread.links = [
        (by_ref[link["from"]], page.text(vocabulary.name(vocabulary.RELATIONS, link["relation"])), by_ref[link["to"]])
        for link in links
    ]
    before = _reach(thread.start.ref, ((link["to"], link["from"]) for link in links))
    after = _reach(thread.start.ref, ((link["from"], link["to"]) for link in links))
    in_order = [node for stage in thread.stages for node in stage.nodes if not node.is_start]
    thread.before = [node for node in in_order if node.ref in before]
    thread.after = [node for node in in_order if node.ref in after and node.ref not in before]
    thread.beside = [node for node in in_order if node.ref not in before | after]
    return thread


def _reach(start: str, links: Iterable[tuple[str, str]]) -> set[str]:
    """Return what can be reached from the start."""
    following: dict[str, set[str]] = defaultdict(set)
    for source, target in links:
        following[source].add(target)
    reached, waiting = {start}, [start]
    while waiting:
        new = following[waiting.pop()] - reached
        reached |= new
        waiting += new
    return reached - {start}


def _in_turns(nodes: Sequence[Node]) -> list[Node]:
    """Return these nodes with the start first and the ways of knowing in turns, so that none hides another."""
    turns: Counter[str] = Counter()
    keyed: list[tuple[bool, int, Node]] = []
    for node in nodes:
        turns[node.way] += 1
        keyed.append((not node.is_start, turns[node.way], node))
    return [node for _, _, node in sorted(keyed, key=lambda row: row[:2])]


def _stage(name: str, nodes: Sequence[Node], y: float, page: WebPage) -> ThreadStage:
    shown = list(nodes) if len(nodes) <= MAX_BOXES else list(nodes)[: MAX_BOXES - 1]
    boxes_wide = min(len(nodes), MAX_BOXES)
    left = (WIDTH - boxes_wide * BOX_WIDTH - (boxes_wide - 1) * GAP) / 2
    texts: list[tuple[Node | None, str]] = [(node, node.text) for node in shown]
    if len(shown) < len(nodes):
        texts.append((None, page.text("and %(number)s more") % {"number": len(nodes) - len(shown)}))
    boxes = [
        ThreadBox(node, left + number * (BOX_WIDTH + GAP), y + HEAD_HEIGHT, _wrapped(text))
        for number, (node, text) in enumerate(texts)
    ]
    return ThreadStage(name, nodes, boxes, y)


def _wrapped(text: str) -> list[str]:
    lines = wrap(text, LINE_CHARACTERS)
    return lines if len(lines) <= LINES else [*lines[: LINES - 1], f"{lines[LINES - 1][: LINE_CHARACTERS - 1]}…"]


def _line(source: ThreadBox, target: ThreadBox) -> str:
    """Return the path of a line from one box to another: down the stages, and around the boxes of those between."""
    x1, x2 = source.x + BOX_WIDTH / 2, target.x + BOX_WIDTH / 2
    y1, y2 = source.y + BOX_HEIGHT, target.y
    if y2 <= y1:
        y1, y2 = (source.y, target.y + BOX_HEIGHT) if target.y < source.y else (source.y, target.y)
        bend = min(y1, y2) - HEAD_HEIGHT
        return f"M{x1:g} {y1:g}C{x1:g} {bend:g} {x2:g} {bend:g} {x2:g} {y2:g}"
    if skipped := round((target.y - source.y) / STAGE_HEIGHT) - 1:
        side = (-1 if x1 < WIDTH / 2 or (x1 == WIDTH / 2 and skipped % 2) else 1) * (SIDE + SIDE_STEP * skipped)
        return f"M{x1:g} {y1:g}C{x1 + side:g} {y1 + BOX_HEIGHT:g} {x2 + side:g} {y2 - BOX_HEIGHT:g} {x2:g} {y2:g}"
    middle = (y1 + y2) / 2
    return f"M{x1:g} {y1:g}C{x1:g} {middle:g} {x2:g} {middle:g} {x2:g} {y2:g}"


def _node(page: WebPage, node: Document, titles: Mapping[str, str], *, is_start: bool) -> Node:
    kind = node["kind"]
    facts: Document = node["facts"]
    name = page.text(vocabulary.name(vocabulary.NODES, kind))
    text = facts.get("title") or facts.get("name") or facts.get("question") or titles.get(node["ref"])
    language = (facts.get("language") or vocabulary.CONTENT_LANGUAGE) if text else None
    if not text and kind == "outcome" and facts.get("measure"):
        text, language = str(facts["measure"]).replace("_", " ").capitalize(), vocabulary.CONTENT_LANGUAGE
    return Node(
        ref=node["ref"],
        kind=kind,
        text=text or name,
        details=_details(page, node, facts),
        way=node["way_of_knowing"] or "",
        language=language,
        href=page_of(node["ref"]),
        is_start=is_start,
        is_withdrawn=bool(facts.get("withdrawn")),
    )


def _details(page: WebPage, node: Document, facts: Mapping[str, Any]) -> str:
    """Return what else is known of a node, in words. People and money are shown as the API discloses them."""
    parts: list[str] = []
    if (priority := facts.get("priority")) is not None:
        parts.append(page.text("priority %(score)s of 100") % {"score": priority})
    if direction := facts.get("direction"):
        parts.append(page.text(vocabulary.DIRECTIONS.get(direction, vocabulary.DIRECTIONS["same"])))
    match node["people"]:
        case {"at_least": number}:
            parts.append(page.text("at least %(number)s people") % {"number": number})
        case {"fewer_than": number}:
            parts.append(page.text("fewer than %(number)s people") % {"number": number})
        case int(number):
            parts.append(page.text("%(number)s people") % {"number": number})
        case _:
            pass
    if node["paid"]:
        parts.append(
            page.text("%(sum)s paid to people who took part") % {"sum": f"£{node['paid']['pence'] / 100:,.2f}"}
        )
    if facts.get("withdrawn"):
        parts.append(page.text("since withdrawn"))
    if facts.get("being_looked_at"):
        parts.append(page.text("being checked again"))
    return ", ".join(parts)
