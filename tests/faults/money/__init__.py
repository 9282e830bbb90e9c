"""Eight people move money at once while their services are killed: `python -m tests.faults.money --seconds 60`."""
