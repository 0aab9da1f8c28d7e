\set reference random(1, 9000000000000000000)
INSERT INTO plain (data) VALUES (lpad(:reference, 100, 'x'));
