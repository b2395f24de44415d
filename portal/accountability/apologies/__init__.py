"""Apology letters: one for each missed term, drafted, signed, numbered and sent, or exempted with evidence."""
