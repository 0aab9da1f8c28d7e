-- Assembled by make from extension/parts; load it with CREATE EXTENSION.
\echo Use "CREATE EXTENSION pg_clearing" to load this file. \quit
