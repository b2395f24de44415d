"""Days off, swaps and make-up days as versioned data; running working-day numbers for SQL and Python."""
