"""Every role tries every endpoint, and gets what the table `rights.txt` says."""
