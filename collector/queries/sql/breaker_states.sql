-- Each breaker of each instance as it was last heard of, up to a moment. Which row that is, is found by narrow columns first: wide
-- ones of all minutes in the range would cost five times as much.
SELECT
    BreakerId AS id, Instance AS instance, Service AS service, Namespace AS namespace, Name AS name, GroupName AS group, Kind AS kind,
    Source AS source, Target AS target, TargetConfidence AS target_confidence, State AS state, StateRaw AS raw, SinceNs AS since_ns,
    SincePrecision AS since_precision, ObservedNs AS observed_ns, IntervalNs AS interval_ns, FailureRate AS failure_rate,
    SlowRate AS slow_rate, Settings AS settings, Evidence AS evidence
FROM breaker_states_1m
WHERE Minute >= {from_minute:DateTime} AND Minute <= {to_minute:DateTime}
  AND (BreakerId, Instance, ObservedNs, Version) IN (
    SELECT id_, instance_, newest.1, newest.2
    FROM (
        SELECT BreakerId AS id_, Instance AS instance_, max((ObservedNs, Version)) AS newest
        FROM breaker_states_1m
        WHERE Minute >= {from_minute:DateTime} AND Minute <= {to_minute:DateTime} AND ObservedNs <= {at_ns:Int64}
          AND (empty({ids:Array(String)}) OR BreakerId IN {ids:Array(String)})
        GROUP BY id_, instance_
    )
  )
ORDER BY id, instance
LIMIT 1 BY id, instance
