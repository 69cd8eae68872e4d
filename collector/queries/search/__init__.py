"""What a trace search shows around its results: facets, heat map, differences, completion, other orders, live tail."""
