#!/bin/sh
# Run once by the PostgreSQL image on an empty data folder: a database for each service that keeps data, and a role that
# owns it and may enter no other.
set -eu
for service in users catalog inventory payments orders notifications; do
  psql -v ON_ERROR_STOP=1 -v service="$service" -v password="$DATABASE_PASSWORD" \
    --username "$POSTGRES_USER" --dbname postgres <<'SQL'
CREATE ROLE :"service" LOGIN PASSWORD :'password';
CREATE DATABASE :"service" OWNER :"service" ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE :"service" FROM PUBLIC;
SQL
done
