"""The programme: the budget by year and scheme, the rates, and the money set aside."""
