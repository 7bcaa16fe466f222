-- What the owner's list of posts is opened at: drafts, and the trash by when a post was thrown away.
-- Both hold few posts, and no others pay for them.
CREATE INDEX post_draft ON post (published) WHERE status = 0 AND deleted = 0;

CREATE INDEX post_trash ON post (deleted) WHERE deleted <> 0;
