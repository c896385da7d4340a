//! Identifiers, one type for each thing, so that a member's id cannot be used as a person's.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::secrets::random_bytes;
use crate::platform::db::row::Type;

/// Declares an identifier: a UUID with a type of its own. It is version 7, so that indexes grow at
/// their end.
macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash,
            serde::Serialize, serde::Deserialize, $crate::platform::db::row::Type,
        )]
        #[serde(transparent)]
        #[sqlx(transparent)]
        pub struct $name(uuid::Uuid);

        impl $name {
            /// Makes a new identifier. It is not a secret: it reveals when it was made.
            #[expect(clippy::new_without_default, reason = "each call gives another id")]
            pub fn new() -> Self {
                Self(uuid::Uuid::now_v7())
            }

            /// The UUID inside.
            pub const fn uuid(self) -> uuid::Uuid {
                self.0
            }
        }

        impl $crate::platform::audit::Recorded for $name {
            const SHOWN: $crate::platform::audit::Shown = $crate::platform::audit::Shown::Reference;
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                uuid::Uuid::parse_str(text).map(Self)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}
pub(crate) use id;

id!(
    /// A person with an account.
    UserId
);
id!(
    /// A sign-in of a person: a browser that holds a session.
    SignInId
);
id!(
    /// A browser known for one account.
    DeviceId
);
id!(
    /// An organization: a tenant.
    OrganizationId
);

impl OrganizationId {
    /// Stands for no organization: its audit log, mail and jobs are the installation's own.
    pub const OUTSIDE: Self = Self(uuid::Uuid::nil());
}

id!(
    /// A person's membership in one organization.
    MembershipId
);

impl MembershipId {
    /// Stands for no membership: an operator who visits an organization has none.
    pub const NONE: Self = Self(uuid::Uuid::nil());
}

id!(
    /// An invitation into an organization.
    InvitationId
);
id!(
    /// An email that somebody sent to an address they typed.
    StrangerMailId
);
id!(
    /// An email in the outbox.
    MailId
);
id!(
    /// A background job.
    JobId
);
id!(
    /// A project of an organization.
    ProjectId
);
id!(
    /// A person's saved filter of a list.
    FilterId
);
id!(
    /// An operator's visit to an organization.
    VisitId
);
id!(
    /// A request, in the log.
    RequestId
);

/// The name of a picture: 32 random bytes, new for each picture, so that it cannot be guessed and
/// reveals nothing.
#[derive(Clone, Debug, PartialEq, Eq, Type)]
#[sqlx(transparent)]
pub struct PictureId(String);

impl PictureId {
    const BYTES: usize = 32;

    /// Makes a random name.
    pub fn random() -> Self {
        Self(URL_SAFE_NO_PAD.encode(random_bytes::<{ Self::BYTES }>()))
    }
}

impl std::str::FromStr for PictureId {
    type Err = base64::DecodeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bytes = URL_SAFE_NO_PAD.decode(text)?;
        match bytes.len() {
            Self::BYTES => Ok(Self(text.to_owned())),
            length => Err(base64::DecodeError::InvalidLength(length)),
        }
    }
}

impl std::fmt::Display for PictureId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
