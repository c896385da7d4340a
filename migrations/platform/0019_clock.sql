-- The newest moment at which this installation was at work. Where the machine's clock goes back, it
-- counts as now: what has expired stays expired.
create table clock (
    id bigint primary key check (id = 1),
    newest_at timestamptz not null
);
