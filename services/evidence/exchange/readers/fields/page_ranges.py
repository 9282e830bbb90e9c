"""Page ranges."""

import re


def expand_page_range(pages: str | None) -> str | None:
    """Return `334-347` for `334-47`: PubMed leaves out the digits that stay the same."""
    match = re.fullmatch(r"(\d+)-(\d+)", pages or "")
    if match is None or len(match[2]) >= len(match[1]):
        return pages
    return f"{match[1]}-{match[1][: len(match[1]) - len(match[2])]}{match[2]}"
