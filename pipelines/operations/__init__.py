"""Nights that nobody watches: who is told what and when, the sign of life of a night, and whether all is well."""
