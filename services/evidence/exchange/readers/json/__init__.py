"""JSON formats: CSL-JSON with its relatives, OpenAlex and DataCite."""
