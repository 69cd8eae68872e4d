-- The entries of the minutes in hand by service, from the operations that were just written.
INSERT INTO services_1m
SELECT Minute, {version:UInt64} + has({turned:Array(DateTime)}, Minute) AS Version, ServiceName, Environment, sum(operations.Calls) AS Calls, sum(operations.Errors) AS Errors,
    sum(operations.Rejected) AS Rejected, quantilesDDMergeState(0.01, 0.5, 0.95, 0.99)(operations.DurationSketch) AS DurationSketch
FROM operations_1m AS operations
WHERE Minute IN {minutes:Array(DateTime)} AND operations.Version = {version:UInt64} + has({turned:Array(DateTime)}, Minute) AND IsEntry
GROUP BY Minute, ServiceName, Environment
