SELECT DISTINCT ServiceName AS name
FROM $instances AS instances
WHERE $of_environment
  AND ({namespace:String} = '' OR ServiceNamespace = {namespace:String})
