"""The review of a draft by somebody who did not write it, up to its publication."""
