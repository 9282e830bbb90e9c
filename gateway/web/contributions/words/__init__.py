"""Other words for what somebody told: changed at once in a draft, proposed for what is published."""
