"""What people do with explanations: each asks the rules, makes one transition, and records it last."""
