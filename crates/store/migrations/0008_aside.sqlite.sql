-- What an agent keeps aside because the hub refused it: segments, bytes, first picture of the oldest.
ALTER TABLE camera_agent ADD COLUMN aside BIGINT;
ALTER TABLE camera_agent ADD COLUMN aside_bytes BIGINT;
ALTER TABLE camera_agent ADD COLUMN aside_us BIGINT;
