-- How many spans the minutes have: from the primary index alone.
SELECT count() AS spans FROM otel_traces
WHERE toStartOfMinute(Timestamp) >= {from_minute:DateTime} AND toStartOfMinute(Timestamp) <= {to_minute:DateTime}
