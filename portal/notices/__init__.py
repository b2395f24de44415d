"""What people are told: in the portal (the bell), and by one mail a working day. Knows nobody's duties itself."""
