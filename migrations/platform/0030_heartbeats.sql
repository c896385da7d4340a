-- When the service last showed that it can write. A look at the database tells nothing of that: on
-- a full disk, and on a replica, everything can be read.
create table heartbeats (
    id integer primary key,
    beat_at timestamptz not null
);

-- What was stored with a session is empty, and was written in another form. Nobody is signed out:
-- the authority is sign_ins.
delete from sessions;
