"""The commands of `opendata`, a module for each purpose. Each has an `app` of its own; `cli` puts them together."""
