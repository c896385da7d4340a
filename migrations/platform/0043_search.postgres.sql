-- The words of everything that people can find, for each organization. A search reads ranges of words,
-- which an index serves below row-level security, too; the operators of text search do not.
create table search_words (
    organization_id uuid not null references organizations (id) on delete cascade,
    -- Folded by the program. Compared byte by byte, as on SQLite.
    word text collate "C" not null,
    -- What contains the word: the kind of its row, and its id.
    kind text not null,
    id uuid not null,
    -- The project that it belongs to: those who cannot see the project do not find it.
    project_id uuid,
    weight bigint not null,
    primary key (organization_id, word, kind, id),
    foreign key (organization_id, project_id)
        references projects (organization_id, id) on delete cascade
);

create index search_words_row on search_words (organization_id, kind, id);
create index search_words_project on search_words (organization_id, project_id);
