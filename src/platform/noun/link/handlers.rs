//! The forms on a row's page that put another row on it, and take it off.

use axum::response::Response;
use serde::Deserialize;

use super::{Link, none, put, take};
use crate::platform::error::Result;
use crate::platform::noun::Refusal;
use crate::platform::noun::place::Place;
use crate::platform::web::form::Fields;
use crate::platform::web::route::{Route, guarded};
use crate::platform::web::{Form, Id, see_other};

/// The routes of a link.
pub fn routes<L: Link>() -> [Route; 2] {
    let [put, take] = L::PATHS;
    [Route::post(put, guarded(put_on::<L>)), Route::post(take, guarded(take_off::<L>))]
}

/// The field of the forms.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Chosen {
    /// The id of the other row.
    chosen: String,
}

impl Fields for Chosen {}

impl Chosen {
    fn id<L: Link>(&self) -> Result<L::Other> {
        self.chosen.parse().map_err(|_| none::<L>().without_form())
    }
}

/// `POST …/{id}/labels`
pub async fn put_on<L: Link>(
    place: L::Place,
    Id(id): Id<L::Row>,
    Form(form): Form<Chosen>,
) -> Result<Response> {
    put::<L>(&place, id, form.id::<L>()?).await.map_err(Refusal::without_form)?;
    Ok(back::<L>(&place, id))
}

/// `POST …/{id}/labels/remove`
pub async fn take_off<L: Link>(
    place: L::Place,
    Id(id): Id<L::Row>,
    Form(form): Form<Chosen>,
) -> Result<Response> {
    take::<L>(&place, id, form.id::<L>()?).await.map_err(Refusal::without_form)?;
    Ok(back::<L>(&place, id))
}

/// Returns to the part of the row's page that shows what it has.
fn back<L: Link>(place: &L::Place, id: L::Row) -> Response {
    see_other(&format!("{}#{}", place.path(id), L::PART))
}
