"""Whom to credit, and on which terms, stands in every format, for each way of knowing alike."""

import csv
import io
from typing import get_args

import openpyxl
import pytest

from services.evidence.exchange.writers.exported_item import ExportedItem
from services.evidence.exchange.writers.formats import FORMATS, FormatName
from services.evidence.exchange.writers.spreadsheets import ItemWorkbook
from services.evidence.library.terms import TERMS
from tests.evidence.exchange.writers.exported_items import NAMED, UNNAMED, exported_item

ORGANISATION = exported_item(
    7,
    way_of_knowing="practice_knowledge",
    title="Booking a break in one call",
    setting="council team",
    details={
        "role": "social worker",
        "what_was_done": "One number.",
        "credit": {"attribution": "organisation", "name": "Ballymena Carers Centre"},
    },
)
STUDY = exported_item(8, title="A trial", details={"kind": "report", "authors": ["World Health Organization"]})
CREDITED = {"Mary": NAMED, "Ballymena Carers Centre": ORGANISATION, "World Health Organization": STUDY}


def written(format_name: FormatName, item: ExportedItem) -> str:
    if format_name == "xlsx":
        file = io.BytesIO()
        workbook = ItemWorkbook(file, "/tmp")  # noqa: S108  nothing is written there
        workbook.add([item])
        workbook.close()
        sheet = openpyxl.load_workbook(file).worksheets[0]
        return "\n".join(str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value)
    export = FORMATS[format_name]
    return (export.prefix + export.write_page([item], first=True) + export.suffix).decode()


@pytest.mark.parametrize("format_name", get_args(FormatName))
@pytest.mark.parametrize("name", CREDITED)
def test_credit_and_terms_are_in_every_format(format_name: FormatName, name: str) -> None:
    item = CREDITED[name]
    text = written(format_name, item)
    assert name in text
    assert TERMS[item.way_of_knowing].split(",")[0].split(";")[0] in text


@pytest.mark.parametrize("format_name", get_args(FormatName))
def test_a_name_that_is_not_to_be_shown_is_in_no_format(format_name: FormatName) -> None:
    assert "Secret Name" not in written(format_name, UNNAMED)
    assert TERMS["lived_experience"].split(",")[0] in written(format_name, UNNAMED)


def test_a_table_has_the_terms_in_a_column_of_their_own() -> None:
    (row,) = csv.DictReader(io.StringIO(written("csv", ORGANISATION).lstrip("\ufeff")))
    assert (row["attributed_to"], row["terms"]) == ("Ballymena Carers Centre", TERMS["practice_knowledge"])
