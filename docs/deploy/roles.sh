#!/bin/sh
# Makes the owner of the tables, the role of the service and the database, with the passwords in
# OWNER_PASSWORD and SERVICE_PASSWORD. Run by the superuser of PostgreSQL.
set -eu
psql -v ON_ERROR_STOP=1 -v owner="$OWNER_PASSWORD" -v service="$SERVICE_PASSWORD" \
    --username "${POSTGRES_USER:-postgres}" --dbname postgres <<'SQL'
create role tenantry_owner login createrole password :'owner';
create role tenantry_app login noinherit password :'service';
create database tenantry owner tenantry_owner;
SQL
