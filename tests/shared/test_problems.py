from shared.problems import Problem, explained


class ShelfTaken(Problem):
    detail = "It holds the box {box_id}. Take shelf {shelf} instead."


def test_a_problem_is_explained_without_the_names_of_our_variables() -> None:
    assert explained(ShelfTaken)["detail"] == "It holds the box …. Take shelf … instead."
