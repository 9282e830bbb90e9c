"""A page: who asks for it and how they want it, and the response that its template makes."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import Depends, Request
from starlette.responses import HTMLResponse, RedirectResponse

from gateway.routes import without_secret
from gateway.settings import GatewaySettings
from gateway.web.layout import languages
from gateway.web.layout.callers import ANYONE, EDITOR, EDITOR_OR_FACILITATOR, SIGNED_IN
from gateway.web.layout.environment import ENVIRONMENT
from gateway.web.layout.preferences import COOKIE, Preferences
from shared.callers import Caller, Permission
from shared.http.caching import NO_STORE, PUBLIC_BY_COOKIE

CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; manifest-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@dataclass(frozen=True, slots=True)
class WebPage:
    """A request for a page. `caller` is None where nobody has looked yet who it is."""

    path: str
    query: str
    preferences: Preferences
    caller: Caller | None
    public_url: str
    demo: bool

    @property
    def signed_in(self) -> bool:
        """Whether the caller has signed in."""
        return self.caller is not None and not self.caller.anonymous

    @property
    def shown_path(self) -> str:
        """The path as it may stand in another address: without the token by which somebody signs in."""
        return without_secret(self.path)

    @property
    def here(self) -> str:
        """The path with its query, or `shown_path` alone where that leaves something out."""
        return f"{self.path}?{self.query}" if self.query and not self._is_secret else self.shown_path

    @property
    def _is_secret(self) -> bool:
        return self.shown_path != self.path

    def language_link(self, language: str) -> str:
        """Return the address that shows this page in another language; where its own is secret, the sign-in page."""
        return f"/language/{language}?{urlencode({'next': self.here}, safe='/')}"

    def text(self, text: str) -> str:
        """Return this text in the language of the page."""
        return languages.translate(self.preferences.language, text)

    def render(self, template: str, *, status: int = 200, private: bool = False, **context: object) -> HTMLResponse:
        """Return the page that this template makes.

        No cache keeps what is for somebody who has signed in, has a secret address, or is `private` otherwise.
        """
        private = private or self._is_secret
        public = status == 200 and not private and self.caller is not None and self.caller.anonymous
        policy = PUBLIC_BY_COOKIE if public else NO_STORE
        html = ENVIRONMENT.get_template(template).render(self._context() | context)
        return HTMLResponse(html, status, {"Content-Security-Policy": CONTENT_SECURITY_POLICY, **policy.headers})

    def render_html(self, title: str, body: str, *, status: int = 200) -> HTMLResponse:
        """Return a page of HTML that code has written: escape what goes into it."""
        return self.render("layout/templates/written.html", status=status, title=title, body=body)

    def redirect(self, path: str, **parameters: str) -> RedirectResponse:
        """Return the redirect after a form, or to another page (303)."""
        address = f"{path}{'&' if '?' in path else '?'}{urlencode(parameters)}" if parameters else path
        return RedirectResponse(address, 303, NO_STORE.headers)

    def _context(self) -> dict[str, Any]:
        language = self.preferences.language
        return {
            "page": self,
            "language": language,
            "html_language": languages.HTML_LANGUAGES[language],
            "is_draft": bool(languages.draft_texts(language)),
            "other_language": "en" if language == "cy" else "cy",
            "language_names": languages.NAMES,
        }


def page_of(request: Request, caller: Caller | None = None) -> WebPage:
    """Return the page of a request by this caller, or whoever it is."""
    settings: GatewaySettings = request.app.state.settings
    return WebPage(
        path=request.url.path,
        query=request.url.query,
        preferences=Preferences.of_cookie(request.scope["impact.cookies"].get(COOKIE, "")),
        caller=caller or request.scope["impact.identity"].caller,
        public_url=settings.public_url,
        demo=settings.demo,
    )


def page_for(permission: Permission) -> Callable[..., Awaitable[WebPage]]:
    """Return the dependency that makes the page of a request by a caller who has this permission."""

    async def page(request: Request, caller: Annotated[Caller, Depends(permission)]) -> WebPage:
        return page_of(request, caller)

    return page


PublicPage = Annotated[WebPage, Depends(page_for(ANYONE))]
"""A page that everybody may open."""
SignedInPage = Annotated[WebPage, Depends(page_for(SIGNED_IN))]
"""A page for whoever has signed in; a browser that has not is sent to sign in first, and then comes back."""
EditorPage = Annotated[WebPage, Depends(page_for(EDITOR))]
"""A page for evidence editors."""


FacilitatorPage = Annotated[WebPage, Depends(page_for(EDITOR_OR_FACILITATOR))]
"""A page for evidence editors and facilitators."""


def form_of(permission: Permission) -> Callable[..., Awaitable[WebPage]]:
    """Return the dependency of a form for callers with this permission, also for one whose session has ended."""

    async def form(request: Request, page: PublicPage) -> WebPage:
        if page.signed_in:
            await permission(request)
        return page

    return form


EditorForm = Annotated[WebPage, Depends(form_of(EDITOR))]
"""The form of an evidence editor, also of one whose session has ended, so that nothing they wrote is lost."""
FacilitatorForm = Annotated[WebPage, Depends(form_of(EDITOR_OR_FACILITATOR))]
"""The form of an evidence editor or a facilitator, likewise."""
