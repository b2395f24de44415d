"""The demonstration: the district of the Krông Nô letter on its day, invented people, the same on every run."""
