"""The terms on which each way of knowing may be used. They stand wherever it is exported or harvested."""

from typing import Final

TERMS: Final[dict[str, str]] = {
    "research": "This describes a work; the rights in the work itself are those of its authors and publisher.",
    "lived_experience": "Shown here with the consent of the person who gave it, who is named as they chose. It may be "
    "linked to and cited under that name; whoever wants to use it otherwise asks the library first.",
    "practice_knowledge": "Shared by a practitioner for use in practice. It may be linked to and cited.",
}
