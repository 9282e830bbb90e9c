"""Records of a repository that could not be stored."""
