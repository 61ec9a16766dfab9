"""Bytes of a delivery → rows of text with the address of every cell. Pure functions, nothing is guessed."""
