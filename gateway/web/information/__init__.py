"""What a site owes its visitors: accessibility, privacy, cookies, contact; and files that programs look for."""
