-- Drafts are counted for their author, and found without a walk over what is published.
CREATE INDEX post_draft ON post (published) WHERE status = 0 AND deleted = 0;
