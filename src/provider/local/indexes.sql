CREATE INDEX IF NOT EXISTS flagged ON environment (id) WHERE visible = 0 OR readable = 0;
CREATE INDEX IF NOT EXISTS consuming ON environment (id) WHERE consumption <> '{}';
