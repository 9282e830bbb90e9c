"""Support projects: practical support on the ground, and the evidence that it applies."""
