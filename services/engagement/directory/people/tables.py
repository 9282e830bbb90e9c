"""People as engagement keeps them."""

from sqlalchemy import Column, LargeBinary
from sqlmodel import Field

from services.engagement.tables import Row
from shared.persistence.tables import PERSONAL


class Person(Row, table=True):
    """Somebody who told what they need, of the id that they sign in with. Who they are stays in the gateway."""

    __tablename__ = "people"  # pyright: ignore[reportAssignmentType]  a plain name where Row derives one

    access_needs: bytes = Field(sa_column=Column(LargeBinary, nullable=False, info=PERSONAL))
