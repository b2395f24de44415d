"""Orders to units: urging notes in rounds, each with a term for the reply."""
