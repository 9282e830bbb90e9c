"""The version of the platform, which pyproject.toml takes from here: the images have the code alone."""

VERSION = "0.1.0"
