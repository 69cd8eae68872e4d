-- The row that makes a minute's new version count.
INSERT INTO $table (Minute, Version) SELECT arrayJoin({minutes:Array(DateTime)}), {version:UInt64}
