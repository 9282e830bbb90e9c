"""An appraisal is two people's judgement of one item, each by itself, on the terms of the item's own kind."""
