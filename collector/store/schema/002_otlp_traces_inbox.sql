-- Takes one joined ExportTraceServiceRequest as one row, keeps nothing, feeds the views. The columns are those of
-- otlp_traces.proto. What fails the check is not inserted at all: the committer then normalises request by request.
CREATE TABLE IF NOT EXISTS otlp_traces_inbox $on_cluster (
    $inbox_columns,
    CONSTRAINT spans_are_plain CHECK arrayAll(rs ->
        $plain_attributes(rs.resource.attributes) AND arrayAll(ss ->
            $plain_attributes(ss.scope.attributes) AND arrayAll(s ->
                length(s.trace_id) = 16 AND s.trace_id != unhex('00000000000000000000000000000000')
                AND length(s.span_id) = 8 AND s.span_id != unhex('0000000000000000')
                AND length(s.parent_span_id) IN (0, 8) AND s.parent_span_id != unhex('0000000000000000')
                AND s.start_time_unix_nano != 0 AND s.end_time_unix_nano >= s.start_time_unix_nano
                AND s.end_time_unix_nano <= 9223372036854775807
                AND $plain_attributes(s.attributes)
                AND arrayAll(e -> $plain_attributes(e.attributes) AND e.time_unix_nano <= 9223372036854775807, s.events)
                AND arrayAll(l -> $plain_attributes(l.attributes) AND length(l.trace_id) = 16 AND length(l.span_id) = 8
                    AND l.trace_id != unhex('00000000000000000000000000000000') AND l.span_id != unhex('0000000000000000'), s.links),
            ss.spans),
        rs.scope_spans),
    resource_spans)
)
ENGINE = Null
