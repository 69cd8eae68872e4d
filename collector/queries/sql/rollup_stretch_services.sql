INSERT INTO services_stretches
SELECT
    {seconds:UInt16} AS Seconds, toDateTime(intDiv(toUnixTimestamp(Begin), {seconds:UInt16}) * {seconds:UInt16}) AS Start,
    {versions:Array(UInt64)}[indexOf({starts:Array(UInt32)}, toUnixTimestamp(Start))] AS Version, ServiceName, Environment,
    sum(pieces.Calls) AS Calls, sum(pieces.Errors) AS Errors, sum(pieces.Rejected) AS Rejected,
    quantilesDDMergeState(0.01, 0.5, 0.95, 0.99)(pieces.DurationSketch) AS DurationSketch
FROM $pieces AS pieces
GROUP BY Start, ServiceName, Environment
