-- Whether single keys do something on pages. Who speaks to the computer must be able to switch them off.
alter table users add column shortcuts text not null default 'on' check (shortcuts in ('on', 'off'));
