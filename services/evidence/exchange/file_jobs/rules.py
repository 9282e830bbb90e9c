"""When what failed is tried again, and when it is given up."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class AttemptLimit:
    """How often the same work is tried. The delay doubles with each failure."""

    max_attempts: int
    first_delay: timedelta

    def next_try(self, attempts: int, now: datetime) -> datetime:
        """Return when to try again after so many failures."""
        return now + self.first_delay * 2 ** (attempts - 1)

    def exhausted(self, attempts: int) -> bool:
        """Return whether the work is given up after so many failures."""
        return attempts >= self.max_attempts


PART_ATTEMPTS = AttemptLimit(max_attempts=8, first_delay=timedelta(seconds=2))
"""For one part of a file: about four minutes in all."""
BUSY_DELAY = timedelta(seconds=2)
"""For a part with an item that somebody else is changing: a bulk change of many may take longer than all attempts."""
MAX_FILE_NAME_CHARACTERS = 200
