"""Form fields: one that is sent twice is refused, since FastAPI would take the last and lose the other."""

from fastapi import params
from fastapi.routing import APIRoute
from starlette.requests import Request

from shared.problems import FieldError, Invalid

MAX_REPORTED_FIELDS = 20


def takes_form(route: APIRoute) -> bool:
    """Return whether the body of the route is a form."""
    return route.body_field is not None and isinstance(route.body_field.field_info, params.Form)


async def refuse_repeated_fields(request: Request) -> None:
    """Raise Invalid for each field of the form that was sent more than once."""
    form = await request.form()
    repeated = [name for name in form if len(form.getlist(name)) > 1]
    if repeated:
        await form.close()
        detail = "This was sent more than once. It takes one value; send several files in several requests."
        raise Invalid(errors=[FieldError(pointer=f"/{name}", detail=detail) for name in repeated[:MAX_REPORTED_FIELDS]])
