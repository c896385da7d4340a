//! Harbour Works: the crane, the signs, the warehouse, and where to look around.

use super::story::Act::{Assign, Finish, Say, Start};
use super::story::{Project, Story, Task};
use crate::core::access::project::Status;
use crate::modules::work::clients::Seed as Client;
use crate::modules::work::tasks::Priority::{High, Low, Normal, Urgent};

/// The code of the project that says what to try.
pub(super) const TOUR_CODE: &str = "TOUR";

/// What to try, in the words of a project's description.
const TOUR: &str = "\
This is an example: change whatever you like.

**Find something.** Press `/` and type `bearing`, or the beginning of anyone's name. `?` lists the \
other keys.

**Work.** Open *Crane 4 overhaul*: tick a task, drag another one, add one with an assignee and a due \
date in one line. *Tasks* shows the work of all projects as a list, a board and a calendar.

**Talk.** Comments take Markdown, and `@` suggests whom to mention. What concerns you is in your \
*Inbox*.

**Share carefully.** *Sale of the old warehouse* is restricted: only its own members find it, on any \
page. Sign in as `oona.castillo3@tenantry.example` with the same password to see that it isn't \
there.

**Manage.** *Members* has 248 people, two suspended ones, and six invitations, one of which couldn't be \
delivered. The *Audit log* says who did what, and proves that it is complete.

**Switch.** You own this organization, help to run *Quay Street Bakery*, sing in *Northern Choir*, can \
only look around in *Museum of Tides*, and *Lighthouse* has invited you.";

