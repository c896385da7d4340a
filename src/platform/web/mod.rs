//! What stands between the network and the handlers, and what handlers answer with.

mod again;
pub mod assets;
pub mod bare;
mod bent;
mod body;
pub mod client;
pub mod cookie;
pub mod cross_site;
pub mod csrf;
pub mod flash;
pub mod form;
pub mod headers;
pub mod host;
pub mod htmx;
pub mod limits;
pub mod listing;
pub mod multipart;
pub mod once;
pub mod opened;
pub mod page;
pub mod pager;
pub mod path;
pub mod problem;
pub mod route;
pub mod shell;
mod stack;
pub mod typed;

pub use flash::Flash;
pub use form::{FieldErrors, Form, Params};
pub use htmx::Htmx;
pub use multipart::FileForm;
pub use page::{page, page_with_status, see_other};
pub(crate) use path::param;
pub use path::{Id, TokenPath};
pub use shell::{Section, Shell};
pub use stack::wrap;
