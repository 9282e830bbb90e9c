"""The priority of a topic, calculated from every voice."""
