INSERT INTO service_edges_1h
SELECT {hour:DateTime} AS Hour, {version:UInt64} AS Version, Source, SourceKind, Target, TargetKind, sum(minutes.Calls) AS Calls,
    sum(minutes.Errors) AS Errors, sum(minutes.Rejected) AS Rejected,
    quantilesDDMergeState(0.01, 0.5, 0.95, 0.99)(minutes.DurationSketch) AS DurationSketch
FROM $minutes AS minutes
GROUP BY Source, SourceKind, Target, TargetKind
