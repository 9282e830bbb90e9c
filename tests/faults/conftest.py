"""The fixture of the event recorder's database, from the tests of the shared library."""

from tests.shared.conftest import diary_url

__all__ = ["diary_url"]
