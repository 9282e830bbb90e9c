"""Exit with 0 when the process in this container is ready. Run with `python -IS`: standard library only."""

import http.client
import sys

try:
    connection = http.client.HTTPConnection("127.0.0.1", 8000, timeout=4)
    connection.request("GET", "/health/ready")
    response = connection.getresponse()
    sys.stdout.write(response.read().decode())
    sys.exit(response.status != 200)
except (OSError, http.client.HTTPException) as error:
    sys.exit(f"no answer: {error!r}")
