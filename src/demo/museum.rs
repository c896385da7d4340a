//! Museum of Tides: an exhibition that the visitor may only look at.

use super::story::Act::{Finish, Say, Start};
use super::story::{Project, Story, Task};
use crate::core::access::project::Status;
use crate::modules::work::clients::Seed as Client;
use crate::modules::work::tasks::Priority::{High, Normal};

pub(super) const STORY: Story = Story {
    clients: &[Client {
        name: "Friends of the Museum",
        contact: "Henrik Aas",
        email: "henrik@friends.example",
        phone: "",
        notes: "They pay for the glass.",
    }],
    projects: &[Project {
        name: "The sea in a bottle",
        code: "BOTTLE",
        description: "An exhibition of 40 ships in bottles, for children of all ages.",
        client: Some(0),
        status: Status::Active,
        began: 80,
        due: Some(55),
        is_restricted: false,
        lead: 1,
        members: &[2, 3],
        tasks: &[
            Task {
                title: "Borrow the Dutch collection",
                description: "",
                on: 76,
                by: 1,
                whose: Some(2),
                priority: High,
                due: Some(-20),
                then: &[
                    (70, 2, Start),
                    (41, 2, Say("They lend us all seven, if we insure them.")),
                    (22, 2, Finish),
                ],
            },
            Task {
                title: "Write the labels at a child's height",
                description: "",
                on: 36,
                by: 3,
                whose: Some(3),
                priority: Normal,
                due: Some(20),
                then: &[(11, 3, Start)],
            },
            Task {
                title: "Order the glass",
                description: "",
                on: 18,
                by: 1,
                whose: None,
                priority: Normal,
                due: Some(8),
                then: &[(4, 2, Say("Non-reflecting costs twice as much, and is worth it."))],
            },
        ],
        said: &[(79, 1, "Welcome. Everything about the exhibition is here.")],
    }],
};
