import pytest

from shared.disclosure import rounded_down


@pytest.mark.parametrize(("places", "rounded"), [(0, 0), (9, 0), (10, 10), (19, 10), (20, 20)])
def test_the_public_reads_a_multiple_of_twice_the_threshold_of_places_taken(places: int, rounded: int) -> None:
    assert rounded_down(places) == rounded
