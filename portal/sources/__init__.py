"""The systems that send case lists: which units they own, and the versions of how their columns and words are read."""
