"""Metadata of records: Dublin Core and DataCite 4.

An account is described by its title and summary, with the name that its person chose: its own words stay in this
library, where they can be withdrawn at once.
"""
