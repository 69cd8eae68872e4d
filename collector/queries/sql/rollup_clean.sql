INSERT INTO dirty_minutes SELECT mark.1 AS Minute, mark.2 AS Mark, -1 AS Sign FROM (SELECT arrayJoin({marks:Array(Tuple(DateTime, UInt64))}) AS mark)
