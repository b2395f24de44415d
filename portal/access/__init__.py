"""Accounts, sign-in and sessions; turns the postings in force into a Viewer."""
