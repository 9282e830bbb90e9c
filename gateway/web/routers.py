"""The routers of all pages, and of what the gateway answers itself."""

from gateway.partners.api import router as partners
from gateway.web.front_page.pages import router as front_page
from gateway.web.guides.pages import router as guides
from gateway.web.information.pages import router as information
from gateway.web.items.pages import router as items
from gateway.web.line_of_sight.pages import router as line_of_sight
from gateway.web.pages.api import router as platform
from gateway.web.preferences.pages import router as preferences
from gateway.web.search.pages import router as search
from gateway.web.sign_in.api import router as sign_in
from gateway.web.topics.pages import router as topics

ROUTERS = (
    front_page,
    guides,
    information,
    items,
    line_of_sight,
    partners,
    platform,
    preferences,
    search,
    sign_in,
    topics,
)
