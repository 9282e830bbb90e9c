"""Print what Biopython reads in a file of PubMed's XML: pubmed_records.py FILE."""
# pyright: basic, reportMissingImports=false

import io
import json
import sys
from pathlib import Path
from typing import Any

from Bio import Entrez

MARK = "impact:1:"
DECLARATION = b'<?xml version="1.0" encoding="utf-8"?>\n'
DOCTYPE = (
    b'<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, 1st January 2019//EN" '
    b'"https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_190101.dtd">\n'
)
"""Biopython has this definition beside it. An element that it does not know is an error."""


def record_of(citation: Any) -> dict[str, Any]:
    article = citation["Article"]
    journal = article["Journal"]
    issue = journal["JournalIssue"]
    note = next(note for note in citation["GeneralNote"] if note.startswith(MARK))
    return {
        "id": json.loads(note.removeprefix(MARK))["id"],
        "title": article["ArticleTitle"],
        "authors": [name_of(author) for author in article.get("AuthorList", [])],
        "year": issue["PubDate"].get("Year", ""),
        "container": journal.get("Title", ""),
        "volume": issue.get("Volume", ""),
        "issue": issue.get("Issue", ""),
        "pages": article.get("Pagination", {}).get("MedlinePgn", ""),
        "doi": next((place for place in article["ELocationID"] if place.attributes["EIdType"] == "doi"), ""),
        "abstract": " ".join(article.get("Abstract", {}).get("AbstractText", [])),
        "keywords": [keyword for keywords in citation["KeywordList"] for keyword in keywords],
    }


def name_of(author: Any) -> list[str]:
    family = author.get("CollectiveName") or author["LastName"]
    return [family, author.get("ForeName", ""), author.get("Suffix", "")]


content = Path(sys.argv[1]).read_bytes()
assert content.startswith(DECLARATION)
articles = Entrez.read(io.BytesIO(DECLARATION + DOCTYPE + content.removeprefix(DECLARATION)))
print(json.dumps([record_of(article["MedlineCitation"]) for article in articles["PubmedArticle"]]))
