#!/bin/sh
# Restores a backup into an empty database. No api and no worker runs on it meanwhile.
# usage: DATABASE_URL=postgresql://… restore.sh FOLDER
# The login is a superuser, or may create roles and owns the database.
set -eu
folder=${1:?usage: restore.sh FOLDER}
: "${DATABASE_URL:?is not set}"
if [ -n "$(psql --no-psqlrc --dbname="$DATABASE_URL" -tAc "select 1 from pg_namespace where nspname = 'gk'")" ]; then
  echo "The database has a schema gk already; restore into an empty one." >&2
  exit 1
fi
# Roles that are there already are left as they are.
psql --no-psqlrc --quiet --dbname="$DATABASE_URL" --file="$folder/roles.sql" 2>&1 | grep -v 'already exists' || true
pg_restore --dbname="$DATABASE_URL" --exit-on-error --single-transaction "$folder/grantkeeper.dump"
echo "Restored. Set the password of grantkeeper_app, start one replica on its data directory, and look at GET /v1/hold."
