-- Everybody signs in again.
DROP TABLE sessions;
DROP TABLE sign_ins;
