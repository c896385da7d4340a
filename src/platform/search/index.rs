//! Keeps the index in step with the rows.

use uuid::Uuid;

use super::declare::{SEARCHED, Searchable};
use super::words::weighed;
use crate::platform::audit::{Entry, ObjectKind};
use crate::platform::db::Tx;
use crate::platform::db::row::FromRow;
use crate::platform::db::statement::sql;
use crate::platform::ids::{OrganizationId, ProjectId};
use crate::platform::noun::actions::LifeActions;
use crate::platform::tenant::OrgTx;

/// How many rows are read at once.
const BATCH: i64 = 200;

/// The texts of a row.
#[derive(FromRow)]
struct Texts {
    id: Uuid,
    name: String,
    text: String,
    project_id: Option<ProjectId>,
}

/// Replaces the words of the objects that these entries say were changed.
pub(in crate::platform) async fn follow(
    tx: &mut Tx,
    organization: OrganizationId,
    entries: &[&Entry],
) -> Result<(), sqlx::Error> {
    let mut changed: Vec<_> = entries.iter().filter_map(|entry| changed(entry)).collect();
    changed.sort_by_key(|(searchable, id)| (searchable.kind, *id));
    changed.dedup_by_key(|(searchable, id)| (searchable.kind, *id));
    for (searchable, id) in changed {
        let texts: Option<Texts> =
            tx.tenant_query(searchable.one).bind(organization).bind(id).optional().await?;
        remove(tx, organization, searchable.kind, id).await?;
        if let Some(texts) = texts {
            insert(tx, organization, searchable.kind, &texts).await?;
        }
    }
    Ok(())
}

/// What an entry says was created, changed in what is searched, deleted or restored.
fn changed(entry: &Entry) -> Option<(&'static Searchable, Uuid)> {
    let searchable = Searchable::of(entry.object.kind().word())?;
    let action = entry.action;
    let life = inventory::iter::<&LifeActions>
        .into_iter()
        .find(|life| [life.created, life.changed, life.deleted, life.restored].contains(&action))?;
    let is_untouched = action == life.changed
        && entry
            .after
            .as_ref()
            .is_some_and(|after| !searchable.fields.iter().any(|field| after.get(field).is_some()));
    if is_untouched { None } else { Some((searchable, entry.object.id()?)) }
}

async fn remove(
    tx: &mut Tx,
    organization: OrganizationId,
    kind: ObjectKind,
    id: Uuid,
) -> Result<(), sqlx::Error> {
    tx.tenant_query(sql!(
        unfiltered because SEARCHED,
        "delete from search_words where organization_id = $1 and kind = $2 and id = $3"
    ))
    .bind(organization)
    .bind(kind.word())
    .bind(id)
    .execute()
    .await?;
    Ok(())
}

async fn insert(
    tx: &mut Tx,
    organization: OrganizationId,
    kind: ObjectKind,
    Texts { id, name, text, project_id }: &Texts,
) -> Result<(), sqlx::Error> {
    let words = serde_json::to_string(&weighed(name, text)).unwrap_or_default();
    tx.tenant_query(sql!(
        unfiltered because SEARCHED,
        // The engines have different functions for the pairs of an object.
        sqlite: "insert into search_words (organization_id, word, kind, id, project_id, weight)
         select $1, w.key, $2, $3, $4, w.value from json_each($5) w",
        postgres: "insert into search_words (organization_id, word, kind, id, project_id, weight)
         select $1, w.key, $2, $3, $4, cast(w.value as bigint)
         from json_each_text(cast($5 as json)) w",
    ))
    .bind(organization)
    .bind(kind.word())
    .bind(*id)
    .bind(*project_id)
    .bind(words)
    .execute()
    .await?;
    Ok(())
}

/// Builds the index of an organization anew.
pub(in crate::platform) async fn rebuild(
    tx: &mut Tx,
    organization: OrganizationId,
) -> Result<(), sqlx::Error> {
    tx.tenant_query(sql!(
        unfiltered because SEARCHED,
        "delete from search_words where organization_id = $1"
    ))
    .bind(organization)
    .execute()
    .await?;
    for searchable in Searchable::all() {
        let mut last = Uuid::nil();
        loop {
            let rows: Vec<Texts> = tx
                .tenant_query(searchable.many)
                .bind(organization)
                .bind(last)
                .bind(BATCH)
                .all()
                .await?;
            let Some(newest) = rows.last() else { break };
            last = newest.id;
            for texts in &rows {
                insert(tx, organization, searchable.kind, texts).await?;
            }
        }
    }
    Ok(())
}

/// Removes the words of rows that are gone, together with what they belonged to.
pub(crate) async fn sweep(tx: &mut OrgTx) -> Result<(), sqlx::Error> {
    for searchable in Searchable::all() {
        tx.query(searchable.sweep).execute().await?;
    }
    Ok(())
}
