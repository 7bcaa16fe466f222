-- What the owner can show beside the password.

-- query totp_put: INSERT FACTOR
-- in: secret BLOB, created INT
-- One that is active is never written over.
INSERT INTO totp (id, secret, active, last_step, created) VALUES (1, :secret, 0, 0, :created)
ON CONFLICT (id) DO UPDATE SET secret = :secret, last_step = 0, created = :created
WHERE active = 0;

-- query totp_find: SELECT FACTOR
-- out: secret BLOB, active INT, last_step INT, created INT
SELECT secret, active, last_step, created FROM totp WHERE id = 1;

-- query totp_accept: UPDATE FACTOR
-- in: step INT
-- A code is good once, and none before it is good afterwards.
UPDATE totp SET last_step = :step, active = 1 WHERE id = 1 AND last_step < :step;

-- query totp_delete: DELETE FACTOR
DELETE FROM totp WHERE id = 1;

-- query recovery_insert: INSERT FACTOR
-- in: hash BLOB
INSERT INTO recovery (hash, used) VALUES (:hash, 0);

-- query recovery_use: UPDATE FACTOR
-- in: now INT, hash BLOB
UPDATE recovery SET used = :now WHERE hash = :hash AND used = 0;

-- query recovery_count: SELECT FACTOR
-- out: total INT, unused INT
SELECT count(*) AS total, count(*) FILTER (WHERE used = 0) AS unused FROM recovery;

-- query recovery_delete: DELETE FACTOR
DELETE FROM recovery;

-- row passkey: credential BLOB, public TEXT, name TEXT, key BLOB, sign_count INT,
-- row passkey: backup_eligible INT, backed_up INT, transports TEXT, aaguid BLOB, created INT,
-- row passkey: last_used INT

-- query passkey_insert: INSERT FACTOR
-- in: row passkey
INSERT INTO passkey (credential, public, name, key, sign_count, backup_eligible, backed_up,
	transports, aaguid, created, last_used)
VALUES (:credential, :public, :name, :key, :sign_count, :backup_eligible, :backed_up,
	:transports, :aaguid, :created, :last_used)
ON CONFLICT (credential) DO NOTHING;

-- query passkey_find: SELECT FACTOR
-- in: credential BLOB
-- out: row passkey
SELECT credential, public, name, key, sign_count, backup_eligible, backed_up,
	transports, aaguid, created, last_used
FROM passkey WHERE credential = :credential;

-- query passkey_list: SELECT FACTOR
-- out: row passkey
SELECT credential, public, name, key, sign_count, backup_eligible, backed_up,
	transports, aaguid, created, last_used
FROM passkey ORDER BY created, public;

-- query passkey_used: UPDATE FACTOR
-- in: sign_count INT, backed_up INT, now INT, credential BLOB
UPDATE passkey SET sign_count = :sign_count, backed_up = :backed_up, last_used = :now
WHERE credential = :credential;

-- query passkey_delete: DELETE FACTOR
-- in: public TEXT
DELETE FROM passkey WHERE public = :public;

-- query factor_count: SELECT FACTOR
-- out: totp INT, passkeys INT
SELECT (SELECT count(*) FROM totp WHERE active = 1) AS totp,
	(SELECT count(*) FROM passkey) AS passkeys;
