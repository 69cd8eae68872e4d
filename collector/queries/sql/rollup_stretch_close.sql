-- The rows that make the stretches' new versions count.
INSERT INTO rolled_up_stretches
SELECT {seconds:UInt16} AS Seconds, one.1 AS Start, one.2 AS Version
FROM (SELECT arrayJoin(arrayZip({starts:Array(DateTime)}, {versions:Array(UInt64)})) AS one)
