(
-- Edges computed when asked for, not stored.
$edges
)
