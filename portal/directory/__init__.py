"""Units as a tree with dates and two parents, people, and dated postings with roles."""
