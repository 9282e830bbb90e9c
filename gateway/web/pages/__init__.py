"""The front page, the API reference, the explanation of each problem, and the status of the platform."""
