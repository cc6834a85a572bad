-- In development mail is kept here instead of being sent, and read at /mailbox.
CREATE TABLE mailbox_message (
  id          uuid PRIMARY KEY,
  sent_to     text NOT NULL,
  subject     text NOT NULL,
  text_body   text NOT NULL,
  html_body   text NOT NULL,
  created_at  timestamptz NOT NULL
);
CREATE INDEX mailbox_message_latest ON mailbox_message (created_at DESC, id);
