import pytest

from services.funding.payments.iso20022 import documents

BOMB = """<?xml version="1.0"?>
<!DOCTYPE lolz [
  <!ENTITY a "ha">
  <!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
  <!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">
]>
<Document>&c;</Document>"""
OUTSIDE = """<?xml version="1.0"?>
<!DOCTYPE Document [<!ENTITY secret SYSTEM "file:///etc/passwd">]><Document>&secret;</Document>"""
PARAMETER = """<!DOCTYPE Document [<!ENTITY % far SYSTEM "http://127.0.0.1:9/evil.dtd"> %far;]><Document/>"""
FAR_TYPE = """<!DOCTYPE Document SYSTEM "http://127.0.0.1:9/evil.dtd"><Document/>"""
PLAIN_TYPE = """<!doctype Document><Document/>"""


@pytest.mark.parametrize("content", [BOMB, OUTSIDE, PARAMETER, FAR_TYPE, PLAIN_TYPE, "\ufeff" + OUTSIDE])
def test_a_document_type_or_an_entity_is_refused_and_never_expanded(content: str) -> None:
    with pytest.raises(documents.DocumentUnsafe):
        documents.parse(content.encode())


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "utf-7"])
def test_no_encoding_hides_a_document_type(encoding: str) -> None:
    hidden = OUTSIDE.replace('version="1.0"', f'version="1.0" encoding="{encoding}"').encode(encoding)
    with pytest.raises((documents.DocumentUnsafe, documents.DocumentUnreadable)):
        documents.parse(hidden)


@pytest.mark.parametrize(
    "content",
    [b"", b"not xml", b"<a>", b"<a></b>", b"<a>\xff</a>", b"<a>\x00</a>", b"%PDF-1.7", b"<a>" * 300],
    ids=range(8),
)
def test_what_is_not_well_formed_is_refused_as_unreadable(content: bytes) -> None:
    with pytest.raises(documents.DocumentUnreadable):
        documents.parse(content)


def test_comments_and_a_byte_order_mark_do_no_harm() -> None:
    root = documents.parse(b'\xef\xbb\xbf<?xml version="1.0" encoding="UTF-8"?><!-- hello --><a xmlns="urn:b">c</a>')
    assert (documents.namespace_of(root), root.text) == ("urn:b", "c")


def test_schema_errors_never_repeat_values_of_the_document() -> None:
    root = documents.parse(
        b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"><Secret>8</Secret></Document>'
    )
    (error,) = documents.schema_errors(root, "pain.001.001.09")
    assert "Secret" not in error
    assert error.startswith("line 1")
