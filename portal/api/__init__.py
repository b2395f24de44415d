"""The door for programs: tokens, cases as JSON, the national shapes on top of them, and their description."""
