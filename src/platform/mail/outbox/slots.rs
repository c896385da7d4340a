//! Sending: a mail for each free slot, whatever the others wait for.
//!
//! What opens or guards an account goes first and has slots of its own; no organization holds more
//! than its share of the rest, so that one whose recipients' servers hang, or that writes to
//! thousands, delays nobody but itself.

use std::collections::HashMap;
use std::future::pending;

use tokio::task::{self, JoinError, JoinSet};

use super::delivery::{claim, send};
use crate::platform::App;
use crate::platform::error::{AppError, Result};

/// Mails sent side by side.
const SLOTS: usize = 16;
/// How many of them urgent mails may take, and how many all others.
const EACH: usize = 12;

/// The mails that are being sent.
pub struct Slots {
    app: App,
    running: JoinSet<Result<()>>,
    /// Which of them are urgent.
    urgent: HashMap<task::Id, bool>,
}

/// How many mails fit into the free slots.
#[derive(Clone, Copy)]
pub(super) struct Room {
    pub(super) all: usize,
    pub(super) urgent: usize,
    pub(super) ordinary: usize,
}

impl Slots {
    /// Slots in which nothing is sent yet.
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

    /// Takes what is due into the free slots and begins to send it; gives how many mails that were.
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

    /// Waits until a slot is free again; for ever while none is taken.
    ///
    /// # Errors
    /// When what became of the mail could not be written down.
    pub async fn one_ends(&mut self) -> Result<()> {
        match self.running.join_next_with_id().await {
            Some(ended) => self.free(ended),
            None => pending().await,
        }
    }

    /// Lets what has begun end.
    ///
    /// # Errors
    /// When what became of one of the mails could not be written down.
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

/// Sends what is due; gives how many mails were tried.
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
