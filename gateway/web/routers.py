"""The routers of all pages, and of what the gateway answers itself."""

from gateway.partners.api import router as partners
from gateway.roles.api import router as roles
from gateway.web.demo.pages import router as demo
from gateway.web.front_page.pages import router as front_page
from gateway.web.information.pages import router as information
from gateway.web.items.pages import router as items
from gateway.web.pages.api import router as platform
from gateway.web.preferences.pages import router as preferences
from gateway.web.sessions.pages import router as session_pages
from gateway.web.sign_in.api import router as sessions
from gateway.web.sign_in.pages import router as sign_in

ROUTERS = (
    demo,
    front_page,
    information,
    items,
    partners,
    platform,
    preferences,
    roles,
    session_pages,
    sessions,
    sign_in,
)
