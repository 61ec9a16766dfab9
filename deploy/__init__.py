"""What is run beside the pipeline: a real catalogue to develop and try against, and how to run in production."""
