//! What the layout shows around every page, as one typed value: `shell`.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use std::convert::Infallible;
use std::sync::Arc;

use super::flash::{Flash, Received, Tone};
use super::offers;
use crate::platform::clock::Timestamp;
use crate::platform::ids::PictureId;
use crate::platform::module::Section;
use crate::platform::session::CurrentUser;
use crate::platform::tenant::current_org::Context;
use crate::platform::tenant::{Organization, Role, Switcher, SwitcherEntry, Visit};

/// What the layout shows.
#[derive(Clone, Debug, Default)]
pub struct Shell {
    /// The signed-in person.
    pub person: Option<Person>,
    /// The organization that the page belongs to.
    pub organization: Option<InOrganization>,
    /// The organization that the person has left for a page outside organizations.
    left: Option<Left>,
    /// A message from the previous request, shown for a moment.
    pub toast: Option<Toast>,
    /// A message from the previous request, shown as long as the page is.
    pub notice: Option<Notice>,
}

/// The signed-in person, as the layout shows them.
#[derive(Clone, Debug)]
pub struct Person {
    /// The name.
    pub name: String,
    /// The address.
    pub email: String,
    /// Whether the person is an operator.
    pub is_operator: bool,
    /// The picture.
    pub picture: Option<PictureId>,
}

impl Person {
    fn of(user: &CurrentUser) -> Self {
        Self {
            name: user.name.clone(),
            email: user.email.to_string(),
            is_operator: user.is_operator,
            picture: user.picture.clone(),
        }
    }
}

/// The organization around a page.
#[derive(Clone, Debug)]
pub struct InOrganization {
    /// The organization.
    pub organization: Organization,
    /// The person's role in it.
    pub role: Role,
    /// The person's other organizations.
    pub switcher: Arc<Switcher>,
    /// The open section.
    pub section: Section,
    /// The operator's visit, which every page mentions.
    pub visit: Option<Visit>,
    /// How much in the person's inbox is unread, if that is known.
    pub unread: Option<i64>,
    /// When this page was made.
    pub now: Timestamp,
}

impl InOrganization {
    /// The sections that the role can open, in the order of the navigation.
    pub fn sections(&self) -> impl Iterator<Item = &'static Section> {
        Section::open_to(&self.role)
    }
}

/// The organization that a page outside organizations leads back to.
#[derive(Clone, Debug)]
struct Left {
    entry: SwitcherEntry,
    switcher: Arc<Switcher>,
}

/// What the switcher shows.
#[derive(Clone, Copy, Debug)]
pub struct SwitcherView<'a> {
    /// The name of the organization on its button.
    pub name: &'a str,
    /// The person's role there.
    pub role: &'a str,
    /// The organization's slug.
    pub slug: &'a str,
    /// The section that it keeps when it leads to another organization.
    pub section: Section,
    /// The person's organizations and invitations.
    pub switcher: &'a Switcher,
}

/// A short message at the edge of the page.
#[derive(Clone, Debug)]
pub struct Toast {
    /// `success` or `danger`.
    pub kind: &'static str,
    /// The message.
    pub text: String,
    /// Where to post a form that undoes the change.
    pub undo: Option<String>,
    /// A link that opens in another tab: its path and its text.
    pub link: Option<(String, &'static str)>,
}

/// A message inside the page.
#[derive(Clone, Debug)]
pub struct Notice {
    /// `info` or `danger`.
    pub kind: &'static str,
    /// The message.
    pub text: String,
}

impl Toast {
    /// A toast that reports success.
    pub fn success(text: impl Into<String>) -> Self {
        Self { kind: "success", text: text.into(), undo: None, link: None }
    }

    /// A toast that reports an error.
    pub fn danger(text: impl Into<String>) -> Self {
        Self { kind: "danger", text: text.into(), undo: None, link: None }
    }

    /// Adds a link that opens in another tab, so that the page stays as it is.
    pub fn with_link(self, path: String, label: &'static str) -> Self {
        Self { link: Some((path, label)), ..self }
    }

    /// Adds a button that undoes the change by posting to `path`.
    pub fn with_undo(self, path: String) -> Self {
        Self { undo: Some(path), ..self }
    }
}

impl Shell {
    /// The layout around a page of an organization.
    pub fn in_organization(context: &Context, switcher: &Arc<Switcher>, section: Section) -> Self {
        Self {
            organization: Some(InOrganization {
                organization: context.organization.clone(),
                role: context.membership.role.clone(),
                switcher: Arc::clone(switcher),
                section,
                visit: context.visit.clone(),
                unread: context.unread,
                now: context.now,
            }),
            person: Some(Person::of(&context.user)),
            ..Self::default()
        }
    }

