-- Help for somebody who has lost every second factor: asked for by an operator with a reason, told to
-- the person, who can stop it for 72 hours; then the factors go.
create table account_helps (
    id uuid primary key,
    user_id uuid not null references users (id) on delete cascade,
    -- Where it is told: it ends when the account has another address.
    email text not null,
    -- For the person to read.
    reason text not null,
    -- Of the link that stops it; null until the mail with it is written.
    token_hash bytea,
    asked_at timestamptz not null,
    -- When the factors go; null until the mail is written.
    due_at timestamptz,
    stopped_at timestamptz,
    done_at timestamptz,
    constraint account_helps_token_hash_key unique (token_hash)
);

create unique index account_helps_open
    on account_helps (user_id) where stopped_at is null and done_at is null;

-- An organization keeps an owner who can act: one whose account is suspended cannot.
drop trigger memberships_keep_an_owner_update;
create trigger memberships_keep_an_owner_update after update of role, suspended_at on memberships
when old.role = 'owner' and not exists (
    select 1 from memberships m
    join users u on u.id = m.user_id and u.suspended_at is null
    where m.organization_id = old.organization_id and m.role = 'owner' and m.suspended_at is null
)
begin select raise(abort, 'an organization keeps an owner'); end;

drop trigger memberships_keep_an_owner_delete;
create trigger memberships_keep_an_owner_delete after delete on memberships
when old.role = 'owner'
    and exists (
        select 1 from organizations where id = old.organization_id and deleted_at is null
    )
    and not exists (
        select 1 from memberships m
        join users u on u.id = m.user_id and u.suspended_at is null
        where m.organization_id = old.organization_id and m.role = 'owner'
            and m.suspended_at is null
    )
begin select raise(abort, 'an organization keeps an owner'); end;
