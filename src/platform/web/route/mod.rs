//! Routes as data: method, path, who may call, and the handler.
//!
//! The rule for access is proved by the handler: [`can`], [`operator`], [`signed_in`] and
//! [`anyone`] only take handlers whose first argument proves it, so a table that claims more than
//! the handler checks does not compile.

mod limits;

use axum::Router;
use axum::handler::Handler;
use axum::http::Method;
use axum::routing::{MethodFilter, MethodRouter, on};

use super::limits::MAX_BODY_BYTES;
use crate::platform::App;
use crate::platform::session::{CurrentOperator, CurrentUser};
use crate::platform::tenant::{CurrentOrg, Permission, Proof};

pub use limits::RouteLimits;

/// Who may call a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Everybody, signed in or not.
    Anyone,
    /// Everybody who is signed in.
    SignedIn,
    /// Members of the organization in the path, with the permission if there is one.
    Member(Option<Permission>),
    /// Members of the organization in the path who have this role, or a higher one, in a part of it
    /// that the path names.
    Object {
        /// The kind of that part.
        kind: &'static str,
        /// The lowest role in it that is enough.
        role: &'static str,
    },
    /// Operators of the installation.
    Operator,
}

/// A handler, with the rule that its signature proves.
pub struct Guarded<H, T> {
    access: Access,
    handler: H,
    arguments: std::marker::PhantomData<T>,
}

/// A route of the product.
pub struct Route {
    /// The method; `GET` answers `HEAD` too.
    pub method: Method,
    /// The path, with parameters in braces.
    pub path: &'static str,
    /// Who may call it.
    pub access: Access,
    /// The longest body that it takes, in bytes.
    pub body_limit: usize,
    /// Whether other sites and programs may call it: its path is secret enough.
    pub from_anywhere: bool,
    /// Whether the body contains a file, which its handler reads itself.
    pub takes_file: bool,
    /// Whether a form that is sent again has no further effect.
    pub is_once: bool,
    handler: MethodRouter<App>,
}

/// A handler's arguments, the first of which is `E`.
pub trait FirstArgument<E> {}

macro_rules! first_argument {
    ($($more:ident)*) => {
        impl<M, E, $($more),*> FirstArgument<E> for (M, E, $($more,)*) {}
    };
}
first_argument!();
first_argument!(A);
first_argument!(A B);
first_argument!(A B C);
first_argument!(A B C D);
first_argument!(A B C D F);
first_argument!(A B C D F G);

/// An extractor that proves, as the first argument of a handler, who may call it.
pub trait Guard {
    /// Who may call the handler.
    const ACCESS: Access;
}

impl Guard for CurrentUser {
    const ACCESS: Access = Access::SignedIn;
}

impl Guard for CurrentOperator {
    const ACCESS: Access = Access::Operator;
}

impl<P: Proof> Guard for CurrentOrg<P> {
    const ACCESS: Access = Access::Member(P::NEEDS);
}

/// For the callers that the handler's first argument, `G`, admits.
pub fn guarded<G: Guard, H, T: FirstArgument<G>>(handler: H) -> Guarded<H, T> {
    Guarded { access: G::ACCESS, handler, arguments: std::marker::PhantomData }
}

/// For everybody.
pub fn anyone<H, T>(handler: H) -> Guarded<H, T> {
    Guarded { access: Access::Anyone, handler, arguments: std::marker::PhantomData }
}

/// For everybody who is signed in: the handler takes [`CurrentUser`] first.
pub fn signed_in<H, T: FirstArgument<CurrentUser>>(handler: H) -> Guarded<H, T> {
    guarded(handler)
}

/// For members whose role includes `P`: the handler takes [`CurrentOrg<P>`] first.
pub fn can<P: Proof, H, T: FirstArgument<CurrentOrg<P>>>(_: P, handler: H) -> Guarded<H, T> {
    guarded(handler)
}

/// For operators of the installation: the handler takes [`CurrentOperator`] first.
pub fn operator<H, T: FirstArgument<CurrentOperator>>(handler: H) -> Guarded<H, T> {
    guarded(handler)
}

impl Route {
    /// A route for a page.
    pub fn get<H, T>(path: &'static str, guarded: Guarded<H, T>) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        Self::new(Method::GET, MethodFilter::GET, path, guarded)
    }

    /// A route that changes something.
    pub fn post<H, T>(path: &'static str, guarded: Guarded<H, T>) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        Self::new(Method::POST, MethodFilter::POST, path, guarded)
    }

    fn new<H, T>(
        method: Method,
        filter: MethodFilter,
        path: &'static str,
        guarded: Guarded<H, T>,
    ) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        let handler = on(filter, guarded.handler);
        Self {
            method,
            path,
            access: guarded.access,
            body_limit: MAX_BODY_BYTES,
            takes_file: false,
            is_once: false,
            from_anywhere: false,
            handler,
        }
    }

    /// Also accepts requests that do not come from our pages, such as those of a mail program,
    /// which have no cookie and no form. Only the path decides.
    #[must_use]
    pub fn from_anywhere(self) -> Self {
        Self { from_anywhere: true, ..self }
    }

    /// Takes a file, in a form of at most `bytes`.
    #[must_use]
    pub fn taking(self, bytes: usize) -> Self {
        Self { body_limit: bytes, takes_file: true, ..self }
    }

    /// Takes a form whose long fields have at most `characters` in all. A character may take twelve
    /// bytes: four, each written as `%XX`.
    #[must_use]
    pub fn taking_text(self, characters: usize) -> Self {
        Self { body_limit: MAX_BODY_BYTES + 12 * characters, ..self }
    }

    /// For a form that creates something: sent twice, it creates only one ([`super::once`]).
    #[must_use]
    pub fn once(self) -> Self {
        Self { is_once: true, ..self }
    }
}

/// Builds the router of these routes.
pub fn build(routes: Vec<Route>) -> Router<App> {
    routes.into_iter().fold(Router::new(), |router, route| router.route(route.path, route.handler))
}