    /// The layout around a page that does not exist, in the organization of `entry`.
    pub fn lost_in(
        user: &CurrentUser,
        entry: &SwitcherEntry,
        switcher: &Arc<Switcher>,
        now: Timestamp,
    ) -> Self {
        Self {
            organization: Some(InOrganization {
                organization: Organization {
                    id: entry.organization_id,
                    name: entry.name.clone(),
                    slug: entry.slug.clone(),
                },
                role: entry.role.clone(),
                switcher: Arc::clone(switcher),
                section: Section::NONE,
                visit: None,
                unread: None,
                now,
            }),
            person: Some(Person::of(user)),
            ..Self::default()
        }
    }

    /// The layout around a page that belongs to no organization; it leads back to the one that the
    /// person has come from.
    pub fn signed_in(user: &CurrentUser) -> Self {
        let entry = user.switcher.last(user.last_organization_id).cloned();
        let left = entry.map(|entry| Left { entry, switcher: Arc::clone(&user.switcher) });
        Self { person: Some(Person::of(user)), left, ..Self::default() }
    }

    /// What the switcher shows; nothing if there is no organization that the person can open.
    pub fn switching(&self) -> Option<SwitcherView<'_>> {
        let here = self.organization.as_ref().map(|here| SwitcherView {
            name: &here.organization.name,
            role: &here.role.name,
            slug: &here.organization.slug,
            section: here.section,
            switcher: &here.switcher,
        });
        here.or_else(|| {
            self.left.as_ref().map(|Left { entry, switcher }| SwitcherView {
                name: &entry.name,
                role: &entry.role.name,
                slug: &entry.slug,
                section: Section::OVERVIEW,
                switcher,
            })
        })
    }

    /// Whether the person who sees the page may create an organization.
    pub fn may_found(&self) -> bool {
        offers::founding() || self.person.as_ref().is_some_and(|person| person.is_operator)
    }

    /// Whether an operator who is not a member is looking at the organization's page.
    pub fn is_visit(&self) -> bool {
        self.organization.as_ref().is_some_and(|organization| organization.visit.is_some())
    }

    /// Adds the message that the request carries.
    pub fn with(self, received: Received) -> Self {
        let Some(flash) = received.0 else { return self };
        let kind = match flash.tone {
            Tone::Done => return Self { toast: Some(Toast::from(flash)), ..self },
            Tone::ToDo => "info",
            Tone::Refused => "danger",
        };
        Self { notice: Some(Notice { kind, text: flash.text }), ..self }
    }
}

impl From<Flash> for Toast {
    fn from(flash: Flash) -> Self {
        Self { undo: flash.undo, ..Self::success(flash.text) }
    }
}

/// For pages that need no sign-in.
impl<S: Sync> FromRequestParts<S> for Shell {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        Ok(Self::default().with(Received::from_request_parts(parts, state).await?))
    }
}

/// The letters in a person's avatar: at most two initials.
pub fn initials(name: &str) -> String {
    let mut words = name.split_whitespace().filter_map(|word| word.chars().next());
    let (first, last) = (words.next(), words.next_back());
    first.into_iter().chain(last).flat_map(char::to_uppercase).collect()
}

/// The letter in an organization's avatar.
pub fn initial(name: &str) -> String {
    name.chars()
        .find(|character| character.is_alphanumeric())
        .into_iter()
        .flat_map(char::to_uppercase)
        .collect()
}

/// The colour of an avatar, 1 to 6: always the same for a name.
pub fn tone(name: &str) -> u32 {
    name.chars().fold(7_u32, |sum, character| sum.wrapping_mul(31).wrapping_add(character.into()))
        % 6
        + 1
}

#[cfg(test)]
mod tests {
    use super::initials;

    #[test]
    fn initials_are_those_of_the_first_and_the_last_word() {
        assert_eq!(initials("Ada Lovelace"), "AL");
        assert_eq!(initials("ada"), "A");
        assert_eq!(initials("Anna Maria van der Berg"), "AB");
        assert_eq!(initials(" "), "");
    }
}
