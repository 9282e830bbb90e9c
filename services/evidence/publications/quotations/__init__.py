"""What quotes the words of an account that were taken back since, cited or not: it is looked for and held back."""
