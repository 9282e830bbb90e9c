"""Who may open which pages. What they find there is decided by the services."""

from typing import Final

from shared.callers import Role, allow

ANYONE: Final = allow(anyone=True)
SIGNED_IN: Final = allow(Role.CONTRIBUTOR)
EDITOR_OR_FACILITATOR: Final = allow(Role.EVIDENCE_EDITOR, Role.FACILITATOR)
EDITOR: Final = allow(Role.EVIDENCE_EDITOR)
