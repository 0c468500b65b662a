-- Run once as the server's Entra administrator, on the database `pgstac`, after pgSTAC's own migration:
--   psql "host=… dbname=pgstac user=<administrator> sslmode=verify-full" -v api=tilepress-api -v worker=tilepress-worker -f database.sql
-- Makes a role for each managed identity and gives it what Tilepress needs: reading items, and writing to `searches`.
\set ON_ERROR_STOP on
SELECT pgaadauth_create_principal(:'api', false, false) WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'api');
SELECT pgaadauth_create_principal(:'worker', false, false) WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'worker');
GRANT pgstac_read, pgstac_ingest TO :"api", :"worker";
ALTER ROLE :"api" SET search_path TO pgstac, public;
ALTER ROLE :"worker" SET search_path TO pgstac, public;
