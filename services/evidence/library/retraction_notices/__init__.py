"""A retraction notice says that a work was retracted, corrected, doubted, or reinstated after that."""
