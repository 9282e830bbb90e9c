"""One appraisal: two people judge it, each alone; what differs is settled by both, or by a third."""
