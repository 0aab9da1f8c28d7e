-- Mass quotes.
\pset null '-'
SELECT t.account('qte-a', 'ALPHA', 1000, 10), t.account('qte-b', 'BRAVO', 1000, 10);
SELECT status FROM clearing.create_spot('QT1', 'BTC', 'USD', 0.5, 0.1);
SELECT status FROM clearing.create_spot('QT2', 'BTC', 'USD', 0.5, 0.1);
SELECT status, id FROM clearing.mass_quote('qte-a', ARRAY[('QT1', 99, 1, 101, 1), ('QT2', 49, 2, 51, 2)]::clearing.quote[]);
SELECT t.see();
SELECT symbol, side, price, qty FROM clearing.order_book WHERE symbol IN ('QT1', 'QT2') ORDER BY symbol, side;
-- one side is pulled, the other instrument stays
SELECT status, id FROM clearing.mass_quote('qte-a', ARRAY[('QT1', 98.5, 1, NULL, NULL)]::clearing.quote[]);
SELECT t.see();
SELECT symbol, side, price, qty FROM clearing.order_book WHERE symbol IN ('QT1', 'QT2') ORDER BY symbol, side;
-- all or nothing: the second is too much
SELECT status, reason, id, needed, available
  FROM clearing.mass_quote('qte-a', ARRAY[('QT1', 99, 1, 101, 1), ('QT2', 49, 20, 51, 2)]::clearing.quote[]);
SELECT status, reason, id
  FROM clearing.mass_quote('qte-a', ARRAY[('QT1', 99, 1, 101, 1), ('QT2', 49, 1, 49, 1)]::clearing.quote[]);
SELECT clearing.mass_quote('qte-a', ARRAY[('QT1', 99, 1, 101, 1), ('QT2', 49.1, 1, 50, 1)]::clearing.quote[]);
SELECT clearing.mass_quote('qte-a', ARRAY[('QT1', 99, NULL, 101, 1)]::clearing.quote[]);
SELECT clearing.mass_quote('qte-a', '{}');
SELECT clearing.mass_quote('qte-a', ARRAY[('QT1', 99, 1, 101, 1)]::clearing.quote[], 0);
-- a quote trades like any order
SELECT s.* FROM clearing.submit_order('qte-b', 'QT2', 'buy', 1, 51, 'b1') r, t.show(r) s;
SELECT t.see();
SELECT symbol, side, ord_status, reason, order_qty, cum_qty FROM clearing.order_history WHERE account = 'qte-a' ORDER BY order_id;
SELECT status, orders_canceled FROM clearing.mass_cancel('qte-a');
