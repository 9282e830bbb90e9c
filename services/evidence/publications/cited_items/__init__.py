"""Items that guides and learning pieces cite, each in the edition that was read, and the flags on such citations."""
