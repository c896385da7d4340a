-- How pages look to a person.
alter table users add column theme text not null default 'system' check (theme in ('system', 'light', 'dark'));
alter table users add column density text not null default 'comfortable'
    check (density in ('comfortable', 'compact'));
