INSERT INTO dirty_minutes SELECT arrayJoin({minutes:Array(DateTime)}) AS Minute, rand64() AS Mark, 1 AS Sign
