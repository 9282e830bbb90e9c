"""The answers of staff to evidence requests, and what everyone may read of them."""
