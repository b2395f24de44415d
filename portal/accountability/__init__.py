"""What is owed for a missed term: breach, explanation, apology, follow-up, and the ledger that sums them."""
