"""The budget: the programme, its schemes, the rates, and what is reserved for assemblies."""
