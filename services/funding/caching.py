"""Who may keep an answer: dependencies of reads."""

from fastapi import Response


async def public(response: Response) -> None:
    """The same for everyone: it may be kept, and is asked for again with its ETag."""
    response.headers["Cache-Control"] = "public, no-cache"


async def private(response: Response) -> None:
    """About one person's money: nobody keeps it."""
    response.headers["Cache-Control"] = "private, no-store"
