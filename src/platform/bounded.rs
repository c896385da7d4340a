//! Heavy work off the async threads: so much at once, so much waiting, and no more.

use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::JoinError;

use crate::platform::error::AppError;

/// Who works at one kind of heavy work.
#[derive(Clone, Debug)]
pub struct Bounded {
    workers: Arc<Semaphore>,
    queue: Arc<Semaphore>,
}

impl Bounded {
    /// `at_once` pieces of work are done at the same time, and `waiting` more wait.
    pub fn new(at_once: usize, waiting: usize) -> Self {
        Self {
            workers: Arc::new(Semaphore::new(at_once)),
            queue: Arc::new(Semaphore::new(at_once + waiting)),
        }
    }

    /// Does `work`; the inner error is its panic.
    ///
    /// # Errors
    /// [`AppError::Busy`] when too many wait.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<Result<T, JoinError>, AppError> {
        let _place = self.queue.try_acquire().map_err(|_| AppError::Busy)?;
        let worker = Arc::clone(&self.workers)
            .acquire_owned()
            .await
            .map_err(|error| AppError::Internal(Box::new(error)))?;
        let done = tokio::task::spawn_blocking(move || {
            // Held by the work itself: a client that goes away does not free the worker.
            let _worker = worker;
            work()
        });
        Ok(done.await)
    }
}
