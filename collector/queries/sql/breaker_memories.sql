-- The newest row of each breaker of each instance of the last hours, for a job that starts.
SELECT
    BreakerId AS id, Instance AS instance, argMax((Service, Namespace, Name, GroupName, Kind, Source, Target, TargetConfidence), Version) AS about,
    argMax((State, StateRaw, SinceNs, SincePrecision, ObservedNs), Version) AS state, argMax(Memory, Version) AS memory, max(Version) AS newest
FROM breaker_states_1m
WHERE Minute >= now() - INTERVAL {hours:UInt32} HOUR
GROUP BY id, instance
