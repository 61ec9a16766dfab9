"""What the DataStore lacks: rows from a CSV file, a table in place of another, and both as one step."""
