-- Whether a trace is still what it was when it was read: spans are added, and dropped by whole days.
SELECT count() AS copies, max(toUnixTimestamp64Nano(Timestamp)) AS newest_ns
FROM $spans AS spans
WHERE TraceId = {trace_id:String} AND substring(TraceId, 31, 2) = substring({trace_id:String}, 31, 2)
SETTINGS max_threads = 1
