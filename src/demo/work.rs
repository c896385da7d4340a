//! The work in the demonstration: clients, projects, tasks and comments.

use time::Duration;

use super::VISITOR;
use crate::core::access::{EligibleAssignee, eligible_assignees};
use crate::modules::work::tasks::{Priority, Status};
use crate::modules::work::{clients, comments, projects, tasks};
use crate::platform::App;
use crate::platform::clock::Day;
use crate::platform::error::{AppError, Result};
use crate::platform::ids::{OrganizationId, UserId};
use crate::platform::tenant::UnscopedTx;

/// The work of an organization.
pub(super) struct Work {
    /// Each with its contact person.
    clients: &'static [(&'static str, &'static str)],
    projects: &'static [Sample],
}

struct Sample {
    name: &'static str,
    code: &'static str,
    description: &'static str,
    /// The index of its client.
    client: Option<usize>,
    /// In how many days it is due.
    due: i64,
    is_restricted: bool,
    tasks: &'static [Task],
}

/// Title, status, priority, in how many days it is due, assignee, and comments with their authors:
/// 0 is the visitor, other numbers are other people.
type Task =
    (&'static str, Status, Priority, Option<i64>, Option<usize>, &'static [(usize, &'static str)]);

pub(super) const WORK: [Work; 2] = [
    Work {
        clients: &[
            ("Port Authority", "Nora Quay"),
            ("Blue Ferry Line", "Ole Strand"),
            ("Tideway Rowing Club", ""),
            ("City Archive", "Marta Lind"),
        ],
        projects: &[
            Sample {
                name: "Crane 4 overhaul",
                code: "CRANE-4",
                description: "Take the crane out of service, renew what is worn, and have it \
                              back before the winter timetable.",
                client: Some(0),
                due: 40,
                is_restricted: false,
                tasks: &[
                    (
                        "Order the slewing bearing",
                        Status::Doing,
                        Priority::Urgent,
                        Some(-2),
                        Some(0),
                        &[
                            (1, "The supplier asks for the serial number on the plate."),
                            (0, "It is 4-1187. The photograph is with the inspection report."),
                            (1, "Thank you. They promise nine working days."),
                        ],
                    ),
                    ("Book the mobile crane", Status::Todo, Priority::High, Some(3), Some(2), &[]),
                    (
                        "Close berth 12 to traffic",
                        Status::Todo,
                        Priority::Normal,
                        Some(5),
                        Some(0),
                        &[],
                    ),
                    ("Inspect the brakes", Status::Todo, Priority::Normal, None, None, &[]),
                    ("Paint the cabin", Status::Todo, Priority::Low, None, None, &[]),
                    ("Write the work permit", Status::Done, Priority::High, Some(-6), Some(1), &[]),
                ],
            },
            Sample {
                name: "Ferry terminal signs",
                code: "SIGNS",
                description: "",
                client: Some(1),
                due: 18,
                is_restricted: false,
                tasks: &[
                    (
                        "Measure the waiting hall",
                        Status::Done,
                        Priority::Normal,
                        None,
                        Some(3),
                        &[],
                    ),
                    ("Choose a typeface", Status::Doing, Priority::Normal, Some(4), Some(0), &[]),
                    (
                        "Translate into four languages",
                        Status::Todo,
                        Priority::Normal,
                        Some(9),
                        Some(4),
                        &[],
                    ),
                ],
            },
            Sample {
                name: "Sale of the old warehouse",
                code: "WARE",
                description: "Only for those who negotiate.",
                client: None,
                due: 90,
                is_restricted: true,
                tasks: &[("Have it valued", Status::Todo, Priority::High, Some(12), Some(0), &[])],
            },
        ],
    },
    Work {
        clients: &[("Hotel Meridian", "Iris Vogt"), ("School kitchen", "Paul Weber")],
        projects: &[
            Sample {
                name: "Winter menu",
                code: "WINTER",
                description: "Six new things for the counter, from the first of December.",
                client: None,
                due: 25,
                is_restricted: false,
                tasks: &[
                    ("Bake the rye trial", Status::Doing, Priority::High, Some(1), Some(0), &[]),
                    (
                        "Ask for hazelnut prices",
                        Status::Todo,
                        Priority::Normal,
                        Some(6),
                        Some(2),
                        &[],
                    ),
                    ("Photograph the loaves", Status::Todo, Priority::Low, None, None, &[]),
                ],
            },
            Sample {
                name: "Breakfast for the Meridian",
                code: "HOTEL",
                description: "",
                client: Some(0),
                due: 14,
                is_restricted: true,
                tasks: &[(
                    "Agree on a price",
                    Status::Todo,
                    Priority::Urgent,
                    Some(2),
                    Some(0),
                    &[],
                )],
            },
        ],
    },
];

/// Fills an organization of which `visitor` is a member.
pub(super) async fn fill(
    app: &App,
    organization: OrganizationId,
    work: &Work,
    visitor: UserId,
) -> Result<()> {
    let mut tx = UnscopedTx::write(app).await?;
    tx.acting(visitor, "Demo Visitor", &VISITOR.parse().map_err(AppError::internal)?);
    let mut tx = tx.enter(organization).await?;
    let now = app.clock.now();
    let in_days = |days: i64| -> Day { now.plus(Duration::days(days)).to_day() };
    let mut customers = Vec::new();
    for (name, contact) in work.clients {
        customers.push(clients::seed(&mut tx, name, contact, now).await?);
    }
    let me = crate::core::members::find_by_user(&mut tx, visitor).await?;
    let me = me.ok_or_else(|| AppError::internal("the visitor is a member"))?;
    for sample in work.projects {
        let seed = projects::Seed {
            name: sample.name,
            code: sample.code,
            description: sample.description,
            client_id: sample.client.map(|number| customers[number]),
            due_on: Some(in_days(sample.due)),
            is_restricted: sample.is_restricted,
            lead: me.membership_id,
        };
        let project = projects::seed(&mut tx, seed, now).await?;
        let others = eligible_assignees(&mut tx, project).await?;
        let person = |number: usize| -> Option<&EligibleAssignee> {
            let mut others = others.iter().filter(|one| one.user_id != visitor);
            match number {
                0 => None,
                // Not the first ones by name, so that the assignees in lists vary.
                number => others.nth(number * 7 % 11),
            }
        };
        for (title, status, priority, due, whose, said) in sample.tasks {
            let assignee_id = whose.map(|number| match person(number) {
                Some(person) => person.membership_id,
                None => me.membership_id,
            });
            let (status, priority, due_on) = (*status, *priority, due.map(in_days));
            let seed = tasks::Seed { title, status, priority, due_on, assignee_id };
            let task = tasks::seed(&mut tx, project, seed, now).await?;
            for (number, (who, body)) in said.iter().enumerate() {
                let author = person(*who).map_or(visitor, |person| person.user_id);
                let named = match who {
                    0 => (*body).to_owned(),
                    _ => format!("@Demo Visitor {body}"),
                };
                let at = now.plus(Duration::hours(number as i64 - 5));
                let place = (project, Some(task));
                comments::seed(&mut tx, place, title, author, &named, &others, at).await?;
            }
        }
    }
    tx.commit().await
}
