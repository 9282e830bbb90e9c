"""What programs write into a field that has no value."""

PLACEHOLDERS = frozenset(
    {
        *(
            "None",
            "NONE",
            "none",
            "null",
            "NULL",
            "Null",
            "nan",
            "NaN",
            "NAN",
            "NA",
            "N/A",
            "n/a",
            "#N/A",
            "N.A.",
            "<NA>",
        ),
        *("n.a.", "undefined", "-", "--", "---", "\u2013", "\u2014", "?", ".", "[]", "{}", "()", '""', "''", "NaT"),
        *("Not available", "not available", "Not Available", "Not specified", "not specified", "Not Specified"),
        *("No abstract available", "No abstract available.", "[No abstract available]", "[No Abstract Available]"),
        *("No Abstract", "No abstract", "no abstract", "No Pagination Specified", "No-Specified", "No Specified"),
        *("[no author]", "[No author]", "[No authors listed]", "No authors listed", "[No author name available]"),
        *("ahead-of-print", "ahead of print", "Ahead-of-print", "Ahead of print", "Ahead of Print", "AHEAD-OF-PRINT"),
        *("online first", "Online First", "Online first", "OnlineFirst", "in press", "In press", "In Press"),
        *("early access", "Early Access", "Early access", "Advance online publication", "advance online publication"),
        *("Publish Ahead of Print", "Publish ahead of print", "forthcoming", "Forthcoming", "Unknown", "UNKNOWN"),
    }
)
"""In the case in which they are written: `Na` is a surname."""
