"""Yearly sheets for officers, heads and units: facts with their numbers, for people to decide on."""
