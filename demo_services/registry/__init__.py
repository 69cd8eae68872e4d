"""Who is there: services register their instances here and find those of others."""
