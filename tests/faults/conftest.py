"""The diary's database, as the tests of the shared library have it."""

from tests.shared.conftest import diary_url

__all__ = ["diary_url"]