pub(super) const STORY: Story = Story {
    clients: &[
        Client {
            name: "Port Authority",
            contact: "Nora Quay",
            email: "nora.quay@port.example",
            phone: "+49 40 555 0140",
            notes: "Orders come through the *framework contract*, so quote its number. Invoices go to \
                    accounts@port.example.",
        },
        Client {
            name: "Blue Ferry Line",
            contact: "Ole Strand",
            email: "ole@blueferry.example",
            phone: "+47 55 50 01 22",
            notes: "Prefers a call in the morning.",
        },
        Client {
            name: "Tideway Rowing Club",
            contact: "",
            email: "office@tideway.example",
            phone: "",
            notes: "",
        },
        Client {
            name: "City Archive",
            contact: "Marta Lind",
            email: "marta.lind@archive.example",
            phone: "",
            notes: "Needs every drawing as PDF/A.",
        },
    ],
    projects: &[
        Project {
            name: "Crane 4 overhaul",
            code: "CRANE-4",
            description: "Take the crane out of service, renew what is worn, and have it back before \
                          the new timetable.\n\n1. Inspection and order\n2. Work on the rail\n\
                          3. Acceptance by the insurer",
            client: Some(0),
            status: Status::Active,
            began: 88,
            due: Some(40),
            is_restricted: false,
            lead: 0,
            members: &[1, 2, 5],
            tasks: &[
                Task {
                    title: "Order the slewing bearing",
                    description: "The old one is worn beyond the limit on **three** of eight points.",
                    on: 30,
                    by: 1,
                    whose: Some(0),
                    priority: Urgent,
                    due: Some(-2),
                    then: &[
                        (24, 0, Start),
                        (5, 1, Say("{0} The supplier asks for the serial number on the plate.")),
                        (4, 0, Say("It is 4-1187. The photograph is with the inspection report.")),
                        (3, 1, Say("{0} Thank you. They promise nine working days.")),
                    ],
                },
                Task {
                    title: "Book the mobile crane",
                    description: "",
                    on: 21,
                    by: 0,
                    whose: Some(2),
                    priority: High,
                    due: Some(3),
                    then: &[(
                        2,
                        2,
                        Say("Two offers are in. The cheaper one can't come for two weeks."),
                    )],
                },
                Task {
                    title: "Close berth 12 to traffic",
                    description: "",
                    on: 12,
                    by: 2,
                    whose: None,
                    priority: Normal,
                    due: Some(5),
                    then: &[(1, 2, Assign(0))],
                },
                Task {
                    title: "Inspect the brakes",
                    description: "",
                    on: 60,
                    by: 5,
                    whose: Some(5),
                    priority: Normal,
                    due: Some(-40),
                    then: &[
                        (55, 5, Start),
                        (52, 5, Say("Linings are at 60 %. Good for another year.")),
                        (51, 5, Finish),
                    ],
                },
                Task {
                    title: "Paint the cabin",
                    description: "RAL 5010, two coats.",
                    on: 20,
                    by: 0,
                    whose: None,
                    priority: Low,
                    due: None,
                    then: &[],
                },
                Task {
                    title: "Write the work permit",
                    description: "",
                    on: 80,
                    by: 0,
                    whose: Some(1),
                    priority: High,
                    due: Some(-60),
                    then: &[
                        (75, 1, Start),
                        (66, 1, Say("Signed by the harbour master.")),
                        (66, 1, Finish),
                    ],
                },
                Task {
                    title: "Tell the insurer about the dates",
                    description: "",
                    on: 70,
                    by: 1,
                    whose: Some(1),
                    priority: Normal,
                    due: None,
                    then: &[(64, 1, Finish)],
                },
            ],
            said: &[
                (
                    85,
                    0,
                    "Welcome, {1} and {2}. The plan is in the description, please tell me what I forgot.",
                ),
                (84, 2, "The rail. It was relaid in 2019 and nobody has measured it since."),
                (83, 0, "Good point, it goes into step 2."),
                (6, 5, "{0} The insurer wants to be there on acceptance day. Shall I invite them?"),
            ],
        },
        Project {
            name: "Ferry terminal signs",
            code: "SIGNS",
            description: "",
            client: Some(1),
            status: Status::Active,
            began: 62,
            due: Some(18),
            is_restricted: false,
            lead: 3,
            members: &[0, 4],
            tasks: &[
                Task {
                    title: "Measure the waiting hall",
                    description: "",
                    on: 58,
                    by: 3,
                    whose: Some(3),
                    priority: Normal,
                    due: None,
                    then: &[(50, 3, Finish)],
                },
                Task {
                    title: "Choose a typeface",
                    description: "It has to be readable from 25 m, and have the letters of all four \
                                  languages.",
                    on: 45,
                    by: 3,
                    whose: Some(0),
                    priority: Normal,
                    due: Some(4),
                    then: &[
                        (17, 0, Start),
                        (
                            10,
                            4,
                            Say("I printed both at full size. The narrow one fails in the fog."),
                        ),
                    ],
                },
                Task {
                    title: "Translate into four languages",
                    description: "",
                    on: 40,
                    by: 3,
                    whose: Some(4),
                    priority: Normal,
                    due: Some(9),
                    then: &[(8, 4, Start)],
                },
            ],
            said: &[(2, 4, "{0} Ole would like to see the proofs this week.")],
        },
        Project {
            name: "Sale of the old warehouse",
            code: "WARE",
            description: "Only for those who negotiate.",
            client: None,
            status: Status::Planned,
            began: 48,
            due: Some(90),
            is_restricted: true,
            lead: 0,
            members: &[1],
            tasks: &[Task {
                title: "Have it valued",
                description: "",
                on: 44,
                by: 0,
                whose: Some(0),
                priority: High,
                due: Some(12),
                then: &[(9, 1, Say("The surveyor can come on Tuesday or Thursday."))],
            }],
            said: &[],
        },
        Project {
            name: "Look around",
            code: TOUR_CODE,
            description: TOUR,
            client: None,
            status: Status::Active,
            began: 3,
            due: None,
            is_restricted: true,
            lead: 0,
            members: &[],
            tasks: &[Task {
                title: "Tick this task",
                description: "",
                on: 2,
                by: 0,
                whose: Some(0),
                priority: Normal,
                due: Some(1),
                then: &[],
            }],
            said: &[],
        },
    ],
};
