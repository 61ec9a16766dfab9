"""What stewards see: where a figure came from, how a dataset developed, what Dagster's pages show."""
