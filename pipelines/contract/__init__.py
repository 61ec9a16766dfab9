"""The contract of a dataset: types, rules, and what in a table breaks them."""
