//! The commands for pictures.

use serde_json::json;

use super::noun::{PICTURE_REMOVED, PICTURE_SET};
use super::sql;
use crate::core::accounts;
use crate::platform::App;
use crate::platform::error::{AppError, Result};
use crate::platform::ids::PictureId;
use crate::platform::noun::Refusal;
use crate::platform::pictures::MAX_BYTES;
use crate::platform::session::CurrentUser;
use crate::platform::web::multipart::FILE;

/// Replaces the person's picture by the one in `file`, which is redrawn.
///
/// # Errors
/// [`AppError::TooLarge`]; [`Refusal::Fields`] when the file is not a usable picture.
pub(super) async fn set<F>(app: &App, user: &CurrentUser, file: F) -> Result<(), Refusal>
where
    F: AsRef<[u8]> + Send + 'static,
{
    if file.as_ref().len() > MAX_BYTES {
        return Err(AppError::TooLarge.into());
    }
    // No transaction is open while the picture is redrawn.
    let picture = app.pictures.redraw(file).await?;
    let picture = picture.map_err(|unusable| Refusal::field(FILE, unusable.words()))?;
    let mut tx = user.write(app).await?;
    sql::set(&mut tx, user.id, &PictureId::random(), &picture, app.clock.now()).await?;
    let entry = accounts::entry(PICTURE_SET, user.id, &user.email);
    tx.record(entry.after(json!({ "media_type": picture.encoding.word() })));
    tx.commit().await?;
    Ok(())
}

/// Removes the person's picture, if they have one.
pub(super) async fn remove(app: &App, user: &CurrentUser) -> Result<()> {
    let mut tx = user.write(app).await?;
    if sql::delete(&mut tx, user.id).await? {
        tx.record(accounts::entry(PICTURE_REMOVED, user.id, &user.email));
    }
    tx.commit().await
}
