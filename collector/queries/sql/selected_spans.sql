-- How many of the spans looked at are in the selection, and how many are not.
SELECT countIf($selected) AS selected, count() - selected AS rest
FROM $spans
WHERE $looked_at
