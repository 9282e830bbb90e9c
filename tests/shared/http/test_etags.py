from typing import NamedTuple

from shared.http.etags import combined, etag


class VersionedRow(NamedTuple):
    version: int


def test_a_resource_made_of_several_rows_has_a_new_version_with_each_change_of_any_of_them() -> None:
    before = combined(VersionedRow(3), VersionedRow(1)).version
    assert combined(VersionedRow(4), VersionedRow(1)).version > before
    assert combined(VersionedRow(3), VersionedRow(2)).version > before


def test_a_resource_without_rows_has_version_zero() -> None:
    assert etag(combined()) == '"0"'
