-- The parts of the tables in question. A part is written whole by one insert; a merged one has a level above 0.
SELECT table, name, partition, toInt64(max_block_number) AS last_block, level, toUnixTimestamp(modification_time) AS written_s
FROM system.parts
WHERE active AND database = currentDatabase() AND table IN {tables:Array(String)}
