"""Tables: CSV, TSV and their relatives, with the column names of the usual exports."""
