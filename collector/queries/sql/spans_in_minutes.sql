-- How many spans the minutes have: from the primary index alone but for the granules at the edges of a condition on digits.
SELECT count() AS spans FROM otel_traces
WHERE toStartOfMinute(Timestamp) >= {from_minute:DateTime} AND toStartOfMinute(Timestamp) <= {to_minute:DateTime} AND $digits
