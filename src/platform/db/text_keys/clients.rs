//! The keys of clients: no two that are not deleted may have one key, so the later of
//! two that would gets a number behind it.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use crate::platform::db::Tx;
use crate::platform::db::statement::sql;
use crate::platform::ids::OrganizationId;
use crate::platform::text::{name_key, search_key};

/// A client as it is read here.
type Client = (Uuid, String, String, String, String, bool);

/// Gives clients their keys; tells those whose name counts as an earlier one's now.
pub(super) async fn clients(
    tx: &mut Tx,
    id: OrganizationId,
) -> Result<Vec<(Uuid, String)>, sqlx::Error> {
    let rows: Vec<Client> = tx
        .tenant_query(sql!(
            "select id, name, name || '\n' || contact || '\n' || email, name_key, search_key,
                deleted_at is not null
             from clients where organization_id = $1 order by created_at, id"
        ))
        .bind(id)
        .all()
        .await?;
    let (keys, clashing) = distinct_keys(&rows);
    let is_wrong = |(row, _, searched, name, search, _): &&Client| {
        keys.get(row) != Some(name) || search_key(searched) != *search
    };
    let wrong: Vec<&Client> = rows.iter().filter(is_wrong).collect();
    // Another client may have the key that one is to have, until it has its own.
    for (row, ..) in &wrong {
        set_client(tx, id, *row, &format!("\u{1}{row}"), "").await?;
    }
    for (row, _, searched, ..) in wrong {
        let key = keys.get(row).map_or("", String::as_str);
        set_client(tx, id, *row, key, &search_key(searched)).await?;
    }
    Ok(clashing)
}

/// A key for each client, and the clients that got a number behind theirs: one key belongs to one
/// client that is not deleted, the earliest.
fn distinct_keys(rows: &[Client]) -> (HashMap<Uuid, String>, Vec<(Uuid, String)>) {
    let (mut keys, mut clashing) = (HashMap::new(), Vec::new());
    let mut taken = HashSet::new();
    for (row, name, _, _, _, is_deleted) in rows {
        let key = name_key(name);
        if *is_deleted || taken.insert(key.clone()) {
            keys.insert(*row, key);
        } else {
            clashing.push((*row, name.clone()));
        }
    }
    for (row, name) in &clashing {
        let key = name_key(name);
        let free = (2..).map(|number| format!("{key} ({number})")).find(|key| !taken.contains(key));
        let free = free.unwrap_or_default();
        taken.insert(free.clone());
        keys.insert(*row, free);
    }
    (keys, clashing)
}

async fn set_client(
    tx: &mut Tx,
    id: OrganizationId,
    row: Uuid,
    name: &str,
    search: &str,
) -> Result<(), sqlx::Error> {
    tx.tenant_query(sql!(
        "update clients set name_key = $3, search_key = $4 where organization_id = $1 and id = $2"
    ))
    .bind(id)
    .bind(row)
    .bind(name)
    .bind(search)
    .execute()
    .await?;
    Ok(())
}
