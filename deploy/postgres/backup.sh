#!/bin/sh
# A backup of Grantkeeper's database: its rows, and the roles they are granted to, without passwords.
# usage: DATABASE_URL=postgresql://… backup.sh FOLDER
# The login is a superuser, or has BYPASSRLS and is a member of pg_read_all_data: row security hides rows from all others.
set -eu
umask 077
folder=${1:?usage: backup.sh FOLDER}
: "${DATABASE_URL:?is not set}"
mkdir -p "$folder"
pg_dumpall --dbname="$DATABASE_URL" --roles-only --no-role-passwords | grep grantkeeper_ > "$folder/roles.sql"
pg_dump --dbname="$DATABASE_URL" --schema=gk --format=custom --file="$folder/grantkeeper.dump.part"
mv "$folder/grantkeeper.dump.part" "$folder/grantkeeper.dump"
echo "Written to $folder. Without the key-encryption keys nothing in it opens: keep those elsewhere."
