#!/bin/sh
# Runs once, when the database is new: the service gets a role that owns its database and nothing else, with the password
# that was generated for it; after this nobody can sign in as superuser over the network.
set -eu
psql -v ON_ERROR_STOP=1 --no-psqlrc --quiet --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" -v service="$POSTGRES_DB" <<'SQL'
\set password `cat /run/secrets/impact/database_password`
CREATE ROLE :"service" LOGIN PASSWORD :'password';
ALTER DATABASE :"service" OWNER TO :"service";
REVOKE ALL ON DATABASE :"service", postgres, template1 FROM PUBLIC;
ALTER ROLE postgres PASSWORD NULL;
SQL
