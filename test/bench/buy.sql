\set account random(100, 163)
\set price 5000 + random(-8, 8) * 0.25
\set qty random(1, 10)
\set reference random(1, 9000000000000000000)
SELECT order_id, ord_status, leaves_qty, height FROM clearing.submit_order(:account, 'F', 'buy', :qty, :price, :reference);
