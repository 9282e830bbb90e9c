"""The processes of a service: API and worker, with middleware, background jobs and health checks."""
