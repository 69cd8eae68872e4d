SELECT DISTINCT ServiceName AS name
FROM $instances AS instances
WHERE ({environment:String} = '' OR Environment = {environment:String})
  AND ({namespace:String} = '' OR ServiceNamespace = {namespace:String})
