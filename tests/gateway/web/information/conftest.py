"""The fixtures of pages that ask the evidence service."""

from tests.gateway.web.questions.conftest import front_line

__all__ = ["front_line"]
