//! The content of an entry.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Action, Object};
use crate::platform::ids::{ProjectId, UserId};
use crate::platform::session::Device;
use crate::platform::words::words;

words! {
    /// The capacity in which somebody acts.
    pub enum ActorKind, "There is no such kind of actor." {
        /// A member of the organization.
        Member = "member";
        /// An operator of the installation, inside an organization or outside.
        Operator = "operator";
        /// A person with an account, acting outside organizations.
        Person = "person";
        /// Somebody who is not signed in.
        Anonymous = "anonymous";
        /// The program itself: a worker or a command.
        System = "system";
    }
}

/// The actor, in which capacity, and from where.
#[derive(Clone, Debug)]
pub struct Who {
    /// The capacity.
    pub kind: ActorKind,
    /// The account, if there is one.
    pub id: Option<UserId>,
    /// The actor's name, for display.
    pub name: String,
    /// The actor's address, for display.
    pub email: String,
    /// The browser and network that the request came from.
    pub device: Option<Device>,
}

impl Who {
    /// The program itself.
    pub fn system() -> Self {
        Self {
            kind: ActorKind::System,
            id: None,
            name: String::new(),
            email: String::new(),
            device: None,
        }
    }
}

/// An action to be recorded.
#[derive(Clone, Debug)]
pub struct Entry {
    pub(in crate::platform) action: Action,
    pub(in crate::platform) object: Object,
    pub(super) person: Option<UserId>,
    pub(super) project: Option<ProjectId>,
    pub(super) before: Option<Value>,
    pub(in crate::platform) after: Option<Value>,
    pub(super) is_logged: bool,
}

impl Entry {
    /// An entry: `action` was done to `object`.
    pub fn new(action: Action, object: Object) -> Self {
        Self {
            action,
            object,
            person: None,
            project: None,
            before: None,
            after: None,
            is_logged: false,
        }
    }

    /// Sets the person whom the action concerns.
    pub fn person(self, person: UserId) -> Self {
        Self { person: Some(person), ..self }
    }

    /// Sets the project that it belongs to: people who cannot see that project do not see the entry
    /// in the activity.
    pub fn project(self, project: ProjectId) -> Self {
        Self { project: Some(project), ..self }
    }

    /// Also writes it to the program's own log, for every actor.
    pub fn logged(self) -> Self {
        Self { is_logged: true, ..self }
    }

    /// Sets the previous values. Never a secret.
    pub fn before(self, before: Value) -> Self {
        Self { before: Some(before), ..self }
    }

    /// Sets the new values. Never a secret.
    pub fn after(self, after: Value) -> Self {
        Self { after: Some(after), ..self }
    }

    /// Sets the difference between two states that serialize to JSON objects: only the fields that
    /// differ.
    pub fn change<T: Serialize>(self, before: &T, after: &T) -> Self {
        let (before, after) = (fields(before), fields(after));
        let differing = |one: &serde_json::Map<String, Value>,
                         other: &serde_json::Map<String, Value>| {
            let pairs = one.iter().filter(|(name, value)| other.get(*name) != Some(value));
            Value::Object(pairs.map(|(name, value)| (name.clone(), value.clone())).collect())
        };
        let (old, new) = (differing(&before, &after), differing(&after, &before));
        self.before(old).after(new)
    }
}

fn fields<T: Serialize>(state: &T) -> serde_json::Map<String, Value> {
    match serde_json::to_value(state) {
        Ok(Value::Object(fields)) => fields,
        _ => serde_json::Map::new(),
    }
}

/// The erasable part of an entry, stored beside the chain: everything about people.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Details {
    /// The actor's name.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub actor_name: String,
    /// The actor's address.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub actor_email: String,
    /// The network address of the request.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub address: String,
    /// The browser's `User-Agent`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub user_agent: String,
    /// The object's name.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub object_name: String,
    /// The previous values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    /// The new values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
}

impl Details {
    pub(super) fn of(who: &Who, entry: &Entry) -> Self {
        let device = who.device.as_ref();
        Self {
            actor_name: who.name.clone(),
            actor_email: who.email.clone(),
            address: device.map(|device| device.address.to_string()).unwrap_or_default(),
            user_agent: device.map(|device| device.user_agent.clone()).unwrap_or_default(),
            object_name: entry.object.name.clone(),
            before: entry.before.clone(),
            after: entry.after.clone(),
        }
    }
}
