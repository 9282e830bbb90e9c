"""`/questions`: answered questions from the front line, asking one, and what somebody has asked."""
