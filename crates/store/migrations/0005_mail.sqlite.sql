-- Mails going out. Written in the act that causes them, sent by a job, blanked once they are sent. The row
-- goes 7 days after it was written or sent. message_id never changes, so that a mail sent twice is recognised.
CREATE TABLE mail_out (
    org_id TEXT NOT NULL REFERENCES organisation (org_id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    recipient TEXT NOT NULL,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    message_id TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'sent', 'failed')),
    error_code TEXT,
    created_us BIGINT NOT NULL,
    sent_us BIGINT,
    due_us BIGINT NOT NULL,
    PRIMARY KEY (org_id, id)
);
CREATE INDEX mail_out_due ON mail_out (due_us);
