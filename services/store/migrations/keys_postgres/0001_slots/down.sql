DROP TABLE slots;
DROP TABLE epochs;
