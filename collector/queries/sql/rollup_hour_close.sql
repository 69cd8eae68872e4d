INSERT INTO rolled_up_hours SELECT {hour:DateTime} AS Hour, {version:UInt64} AS Version
