"""How fast the evidence service reads, imports, searches and exports, each beside a bare engine in the same run."""
