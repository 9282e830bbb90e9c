"""Print what pySHACL finds wrong with the items of a file of JSON-LD: shacl_violations.py FILE SHAPES."""
# pyright: basic, reportMissingImports=false

import json
import sys
from pathlib import Path

import pyshacl
from rdflib import RDF, SDO, SH, Graph, URIRef

ITEM = URIRef("https://impact.example/shapes/Item")
document = json.loads(Path(sys.argv[1]).read_bytes())
assert document["@context"] == "https://schema.org"
document["@context"] = {"@vocab": str(SDO)}  # what stands there, without asking another host
graph = Graph().parse(data=json.dumps(document), format="json-ld")
items = [node["@id"] for node in document["@graph"]]
shapes = Graph().parse(sys.argv[2])
for address in items:
    shapes.add((ITEM, SH.targetNode, URIRef(address)))
_, report, _ = pyshacl.validate(graph, shacl_graph=shapes)
terms = {*graph.predicates(), *graph.objects(predicate=RDF.type)} - {RDF.type}
print(
    json.dumps(
        {
            "items": len(items),
            "unknown_terms": sorted(str(term) for term in terms if URIRef(str(term)) not in SDO),
            "violations": sorted(
                [report.value(result, SH.focusNode), report.value(result, SH.resultPath), message]
                for result, message in report.subject_objects(SH.resultMessage)
            ),
        }
    )
)
