-- The row that makes a minute's new version count.
INSERT INTO rolled_up_minutes SELECT arrayJoin({minutes:Array(DateTime)}) AS Minute, {version:UInt64} + has({turned:Array(DateTime)}, Minute) AS Version
