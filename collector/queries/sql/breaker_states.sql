-- Each breaker of each instance as it was last heard of, up to a moment.
SELECT
    BreakerId AS id, Instance AS instance,
    argMax((Service, Namespace, Name, GroupName, Kind, Source, Target, TargetConfidence), (ObservedNs, Version)) AS about,
    argMax((State, StateRaw, SinceNs, SincePrecision, ObservedNs, IntervalNs), (ObservedNs, Version)) AS state,
    argMax((FailureRate, SlowRate, Settings, Evidence), (ObservedNs, Version)) AS more
FROM breaker_states_1m
WHERE Minute >= {from_minute:DateTime} AND Minute <= {to_minute:DateTime} AND ObservedNs <= {at_ns:Int64}
  AND (empty({ids:Array(String)}) OR BreakerId IN {ids:Array(String)})
GROUP BY id, instance
ORDER BY id, instance
