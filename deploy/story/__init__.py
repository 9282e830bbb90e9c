"""The thread from a voice to a change, told as it happens through the gateway's API."""
