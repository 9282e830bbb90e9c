"""Every 404 of the service says of what there is none."""

from importlib import import_module

from shared.problems import known_problems


def test_what_is_not_found_is_named() -> None:
    import_module("services.evidence.main")  # which imports the problems of every slice
    not_found = [problem for problem in known_problems("services.evidence") if problem.status == 404]
    named = [problem for problem in not_found if problem.__module__.startswith("services.")]
    assert len(named) > 20
    assert [problem.slug() for problem in named if problem.title == "Not found"] == []
