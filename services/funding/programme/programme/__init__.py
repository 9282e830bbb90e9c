"""The programme: the whole budget by year, and the schemes within it, each with a purpose, rules and a cap."""
