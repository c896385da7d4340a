//! Plays what happened in an organization of the demonstration: by whom, in which order, and how long
//! ago.

use time::Duration;

use super::people::{self, Person, Sample};
use crate::core::access::eligible_assignees;
use crate::core::access::noun::ClientId;
use crate::core::access::project::Status as ProjectStatus;
use crate::core::notices;
use crate::modules::work::tasks::noun::TaskId;
use crate::modules::work::tasks::{Changes, Priority, Status};
use crate::modules::work::{clients, comments, projects, tasks};
use crate::platform::App;
use crate::platform::clock::{Clock, Day, Timestamp};
use crate::platform::error::Result;
use crate::platform::ids::{OrganizationId, ProjectId};
use crate::platform::tenant::OrgTx;

/// Who acts: 0 is the visitor, other numbers are the members in their order.
pub(super) type Who = usize;

/// What happened in an organization.
pub(super) struct Story {
    pub clients: &'static [clients::Seed],
    pub projects: &'static [Project],
}

/// A project, how many days ago it began, and in how many it is due.
pub(super) struct Project {
    pub name: &'static str,
    pub code: &'static str,
    pub description: &'static str,
    /// The number of its client.
    pub client: Option<usize>,
    pub status: ProjectStatus,
    pub began: i64,
    pub due: Option<i64>,
    pub is_restricted: bool,
    pub lead: Who,
    pub members: &'static [Who],
    pub tasks: &'static [Task],
    /// What was said on the project itself: how many days ago, and by whom.
    pub said: &'static [(i64, Who, &'static str)],
}

/// A task, how many days ago and by whom it was added, and in how many days it is due.
pub(super) struct Task {
    pub title: &'static str,
    pub description: &'static str,
    pub on: i64,
    pub by: Who,
    pub whose: Option<Who>,
    pub priority: Priority,
    pub due: Option<i64>,
    /// What happened to it: how many days ago, and by whom.
    pub then: &'static [(i64, Who, Act)],
}

/// What somebody does to a task.
pub(super) enum Act {
    /// They begin to work on it.
    Start,
    /// They finish it.
    Finish,
    /// They assign it.
    Assign(Who),
    /// They write a comment; `{3}` in it mentions a person.
    Say(&'static str),
}

/// An event of the story.
struct Event {
    days: i64,
    who: Who,
    what: What,
}

/// What happens, by its numbers in the story.
#[derive(Clone, Copy)]
enum What {
    Client(usize),
    Project(usize),
    Task(usize, usize),
    Act(usize, usize, usize),
    Said(usize, usize),
    Suspended(usize),
    Joined(usize),
}

/// Plays a story, up to today.
pub(super) struct Player<'a> {
    /// The application with a clock that the player sets.
    pub past: &'a App,
    pub clock: &'a Clock,
    pub today: Timestamp,
    pub organization: OrganizationId,
    pub sample: &'a Sample,
    pub people: &'a [Person],
    pub story: &'a Story,
}

/// What was made so far.
struct Made {
    clients: Vec<ClientId>,
    projects: Vec<Option<ProjectId>>,
    tasks: Vec<Vec<Option<TaskId>>>,
}

