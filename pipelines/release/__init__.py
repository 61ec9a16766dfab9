"""A checked table → an immutable release: a data package with a version, and its difference to the one before."""
