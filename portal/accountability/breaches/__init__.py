"""The frozen fact that a term was missed."""
