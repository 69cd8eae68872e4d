-- Minutes that were last rolled up before all their calls were settled.
SELECT Minute, max(Key) AS UntilNs FROM unpaired_calls
WHERE Missing = 'time' AND (Minute, Version) IN (SELECT Minute, max(Version) FROM service_edges_1m WHERE Source = '' GROUP BY Minute)
GROUP BY Minute
