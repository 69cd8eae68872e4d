CREATE TABLE IF NOT EXISTS otlp_logs_inbox $on_cluster (
    $inbox_columns,
    CONSTRAINT records_are_plain CHECK arrayAll(r ->
        $plain_attributes(r.resource.attributes) AND arrayAll(ss ->
            $plain_attributes(ss.scope.attributes) AND arrayAll(s ->
                length(s.trace_id) IN (0, 16) AND length(s.span_id) IN (0, 8)
                AND s.time_unix_nano <= 9223372036854775807 AND s.observed_time_unix_nano <= 9223372036854775807
                AND (s.time_unix_nano != 0 OR s.observed_time_unix_nano != 0)
                AND $plain_value(s.body) AND $plain_attributes(s.attributes),
            ss.log_records),
        r.scope_logs),
    resource_logs)
)
ENGINE = Null
