-- Lists of one type, of one channel. A list of notes walks along the index of all listed posts, which
-- knows their types now; the others have one that notes, which are most, do not pay for.
DROP INDEX post_listed;
CREATE INDEX post_listed ON post (published, id, type) WHERE listed;

CREATE INDEX post_typed ON post (type, published) WHERE listed AND type <> 'note';

CREATE INDEX post_channelled ON post (channel, published) WHERE listed AND channel <> '';
