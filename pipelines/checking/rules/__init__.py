"""The 30 rules, each as a function over a sheet: what breaks it, where, and what to write instead."""
