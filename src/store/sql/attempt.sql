-- What is remembered of somebody who is signing in.

-- query pending_put: INSERT ATTEMPT
-- in: hash BLOB, expires INT
INSERT INTO pending (hash, tries, expires) VALUES (:hash, 0, :expires);

-- query pending_find: SELECT ATTEMPT
-- in: hash BLOB
-- out: tries INT, expires INT
SELECT tries, expires FROM pending WHERE hash = :hash;

-- query pending_try: UPDATE ATTEMPT
-- in: hash BLOB, most INT
UPDATE pending SET tries = tries + 1 WHERE hash = :hash AND tries < :most;

-- query pending_delete: DELETE ATTEMPT
-- in: hash BLOB
DELETE FROM pending WHERE hash = :hash;

-- query pending_clear: DELETE ATTEMPT
DELETE FROM pending;

-- query pending_clean: DELETE ATTEMPT
-- in: now INT
DELETE FROM pending WHERE expires <= :now;

-- query challenge_put: INSERT ATTEMPT
-- in: hash BLOB, purpose TEXT, challenge BLOB, expires INT
INSERT INTO challenge (hash, purpose, challenge, expires)
VALUES (:hash, :purpose, :challenge, :expires)
ON CONFLICT (hash, purpose) DO UPDATE SET challenge = :challenge, expires = :expires;

-- query challenge_find: SELECT ATTEMPT
-- in: hash BLOB, purpose TEXT
-- out: challenge BLOB, expires INT
SELECT challenge, expires FROM challenge WHERE hash = :hash AND purpose = :purpose;

-- query challenge_delete: DELETE ATTEMPT
-- in: hash BLOB, purpose TEXT
DELETE FROM challenge WHERE hash = :hash AND purpose = :purpose;

-- query challenge_trim: DELETE ATTEMPT
-- in: purpose TEXT, most INT
-- Anybody may ask for a challenge to sign in: those that would expire first make room, and none that
-- the owner has for another purpose.
DELETE FROM challenge WHERE purpose = :purpose AND expires <= (SELECT expires FROM challenge
	WHERE purpose = :purpose ORDER BY expires DESC LIMIT 1 OFFSET :most);

-- query challenge_clean: DELETE ATTEMPT
-- in: now INT
DELETE FROM challenge WHERE expires <= :now;

-- query throttle_find: SELECT ATTEMPT
-- in: kind TEXT, who TEXT
-- out: tries INT, since INT, until INT, strikes INT
SELECT tries, since, until, strikes FROM throttle WHERE kind = :kind AND who = :who;

-- query throttle_put: INSERT ATTEMPT
-- in: kind TEXT, who TEXT, tries INT, since INT, until INT, strikes INT
INSERT INTO throttle (kind, who, tries, since, until, strikes)
VALUES (:kind, :who, :tries, :since, :until, :strikes)
ON CONFLICT (kind, who) DO UPDATE SET tries = :tries, since = :since, until = :until,
	strikes = :strikes;

-- query throttle_trim: DELETE ATTEMPT
-- in: most INT
-- Addresses are many: the oldest make room. What is counted for all of them together stays, or whoever
-- has many addresses could have it forgotten.
DELETE FROM throttle WHERE who <> '' AND since <= (SELECT since FROM throttle
	WHERE who <> '' ORDER BY since DESC LIMIT 1 OFFSET :most);

-- query throttle_clean: DELETE ATTEMPT
-- in: before INT
DELETE FROM throttle WHERE since <= :before;
