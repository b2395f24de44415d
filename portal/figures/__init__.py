"""The counts and ratios of a period: one source for pages, reports and sheets."""
