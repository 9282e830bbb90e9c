from tests.gateway.web.contributions.conftest import site

__all__ = ["site"]
