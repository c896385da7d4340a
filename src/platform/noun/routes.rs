//! The routes of a plain row of an organization.

/// The routes of a feature with the usual pages, whose list and page everyone in the organization
/// can open, and which a permission lets people change:
/// `plain_routes!("/clients", clients, EditClients, taking clients::TEXT_LENGTH, shown by page)`.
macro_rules! plain_routes {
    ($path:literal, $feature:ident, $edit:ident, taking $length:expr, shown by $show:expr) => {{
        use $crate::platform::tenant::permission::AnyMember;
        use $crate::platform::web::route::{Route, can};

        macro_rules! at {
            ($rest:literal) => {
                concat!("/orgs/{slug}", $path, $rest)
            };
        }
        vec![
            Route::get(at!(""), can(AnyMember, $feature::index)),
            Route::get(at!("/new"), can($edit, $feature::new)),
            Route::post(at!(""), can($edit, $feature::create)).once().taking_text($length),
            Route::get(at!("/{id}"), can(AnyMember, $show)),
            Route::get(at!("/{id}/edit"), can($edit, $feature::edit)),
            Route::post(at!("/{id}/edit"), can($edit, $feature::update))
                .once()
                .taking_text($length),
            Route::post(at!("/{id}/archive"), can($edit, $feature::archive)),
            Route::post(at!("/{id}/unarchive"), can($edit, $feature::unarchive)),
            Route::post(at!("/{id}/delete"), can($edit, $feature::delete)),
            Route::post(at!("/{id}/restore"), can($edit, $feature::restore)),
        ]
    }};
}
pub(crate) use plain_routes;
