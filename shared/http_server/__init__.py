"""The way in of every process: uvicorn's HTTP/1.1 protocol behind a strict check of each request, with limits."""
