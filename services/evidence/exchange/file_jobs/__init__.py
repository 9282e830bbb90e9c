"""A file job is a file that somebody sent and that the worker reads in the background, part by part."""
