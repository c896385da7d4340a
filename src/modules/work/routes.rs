//! The module's URLs, and who may call them.

use super::{clients, comments, pages, projects, tasks};
use crate::core::access::noun::CreateProjects;
use crate::core::access::{Contribute, Lead, LeadDeleted, Read, in_project};
use crate::modules::work::clients::Client;
use crate::modules::work::clients::noun::EditClients;
use crate::platform::noun::plain::plain_routes;
use crate::platform::tenant::permission::AnyMember;
use crate::platform::web::route::{Route, can};

/// The module's routes.
pub(super) fn routes() -> Vec<Route> {
    let clients = plain_routes!(
        "/clients",
        Client,
        can(AnyMember, EditClients),
        taking clients::TEXT_LENGTH,
        shown by pages::client
    );
    let others = vec![
        // Projects
        Route::get("/orgs/{slug}/projects", can(AnyMember, projects::index)),
        Route::get("/orgs/{slug}/projects/new", can(CreateProjects, projects::new)),
        Route::post("/orgs/{slug}/projects", can(CreateProjects, projects::create))
            .once()
            .taking_text(projects::TEXT_LENGTH),
        Route::get("/orgs/{slug}/projects/{project}", in_project(Read, pages::project)),
        Route::get("/orgs/{slug}/projects/{project}/edit", in_project(Lead, projects::edit)),
        Route::post("/orgs/{slug}/projects/{project}/edit", in_project(Lead, projects::update))
            .once()
            .taking_text(projects::TEXT_LENGTH),
        Route::post("/orgs/{slug}/projects/{project}/archive", in_project(Lead, projects::archive)),
        Route::post(
            "/orgs/{slug}/projects/{project}/unarchive",
            in_project(Lead, projects::unarchive),
        ),
        Route::post(
            "/orgs/{slug}/projects/{project}/delete",
            in_project(LeadDeleted, projects::delete),
        ),
        Route::post(
            "/orgs/{slug}/projects/{project}/restore",
            in_project(LeadDeleted, projects::restore),
        ),
        Route::get("/orgs/{slug}/projects/{project}/members", in_project(Read, projects::members)),
        Route::post(
            "/orgs/{slug}/projects/{project}/members",
            in_project(Lead, projects::add_member),
        )
        .once(),
        Route::post(
            "/orgs/{slug}/projects/{project}/members/{id}/role",
            in_project(Lead, projects::change_member),
        ),
        Route::post(
            "/orgs/{slug}/projects/{project}/members/{id}/remove",
            in_project(Lead, projects::remove_member),
        ),
        Route::get(
            "/orgs/{slug}/projects/{project}/people",
            in_project(Contribute, projects::people),
        ),
        Route::get("/orgs/{slug}/projects/{project}/activity", in_project(Read, pages::activity)),
        // Tasks
        Route::get("/orgs/{slug}/tasks", can(AnyMember, tasks::index)),
        Route::get("/orgs/{slug}/tasks/new", can(AnyMember, pages::task_form)),
        Route::post("/orgs/{slug}/tasks", can(AnyMember, pages::add_task))
            .once()
            .taking_text(tasks::TEXT_LENGTH),
        Route::post(
            "/orgs/{slug}/projects/{project}/tasks",
            in_project(Contribute, pages::new_task),
        )
        .once(),
        Route::get("/orgs/{slug}/projects/{project}/tasks/{id}", in_project(Read, pages::task)),
        Route::get(
            "/orgs/{slug}/projects/{project}/tasks/{id}/edit",
            in_project(Contribute, tasks::edit),
        ),
        Route::post(
            "/orgs/{slug}/projects/{project}/tasks/{id}/edit",
            in_project(Contribute, tasks::update),
        )
        .once()
        .taking_text(tasks::TEXT_LENGTH),
        Route::post(
            "/orgs/{slug}/projects/{project}/tasks/{id}/properties",
            in_project(Contribute, pages::set_task),
        ),
        Route::get(
            "/orgs/{slug}/projects/{project}/tasks/{id}/menu",
            in_project(Contribute, pages::task_menu),
        ),
        Route::post(
            "/orgs/{slug}/projects/{project}/tasks/{id}/move",
            in_project(Contribute, tasks::move_task),
        ),
        Route::post(
            "/orgs/{slug}/projects/{project}/tasks/{id}/archive",
            in_project(Contribute, tasks::archive),
        ),
        Route::post(
            "/orgs/{slug}/projects/{project}/tasks/{id}/unarchive",
            in_project(Contribute, tasks::unarchive),
        ),
        Route::post(
            "/orgs/{slug}/projects/{project}/tasks/{id}/delete",
            in_project(Contribute, tasks::delete),
        ),
        Route::post(
            "/orgs/{slug}/projects/{project}/tasks/{id}/restore",
            in_project(Contribute, tasks::restore),
        ),
        // Comments
        Route::post(
            "/orgs/{slug}/projects/{project}/comments/preview",
            in_project(Contribute, comments::preview),
        )
        .taking_text(comments::TEXT_LENGTH),
        Route::post(
            "/orgs/{slug}/projects/{project}/comments",
            in_project(Contribute, comments::create_on_project),
        )
        .once()
        .taking_text(comments::TEXT_LENGTH),
        Route::post(
            "/orgs/{slug}/projects/{project}/tasks/{id}/comments",
            in_project(Contribute, comments::create_on_task),
        )
        .once()
        .taking_text(comments::TEXT_LENGTH),
        Route::get(
            "/orgs/{slug}/projects/{project}/comments/{id}/edit",
            in_project(Contribute, comments::edit),
        ),
        Route::post(
            "/orgs/{slug}/projects/{project}/comments/{id}/edit",
            in_project(Contribute, comments::update),
        )
        .once()
        .taking_text(comments::TEXT_LENGTH),
        Route::post(
            "/orgs/{slug}/projects/{project}/comments/{id}/delete",
            in_project(Contribute, comments::delete),
        ),
        Route::post(
            "/orgs/{slug}/projects/{project}/comments/{id}/restore",
            in_project(Contribute, comments::restore),
        ),
    ];
    clients.into_iter().chain(others).collect()
}
