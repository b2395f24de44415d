"""Violations and complaints that are not lateness: suspected or recorded, explained, concluded."""
