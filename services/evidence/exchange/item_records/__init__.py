"""An item record is a record of an import or a harvest that became an item or matched it."""
