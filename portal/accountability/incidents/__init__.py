"""Technical incidents with the cases they touch, and questions to other bodies: who confirms what stood in the way."""
