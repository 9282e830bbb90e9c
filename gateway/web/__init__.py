"""The few pages that the gateway renders itself."""
