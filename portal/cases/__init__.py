"""Cases of the one-stop system: what the sources say, the words derived from it, the lists and the case page."""
