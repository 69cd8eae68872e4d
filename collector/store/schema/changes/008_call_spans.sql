CREATE OR REPLACE VIEW call_spans $on_cluster AS
$call_spans
