-- Rows of edges added up.
SELECT
    Source AS source, SourceKind AS source_kind, Target AS target, TargetKind AS target_kind,
$red
FROM $edges AS edges
WHERE $at_an_end
GROUP BY Source, SourceKind, Target, TargetKind
ORDER BY calls DESC, Source, Target, TargetKind
LIMIT {limit:UInt32}
SETTINGS enable_materialized_cte = 1
