"""What is done about a person, and on which breaches it rests."""
