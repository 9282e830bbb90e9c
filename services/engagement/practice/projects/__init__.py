"""A support project: practical support on the ground, with the evidence it applies and its outcomes."""
