"""What comes after a chunked body."""

from typing import Final

MAX_TRAILER_BYTES: Final = 8 * 1024


class DiscardedTrailers(list[tuple[bytes, bytes]]):
    """Takes the fields after a chunked body, and drops them: as headers they could sign somebody in."""

    def __init__(self) -> None:
        super().__init__()
        self._bytes = 0

    def append(self, field: tuple[bytes, bytes], /) -> None:
        self._bytes += len(field[0]) + len(field[1])
        if self._bytes > MAX_TRAILER_BYTES:
            raise ValueError
