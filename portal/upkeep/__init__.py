"""Keeping the portal safe: backup, restore, and a doctor that looks before something breaks."""
