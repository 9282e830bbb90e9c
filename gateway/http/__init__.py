"""HTTP/1.1 as the gateway reads and writes it: requests, bodies, headers and where a request comes from."""
