//! Updates the keys of rows, and the words by which they are found, that were written when
//! `platform/text` made different ones. It runs after the migrations, because SQL cannot compute them.
//!
//! Each organization is one transaction, and correct rows are left alone, so an interrupted run
//! continues where it stopped. On PostgreSQL the owner of the tables, to whom row-level security
//! applies, works on one organization after the other, as the service does.

mod keyed;

use std::fmt;

use uuid::Uuid;

use super::connect::Db;
use super::locks;
use super::statement::{sql, unscoped_sql};
use super::{ReadOrWrite, Scope, Tx};
use crate::platform::email::EmailAddress;
use crate::platform::ids::OrganizationId;
use crate::platform::search;
use crate::platform::text::name_key;

pub use keyed::Keyed;
pub(crate) use keyed::{EVERY_ROW, instead, is_there, keyed};

/// The name that is recorded once all rows have the current keys; a new name makes all rows be
/// updated again.
pub(super) const DONE: &str = "text keys: NFKC, full case folding, apostrophes, hyphens; words";
/// How many rows are read at once.
const BATCH: i64 = 500;

/// A row whose name counts as that of another since names are compared by the current keys. Both are
/// kept, and the later one has a number appended to its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clash {
    /// The organization's slug.
    pub organization: String,
    /// The word for such a row: `client`.
    pub word: &'static str,
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
}

impl fmt::Display for Clash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { organization, word, id, name } = self;
        write!(
            f,
            "In /orgs/{organization}, the name of the {word} “{name}” ({id}) counts as that "
        )?;
        write!(f, "of an earlier {word} now. Both are kept; give one of them another name.")
    }
}

/// Gives every row the current keys, unless that was done already.
pub(super) async fn bring_along(db: &Db) -> Result<Vec<Clash>, sqlx::Error> {
    if is_done(db).await? {
        return Ok(Vec::new());
    }
    people(db).await?;
    let mut tx = db.begin(ReadOrWrite::Read, &Scope::Outside).await?;
    let organizations: Vec<(OrganizationId,)> =
        tx.unscoped_query(unscoped_sql!("select id from organizations order by id")).all().await?;
    tx.commit().await?;
    let mut clashes = Vec::new();
    for (id,) in organizations {
        let mut tx = db.begin(ReadOrWrite::Write, &Scope::Organization(id)).await?;
        let Some(slug) = organization(&mut tx, id).await? else { continue };
        invitations(&mut tx, id).await?;
        for table in tables() {
            let rows = table.bring_along(&mut tx, id).await?;
            let (organization, word) = (&slug, table.word);
            let clash = |(id, name)| Clash { organization: organization.clone(), word, id, name };
            clashes.extend(rows.into_iter().map(clash));
        }
        search::rebuild(&mut tx, id).await?;
        tx.commit().await?;
    }
    let mut tx =
        db.begin(ReadOrWrite::Write, &Scope::Organization(OrganizationId::OUTSIDE)).await?;
    tx.unscoped_query(unscoped_sql!(
        "insert into data_migrations (name) values ($1) on conflict do nothing"
    ))
    .bind(DONE)
    .execute()
    .await?;
    tx.commit().await?;
    Ok(clashes)
}

/// Whether every row has the current keys.
pub(super) async fn is_done(db: &Db) -> Result<bool, sqlx::Error> {
    let mut tx = db.begin(ReadOrWrite::Read, &Scope::Organization(OrganizationId::OUTSIDE)).await?;
    let (count,): (i64,) = tx
        .unscoped_query(unscoped_sql!("select count(*) from data_migrations where name = $1"))
        .bind(DONE)
        .one()
        .await?;
    tx.commit().await?;
    Ok(count > 0)
}

/// Locks an organization, so that two processes do not update it at the same time, and updates the
/// key of its name; returns its slug.
async fn organization(tx: &mut Tx, id: OrganizationId) -> Result<Option<String>, sqlx::Error> {
    let found: Vec<(OrganizationId, String, String)> = tx
        .tenant_query(sql!(
            "update organizations set name_key = name_key where id = $1
             returning id as organization_id, name, slug"
        ))
        .bind(id)
        .all()
        .await?;
    let Some((_, name, slug)) = found.into_iter().next() else { return Ok(None) };
    let _: Vec<(OrganizationId,)> = tx
        .tenant_query(sql!(
            "update organizations set name_key = $2 where id = $1 returning id as organization_id"
        ))
        .bind(id)
        .bind(name_key(&name))
        .all()
        .await?;
    Ok(Some(slug))
}

/// The declared tables, in the order in which they are locked.
fn tables() -> impl Iterator<Item = &'static Keyed> {
    locks::order().iter().filter_map(|table| {
        inventory::iter::<Keyed>.into_iter().find(|keyed| keyed.table == *table)
    })
}

/// Updates the name keys of people, and converts their addresses to the form that is looked up now,
/// unless another account has that address.
async fn people(db: &Db) -> Result<(), sqlx::Error> {
    let mut last = Uuid::nil();
    loop {
        let mut tx = db.begin(ReadOrWrite::Write, &Scope::Outside).await?;
        let rows: Vec<(Uuid, String, String, String)> = tx
            .unscoped_query(unscoped_sql!(
                "select id, name, name_key, email from users where id > $1 order by id limit $2"
            ))
            .bind(last)
            .bind(BATCH)
            .all()
            .await?;
        let Some((newest, ..)) = rows.last() else { return tx.commit().await };
        last = *newest;
        for (id, name, old, email) in rows {
            let canonical = canonical(&email);
            if (name_key(&name), &canonical) == (old, &email) {
                continue;
            }
            tx.unscoped_query(unscoped_sql!(
                "update users
                 set name_key = $2,
                     email = case when exists (select 1 from users u where u.email = $3)
                        then email else $3 end
                 where id = $1"
            ))
            .bind(id)
            .bind(name_key(&name))
            .bind(canonical)
            .execute()
            .await?;
        }
        tx.commit().await?;
    }
}

/// The form of an address that is looked up now; an address that would not be accepted now is left
/// unchanged.
fn canonical(email: &str) -> String {
    email.parse::<EmailAddress>().map_or_else(|_| email.to_owned(), |email| email.to_string())
}

/// Converts the addresses of open invitations to the form that is looked up now.
async fn invitations(tx: &mut Tx, id: OrganizationId) -> Result<(), sqlx::Error> {
    let rows: Vec<(Uuid, String)> = tx
        .tenant_query(sql!(
            "select id, email from invitations where organization_id = $1 and status = 'pending'"
        ))
        .bind(id)
        .all()
        .await?;
    for (row, email) in rows {
        let canonical = canonical(&email);
        if canonical == email {
            continue;
        }
        tx.tenant_query(sql!(
            "update invitations set email = $3
             where organization_id = $1 and id = $2 and not exists (
                select 1 from invitations i
                where i.organization_id = $1 and i.email = $3 and i.status = 'pending'
             )"
        ))
        .bind(id)
        .bind(row)
        .bind(canonical)
        .execute()
        .await?;
    }
    Ok(())
}
