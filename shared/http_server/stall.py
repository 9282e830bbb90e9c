"""A client that takes none of the bytes that wait for it."""


class Stall:
    """How long bytes have waited for a client that took none of them."""

    def __init__(self, max_seconds: float) -> None:
        self._max_seconds = max_seconds
        self._unsent_bytes = 0
        self._since: float | None = None
        """When the client last took a byte, while bytes wait for it."""

    def is_over(self, now: float, unsent_bytes: int) -> bool:
        """Return whether so many bytes have waited for too long, by the loop's clock."""
        if not unsent_bytes:
            self._since = None
        elif self._since is None or unsent_bytes != self._unsent_bytes:
            self._since, self._unsent_bytes = now, unsent_bytes
        return self._since is not None and now - self._since > self._max_seconds
