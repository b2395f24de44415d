"""What runs by itself: one timetable, one scheduler process, one row a run."""
