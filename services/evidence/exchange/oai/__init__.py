"""The library as an OAI-PMH 2.0 data provider: records, sets and datestamps for harvesters."""
