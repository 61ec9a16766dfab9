"""A department checks its own file before it hands it in: the 30 rules, and what the night would do with it."""
