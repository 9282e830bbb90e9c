"""HTTP/1.1 as the gateway reads and writes it."""
