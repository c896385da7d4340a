//! The statements about pictures.

use crate::platform::clock::Timestamp;
use crate::platform::db::statement::{sql, unscoped_sql};
use crate::platform::ids::{PictureId, UserId};
use crate::platform::pictures::Picture;
use crate::platform::tenant::{OrgTx, UnscopedTx};

/// Replaces a person's picture.
pub(super) async fn set(
    tx: &mut UnscopedTx,
    user: UserId,
    id: &PictureId,
    picture: &Picture,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    tx.query(unscoped_sql!(
        "insert into pictures (user_id, id, media_type, bytes, created_at)
         values ($1, $2, $3, $4, $5)
         on conflict (user_id) do update
         set id = excluded.id, media_type = excluded.media_type, bytes = excluded.bytes,
             created_at = excluded.created_at"
    ))
    .bind(user)
    .bind(id)
    .bind(picture.encoding)
    .bind(&picture.bytes)
    .bind(now)
    .execute()
    .await?;
    Ok(())
}

/// Removes a person's picture; returns whether there was one.
pub(super) async fn delete(tx: &mut UnscopedTx, user: UserId) -> Result<bool, sqlx::Error> {
    let gone = tx
        .query(unscoped_sql!("delete from pictures where user_id = $1"))
        .bind(user)
        .execute()
        .await?;
    Ok(gone == 1)
}

pub(super) async fn own(
    tx: &mut UnscopedTx,
    user: UserId,
    id: &PictureId,
) -> Result<Option<Picture>, sqlx::Error> {
    tx.query(unscoped_sql!("select media_type, bytes from pictures where user_id = $1 and id = $2"))
        .bind(user)
        .bind(id)
        .optional()
        .await
}

/// The picture of a member of the organization.
pub(super) async fn of_member(
    tx: &mut OrgTx,
    id: &PictureId,
) -> Result<Option<Picture>, sqlx::Error> {
    tx.query(sql!(
        "select q.media_type, q.bytes
         from pictures q
         join memberships m on m.user_id = q.user_id
         where m.organization_id = $1 and q.id = $2"
    ))
    .bind(id)
    .optional()
    .await
}
