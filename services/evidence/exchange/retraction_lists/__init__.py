"""A retraction list is a file of notices that works were retracted, corrected, doubted or reinstated."""
