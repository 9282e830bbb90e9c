"""Query parameters: a name that an address does not know, or a value too many, is refused and never ignored."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import get_args, get_origin

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.datastructures import QueryParams

from shared.problems import FieldError, Invalid

QUERY_RULE = (
    "A query parameter that an address does not know is refused with 422 and the list of those that it knows; so is one"
    " that is sent more than once where it takes one value."
)
MAX_REPORTED_PARAMETERS = 20
MAX_REPORTED_NAME_CHARACTERS = 100


class QueryNotUnderstood(Invalid):
    title = "Some query parameters are not understood"
    detail = "Nothing was done. Correct the parameters listed in `errors`, or leave them out, and send it again."


@dataclass(frozen=True, slots=True)
class QueryParameters:
    """The names of the query parameters of a route; `repeatable` are those that take more than one value."""

    names: frozenset[str]
    repeatable: frozenset[str]

    def check(self, query: QueryParams) -> None:
        """Raise QueryNotUnderstood for a name that is unknown, or sent more than once for one value.

        FastAPI ignores the former, so that a filter with a misspelt name shows everything, and takes the last of the
        latter.
        """
        if query.keys() <= self.names and len(query.multi_items()) == len(query):
            return
        if errors := list(self._errors(query)):
            raise QueryNotUnderstood(errors=errors[:MAX_REPORTED_PARAMETERS])

    def _errors(self, query: QueryParams) -> Iterator[FieldError]:
        known_names = f"It knows: {', '.join(sorted(self.names))}." if self.names else "It takes none."
        for name in query:
            pointer = f"?{name[:MAX_REPORTED_NAME_CHARACTERS]}"
            if name not in self.names:
                yield FieldError(pointer=pointer, detail=f"This address has no such query parameter. {known_names}")
            elif name not in self.repeatable and len(query.getlist(name)) > 1:
                yield FieldError(pointer=pointer, detail="This was sent more than once. It takes one value.")


def query_parameters_of(route: APIRoute) -> QueryParameters | None:
    """Return the query parameters of a route, its dependencies' among them; None where the route checks them itself.

    Pages, which no description lists, ignore what they do not know: links to them come with parameters of others. A
    protocol that describes its own parameters has its own refusals.
    """
    if not route.include_in_schema or "parameters" in (route.openapi_extra or {}):
        return None
    takes_list = dict(_parameters(route.dependant))
    return QueryParameters(frozenset(takes_list), frozenset(name for name, is_list in takes_list.items() if is_list))


def _parameters(dependant: Dependant) -> Iterator[tuple[str, bool]]:
    """Yield the name of each query parameter, and whether it takes a list."""
    for field in dependant.query_params:
        yield field.alias, _is_list(field.field_info.annotation)
    for inner in dependant.dependencies:
        yield from _parameters(inner)


def _is_list(annotation: object) -> bool:
    """Return whether a type is a list, or a list or None."""
    return get_origin(annotation) is list or any(_is_list(argument) for argument in get_args(annotation))
