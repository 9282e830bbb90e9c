"""The first figures: programme, budget, schemes, rates and bank holidays, dated, with source and certainty."""
