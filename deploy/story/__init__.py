"""A demonstration that goes from a survey answer to a change in practice, through the gateway's API."""
