"""`make bench`: the real code against the same work written by hand, ratios from one run on one machine."""
