"""The table of people."""

from sqlmodel import Field

from services.engagement.tables import Row
from shared.persistence.tables import PERSONAL


class Person(Row, table=True):
    """A person who has saved access needs. `id` is that of their sign-in; who they are stays in the gateway."""

    __tablename__ = "people"

    access_needs: bytes = Field(sa_column_kwargs={"info": PERSONAL})
    """Ciphertext: see `directory.access_needs.cipher`."""
