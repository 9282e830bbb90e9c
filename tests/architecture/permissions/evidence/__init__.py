"""Evidence: what everybody tries with it."""

from typing import Final

from tests.architecture.permissions.evidence import exchange, library, publications

NOUNS: Final = (*library.NOUNS, *publications.NOUNS, *exchange.NOUNS)
