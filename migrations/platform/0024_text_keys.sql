-- Keys by which text is searched and told apart are made by the program, because neither engine's SQL
-- can fold text as Unicode says. What the program has brought along after the migrations stands here,
-- and is not done again.
create table data_migrations (
    name text primary key
);
