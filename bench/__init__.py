"""Measurements against floors taken in the same run. They print; they never fail a check."""
