//! Sending in parallel: a free slot takes the next email, whatever the others are waiting for.
//!
//! Emails that open or protect an account come first and have slots of their own. No organization
//! gets more than its share of the others, so that one whose recipients' servers hang, or that
//! writes to thousands, delays only itself.

use std::collections::HashMap;
use std::future::pending;

use tokio::task::{self, JoinError, JoinSet};

use super::delivery::{claim, send};
use crate::platform::App;
use crate::platform::error::{AppError, Result};

/// The number of emails that are sent in parallel.
const SLOTS: usize = 16;
/// How many slots urgent emails may take, and how many all others.
const EACH: usize = 12;

/// The emails that are being sent.
pub struct Slots {
    app: App,
    running: JoinSet<Result<()>>,
    /// Which of them are urgent, by task.
    urgent: HashMap<task::Id, bool>,
}

/// How many emails fit into the free slots.
#[derive(Clone, Copy)]
pub(super) struct Room {
    pub(super) all: usize,
    pub(super) urgent: usize,
    pub(super) ordinary: usize,
}

impl Slots {
    /// Empty slots.
    pub fn new(app: &App) -> Self {
        Self { app: app.clone(), running: JoinSet::new(), urgent: HashMap::new() }
    }

    fn room(&self) -> Room {
        let urgent = self.urgent.values().filter(|is_urgent| **is_urgent).count();
        Room {
            all: SLOTS - self.urgent.len(),
            urgent: EACH - urgent,
            ordinary: EACH - (self.urgent.len() - urgent),
        }
    }

    /// Claims due emails for the free slots and starts sending them. Returns how many.
    pub async fn fill(&mut self) -> Result<usize> {
        let mut begun = 0;
        while self.running.len() < SLOTS {
            let taken = claim(&self.app, self.room()).await?;
            if taken.is_empty() {
                break;
            }
            begun += taken.len();
            for due in taken {
                let (app, is_urgent) = (self.app.clone(), due.is_urgent);
                let handle = self.running.spawn(async move { send(&app, due).await });
                self.urgent.insert(handle.id(), is_urgent);
            }
        }
        Ok(begun)
    }

    /// Waits until a slot becomes free; forever if all are.
    ///
    /// # Errors
    /// When the result of the email could not be stored.
    pub async fn one_ends(&mut self) -> Result<()> {
        match self.running.join_next_with_id().await {
            Some(ended) => self.free(ended),
            None => pending().await,
        }
    }

    /// Waits until all emails in progress are finished.
    ///
    /// # Errors
    /// When the result of one of them could not be stored.
    pub async fn finish(mut self) -> Result<()> {
        let mut result = Ok(());
        while let Some(ended) = self.running.join_next_with_id().await {
            result = result.and(self.free(ended));
        }
        result
    }

    fn free(&mut self, ended: Result<(task::Id, Result<()>), JoinError>) -> Result<()> {
        let (id, result) = ended.unwrap_or_else(|error| {
            let id = error.id();
            (id, Err(AppError::Internal(Box::new(error))))
        });
        self.urgent.remove(&id);
        result
    }
}

/// Sends all due emails. Returns the number of attempts.
pub async fn send_due(app: &App) -> Result<usize> {
    let mut slots = Slots::new(app);
    let mut count = 0;
    loop {
        count += slots.fill().await?;
        if slots.running.is_empty() {
            return Ok(count);
        }
        slots.one_ends().await?;
    }
}
