//! The lower limit: axum, sqlx and askama with nothing in between. It authenticates nobody, opens
//! no transaction, and renders the page from one statement.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Html;
use axum::routing::get;
use sqlx::postgres::{PgPoolOptions, PgRow};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteRow, SqliteSynchronous,
};
use sqlx::{PgPool, SqlitePool};
use tenantry::platform::clock::{Clock, Timestamp};
use tenantry::platform::db::row::FromRow;
use tokio::net::TcpListener;
use uuid::Uuid;

use crate::stage::VISITOR;

/// The first page of members and open invitations, by name, written for this page only: no search,
/// no other order, no cursor. A window function would be slower for the count.
const MEMBERS: &str = "
    with people as (
        select m.organization_id, false as is_invited, m.id, u.name, lower(u.name) as name_key,
               u.email, m.role, m.created_at, m.last_active_at,
               cast(null as timestamptz) as expires_at
        from organizations o
        join memberships m on m.organization_id = o.id
        join users u on u.id = m.user_id
        where o.slug = $1
        union all
        select i.organization_id, true, i.id, i.email, i.email, i.email, i.role, i.created_at,
               cast(null as timestamptz), i.expires_at
        from organizations o
        join invitations i on i.organization_id = o.id and i.status = 'pending'
        where o.slug = $1
    )
    select p.*, r.name as role_name, (select count(*) from people) as total
    from people p
    join roles r on r.organization_id = p.organization_id and r.key = p.role
    order by p.name_key, p.id
    limit 50";

/// The visitor's organizations with their figures, the one with the slug first.
const OVERVIEW: &str = "
    select o.name, o.slug, r.name as role,
           (select count(*) from memberships c where c.organization_id = o.id) as members,
           (select count(*) from invitations i
            where i.organization_id = o.id and i.status = 'pending') as pending
    from users u
    join memberships m on m.user_id = u.id
    join organizations o on o.id = m.organization_id and o.deleted_at is null
    join roles r on r.organization_id = m.organization_id and r.key = m.role
    where u.email = $2
    order by case when o.slug = $1 then 0 else 1 end, lower(o.name), o.id
    limit 7";

#[derive(FromRow)]
struct Person {
    is_invited: bool,
    id: Uuid,
    name: String,
    email: String,
    role: String,
    created_at: Timestamp,
    last_active_at: Option<Timestamp>,
    expires_at: Option<Timestamp>,
    role_name: String,
    total: i64,
}

impl Person {
    fn moment(&self) -> Option<Timestamp> {
        self.expires_at.or(self.last_active_at)
    }
}

#[derive(FromRow)]
struct Organization {
    name: String,
    slug: String,
    role: String,
    members: i64,
    pending: i64,
}

#[derive(Template)]
#[template(path = "../tests/bench/templates/members.html")]
struct MembersPage {
    slug: String,
    people: Vec<Person>,
    total: i64,
    now: Timestamp,
}

#[derive(Template)]
#[template(path = "../tests/bench/templates/overview.html")]
struct OverviewPage {
    slug: String,
    organizations: Vec<Organization>,
    members: i64,
    pending: i64,
}

/// Opened with the product's options.
enum Db {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

impl Db {
    async fn open(url: &str) -> Self {
        if url.starts_with("sqlite:") {
            let options: SqliteConnectOptions = url.parse().expect("a URL of SQLite");
            let options = options
                .foreign_keys(true)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .pragma("query_only", "on");
            let pool = SqlitePoolOptions::new().max_connections(8).test_before_acquire(false);
            Self::Sqlite(pool.connect_with(options).await.expect("a database"))
        } else {
            let pool = PgPoolOptions::new().max_connections(16).test_before_acquire(false);
            Self::Postgres(pool.connect(url).await.expect("a database"))
        }
    }

    async fn all<T>(&self, sql: &'static str, values: &[&str]) -> Vec<T>
    where
        T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        let rows = match self {
            Self::Sqlite(pool) => {
                let query =
                    values.iter().fold(sqlx::query_as(sql), |query, value| query.bind(*value));
                query.fetch_all(pool).await
            }
            Self::Postgres(pool) => {
                let query =
                    values.iter().fold(sqlx::query_as(sql), |query, value| query.bind(*value));
                query.fetch_all(pool).await
            }
        };
        rows.expect("rows")
    }
}

async fn members(State(db): State<Arc<Db>>, Path(slug): Path<String>) -> Html<String> {
    let people: Vec<Person> = db.all(MEMBERS, &[&slug]).await;
    let total = people.first().map_or(0, |person| person.total);
    let page = MembersPage { slug, people, total, now: Clock::System.now() };
    Html(page.render().expect("a page"))
}

async fn overview(State(db): State<Arc<Db>>, Path(slug): Path<String>) -> Html<String> {
    let organizations: Vec<Organization> = db.all(OVERVIEW, &[&slug, VISITOR]).await;
    let (members, pending) =
        organizations.first().map_or((0, 0), |here| (here.members, here.pending));
    let page = OverviewPage { slug, organizations, members, pending };
    Html(page.render().expect("a page"))
}

/// Serves until it is killed.
pub fn main(url: &str) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(serve(url));
}

async fn serve(url: &str) {
    let router = Router::new()
        .route("/orgs/{slug}", get(overview))
        .route("/orgs/{slug}/members", get(members))
        .with_state(Arc::new(Db::open(url).await));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    println!("Bare is at http://{}", listener.local_addr().expect("a bound socket"));
    axum::serve(listener, router).await.expect("it never ends");
}
