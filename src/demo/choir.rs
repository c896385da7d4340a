//! Northern Choir: a concert, prepared by its members.

use super::story::Act::{Finish, Say, Start};
use super::story::{Project, Story, Task};
use crate::core::access::project::Status;
use crate::modules::work::tasks::Priority::{High, Normal};

pub(super) const STORY: Story = Story {
    clients: &[],
    projects: &[
        Project {
            name: "Jubilee concert",
            code: "JUBILEE",
            description: "Two evenings in the Seamen's Church, with the string quartet.",
            client: None,
            status: Status::Active,
            began: 70,
            due: Some(110),
            is_restricted: false,
            lead: 1,
            members: &[2, 3, 4],
            tasks: &[
                Task {
                    title: "Reserve the church",
                    description: "",
                    on: 69,
                    by: 1,
                    whose: Some(2),
                    priority: High,
                    due: Some(-50),
                    then: &[
                        (60, 2, Say("Both evenings are ours. The heating costs extra.")),
                        (60, 2, Finish),
                    ],
                },
                Task {
                    title: "Copy the scores for the altos",
                    description: "",
                    on: 33,
                    by: 3,
                    whose: Some(0),
                    priority: Normal,
                    due: Some(6),
                    then: &[(5, 3, Say("{0} We are eleven now, so please make two more."))],
                },
                Task {
                    title: "Find a sponsor for the programme",
                    description: "",
                    on: 28,
                    by: 1,
                    whose: Some(4),
                    priority: Normal,
                    due: Some(30),
                    then: &[(13, 4, Start)],
                },
            ],
            said: &[(68, 1, "The first rehearsal is on Monday at seven.")],
        },
        Project {
            name: "Evensong for the harbour",
            code: "EVENSONG",
            description: "",
            client: None,
            status: Status::Done,
            began: 90,
            due: Some(-35),
            is_restricted: false,
            lead: 2,
            members: &[],
            tasks: &[Task {
                title: "Thank the organist",
                description: "",
                on: 34,
                by: 2,
                whose: Some(2),
                priority: Normal,
                due: None,
                then: &[(32, 2, Finish)],
            }],
            said: &[(33, 1, "That was lovely. Thank you, everyone.")],
        },
    ],
};
