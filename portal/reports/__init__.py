"""Our numbers beside the sources' own reports, and files of counts that no case list carries."""
