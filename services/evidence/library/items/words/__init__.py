"""The words of accounts and practice knowledge: whose they are, and how copies are recognised once they are erased."""
