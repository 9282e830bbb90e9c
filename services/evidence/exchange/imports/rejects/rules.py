"""When a rejected record may be sent again."""

from uuid import UUID

from shared.problems import Conflict


class AlreadySentAgain(Conflict):
    title = "This record was sent again already"
    detail = "See what became of it at /v1/imports/{import_id}. Nothing was sent now."


def check_not_sent_again(correction_id: UUID | None, *, is_taken_back: bool) -> None:
    """Raise AlreadySentAgain, unless the import of the corrected record was taken back since."""
    if correction_id is not None and not is_taken_back:
        raise AlreadySentAgain(import_id=correction_id)
