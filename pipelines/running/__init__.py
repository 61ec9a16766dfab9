"""How Dagster runs here: where it keeps its records, what process a run is, how long its records are kept."""
