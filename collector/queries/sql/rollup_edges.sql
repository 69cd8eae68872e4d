-- The edges of the given minutes, see edges.sql.inc.
INSERT INTO service_edges_1m
$edges
