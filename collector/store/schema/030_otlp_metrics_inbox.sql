CREATE TABLE IF NOT EXISTS otlp_metrics_inbox $on_cluster (
    $inbox_columns,
    CONSTRAINT points_are_plain CHECK arrayAll(r ->
        $plain_attributes(r.resource.attributes) AND arrayAll(ss ->
            $plain_attributes(ss.scope.attributes) AND arrayAll(m ->
                $plain_attributes(m.metadata)
                AND arrayAll(p -> p.time_unix_nano != 0 AND p.time_unix_nano <= 9223372036854775807 AND p.start_time_unix_nano <= 9223372036854775807 AND $plain_attributes(p.attributes) AND arrayAll(e -> $plain_attributes(e.filtered_attributes) AND e.time_unix_nano <= 9223372036854775807
                    AND length(e.trace_id) IN (0, 16) AND length(e.span_id) IN (0, 8), p.exemplars), m.gauge.data_points)
                AND arrayAll(p -> p.time_unix_nano != 0 AND p.time_unix_nano <= 9223372036854775807 AND p.start_time_unix_nano <= 9223372036854775807 AND $plain_attributes(p.attributes) AND arrayAll(e -> $plain_attributes(e.filtered_attributes) AND e.time_unix_nano <= 9223372036854775807
                    AND length(e.trace_id) IN (0, 16) AND length(e.span_id) IN (0, 8), p.exemplars), m.sum.data_points)
                AND arrayAll(p -> p.time_unix_nano != 0 AND p.time_unix_nano <= 9223372036854775807 AND p.start_time_unix_nano <= 9223372036854775807 AND $plain_attributes(p.attributes) AND arrayAll(e -> $plain_attributes(e.filtered_attributes) AND e.time_unix_nano <= 9223372036854775807
                    AND length(e.trace_id) IN (0, 16) AND length(e.span_id) IN (0, 8), p.exemplars), m.histogram.data_points)
                AND arrayAll(p -> p.time_unix_nano != 0 AND p.time_unix_nano <= 9223372036854775807 AND p.start_time_unix_nano <= 9223372036854775807 AND $plain_attributes(p.attributes) AND arrayAll(e -> $plain_attributes(e.filtered_attributes) AND e.time_unix_nano <= 9223372036854775807
                    AND length(e.trace_id) IN (0, 16) AND length(e.span_id) IN (0, 8), p.exemplars), m.exponential_histogram.data_points)
                AND arrayAll(p -> p.time_unix_nano != 0 AND p.time_unix_nano <= 9223372036854775807 AND p.start_time_unix_nano <= 9223372036854775807 AND $plain_attributes(p.attributes), m.summary.data_points)
            , ss.metrics),
        r.scope_metrics),
    resource_metrics)
)
ENGINE = Null
