"""Two actions for the DataStore that stock CKAN lacks: rows from a CSV file, and a table in place of another."""
