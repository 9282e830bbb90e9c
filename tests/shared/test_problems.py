from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from shared.problems import Problem, example_of, field_error


class ShelfTaken(Problem):
    detail = "It holds the box {box_id}. Take shelf {shelf} instead."


def test_a_problem_is_explained_without_the_names_of_our_variables() -> None:
    assert example_of(ShelfTaken)["detail"] == "It holds the box …. Take shelf … instead."


class ShelfUnknown(Problem):
    pointer = "/shelf"
    detail = "There is no shelf {shelf}."


def test_a_refusal_of_one_field_says_where_it_is() -> None:
    def pointers_and_details(problem: Problem) -> list[tuple[str, str]]:
        return [(error.pointer, error.detail) for error in problem.errors]

    assert pointers_and_details(ShelfUnknown(shelf=9)) == [("/shelf", "There is no shelf 9.")]
    assert pointers_and_details(ShelfUnknown(shelf=9, pointer="/other")) == [("/other", "There is no shelf 9.")]
    assert pointers_and_details(ShelfTaken(box_id=1, shelf=2)) == []


class Crate(BaseModel):
    kind: Literal["crate"]
    weight: int


class Sack(BaseModel):
    kind: Literal["sack"]
    marks: dict[str, int]


LOAD = TypeAdapter(list[Annotated[Crate | Sack, Field(discriminator="kind")]])


@pytest.mark.parametrize(
    ("payload", "pointer"),
    [
        ({"kind": "crate"}, "/0/weight"),
        ({"kind": "crate", "weight": "much"}, "/0/weight"),
        ({"kind": "sack", "marks": {"a/b~": "x"}}, "/0/marks/a~1b~0"),
        ({"kind": "barrel"}, "/0/kind"),
        ({}, "/0/kind"),
        ("crate", "/0"),
    ],
)
def test_a_bad_field_is_pointed_at_where_the_sender_wrote_it(payload: Any, pointer: str) -> None:
    with pytest.raises(ValidationError) as refused:
        LOAD.validate_python([payload])
    (error,) = refused.value.errors()
    assert field_error({**error, "loc": ("body", *error["loc"])}, [payload]).pointer == pointer
