//! Quay Street Bakery: a menu, and a contract that not everyone may see.

use super::story::Act::{Finish, Say, Start};
use super::story::{Project, Story, Task};
use crate::core::access::project::Status;
use crate::modules::work::clients::Seed as Client;
use crate::modules::work::tasks::Priority::{High, Low, Normal, Urgent};

pub(super) const STORY: Story = Story {
    clients: &[
        Client {
            name: "Hotel Meridian",
            contact: "Iris Vogt",
            email: "iris.vogt@meridian.example",
            phone: "+49 40 555 0177",
            notes: "Deliveries by 5:30 at the side door.",
        },
        Client {
            name: "School kitchen",
            contact: "Paul Weber",
            email: "",
            phone: "+49 40 555 0112",
            notes: "No nuts, in anything.",
        },
    ],
    projects: &[
        Project {
            name: "New on the counter",
            code: "COUNTER",
            description: "Six new things, ready in four weeks.",
            client: None,
            status: Status::Active,
            began: 54,
            due: Some(25),
            is_restricted: false,
            lead: 1,
            members: &[0, 2, 3],
            tasks: &[
                Task {
                    title: "Bake the rye trial",
                    description: "70 % rye, long proof.",
                    on: 34,
                    by: 1,
                    whose: Some(0),
                    priority: High,
                    due: Some(1),
                    then: &[
                        (15, 0, Start),
                        (7, 2, Say("The second one is better. Crust needs five more minutes.")),
                        (1, 1, Say("{0} Can we taste the third one tomorrow?")),
                    ],
                },
                Task {
                    title: "Ask for hazelnut prices",
                    description: "",
                    on: 30,
                    by: 2,
                    whose: Some(2),
                    priority: Normal,
                    due: Some(6),
                    then: &[],
                },
                Task {
                    title: "Photograph the loaves",
                    description: "",
                    on: 12,
                    by: 3,
                    whose: None,
                    priority: Low,
                    due: None,
                    then: &[],
                },
                Task {
                    title: "Count the cake tins",
                    description: "",
                    on: 50,
                    by: 1,
                    whose: Some(3),
                    priority: Normal,
                    due: None,
                    then: &[(48, 3, Finish)],
                },
            ],
            said: &[
                (52, 1, "Ideas are welcome until Sunday."),
                (51, 3, "Poppy seed. It is always missed."),
            ],
        },
        Project {
            name: "Breakfast for the Meridian",
            code: "HOTEL",
            description: "",
            client: Some(0),
            status: Status::Active,
            began: 26,
            due: Some(14),
            is_restricted: true,
            lead: 0,
            members: &[1],
            tasks: &[Task {
                title: "Agree on a price",
                description: "",
                on: 25,
                by: 1,
                whose: Some(0),
                priority: Urgent,
                due: Some(2),
                then: &[(20, 0, Start), (3, 1, Say("Iris asks for a year at the same price."))],
            }],
            said: &[],
        },
    ],
};
