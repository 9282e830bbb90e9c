from gateway.edge.single_flight import MAX_UNSHAREABLE_KEYS, SingleFlight


async def test_what_can_be_shared_after_all_is_shared_again() -> None:
    flights = SingleFlight()
    flights.record_shareable("a", False)
    assert flights.lead("a") is None
    flights.record_shareable("a", True)
    assert flights.lead("a") is not None


async def test_only_so_many_are_remembered_as_not_to_be_shared() -> None:
    flights = SingleFlight()
    for key in range(MAX_UNSHAREABLE_KEYS + 1):
        flights.record_shareable(key, False)
    assert flights.lead(0) is not None
    assert flights.lead(1) is None
