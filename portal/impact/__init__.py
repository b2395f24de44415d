"""What a change of calendar, term or rule would move, shown before it is made, and then carried over open cases."""
