"""The HTTP/1.1 client towards the services; README.md says what it does not do."""
