-- The words that the house uses are stable and explained: every reason and
-- command that can be journalled has a name of its own, and the reference
-- explains each reason.  $CLR_SRC is the checkout.
\set QUIET on
\pset format unaligned
\pset tuples_only on
\set reference `cat "$CLR_SRC/doc/reference.md"`
BEGIN;
CREATE TEMP TABLE reason AS
  SELECT code, clearing_state.reason_word(code::smallint) AS word
    FROM generate_series(1, 1000) code
   WHERE clearing_state.reason_word(code::smallint) <> 'unknown_reason';
CREATE TEMP TABLE doc AS SELECT :'reference' AS reference;
SELECT plan(9);

SELECT cmp_ok((SELECT count(*) FROM reason), '>', 30::bigint, 'there are reasons');
SELECT is_empty($$SELECT word FROM reason GROUP BY word HAVING count(*) > 1$$, 'each reason has a word of its own');
SELECT is_empty($$SELECT word FROM reason WHERE word !~ '^[a-z]+(_[a-z]+)*$'$$, 'words are lower case');
SELECT is_empty($$SELECT code, word FROM reason, doc WHERE reference !~ ('\| `' || word || '` \| ' || code || ' \|')$$,
  'the reference explains each reason, with its number');
SELECT is(clearing_state.reason_word(0::smallint), NULL, 'no reason is null');
SELECT is(clearing_state.reason_word(32000::smallint), 'unknown_reason', 'a reason of a later version is no error');
SELECT is_empty($$SELECT clearing_state.command_word(c::smallint) FROM generate_series(1, 1000) c
  WHERE clearing_state.command_word(c::smallint) <> 'unknown_command'
  GROUP BY 1 HAVING count(*) > 1$$, 'each command has a word of its own');
SELECT is_empty($$SELECT name FROM pg_settings, doc WHERE name LIKE 'pg\_clearing.%' AND reference !~ ('`' || name || '`')$$,
  'the reference explains each setting');
SELECT is_empty($$SELECT DISTINCT reason FROM clearing.request
  WHERE reason IS NOT NULL AND reason NOT IN (SELECT word FROM reason)$$, 'what was journalled has a word');
SELECT * FROM finish();
ROLLBACK;
