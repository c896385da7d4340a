//! Ten thousand organizations, created by the database itself in a few statements.

use crate::stage::{Engine, Stage};

/// The number of organizations besides the ten that every stage has.
pub const ORGANIZATIONS: u32 = 9_990;
/// The number of members of each.
const MEMBERS: u32 = 51;
/// The number of people for each organization: each person is a member of about five.
const PEOPLE: u32 = 10;
/// The number of projects and of open invitations of each.
const PROJECTS: u32 = 20;
const INVITATIONS: u32 = 5;

/// SQL that differs between the engines.
struct Dialect {
    engine: Engine,
}

impl Dialect {
    /// A unique id made from a number and the kind of thing.
    fn id(&self, kind: u32, number: &str) -> String {
        match self.engine {
            Engine::Sqlite => format!("unhex(printf('%08d%024x', {kind}, {number}))"),
            Engine::Postgres => {
                format!("('{kind:08}' || lpad(to_hex({number}), 24, '0'))::uuid")
            }
        }
    }

    /// The numbers from 0 up to `count`, as `name.n`.
    fn numbers(&self, name: &str, count: u32) -> String {
        let last = count - 1;
        match self.engine {
            Engine::Sqlite => format!(
                "(with recursive s(n) as (select 0 union all select n + 1 from s where n < {last})
                  select n from s) {name}"
            ),
            Engine::Postgres => format!("generate_series(0, {last}) {name}(n)"),
        }
    }

    /// A time in the year 2026; later for a higher number.
    fn time(&self, number: &str) -> String {
        match self.engine {
            Engine::Sqlite => format!("1770000000000000 + ({number}) * 1000000"),
            Engine::Postgres => format!("to_timestamp(1770000000 + ({number}))"),
        }
    }

    /// Bytes derived from an id.
    fn bytes(&self, id: &str) -> String {
        match self.engine {
            Engine::Sqlite => id.to_owned(),
            Engine::Postgres => format!("uuid_send({id})"),
        }
    }
}

/// Creates the organizations, each with members, invitations and projects. The visitor's ten stay
/// unchanged.
pub async fn grow(stage: &Stage) {
    let dialect = Dialect { engine: stage.engine };
    let statements = [
        organizations(&dialect),
        members(&dialect),
        invitations(&dialect),
        projects(
            &dialect,
            6,
            ORGANIZATIONS * PROJECTS,
            &dialect.id(1, &format!("s.n / {PROJECTS}")),
        ),
        "update organizations set member_count =
            (select count(*) from memberships m where m.organization_id = organizations.id);"
            .to_owned(),
    ];
    in_bulk(stage, &statements.concat()).await;
}

/// Adds this many projects to the organization at `slug`.
pub async fn add_projects(stage: &Stage, slug: &str, kind: u32, count: u32) {
    let organization = format!("(select id from organizations where slug = '{slug}')");
    let dialect = Dialect { engine: stage.engine };
    in_bulk(stage, &projects(&dialect, kind, count, &organization)).await;
}

/// Runs `script` in one transaction with as few checks as the engine allows.
async fn in_bulk(stage: &Stage, script: &str) {
    let begin = match stage.engine {
        Engine::Sqlite => "pragma foreign_keys = off; pragma synchronous = off; begin immediate;",
        Engine::Postgres => "set session_replication_role = replica; begin;",
    };
    stage.execute(&format!("{begin} {script} commit;")).await;
}

fn organizations(dialect: &Dialect) -> String {
    let (id, time) = (dialect.id(1, "s.n"), dialect.time("s.n"));
    let numbers = dialect.numbers("s", ORGANIZATIONS);
    let people = dialect.numbers("s", ORGANIZATIONS * PEOPLE);
    let person = dialect.id(2, "s.n");
    format!(
        "insert into organizations (id, name, name_key, slug, created_at)
         select {id}, 'Company ' || s.n, 'company ' || s.n, 'company-' || s.n, {time}
         from {numbers};
         insert into organization_slugs (slug, organization_id, created_at)
         select 'company-' || s.n, {id}, {time} from {numbers};
         insert into roles (organization_id, key, name, description, rank, permissions)
         select {id}, r.key, r.name, r.description, r.rank, r.permissions
         from {numbers} cross join roles r
         where r.organization_id = (select id from organizations where slug = 'harbour-works');
         insert into users (id, name, name_key, email, password_hash, created_at)
         select {person}, 'Person ' || s.n, 'person ' || s.n, 'person' || s.n || '@example.test',
                '', {time}
         from {people};"
    )
}

fn members(dialect: &Dialect) -> String {
    let (organization, id) =
        (dialect.id(1, "o.n"), dialect.id(3, &format!("o.n * {MEMBERS} + m.n")));
    let person = dialect.id(2, &format!("(o.n * {MEMBERS} + m.n) % {}", ORGANIZATIONS * PEOPLE));
    let time = dialect.time(&format!("o.n * {MEMBERS} + m.n"));
    format!(
        "insert into memberships (organization_id, id, user_id, role, created_at)
         select {organization}, {id}, {person}, case m.n when 0 then 'owner' else 'member' end, {time}
         from {} cross join {};",
        dialect.numbers("o", ORGANIZATIONS),
        dialect.numbers("m", MEMBERS),
    )
}

fn invitations(dialect: &Dialect) -> String {
    let number = format!("o.n * {INVITATIONS} + i.n");
    let (organization, id) = (dialect.id(1, "o.n"), dialect.id(4, &number));
    let (link, time) = (dialect.id(5, &number), dialect.time(&number));
    let (hash, copy) = (dialect.bytes(&link), dialect.bytes(&id));
    let owner = dialect.id(2, &format!("(o.n * {MEMBERS}) % {}", ORGANIZATIONS * PEOPLE));
    let numbers = format!(
        "{} cross join {}",
        dialect.numbers("o", ORGANIZATIONS),
        dialect.numbers("i", INVITATIONS)
    );
    format!(
        "insert into invitations (organization_id, id, email, role, message, status, invited_by,
                                  created_at, expires_at)
         select {organization}, {id}, 'guest' || ({number}) || '@example.test', 'viewer', '',
                'pending', {owner}, {time}, {time}
         from {numbers};
         insert into invitation_links (organization_id, id, invitation_id, token_hash, copy_hash,
                                       copy_sealed, mail_id, created_at)
         select {organization}, {link}, {id}, {hash}, {copy}, {copy}, {link}, {time}
         from {numbers};"
    )
}

/// `organization` may depend on the project's number, `s.n`.
fn projects(dialect: &Dialect, kind: u32, count: u32, organization: &str) -> String {
    let (id, time) = (dialect.id(kind, "s.n"), dialect.time("s.n"));
    format!(
        "insert into projects (organization_id, id, code, name, name_key, search_key, description, status,
                               is_restricted, version, created_at, updated_at)
         select {organization}, {id}, 'P' || s.n, 'Project ' || s.n, 'project ' || s.n,
                'project ' || s.n || ' p' || s.n, '', 'active', false, 1, {time}, {time}
         from {};",
        dialect.numbers("s", count),
    )
}
