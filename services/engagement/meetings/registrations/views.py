"""What people read of a registration."""

from datetime import datetime
from typing import Self
from uuid import UUID

from services.engagement.directory.access_needs.cipher import AccessNeedsCipher
from services.engagement.meetings.assemblies.tables import Assembly
from services.engagement.meetings.registrations.tables import Registration, RegistrationStatus
from shared.views import View


class RegistrationView(View):
    """A registration as its person or an engagement officer sees it. `attended` is null until it has been recorded.

    `own_needs`: the access needs were given for this registration alone; otherwise they follow those that the person
    has saved, until the assembly ends. A cancelled registration has none.

    `place` says where people meet or, of an online meeting, how to join; it is null once the registration is cancelled.
    """

    id: UUID
    assembly_id: UUID
    person_id: UUID
    status: RegistrationStatus
    place: str | None
    access_needs: list[str]
    own_needs: bool
    attended: bool | None
    entitled: bool
    created_at: datetime

    @classmethod
    def of(cls, registration: Registration, assembly: Assembly, cipher: AccessNeedsCipher) -> Self:
        """Return the registration with its access needs decrypted."""
        fields = registration.model_dump(exclude={"access_needs"}) | {
            "place": assembly.place if registration.status == "registered" else None,
            "access_needs": (
                cipher.decrypt(registration.access_needs, registration.id) if registration.access_needs else []
            ),
        }
        return cls.model_validate(fields)