impl Player<'_> {
    /// Plays everything, one transaction for each event, and marks old notifications as read.
    pub async fn play(self) -> Result<()> {
        let projects = self.story.projects;
        let mut made = Made {
            clients: Vec::new(),
            projects: vec![None; projects.len()],
            tasks: projects.iter().map(|project| vec![None; project.tasks.len()]).collect(),
        };
        let mut last = self.clock.now();
        for (at, event) in self.timed() {
            last = at.max(last.plus(Duration::seconds(40)));
            self.clock.advance(last.since(self.clock.now()));
            self.happen(&mut made, &event).await?;
        }
        let mut tx = people::begin(self.past, self.organization, &self.people[0]).await?;
        notices::seed_read(&mut tx, self.today.plus(Duration::days(-6))).await?;
        tx.commit_unrecorded().await?;
        Ok(())
    }

    /// The events in their order, each at an hour at which its actor works.
    fn timed(&self) -> Vec<(Timestamp, Event)> {
        let mut events = self.events();
        events.sort_by_key(|event| std::cmp::Reverse(event.days));
        let timed = events.into_iter().enumerate().map(|(number, event)| {
            let (hours, minutes) = ((event.who * 5 % 7) as i64, (number * 17 % 60) as i64);
            let back = Duration::days(event.days)
                + Duration::hours(hours)
                + Duration::minutes(minutes + 20);
            (self.today.plus(-back), event)
        });
        timed.collect()
    }

    fn events(&self) -> Vec<Event> {
        let first = self.story.projects.iter().map(|project| project.began).max().unwrap_or(1);
        let who = self.story.projects.first().map_or(1, |project| project.lead);
        let clients = (0..self.story.clients.len()).map(|number| Event {
            days: first + 2,
            who,
            what: What::Client(number),
        });
        let mut events: Vec<_> = clients.collect();
        let suspended = self.sample.suspended.iter();
        events.extend(suspended.map(|(number, days)| Event {
            days: *days,
            who,
            what: What::Suspended(*number),
        }));
        let joined = self.sample.joined.iter();
        events.extend(joined.map(|(number, days)| Event {
            days: *days,
            who: *number,
            what: What::Joined(*number),
        }));
        for (p, project) in self.story.projects.iter().enumerate() {
            events.push(Event { days: project.began, who: project.lead, what: What::Project(p) });
            for (t, task) in project.tasks.iter().enumerate() {
                events.push(Event { days: task.on, who: task.by, what: What::Task(p, t) });
                events.extend(task.then.iter().enumerate().map(|(n, (days, who, _))| Event {
                    days: *days,
                    who: *who,
                    what: What::Act(p, t, n),
                }));
            }
            events.extend(project.said.iter().enumerate().map(|(n, (days, who, _))| Event {
                days: *days,
                who: *who,
                what: What::Said(p, n),
            }));
        }
        events
    }

    fn day(&self, days: i64) -> Day {
        self.today.to_day().plus(days)
    }

    async fn happen(&self, made: &mut Made, event: &Event) -> Result<()> {
        let mut tx = people::begin(self.past, self.organization, &self.people[event.who]).await?;
        let now = self.clock.now();
        let actor = self.people[event.who].user;
        match event.what {
            What::Client(number) => {
                let id = clients::seed(&mut tx, &self.story.clients[number], now).await?;
                made.clients.push(id);
            }
            What::Project(number) => {
                let id = self.begin_project(&mut tx, made, number, now).await?;
                made.projects[number] = Some(id);
            }
            What::Task(project, number) => {
                let Some(id) = made.projects[project] else { return Ok(()) };
                let task = &self.story.projects[project].tasks[number];
                let seed = tasks::Seed {
                    title: task.title,
                    description: task.description,
                    priority: task.priority,
                    due_on: task.due.map(|days| self.day(days)),
                    assignee_id: task.whose.map(|who| self.people[who].member),
                };
                let id = tasks::seed(&mut tx, id, seed, actor, now).await?;
                made.tasks[project][number] = Some(id);
            }
            What::Suspended(number) => {
                people::suspend(&mut tx, &self.people[number]).await?;
            }
            What::Joined(number) => {
                people::welcome(&mut tx, self.sample, self.people, number).await?;
            }
            What::Act(project, task, number) => {
                self.act(&mut tx, made, event.who, (project, task, number), now).await?;
            }
            What::Said(project, number) => {
                let Some(id) = made.projects[project] else { return Ok(()) };
                let Project { name, said, .. } = &self.story.projects[project];
                self.say(&mut tx, event.who, (id, None), name, said[number].2, now).await?;
            }
        }
        tx.commit().await
    }

    async fn begin_project(
        &self,
        tx: &mut OrgTx,
        made: &Made,
        number: usize,
        now: Timestamp,
    ) -> Result<ProjectId> {
        let project = &self.story.projects[number];
        let seed = projects::Seed {
            name: project.name,
            code: project.code,
            description: project.description,
            client_id: project.client.and_then(|client| made.clients.get(client).copied()),
            status: project.status,
            starts_on: self.day(-project.began),
            due_on: project.due.map(|days| self.day(days)),
            is_restricted: project.is_restricted,
            lead: self.people[project.lead].member,
            members: project.members.iter().map(|who| self.people[*who].member).collect(),
        };
        projects::seed(tx, seed, now).await
    }

    async fn act(
        &self,
        tx: &mut OrgTx,
        made: &Made,
        who: Who,
        (project, task, number): (usize, usize, usize),
        now: Timestamp,
    ) -> Result<()> {
        let (Some(at), Some(id)) = (made.projects[project], made.tasks[project][task]) else {
            return Ok(());
        };
        let Task { title, then, .. } = &self.story.projects[project].tasks[task];
        let changes = match &then[number].2 {
            Act::Say(words) => return self.say(tx, who, (at, Some(id)), title, words, now).await,
            Act::Start => Changes { status: Some(Status::Doing), ..Changes::default() },
            Act::Finish => Changes { status: Some(Status::Done), ..Changes::default() },
            Act::Assign(whom) => {
                Changes { assignee_id: Some(Some(self.people[*whom].member)), ..Changes::default() }
            }
        };
        let assignee = match &then[number].2 {
            Act::Assign(whom) => Some(self.people[*whom].user),
            Act::Say(_) | Act::Start | Act::Finish => None,
        };
        tasks::seed_change(tx, at, id, changes, assignee, self.people[who].user, now).await
    }

    async fn say(
        &self,
        tx: &mut OrgTx,
        who: Who,
        place: (ProjectId, Option<TaskId>),
        about: &str,
        words: &str,
        now: Timestamp,
    ) -> Result<()> {
        let mut body = words.to_owned();
        for (number, person) in self.people.iter().enumerate().take(20) {
            body = body.replace(&format!("{{{number}}}"), &format!("@{}", person.name));
        }
        let people = eligible_assignees(tx, place.0).await?;
        comments::seed(tx, place, about, self.people[who].user, &body, &people, now).await
    }
}
