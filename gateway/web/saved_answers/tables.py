"""Answers of forms that are not sent yet. Without the cookie of the browser that gave them nobody can read them."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from gateway.tables import Row
from shared.persistence.columns import TIMESTAMP


class SavedAnswers(Row, table=True):
    """The answers of one journey in one browser, encrypted by a key that is derived from the token in its cookie.

    Only the hash of that token is stored.
    """

    __tablename__ = "saved_answers"
    __table_args__ = (UniqueConstraint("digest", "journey"),)

    __audited__ = False

    digest: bytes = Field(max_length=32)
    journey: str = Field(max_length=40)
    content: bytes
    expires_at: datetime = Field(sa_type=TIMESTAMP, index=True)
