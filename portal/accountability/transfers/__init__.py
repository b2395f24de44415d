"""Duties whose holder has left their unit: what follows the person, what waits for another, and who hands it over."""
